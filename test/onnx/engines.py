"""What runs a model: Tilewright, and for judging the driver itself onnxruntime and onnx's reference evaluator.

An engine is a function (model, inputs by name, settings) -> Outcome with the outputs in the model's order.
"""

import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
from onnx import helper


class Refusal(Exception):
    """The engine did not accept the model."""


@dataclass(frozen=True)
class Settings:
    """What Tilewright compiles for and where it runs."""

    target: str = "cpu"
    device: str = "cpu"
    seeds: tuple[int, ...] = (0,)  # of the emulator's order of events: a run for each


@dataclass
class Outcome:
    """The outputs of each run, and how many kernels the device ran (None where it doesn't count them)."""

    runs: list[list]
    kernels: int | None = None


def tilewright(model: onnx.ModelProto, inputs: dict, settings: Settings) -> Outcome:
    import tilewright
    first, *others = settings.seeds
    try:
        compiled = tilewright.compile(model, threads=1, target=settings.target, device=settings.device, emulator_seed=first)
    except tilewright.UserError as error:
        raise Refusal(str(error)) from error
    names = [info.name for info in model.graph.output]
    runs = [in_order(compiled.run(inputs), names)]
    counters = compiled.counters()
    with tempfile.TemporaryDirectory() as folder:
        artifact = Path(folder) / "model"
        if others:
            compiled.save(artifact)
        for seed in others:
            again = tilewright.load(artifact, threads=1, device=settings.device, emulator_seed=seed)
            runs.append(in_order(again.run(inputs), names))
    return Outcome(runs, None if counters is None else len(counters))


def in_order(outputs: dict, names: list[str]) -> list:
    return [outputs[name] for name in names]


def reference(model: onnx.ModelProto, inputs: dict, settings: Settings) -> Outcome:
    from onnx.reference import ReferenceEvaluator
    return Outcome([list(ReferenceEvaluator(model).run(None, inputs))])


def onnxruntime(model: onnx.ModelProto, inputs: dict, settings: Settings) -> Outcome:
    """Types that numpy lacks are fed and fetched as raw memory, so that only onnxruntime's own limits count."""
    import onnxruntime as ort
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 4
    try:
        session = ort.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    except Exception as error:
        raise Refusal(str(error)) from error
    types = {info.name: info.type for info in model.graph.input}
    if any(needs_raw_memory(info.type) for info in [*model.graph.input, *model.graph.output]):
        feeds = {name: ort_value(ort, value, types[name]) for name, value in inputs.items()}
        values = session.run_with_ort_values([info.name for info in model.graph.output], feeds)
        return Outcome([[numpy_value(value, info.type) for value, info in zip(values, model.graph.output)]])
    return Outcome([session.run(None, inputs)])


RAW = {onnx.TensorProto.BFLOAT16, onnx.TensorProto.FLOAT8E4M3FN, onnx.TensorProto.FLOAT8E4M3FNUZ,
       onnx.TensorProto.FLOAT8E5M2, onnx.TensorProto.FLOAT8E5M2FNUZ}


def needs_raw_memory(type_proto: onnx.TypeProto) -> bool:
    return type_proto.tensor_type.elem_type in RAW


def ort_value(ort, value: np.ndarray, type_proto: onnx.TypeProto):
    elem_type = type_proto.tensor_type.elem_type
    if elem_type in RAW:
        raw = np.ascontiguousarray(value).view(f"u{value.dtype.itemsize}")
        return ort.OrtValue.ortvalue_from_numpy_with_onnx_type(raw, elem_type)
    return ort.OrtValue.ortvalue_from_numpy(value)


def numpy_value(value, type_proto: onnx.TypeProto) -> np.ndarray:
    import ctypes
    elem_type = type_proto.tensor_type.elem_type
    if elem_type not in RAW:
        return value.numpy()
    dtype = helper.tensor_dtype_to_np_dtype(elem_type)
    shape = value.shape()
    size = int(np.prod(shape, dtype=np.int64)) * dtype.itemsize
    return np.frombuffer(ctypes.string_at(value.data_ptr(), size), dtype).reshape(shape)


ENGINES = {"tilewright": tilewright, "onnxruntime": onnxruntime, "reference": reference}
MODULES = {"tilewright": "tilewright", "onnxruntime": "onnxruntime", "reference": "onnx.reference"}
