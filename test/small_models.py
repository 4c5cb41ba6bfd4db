"""Models of a node or two, for tests of the command line and of Python."""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

FLOAT = TensorProto.FLOAT


def value(name: str, shape, dtype: int = FLOAT) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, dtype, shape)


def model(nodes, inputs, outputs, weights=(), opset: int = 20) -> onnx.ModelProto:
    graph = helper.make_graph(nodes, "small", inputs, outputs, list(weights))
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=10, producer_name="tests")


def add() -> onnx.ModelProto:
    """z = x + y, float32 [n, 3]."""
    return model([helper.make_node("Add", ["x", "y"], ["z"], name="sum")], [value("x", ["n", 3]), value("y", ["n", 3])],
                 [value("z", ["n", 3])])


def relu(shape=("n",), dtype: int = FLOAT) -> onnx.ModelProto:
    return model([helper.make_node("Relu", ["x"], ["y"], name="act")], [value("x", shape, dtype)], [value("y", shape, dtype)])


def identity(shape, dtype: int = FLOAT) -> onnx.ModelProto:
    """Of any element type: opset 21 has those of four bits."""
    return model([helper.make_node("Identity", ["x"], ["y"])], [value("x", shape, dtype)], [value("y", shape, dtype)], opset=21)


def scale() -> onnx.ModelProto:
    """y = x * w with a weight large enough to lie outside of the IR."""
    weight = np.arange(1024, dtype=np.float32)
    return model([helper.make_node("Mul", ["x", "w"], ["y"], name="scale")], [value("x", ["n", 1024])],
                 [value("y", ["n", 1024])], [numpy_helper.from_array(weight, "w")])


def contradiction() -> onnx.ModelProto:
    """Shapes that do not fit each other."""
    return model([helper.make_node("MatMul", ["x", "y"], ["z"], name="product")], [value("x", [2, 3]), value("y", [4, 5])],
                 [value("z", [2, 5])])


def unknown_operator() -> onnx.ModelProto:
    return model([helper.make_node("NoSuchOperator", ["x"], ["y"], name="odd")], [value("x", [2])], [value("y", [2])])
