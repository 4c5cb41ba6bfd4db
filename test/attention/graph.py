"""Small ONNX graphs with attention, written node by node as exporters write them."""

from dataclasses import dataclass, field

import numpy as np
from onnx import ModelProto, TensorProto, helper, numpy_helper

TYPES = {"float32": TensorProto.FLOAT, "float16": TensorProto.FLOAT16, "bool": TensorProto.BOOL, "int64": TensorProto.INT64,
         "int32": TensorProto.INT32}


@dataclass
class Graph:
    """Nodes under construction. `dynamic` gives dims of inputs names instead of numbers."""

    dynamic: bool = False
    opset: int = 18
    seed: int = 0
    nodes: list = field(default_factory=list)
    values: list = field(default_factory=list)
    initializers: list = field(default_factory=list)
    arrays: dict[str, np.ndarray] = field(default_factory=dict)
    contrib: bool = False

    def __post_init__(self) -> None:
        self.rng = np.random.default_rng(self.seed)

    def input(self, name: str, array: np.ndarray, symbols: dict[int, str] | None = None) -> str:
        """`symbols`: names of the dims that are not known in the dynamic form."""
        dims = [(symbols or {}).get(i, d) if self.dynamic else d for i, d in enumerate(array.shape)]
        self.values.append(helper.make_tensor_value_info(name, TYPES[str(array.dtype)], dims))
        self.arrays[name] = array
        return name

    def tensor(self, *shape: int, scale: float = 1.0) -> np.ndarray:
        return (self.rng.standard_normal(shape) * scale).astype(np.float32)

    def weight(self, *shape: int) -> str:
        """A matrix that keeps activations near 1."""
        return self.const(self.tensor(*shape, scale=shape[0] ** -0.5))

    def const(self, value, dtype=np.float32) -> str:
        array = np.asarray(value, dtype)
        name = f"c{len(self.initializers)}"
        self.initializers.append(numpy_helper.from_array(array, name))
        return name

    def ints(self, *values: int) -> str:
        return self.const(values, np.int64)

    def op(self, kind: str, *inputs: str, outputs: int = 1, domain: str = "", **attributes):
        number = len(self.nodes)
        names = [f"v{number}_{i}" for i in range(outputs)]
        self.nodes.append(helper.make_node(kind, list(inputs), names, name=f"{kind}_{number}", domain=domain, **attributes))
        self.contrib |= bool(domain)
        return names[0] if outputs == 1 else names

    def transpose(self, x: str, *perm: int) -> str:
        return self.op("Transpose", x, perm=list(perm))

    def reshape(self, x: str, *shape: int) -> str:
        return self.op("Reshape", x, self.ints(*shape))

    def linear(self, x: str, inner: int, outer: int, bias: bool = True) -> str:
        y = self.op("MatMul", x, self.weight(inner, outer))
        return self.op("Add", y, self.const(self.tensor(outer, scale=0.1))) if bias else y

    def softmax(self, x: str, axis: int = -1) -> str:
        return self.op("Softmax", x, axis=axis)

    def model(self, *outputs: str) -> ModelProto:
        results = [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in outputs]
        graph = helper.make_graph(self.nodes, "attention", self.values, results, self.initializers)
        opsets = [helper.make_opsetid("", self.opset)]
        if self.contrib:
            opsets.append(helper.make_opsetid("com.microsoft", 1))
        return helper.make_model(graph, opset_imports=opsets, ir_version=10)
