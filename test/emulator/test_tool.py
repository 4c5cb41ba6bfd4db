"""tilewright-emulate: arguments, files, findings, exit codes."""

import json
import os
import subprocess
import tempfile
import unittest
from pathlib import Path

import numpy as np
from kernels import HEADER

TOOL = os.environ.get("TILEWRIGHT_EMULATE", str(Path(__file__).resolve().parents[2] / "build/bin/tilewright-emulate"))
PTX = HEADER + """.visible .entry scale(.param .u64 x, .param .u64 y, .param .f32 a, .param .s32 n)
{
  .reg .pred %p; .reg .b32 %r<6>; .reg .f32 %f<4>; .reg .b64 %rd<6>;
  ld.param.u64 %rd1, [x]; ld.param.u64 %rd2, [y]; ld.param.f32 %f1, [a]; ld.param.s32 %r1, [n];
  mov.u32 %r2, %tid.x; mov.u32 %r3, %ctaid.x; mov.u32 %r4, %ntid.x; mad.lo.s32 %r5, %r3, %r4, %r2;
  setp.ge.s32 %p, %r5, %r1;
  @%p bra END;
  mul.wide.s32 %rd3, %r5, 4; add.u64 %rd4, %rd1, %rd3; add.u64 %rd5, %rd2, %rd3;
  ld.global.f32 %f2, [%rd4]; mul.f32 %f3, %f2, %f1; st.global.f32 [%rd5], %f3;
END: ret;
}
"""


class ToolTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        (self.folder / "k.ptx").write_text(PTX)
        self.x = np.arange(512, dtype=np.float32)
        np.save(self.folder / "x.npy", self.x)

    def run_tool(self, *words: str) -> subprocess.CompletedProcess:
        return subprocess.run([TOOL, *words], cwd=self.folder, capture_output=True, text=True)

    def scale(self, *more: str, n: int = 512) -> subprocess.CompletedProcess:
        return self.run_tool("k.ptx", "--entry", "scale", "--grid", "4", "--block", "128", "--arg", "in:x.npy", "--arg", "out:f32:4x128:y.npy",
                             "--arg", "f32:0.5", "--arg", f"i32:{n}", *more)

    def test_run(self):
        done = self.scale("--json")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        report = json.loads(done.stdout)
        self.assertEqual(report["findings"], [])
        self.assertEqual(report["counters"][0]["global_read_bytes"], 2048)
        y = np.load(self.folder / "y.npy")
        np.testing.assert_array_equal(y, (self.x * 0.5).reshape(4, 128))

    def test_in_place(self):
        done = self.run_tool("k.ptx", "--entry=scale", "--grid=4,1,1", "--block=128", "--arg", "inout:x.npy:z.npy", "--arg", "in:x.npy", "--arg", "f32:2",
                             "--arg", "i32:0x100", "--seed", "5")
        self.assertEqual(done.returncode, 0, done.stderr)
        np.testing.assert_array_equal(np.load(self.folder / "z.npy"), self.x)

    def test_findings(self):
        done = self.scale("--json", n=513)
        self.assertEqual(done.returncode, 0, done.stderr)  # the grid has 512 threads
        done = self.run_tool("k.ptx", "--entry", "scale", "--grid", "5", "--block", "128", "--arg", "in:x.npy", "--arg", "out:f32:512:y.npy", "--arg", "f32:1",
                             "--arg", "i32:513", "--json")
        self.assertEqual(done.returncode, 1)
        self.assertEqual({f["kind"] for f in json.loads(done.stdout)["findings"]}, {"out-of-bounds"})
        self.assertRegex(done.stderr, r"^k\.ptx:12: out-of-bounds: block \(4,0,0\), thread \(0,0,0\): ld\.global\.f32: 4 bytes")

    def test_errors(self):
        (self.folder / "bad.npy").write_bytes(b"\x93NUMPY\x01\x00")
        (self.folder / "cut.npy").write_bytes((self.folder / "x.npy").read_bytes()[:-4])
        np.save(self.folder / "fortran.npy", np.asfortranarray(np.zeros((2, 3))))
        base = ["k.ptx", "--entry", "scale", "--grid", "4", "--block", "128"]
        for words, message in (
                ([], "a PTX file, --entry, --grid and --block are needed"), (["none.ptx", *base[1:]], "none.ptx: No such file"),
                ([*base, "--frob", "1"], "unknown option --frob"), ([*base, "--seed"], "--seed needs a value"), ([*base, "--seed", "x"], "--seed: expected a number"),
                (["k.ptx", "l.ptx", *base[1:]], "two files"), ([*base[:-1], "1,2,3,4"], "expected one to three sizes"), ([*base[:-1], "5000000000"], "too large"),
                (base, "scale has 4 parameters; 0 were given"), ([*base, "--arg", "seven"], "expected TYPE:VALUE"), ([*base, "--arg", "q32:1"], "expected a type"),
                ([*base, "--arg", "i32:4294967296"], "not a number of 32 bits"), ([*base, "--arg", "f32:x"], "not a number"), ([*base, "--arg", "in:none.npy"], "none.npy"),
                ([*base, "--arg", "in:k.ptx"], "no .npy file"), ([*base, "--arg", "in:bad.npy"], "bad.npy"), ([*base, "--arg", "in:cut.npy"], "cut off"),
                ([*base, "--arg", "in:fortran.npy"], "C order"), ([*base, "--arg", "out:f33:4:y.npy"], "unknown element type 'f33'"),
                ([*base, "--arg", "out:f32:4xx:y.npy"], "no shape"), ([*base, "--arg", "out:f32:4"], "expected out:TYPE:SHAPE:FILE"),
                ([*base, *["--arg", "null"] * 4], "argument 2 has 8 bytes; the parameter is a f32 of 4"),
                (["x.npy", *base[1:]], "x.npy:1:1: unexpected byte 147"), ([*base[:2], "scal", *base[3:]], "has no entry 'scal'; its entries: scale")):
            with self.subTest(message):
                done = self.run_tool(*words)
                self.assertEqual((done.returncode, done.stdout), (1, ""))
                self.assertRegex(done.stderr, "^error: .*\n$")
                self.assertIn(message, done.stderr)

    def test_output_folder(self):
        done = self.run_tool("k.ptx", "--entry", "scale", "--grid", "4", "--block", "128", "--arg", "in:x.npy", "--arg", "out:f32:512:none/y.npy", "--arg", "f32:0.5",
                             "--arg", "i32:512")
        self.assertEqual(done.returncode, 1)
        self.assertIn("none/y.npy", done.stderr)

    def test_help(self):
        done = self.run_tool("--help")
        self.assertEqual(done.returncode, 0)
        self.assertIn("--entry NAME", done.stdout)


if __name__ == "__main__":
    unittest.main()
