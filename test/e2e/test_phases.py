"""Kernels of several phases on CPUs: what a phase leaves to the next is seen by all threads, whatever their number."""

import unittest

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

import tilewright as tw

THREADS = (1, 2, 3, 8)
RUNS = 10


def int64(name: str, *values: int) -> onnx.TensorProto:
    return numpy_helper.from_array(np.array(values, np.int64), name)


def model(nodes: list[onnx.NodeProto], constants: list[onnx.TensorProto], columns: int | str) -> onnx.ModelProto:
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, [3, columns])
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, None)
    graph = helper.make_graph(nodes, "phases", [x], [y], constants)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)


def reversed_tanh(columns: int | str) -> onnx.ModelProto:
    """All of tanh is computed once, then read backwards."""
    nodes = [helper.make_node("Tanh", ["x"], ["t"]), helper.make_node("Tanh", ["t"], ["u"]),
             helper.make_node("Slice", ["u", "start", "end", "axis", "step"], ["y"])]
    constants = [int64("start", -1), int64("end", -(2**31)), int64("axis", 1), int64("step", -1)]
    return model(nodes, constants, columns)


class PhasesTest(unittest.TestCase):
    def check(self, columns: int | str, sizes: tuple[int, ...]) -> None:
        rng = np.random.default_rng(0)
        for threads in THREADS:
            compiled = tw.compile(reversed_tanh(columns), threads=threads)
            for size in sizes:
                for _ in range(RUNS):
                    x = rng.standard_normal((3, size), np.float32)
                    with self.subTest(threads=threads, size=size):
                        np.testing.assert_allclose(compiled.run({"x": x})["y"], np.tanh(np.tanh(x))[:, ::-1], atol=1e-6)

    def test_known_sizes(self):
        self.check(100_003, (100_003,))

    def test_unknown_sizes(self):
        """Sizes of which the first need less memory than the next, and none."""
        self.check("n", (5, 70_001, 200_000, 0, 1))


if __name__ == "__main__":
    unittest.main()
