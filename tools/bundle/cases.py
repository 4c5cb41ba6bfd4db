"""What a bundle checks and times: models of one operator each, and nets.

Each case has a model of fixed sizes, its inputs, and the expression in torch that computes the same (run.py evaluates it
with the inputs by name, `torch` and `F`). Expected outputs come from onnxruntime.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import onnx
from onnx import TensorProto, helper

SEED = 7


@dataclass
class Case:
    name: str
    model: onnx.ModelProto
    inputs: dict[str, np.ndarray]
    torch: str = ""  # "": nothing to compare the time with
    rtol: float = 1e-3
    atol: float = 1e-4
    small: bool = False  # the emulator does it in seconds: part of the dry run
    flops: int = 0  # of one run, where that says something


@dataclass
class Operator:
    """A model of one node on random inputs of one type."""

    op: str
    shapes: dict[str, tuple[int, ...]]
    torch: str
    dtype: type = np.float32
    attributes: dict = field(default_factory=dict)
    rtol: float = 1e-3
    atol: float = 1e-4
    flops: int = 0

    def case(self, name: str, small: bool) -> Case:
        generator = np.random.default_rng(SEED)
        inputs = {key: generator.standard_normal(shape).astype(self.dtype) for key, shape in self.shapes.items()}
        element = helper.np_dtype_to_tensor_dtype(np.dtype(self.dtype))
        node = helper.make_node(self.op, list(inputs), ["out"], name=name, **self.attributes)
        graph = helper.make_graph([node], name,
                                  [helper.make_tensor_value_info(key, element, array.shape) for key, array in inputs.items()],
                                  [helper.make_tensor_value_info("out", element, None)])
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)
        return Case(name, model, inputs, self.torch, self.rtol, self.atol, small, self.flops)


def elementwise(n: int) -> Operator:
    return Operator("Gelu", {"x": (n, n)}, "F.gelu(x)")


def softmax(rows: int, columns: int) -> Operator:
    return Operator("Softmax", {"x": (rows, columns)}, "torch.softmax(x, -1)")


def layer_norm(rows: int, columns: int) -> Operator:
    return Operator("LayerNormalization", {"x": (rows, columns), "w": (columns,), "b": (columns,)},
                    f"F.layer_norm(x, ({columns},), w, b)")


def transpose(n: int) -> Operator:
    return Operator("Transpose", {"x": (n, n)}, "x.t().contiguous()", attributes={"perm": [1, 0]})


def product(m: int, n: int, k: int, dtype: type = np.float32) -> Operator:
    half = dtype == np.float16
    # Sums of k products of unit normals: rounding grows with the root of k.
    return Operator("MatMul", {"a": (m, k), "b": (k, n)}, "a @ b", dtype, rtol=2e-2 if half else 1e-3,
                    atol=(2e-3 if half else 1e-5) * k ** 0.5, flops=2 * m * n * k)


def convolution(batch: int, channels: int, size: int, kernel: int) -> Operator:
    return Operator("Conv", {"x": (batch, channels, size, size), "w": (channels, channels, kernel, kernel)},
                    f"F.conv2d(x, w, padding={kernel // 2})", attributes={"pads": [kernel // 2] * 4, "kernel_shape": [kernel] * 2},
                    atol=1e-4 * (channels * kernel * kernel) ** 0.5,
                    flops=2 * batch * channels * channels * size * size * kernel * kernel)


#: name: (what it is at full size, and small)
OPERATORS: dict[str, tuple[Callable, tuple, tuple]] = {
    "gelu": (elementwise, (512,), (64,)),
    "softmax": (softmax, (256, 1024), (16, 100)),
    "layer_norm": (layer_norm, (256, 1024), (16, 100)),
    "transpose": (transpose, (512,), (70,)),
    "matmul_f32": (product, (1024, 1024, 1024), (33, 40, 50)),
    "matmul_f16": (product, (1024, 1024, 1024, np.float16), (64, 48, 72, np.float16)),
    "conv3x3": (convolution, (1, 128, 56, 3), (1, 8, 12, 3)),
}


def operator_cases() -> list[Case]:
    cases = []
    for name, (make, full, small) in OPERATORS.items():
        cases.append(make(*full).case(name, False))
        cases.append(make(*small).case(f"{name}_small", True))
    return cases


def net_cases() -> list[Case]:
    """SqueezeNet as the onnx wheel has it, with random weights: few megabytes, every kind of layer."""
    import models
    path = models.light_model("squeezenet")
    model = onnx.load(path)
    for info in model.graph.input:
        for dim, size in zip(info.type.tensor_type.shape.dim, (1, 3, 224, 224)):
            dim.dim_value = size
    name = model.graph.input[0].name
    image = np.random.default_rng(SEED).random((1, 3, 224, 224), np.float32)
    return [Case("squeezenet", model, {name: image}, rtol=1e-2)]


def all_cases() -> list[Case]:
    return operator_cases() + net_cases()
