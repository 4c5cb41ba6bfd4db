"""--check-fusions is silent where fused ops are right; what it says of wrong ones: test/unit/compiler/CheckFusionsTest.cpp."""

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import onnx

sys.path.insert(0, str(Path(__file__).resolve().parent))

import patterns
from graph import Graph

TILEWRIGHT = Path(__file__).resolve().parents[2] / "build/bin/tilewright"
NAMES = ["bert", "distilbert", "gpt2", "sdpa_dynamo", "llama", "gemma_window", "t5", "bart", "swin", "keras_einsum",
         "half_softmax"]


def check_model(model: onnx.ModelProto) -> subprocess.CompletedProcess:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.onnx"
        onnx.save(model, path)
        return subprocess.run([TILEWRIGHT, "compile", path, "-o", Path(folder) / "model", "--check-fusions", "--quiet"],
                              capture_output=True, text=True)


def check(name: str, dynamic: bool = False) -> subprocess.CompletedProcess:
    return check_model(patterns.build(name, dynamic, masked=True)[0])


class CheckFusionsTest(unittest.TestCase):
    def test_right_ones_pass(self):
        for name in NAMES:
            with self.subTest(name):
                run = check(name)
                self.assertEqual(run.returncode, 0, run.stderr)

    def test_unknown_sizes(self):
        run = check("bert", dynamic=True)
        self.assertEqual(run.returncode, 0, run.stderr)

    def test_sizes_that_do_not_fit(self):
        """Only the check chooses sizes: without it the model compiles."""
        g = Graph(dynamic=True)
        y = g.op("MatMul", g.input("x", g.tensor(2, 6), {0: "n", 1: "m"}), g.weight(6, 4))
        run = check_model(g.model(y))
        self.assertEqual(run.returncode, 1, run.stderr)
        self.assertIn("--check-fusions: the sizes that it chose do not fit; give them with --dim", run.stderr)


if __name__ == "__main__":
    unittest.main()
