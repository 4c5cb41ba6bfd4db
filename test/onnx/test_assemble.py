"""What assemble.py reads from ptxas: loops of machine code, and which spills are ptxas's choice."""

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent), str(Path(__file__).resolve().parents[1])]

import assemble
import sass
import suite

# A loop in a loop, of lengths that nobody knows: INNER runs for every trip of the inner one, OUTER for every trip of the outer.
LOOPS = """.version 8.0
.target sm_80
.address_size 64
.visible .entry loops(.param .u64 memory, .param .u32 n, .param .u32 m)
.reqntid 256, 1, 1
{
  ARRAY
  .reg .pred %p<2>; .reg .b32 %r<8>; .reg .b64 %d<4>; .reg .f32 %f<2>;
  ld.param.u64 %d0, [memory]; ld.param.u32 %r0, [n]; ld.param.u32 %r1, [m];
  cvta.to.global.u64 %d0, %d0;
  ld.global.f32 %f0, [%d0];
  mov.b32 %r2, 0;
outer:
  mov.b32 %r3, 0;
inner:
  INNER
  add.f32 %f0, %f0, 0f3F800000;
  st.global.f32 [%d0], %f0;
  add.u32 %r3, %r3, 1;
  setp.lt.u32 %p0, %r3, %r1;
  @%p0 bra inner;
  OUTER
  st.global.f32 [%d0], %f0;
  add.u32 %r2, %r2, 1;
  setp.lt.u32 %p1, %r2, %r0;
  @%p1 bra outer;
  ret;
}
"""
EXPONENTIAL = "ex2.approx.f32 %f0, %f0;"
ARRAY = ".local .align 4 .b8 own[256];"
# An array that is indexed by what is in memory cannot be in registers.
INDEXED = """mov.b64 %d1, own; and.b32 %r4, %r3, 63; mul.wide.u32 %d2, %r4, 4; add.u64 %d2, %d1, %d2; st.local.f32 [%d2], %f0;
  ld.global.u32 %r5, [%d0+4]; and.b32 %r5, %r5, 63; mul.wide.u32 %d3, %r5, 4; add.u64 %d3, %d1, %d3; ld.local.f32 %f0, [%d3];"""


def kernel(inner: str, outer: str, array: str = "") -> str:
    return LOOPS.replace("INNER", inner).replace("OUTER", outer).replace("ARRAY", array)


@unittest.skipUnless(sass.ptxas(), "no ptxas")
class AssembleTest(unittest.TestCase):
    def exponentials(self, ptx: str, architecture: str) -> tuple[int, int]:
        """Those in innermost loops, and all."""
        code, = sass.instructions(sass.assemble(ptx, architecture)[0]).values()
        places = {place for place, word in enumerate(code) if sass.opcode(word) == sass.EXPONENTIAL}
        inside = {place for loop in sass.innermost_loops(code, architecture) for place in loop}
        return len(places & inside), len(places)

    def test_innermost_loops(self):
        for architecture in ("sm_80", "sm_90a"):
            with self.subTest(architecture):
                inside, all_of_them = self.exponentials(kernel(EXPONENTIAL, ""), architecture)
                # What is left of an unrolled loop is no loop.
                self.assertGreater(inside, 0)
                inside, all_of_them = self.exponentials(kernel("", EXPONENTIAL), architecture)
                self.assertGreater(all_of_them, 0)
                self.assertEqual(inside, 0)

    def test_a_stack_is_a_complaint(self):
        for architecture in ("sm_80", "sm_90a"):
            for ptx in (kernel(INDEXED, "", ARRAY), kernel("", INDEXED, ARRAY)):
                with self.subTest(architecture):
                    self.assertTrue(assemble.said_of(ptx, architecture))
                    self.assertFalse(assemble.is_chosen(ptx, architecture))

    def test_a_choice(self):
        """Col2Im's kernel, for which ptxas 13.0 gives up registers."""
        model = next(case.model for case in suite.cases() if case.path == "node/test_col2im_dilations")
        with tempfile.TemporaryDirectory() as folder:
            command = [assemble.TILEWRIGHT, "compile", model, "-o", f"{folder}/k.ptx", "--target", "ptx", "--quiet"]
            subprocess.run(command, check=True)
            module, = assemble.modules(Path(folder, "k.ptx").read_text())
        if not assemble.said_of(module, "sm_90a"):
            self.skipTest("this ptxas keeps all in registers")
        self.assertTrue(assemble.is_chosen(module, "sm_90a"))

    def test_no_complaint(self):
        self.assertEqual(assemble.said_of(kernel(EXPONENTIAL, EXPONENTIAL), "sm_90a"), [])


if __name__ == "__main__":
    unittest.main()
