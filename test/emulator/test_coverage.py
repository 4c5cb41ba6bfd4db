"""At least one test for each instruction form: all tables of this folder run in one process, then the forms are asked."""

import importlib
import re
import unittest
from pathlib import Path

from tilewright import emulator

# Forms that test/unit/emulator covers: matrices, asynchronous copies and their barriers, clusters.
ELSEWHERE = re.compile(r"((wg|w)?mma|ldmatrix|stmatrix|movmatrix|cp|mbarrier|tensormap|mapa|getctarank|setmaxnreg|multimem)\b|.*(async|proxy|mbarrier_init)"
                       r"|barrier\.cluster|prefetch.*tensormap")


class CoverageTest(unittest.TestCase):
    def test_forms(self):
        loader = unittest.TestLoader()
        for file in sorted(Path(__file__).parent.glob("test_*.py")):
            if file.stem not in ("test_coverage", "test_tool", "test_foreign"):
                loader.loadTestsFromModule(importlib.import_module(file.stem)).run(unittest.TestResult())
        unused = [opcode for opcode, _, used in emulator.forms() if not used and not ELSEWHERE.match(opcode)]
        self.assertEqual(unused, [])
        self.assertGreater(len(emulator.forms()), 200)


if __name__ == "__main__":
    unittest.main()
