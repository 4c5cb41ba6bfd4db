"""tools/gpu-bundle: packs, and its own runner passes through the emulator."""

import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def bundle(*words) -> subprocess.CompletedProcess:
    return subprocess.run([ROOT / "tools/gpu-bundle", *map(str, words)], capture_output=True, text=True,
                          env={"PATH": "/usr/bin:/bin", "PYTHON": sys.executable, "HOME": tempfile.gettempdir()})


class GpuBundleTest(unittest.TestCase):
    def test_dry_run(self):
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder) / "bundle"
            done = bundle("-o", out, "--only", "softmax_small,gelu_small", "--dry-run")
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            self.assertIn("2 passed, 0 failed", done.stdout)
            results = json.loads((out / "results.json").read_text())
            self.assertEqual([row["name"] for row in results["results"]], ["gelu_small", "softmax_small"])
            self.assertIn("| gelu_small | 0.", (out / "results.md").read_text())

    def test_refusals(self):
        with tempfile.TemporaryDirectory() as folder:
            self.assertIn("is there already", bundle("-o", folder).stderr)
            self.assertIn("found ['nonsense']", bundle("-o", Path(folder) / "b", "--only", "nonsense").stderr)


if __name__ == "__main__":
    unittest.main()
