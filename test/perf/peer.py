"""One engine with one model in a process of its own: reads a command per line, answers with a line of JSON.

    peer.py ENGINE MODEL INPUTS.npz THREADS [DIMS as JSON]      answers {"ready": seconds to load}
    run N                                                       answers {"seconds": [of each of N runs]}

Pinned to as many cores as it has threads. latency.py stops it (SIGSTOP) while another one runs.
"""

import json
import os
import sys
import time
from collections.abc import Callable

import numpy as np

Runner = Callable[[], object]


def tilewright(model: str, inputs: dict, threads: int, dims: dict | None) -> Runner:
    import tilewright
    compiled = tilewright.compile(model, threads=threads, **({"dims": dims} if dims else {}))
    return lambda: compiled.run(inputs)


def onnxruntime(model: str, inputs: dict, threads: int, dims: dict | None) -> Runner:
    import onnxruntime
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    return lambda: session.run(None, inputs)


def openvino(model: str, inputs: dict, threads: int, dims: dict | None) -> Runner:
    """With fixed shapes and its hint for latency, which suit it best; float32, as the others compute."""
    import openvino
    core = openvino.Core()
    network = core.read_model(model)
    network.reshape({name: value.shape for name, value in inputs.items()})
    settings = {"INFERENCE_NUM_THREADS": threads, "PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": "f32"}
    request = core.compile_model(network, "CPU", settings).create_infer_request()
    return lambda: request.infer(inputs)


ENGINES = {"tilewright": tilewright, "onnxruntime": onnxruntime, "openvino": openvino}


def answer(value: dict) -> None:
    print(json.dumps(value), flush=True)


def time_runs(run: Runner, count: int) -> list[float]:
    seconds = []
    for _ in range(count):
        start = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - start)
    return seconds


def main(engine: str, model: str, inputs: str, threads: str, dims: str = "null") -> None:
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:int(threads)])
    start = time.perf_counter()
    run = ENGINES[engine](model, dict(np.load(inputs)), int(threads), json.loads(dims))
    answer({"ready": time.perf_counter() - start})
    for line in sys.stdin:
        answer({"seconds": time_runs(run, int(line.split()[1]))})


if __name__ == "__main__":
    main(*sys.argv[1:])
