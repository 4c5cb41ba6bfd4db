"""new-op and new-pass write what check-tree accepts, and check-tree sees what is wrong."""

import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


class TreeTest(unittest.TestCase):
    """Works on a copy of the parts that the tools read."""

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.root = Path(self.folder.name)
        for name in ("dialects", "passes", "test/dialects", "test/passes"):
            if (ROOT / name).exists():
                shutil.copytree(ROOT / name, self.root / name)

    def tearDown(self):
        self.folder.cleanup()

    def run_tool(self, name: str, *arguments: str) -> subprocess.CompletedProcess:
        command = [sys.executable, ROOT / "tools/dev" / name, *arguments]
        return subprocess.run(command, capture_output=True, text=True)

    def problems(self) -> str:
        return "\n".join(line for line in self.run_tool("check-tree", str(self.root)).stdout.splitlines()
                         if line.startswith("bad") and "readme" not in line)

    def test_new_op(self):
        before = self.problems()
        self.assertEqual(self.run_tool("new-op", "nn.new_thing", "--onnx", "NewThing", "--root", str(self.root)).returncode, 0)
        self.assertEqual(self.problems(), before)
        self.assertIn("NN_NewThingOp", (self.root / "dialects/nn/ops/NewThing.td").read_text())

    def test_new_op_of_every_dialect(self):
        for dialect in ("tile", "rt", "check"):
            self.assertEqual(self.run_tool("new-op", f"{dialect}.new_thing", "--root", str(self.root)).returncode, 0)
        self.assertNotIn("new_thing", self.problems())

    def test_new_op_refuses_what_exists_and_what_is_no_name(self):
        self.assertIn("Transpose.td exists", self.run_tool("new-op", "nn.transpose", "--root", str(self.root)).stderr)
        self.assertIn("no dialect 'none'", self.run_tool("new-op", "none.x", "--root", str(self.root)).stderr)
        self.assertIn("snake_case", self.run_tool("new-op", "nn.NewThing", "--root", str(self.root)).stderr)

    def test_new_pass(self):
        before = self.problems()
        self.assertEqual(self.run_tool("new-pass", "NewThing", "--root", str(self.root)).returncode, 0)
        self.assertEqual(self.problems(), before)
        self.assertIn('"new-thing"', (self.root / "passes/Passes.td").read_text())

    def test_a_missing_test_is_seen(self):
        self.run_tool("new-op", "nn.new_thing", "--root", str(self.root))
        (self.root / "test/dialects/nn/new_thing.mlir").unlink()
        self.assertIn("bad op/nn.new_thing: no test test/dialects/nn/new_thing.mlir", self.problems())

    def test_a_missing_example_is_seen(self):
        self.run_tool("new-op", "nn.new_thing", "--root", str(self.root))
        td = self.root / "dialects/nn/ops/NewThing.td"
        td.write_text(td.read_text().replace("nn.new_thing", "it"))
        self.assertIn("its description has no example", self.problems())

    def test_a_wrong_file_name_is_seen(self):
        self.run_tool("new-op", "nn.new_thing", "--root", str(self.root))
        ops = self.root / "dialects/nn/ops"
        (ops / "NewThing.td").rename(ops / "Other.td")
        self.assertIn("NN_NewThingOp lies in Other.td; expected NewThing.td", self.problems())

    def test_an_include_against_the_grain_is_seen(self):
        (self.root / "dialects/nn/Bad.h").write_text('#include "passes/Passes.h"\n')
        self.assertIn("dialects/nn/Bad.h includes passes/Passes.h", self.problems())


if __name__ == "__main__":
    unittest.main()
