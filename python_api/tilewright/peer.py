"""One engine with one model in a process of its own: reads a command per line, answers with a line of JSON.

    python -m tilewright.peer ENGINE MODEL INPUTS.npz THREADS OPTIONS     answers {"ready": seconds to load}
    run N                                                                 answers {"seconds": [of each of N runs]}

OPTIONS is JSON: keywords for tilewright.compile. A failure answers {"error": why}. Pinned to as many cores as it has
threads. tilewright.bench stops it (SIGSTOP) while another one runs.
"""

import json
import os
import sys
import time
from collections.abc import Callable

import numpy as np

Runner = Callable[[], object]


def tilewright(model: str, inputs: dict, threads: int, options: dict) -> Runner:
    import tilewright
    compiled = tilewright.compile(model, threads=threads, **options)
    return lambda: compiled.run(inputs)


def onnxruntime(model: str, inputs: dict, threads: int, options: dict) -> Runner:
    import onnxruntime
    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = threads
    settings.log_severity_level = 4
    session = onnxruntime.InferenceSession(model, settings, providers=["CPUExecutionProvider"])
    return lambda: session.run(None, inputs)


def openvino(model: str, inputs: dict, threads: int, options: dict) -> Runner:
    """With fixed shapes and its hint for latency, which suit it best; float32, as the others compute."""
    import openvino
    core = openvino.Core()
    network = core.read_model(model)
    network.reshape({name: value.shape for name, value in inputs.items()})
    settings = {"INFERENCE_NUM_THREADS": threads, "PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": "f32"}
    request = core.compile_model(network, "CPU", settings).create_infer_request()
    return lambda: request.infer(inputs)


def torch(model: str, inputs: dict, threads: int, options: dict) -> Runner:
    """scaled_dot_product_attention, for a model that is one node Attention of queries, keys and values."""
    import onnx
    import torch
    node, = onnx.load(model).graph.node
    attributes = {attribute.name: onnx.helper.get_attribute_value(attribute) for attribute in node.attribute}
    if node.op_type != "Attention" or len(node.input) != 3 or not set(attributes) <= {"is_causal"}:
        raise ValueError("expected one node Attention of queries, keys and values")
    torch.set_num_threads(threads)
    q, k, v = (torch.from_numpy(inputs[name]) for name in node.input)
    causal = bool(attributes.get("is_causal", 0))

    def run() -> object:
        with torch.inference_mode():
            return torch.nn.functional.scaled_dot_product_attention(q, k, v, is_causal=causal, enable_gqa=q.shape[1] != k.shape[1])

    return run


ENGINES = {"tilewright": tilewright, "onnxruntime": onnxruntime, "openvino": openvino, "torch": torch}


def time_runs(run: Runner, count: int) -> list[float]:
    seconds = []
    for _ in range(count):
        start = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - start)
    return seconds


def serve(answer: Callable[[dict], None], engine: str, model: str, inputs: str, threads: str, options: str = "{}") -> None:
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:int(threads)])
    start = time.perf_counter()
    run = ENGINES[engine](model, dict(np.load(inputs)), int(threads), json.loads(options))
    answer({"ready": time.perf_counter() - start})
    for line in sys.stdin:
        answer({"seconds": time_runs(run, int(line.split()[1]))})


def main() -> None:
    answers = os.fdopen(os.dup(1), "w")  # engines may print to standard output
    os.dup2(2, 1)

    def answer(value: dict) -> None:
        print(json.dumps(value), file=answers, flush=True)

    try:
        serve(answer, *sys.argv[1:])
    except Exception as error:  # whatever an engine raises is its answer
        answer({"error": f"{type(error).__name__}: {error}"})


if __name__ == "__main__":
    main()
