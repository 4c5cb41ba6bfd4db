"""What is fused, and that fusing changes no result: thirty exporters' attention, and graphs that are none."""

import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import numpy as np
import onnx
import onnxruntime

sys.path.insert(0, str(Path(__file__).resolve().parent))

import negatives
import patterns
import transformers
from graph import Graph
import tilewright as tw

TILEWRIGHT = Path(__file__).resolve().parents[2] / "build/bin/tilewright"
# Products in half precision are rounded at other places.
TOLERANCE = {"half_softmax": 5e-3}


def sites(model: onnx.ModelProto) -> list[dict]:
    with tempfile.NamedTemporaryFile(suffix=".onnx") as file:
        file.write(model.SerializeToString())
        file.flush()
        run = subprocess.run([TILEWRIGHT, "explain", file.name, "--fusion", "--json"], capture_output=True, text=True, check=True)
    return json.loads(run.stdout)["attention"]


def causal_count(model: onnx.ModelProto) -> int:
    """How many attentions skip what causality hides."""
    with tempfile.TemporaryDirectory() as folder:
        onnx.save(model, f"{folder}/model.onnx")
        subprocess.run([TILEWRIGHT, "compile", f"{folder}/model.onnx", "--emit=nn", "-o", f"{folder}/nn.mlir", "--quiet"], check=True)
        return Path(folder, "nn.mlir").read_text().count('causal = "top_left"')


def expected(model: onnx.ModelProto, inputs: dict[str, np.ndarray]) -> list[np.ndarray]:
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    return session.run(None, inputs)


class FusionTest(unittest.TestCase):
    def check_results(self, model: onnx.ModelProto, inputs: dict[str, np.ndarray], tolerance: float) -> None:
        for found, right in zip(tw.compile(model).run(inputs).values(), expected(model, inputs)):
            self.assertEqual(found.shape, right.shape)
            self.assertLess(np.abs(found - right).max() / max(np.abs(right).max(), 1e-30), tolerance)

    def test_patterns(self):
        for name in patterns.PATTERNS:
            for dynamic in (False, True):
                for masked in (False, True):
                    with self.subTest(name, dynamic=dynamic, masked=masked):
                        model, inputs = patterns.build(name, dynamic, masked)
                        found = sites(model)
                        self.assertEqual([site["fused"] for site in found], [True], found)
                        self.assertTrue(found[0]["nodes"])
                        self.assertEqual(bool(found[0]["reason"]), not found[0]["fused"])
                        self.check_results(model, inputs, TOLERANCE.get(name, 2e-5))

    def test_transformers(self):
        for name, count in transformers.SITES.items():
            for dynamic in (False, True):
                with self.subTest(name, dynamic=dynamic):
                    model, inputs = transformers.build(name, dynamic)
                    found = sites(model)
                    self.assertEqual([site["fused"] for site in found], [True] * count, found)
                    self.check_results(model, inputs, 1e-4)

    def test_causal_masks_are_causality(self):
        for dynamic in (False, True):
            with self.subTest(dynamic=dynamic):
                self.assertEqual(causal_count(transformers.build("gpt2_prefill", dynamic)[0]), 2)
        for name, masked in (("gpt2", False), ("whisper", True), ("llama", True)):
            with self.subTest(name):
                self.assertEqual(causal_count(patterns.build(name, True, masked)[0]), 1)

    def test_tables_are_causality(self):
        """Rows of a table of 64 x 64, from those on that are past."""
        for dynamic, past in ((False, 5), (True, 5), (True, 0)):
            with self.subTest(dynamic=dynamic, past=past):
                g = Graph(dynamic=dynamic)
                q, k, v = (g.input(n, g.tensor(2, 3, rows, 8), {0: "batch", 2: symbol})
                           for n, rows, symbol in (("q", 7, "new"), ("k", 7 + past, "all"), ("v", 7 + past, "all")))
                table = g.const(np.triu(np.full((64, 64), -np.inf), 1))
                total, new = g.op("Shape", k, start=2, end=3), g.op("Shape", q, start=2, end=3)
                rows = g.op("Slice", table, g.op("Sub", total, new) if past else g.ints(0), total if past else new, g.ints(0))
                mask = g.op("Slice", rows, g.ints(0), total, g.ints(1))
                s = g.op("Add", g.op("MatMul", q, g.transpose(k, 0, 1, 3, 2)), mask)
                model = g.model(g.op("MatMul", g.softmax(s), v))
                # A difference of inputs' sizes may be negative, and then counts rows from the end.
                self.assertEqual(causal_count(model), 0 if dynamic and past else 1)
                self.check_results(model, g.arrays, 2e-5)

    def test_columns_of_an_unknown_mask(self):
        """Whether a mask has a column for each key, or one for all, is known at run time only."""
        for columns in (patterns.LENGTH, 1):
            with self.subTest(columns=columns):
                g = Graph()
                q, k, v = (g.input(n, g.tensor(2, 3, patterns.LENGTH, 8)) for n in "qkv")
                mask = g.input("mask", g.tensor(2, 1, 1, columns))
                g.values[-1].type.tensor_type.shape.dim[3].dim_param = "columns"
                s = g.op("Add", g.op("MatMul", q, g.transpose(k, 0, 1, 3, 2)), mask)
                model = g.model(g.op("MatMul", g.softmax(s), v))
                self.assertEqual([site["fused"] for site in sites(model)], [True])
                self.check_results(model, g.arrays, 2e-5)

    def test_negatives(self):
        self.assertGreaterEqual(len(negatives.NEGATIVES), 30)
        for name in negatives.NEGATIVES:
            with self.subTest(name):
                model, inputs = negatives.build(name)
                for site in sites(model):
                    self.assertFalse(site["fused"])
                    self.assertTrue(site["reason"])
                    self.assertTrue(site["nodes"])
                self.check_results(model, inputs, 2e-5)


if __name__ == "__main__":
    unittest.main()
