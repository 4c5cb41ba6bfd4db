"""The driver itself: what it must call a failure, and that one test's end is not another's."""

import os
import signal
import sys
import time
import unittest
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper

sys.path.insert(0, str(Path(__file__).parent))

from compare import Mismatch, compare_outputs
from symbolic import with_symbolic_dims
from workers import run_isolated


def compare(found, expected):
    compare_outputs([found], [expected], rtol=1e-3, atol=1e-7)


class CompareTest(unittest.TestCase):
    def refuse(self, found, expected, message):
        with self.assertRaisesRegex(Mismatch, message):
            compare(found, expected)

    def test_equal(self):
        compare(np.float32([1, np.nan, np.inf]), np.float32([1.0005, np.nan, np.inf]))
        compare(["a", None], ["a", None])
        compare(np.array(["x"]), np.array(["x"], object))

    def test_value(self):
        self.refuse(np.float32([1, 2]), np.float32([1, 2.1]), r"1 of 2 elements differ, the first at \(1,\)")
        self.refuse(np.float32([np.nan]), np.float32([0]), "differ")
        self.refuse(np.int64([2**53 + 1]), np.int64([2**53]), "differ")

    def test_dtype(self):
        self.refuse(np.float32([1]), np.float64([1]), "expected dtype float64, found float32")

    def test_shape(self):
        self.refuse(np.float32([1]), np.float32([[1]]), r"expected shape \(1, 1\), found \(1,\)")

    def test_kind(self):
        self.refuse([np.float32([1])], np.float32([1]), "expected a tensor, found a sequence")
        self.refuse(None, np.float32([1]), "expected a tensor, found nothing")
        self.refuse(np.float32([1]), [np.float32([1])], "expected a sequence, found a tensor")

    def test_count(self):
        with self.assertRaisesRegex(Mismatch, "expected 2 outputs, found 1"):
            compare_outputs([np.float32(1)], [np.float32(1)] * 2, 0, 0)


def behave(task):
    if task == "crash":
        print("expected a square", file=sys.stderr, flush=True)
        os.kill(os.getpid(), signal.SIGSEGV)
    if task == "hang":
        time.sleep(60)
    return f"did {task}"


class WorkersTest(unittest.TestCase):
    def test_crashes_and_hangs_are_results(self):
        found = dict(run_isolated(behave, ["a", "crash", "hang", "b"], jobs=2, timeout=1, on_death=str))
        self.assertEqual(found, {"a": "did a", "b": "did b", "crash": "crash: SIGSEGV: expected a square",
                                 "hang": "time-out after 1 s"})


class SymbolicTest(unittest.TestCase):
    def test_dims_become_symbols(self):
        x = helper.make_tensor_value_info("x", TensorProto.FLOAT, [3, 1, 4])
        axes = helper.make_tensor_value_info("axes", TensorProto.INT64, [2])
        y = helper.make_tensor_value_info("y", TensorProto.FLOAT, [3])
        node = helper.make_node("ReduceSum", ["x", "axes"], ["y"], keepdims=0)
        model = with_symbolic_dims(helper.make_model(helper.make_graph([node], "g", [x, axes], [y])))
        dims = [[dim.dim_param or dim.dim_value for dim in info.type.tensor_type.shape.dim] for info in model.graph.input]
        self.assertEqual(dims, [["n3", 1, "n4"], [2]])
        self.assertEqual(onnx.helper.printable_value_info(model.graph.output[0]).count("3"), 0)


if __name__ == "__main__":
    unittest.main()
