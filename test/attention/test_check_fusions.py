"""--check-fusions is silent where fused ops are right; what it says of wrong ones: test/unit/compiler/CheckFusionsTest.cpp."""

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import onnx

sys.path.insert(0, str(Path(__file__).resolve().parent))

import patterns

TILEWRIGHT = Path(__file__).resolve().parents[2] / "build/bin/tilewright"
NAMES = ["bert", "distilbert", "gpt2", "sdpa_dynamo", "llama", "gemma_window", "t5", "bart", "swin", "keras_einsum",
         "half_softmax"]


def check(name: str, dynamic: bool = False) -> subprocess.CompletedProcess:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.onnx"
        onnx.save(patterns.build(name, dynamic, masked=True)[0], path)
        return subprocess.run([TILEWRIGHT, "compile", path, "-o", Path(folder) / "model", "--check-fusions", "--quiet"],
                              capture_output=True, text=True)


class CheckFusionsTest(unittest.TestCase):
    def test_right_ones_pass(self):
        for name in NAMES:
            with self.subTest(name):
                run = check(name)
                self.assertEqual(run.returncode, 0, run.stderr)

    def test_unknown_sizes(self):
        run = check("bert", dynamic=True)
        self.assertEqual(run.returncode, 0, run.stderr)


if __name__ == "__main__":
    unittest.main()
