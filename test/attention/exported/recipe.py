"""Graphs without their weights, and how to give them weights again: numbers of the same mean and spread from a seed. No torch."""

import io
import json
import lzma
import tarfile
import zlib
from pathlib import Path

import numpy as np
import onnx
from onnx import numpy_helper

FOLDER = Path(__file__).resolve().parent
LARGE = 1024  # bytes; smaller tensors stay in the file
# Tables (masks, positions, zeros) have few different numbers, and compress.
FEW = 32
MOMENTS = "moments"


def is_weight(array: np.ndarray) -> bool:
    return array.dtype == np.float32 and array.nbytes > LARGE and len(np.unique(array)) > FEW


def strip(model: onnx.ModelProto) -> onnx.ModelProto:
    """Weights become their names, shapes and moments; what exporters say about their own doings goes."""
    result = onnx.ModelProto()
    result.CopyFrom(model)
    result.doc_string = ""
    for thing in (result, result.graph, *result.functions):
        del thing.metadata_props[:]
    for graph in graphs(result.graph):
        for node in graph.node:
            node.doc_string = ""
            del node.metadata_props[:]
        del graph.value_info[:]
        for value in (*graph.input, *graph.output):
            del value.metadata_props[:]
        for tensor in graph.initializer:
            del tensor.metadata_props[:]
            strip_tensor(tensor)
    return result


def graphs(graph: onnx.GraphProto):
    yield graph
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.HasField("g"):
                yield from graphs(attribute.g)


def strip_tensor(tensor: onnx.TensorProto) -> None:
    array = numpy_helper.to_array(tensor)
    tensor.doc_string = ""
    if is_weight(array):
        tensor.ClearField("raw_data")
        tensor.ClearField("float_data")
        tensor.doc_string = f"{MOMENTS} {array.mean():.4g} {array.std():.4g}"


def refill(model: onnx.ModelProto) -> onnx.ModelProto:
    for graph in graphs(model.graph):
        for tensor in graph.initializer:
            if tensor.doc_string.startswith(MOMENTS):
                mean, spread = map(float, tensor.doc_string.split()[1:])
                rng = np.random.default_rng(zlib.crc32(tensor.name.encode()))
                tensor.raw_data = rng.normal(mean, spread, list(tensor.dims)).astype(np.float32).tobytes()
    return model


def save(family: str, models: dict[str, onnx.ModelProto]) -> None:
    """One archive a family: its graphs are much alike."""
    with tarfile.open(FOLDER / f"{family}.tar.xz", "w:xz", preset=9 | lzma.PRESET_EXTREME) as archive:
        for name, model in models.items():
            data = strip(model).SerializeToString(deterministic=True)
            about = tarfile.TarInfo(f"{name}.onnx")
            about.size = len(data)
            archive.addfile(about, io.BytesIO(data))


def load(name: str) -> onnx.ModelProto:
    with tarfile.open(FOLDER / f"{name.split('-')[0]}.tar.xz") as archive:
        return refill(onnx.load_from_string(archive.extractfile(f"{name}.onnx").read()))


def manifest() -> dict:
    return json.loads((FOLDER / "models.json").read_text())


def size_of(dim: int | str, sizes: dict[str, int]) -> int:
    """A number, a symbol's, or a sum of symbols'."""
    return dim if isinstance(dim, int) else sum(sizes[part] for part in dim.split("+"))


def inputs(specs: list[list], sizes: dict[str, int], seed: int = 0) -> dict[str, np.ndarray]:
    """`specs`: name, dims and kind of each: "normal", "mask" (padding at the end of all batches but the
    first), "pixels" (padding on their right side) or "ids N"."""
    rng = np.random.default_rng(seed)
    result = {}
    for name, dims, kind in specs:
        shape = [size_of(dim, sizes) for dim in dims]
        if kind == "normal":
            result[name] = rng.standard_normal(shape).astype(np.float32)
        elif kind == "mask":
            result[name] = np.ones(shape, np.int64)
            result[name][1:, (shape[1] + 1) // 2 + 1 :] = 0
        elif kind == "pixels":
            result[name] = np.ones(shape, np.int64)
            result[name][1:, :, 2 * shape[2] // 3 :] = 0
        else:
            result[name] = rng.integers(0, int(kind.split()[1]), shape)
    return result
