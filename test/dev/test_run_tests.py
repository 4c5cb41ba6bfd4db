"""tools/run_tests.py: what it makes of the outputs of gtest programs and of commands that break down."""

import contextlib
import io
import sys
import tempfile
import unittest
import unittest.mock
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))

import run_tests

GTEST = """#!/bin/sh
if [ "$1" = --gtest_list_tests ]; then printf 'Pool.\\n  Runs\\n  Waits  # GetParam() = 3\\nEnd.\\n  Crashes\\n'; exit; fi
echo "[ RUN      ] Pool.Runs"; echo "[       OK ] Pool.Runs (0 ms)"
echo "[ RUN      ] Pool.Waits"; echo "expected 1"; echo "[  FAILED  ] Pool.Waits, where GetParam() = 3 (0 ms)"
echo "[ RUN      ] End.Crashes"; echo "about to crash"; kill -SEGV $$
"""


class OutcomesTest(unittest.TestCase):
    def test_gtest_program(self):
        with tempfile.TemporaryDirectory() as folder:
            program = Path(folder) / "Fake"
            program.write_text(GTEST)
            program.chmod(0o755)
            self.assertEqual(run_tests.gtest_names(program), ["Pool.Runs", "Pool.Waits", "End.Crashes"])
            passed, failed, crashed = run_tests.gtest_outcomes(program, "test/unit", "")
            self.assertEqual((passed.path, passed.status), ("test/unit/Fake/Pool.Runs", "passed"))
            self.assertEqual((failed.path, failed.status), ("test/unit/Fake/Pool.Waits", "failed"))
            self.assertIn("expected 1", failed.message)
            self.assertEqual((crashed.path, crashed.status), ("test/unit/Fake/End.Crashes", "failed"))
            self.assertIn("about to crash", crashed.message)
            self.assertEqual(list(run_tests.gtest_outcomes(program, "test/unit", "no such")), [])

    def test_a_command_that_breaks_down_is_a_failure(self):
        command = run_tests.Command("sh", "-c", "echo why; exit 3")
        self.assertEqual(list(command), ["why"])
        outcome, = command.broken("part")
        self.assertEqual((outcome.path, outcome.status), ("part", "failed"))
        self.assertIn("why", outcome.message)

    def test_the_last_line_counts_everything(self):
        parts = {"one": lambda text: [run_tests.Outcome("a", "passed"), run_tests.Outcome("b", "skipped", "no GPU")],
                 "two": lambda text: [run_tests.Outcome("c", "failed", "because")]}
        out = io.StringIO()
        with unittest.mock.patch.object(run_tests, "PARTS", parts), contextlib.redirect_stdout(out):
            self.assertEqual(run_tests.main([]), 1)
        lines = out.getvalue().splitlines()
        self.assertEqual(lines[-1], "1 passed, 1 failed, 1 skipped")
        self.assertIn("SKIP b  no GPU", lines)
        self.assertIn("FAILED c", lines)


if __name__ == "__main__":
    unittest.main()
