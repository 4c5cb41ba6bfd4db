#!/usr/bin/env python3
"""Convolution and pooling layers, one model each, against onnxruntime, one thread.

Ours computes channels last: each time includes turning the model's input and output, which a whole net does not pay
between layers.

    conv_layers.py                       all; writes results/DATE-conv-layers.md
    conv_layers.py --only 3x3 --dry      those with "3x3" in the name, nothing written
"""

import math
import sys
import tempfile
from pathlib import Path

import numpy as np
import onnx
from onnx import helper, numpy_helper

sys.path.insert(0, str(Path(__file__).resolve().parent))

from record import run_cases
from tilewright import bench

SETTINGS = [bench.Setting("tilewright", "tilewright"), bench.Setting("direct", "tilewright", {"conv": "direct"}),
            bench.Setting("onnxruntime", "onnxruntime")]

# name: input channels, output channels, height, width, kernel, stride, groups
CONVOLUTIONS = {
    "3x3 64@56": (64, 64, 56, 56, 3, 1, 1), "3x3 128@28": (128, 128, 28, 28, 3, 1, 1),
    "3x3 256@14": (256, 256, 14, 14, 3, 1, 1), "3x3 512@7": (512, 512, 7, 7, 3, 1, 1),
    "3x3 16-64@55": (16, 64, 55, 55, 3, 1, 1), "3x3 96-24@80": (96, 24, 80, 80, 3, 1, 1),
    "3x3/2 128@56": (128, 128, 56, 56, 3, 2, 1), "7x7/2 3-64@224": (3, 64, 224, 224, 7, 2, 1),
    "3x3/2 3-16@640": (3, 16, 640, 640, 3, 2, 1), "1x1 256-64@56": (256, 64, 56, 56, 1, 1, 1),
    "1x1 480@12": (480, 480, 12, 80, 1, 1, 1), "1x1/2 256-512@56": (256, 512, 56, 56, 1, 2, 1),
    "depthwise 3x3 32@112": (32, 32, 112, 112, 3, 1, 32), "depthwise 3x3 480@14": (480, 480, 14, 14, 3, 1, 480),
    "depthwise 3x3/2 64@112": (64, 64, 112, 112, 3, 2, 64), "depthwise 5x5 192@40": (192, 192, 40, 40, 5, 1, 192),
    "depthwise 5x5 384@20": (384, 384, 20, 20, 5, 1, 384),
}
# name: operator, channels, size, kernel, stride
POOLS = {"max 3x3/2 64@112": ("MaxPool", 64, 112, 3, 2), "average 3x3 192@28": ("AveragePool", 192, 28, 3, 1),
         "global average 2048@7": ("GlobalAveragePool", 2048, 7, 0, 0)}


def weight(generator: np.random.Generator, *shape: int) -> np.ndarray:
    return (generator.standard_normal(shape) * math.sqrt(2 / math.prod(shape[1:]))).astype(np.float32)


def convolution(name: str, generator: np.random.Generator) -> tuple[list, list[int], list]:
    inputs, outputs, height, width, kernel, stride, group = CONVOLUTIONS[name]
    nodes = [helper.make_node("Conv", ["x", "w", "b"], ["sum"], strides=[stride] * 2, pads=[kernel // 2] * 4, group=group),
             helper.make_node("Relu", ["sum"], ["y"])]
    constants = [numpy_helper.from_array(weight(generator, outputs, inputs // group, kernel, kernel), "w"),
                 numpy_helper.from_array(weight(generator, outputs), "b")]
    return nodes, [1, inputs, height, width], constants


def pool(name: str) -> tuple[list, list[int], list]:
    operator, channels, size, kernel, stride = POOLS[name]
    window = {"kernel_shape": [kernel] * 2, "strides": [stride] * 2, "pads": [kernel // 2] * 4} if kernel else {}
    return [helper.make_node(operator, ["x"], ["y"], **window)], [1, channels, size, size], []


def write_model(name: str, folder: Path) -> tuple[Path, np.ndarray]:
    generator = np.random.default_rng(0)
    nodes, shape, constants = pool(name) if name in POOLS else convolution(name, generator)
    graph = helper.make_graph(nodes, "layer", [helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, shape)],
                              [helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, None)], constants)
    path = folder / "layer.onnx"
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), path)
    return path, generator.standard_normal(shape).astype(np.float32)


def measure(name: str, rounds: int) -> dict[str, float]:
    """Median microseconds by setting; NaN where one failed."""
    with tempfile.TemporaryDirectory() as folder:
        path, x = write_model(name, Path(folder))
        results = bench.measure(path, {"x": x}, SETTINGS, 1, rounds)
    for setting, result in results.items():
        if result.error:
            print(f"{name}, {setting}: {result.error}", file=sys.stderr)
    return {setting: result.median_ms * 1000 for setting, result in results.items()}


def table(rows: dict[str, dict[str, float]]) -> str:
    names = [setting.name for setting in SETTINGS]
    lines = ["One thread, medians.", "",
             "| layer | " + " | ".join(f"{name} µs" for name in names) + " | tilewright / onnxruntime |", "|---" * (len(names) + 2) + "|"]
    for layer, row in rows.items():
        ratio = row["tilewright"] / row["onnxruntime"]
        lines.append(f"| {layer} | " + " | ".join(f"{row[name]:.0f}" for name in names) + f" | {ratio:.2f} |")
    return "\n".join(lines)


if __name__ == "__main__":
    run_cases("conv-layers", __doc__, {name: name for name in [*CONVOLUTIONS, *POOLS]}, measure, table)
