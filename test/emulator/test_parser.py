"""Texts that are damaged, foreign or beyond the emulator: a clear error with line and column."""

import random
import unittest

import numpy as np
from kernels import HEADER

from tilewright import emulator

GOOD = HEADER + """
.global .align 4 .b32 table[2] = {1, 2};
.visible .entry k(
  .param .u64 p // a comment
)
.reqntid 32
{
  .reg .pred %p<2>;
  .reg .b32 %r<4>;
  .reg .b64 %rd<3>;
  .loc 1 2 3
  /* a longer
     comment */
  ld.param.u64 %rd1, [p];
  mov.u32 %r1, %tid.x;
  setp.lt.u32 %p1, %r1, 4;
  @%p1 bra $L__BB0_1;
  mad.wide.u32 %rd2, %r1, 4, %rd1;
  st.global.b32 [%rd2], %r1;
$L__BB0_1:
  ret;
}
.section .debug_str { .b8 1, 2 }
"""


def load(text: str) -> None:
    with emulator.Device() as device:
        device.load(text, "file.ptx")


def body(statements: str) -> str:
    return HEADER + ".entry k(.param .u64 p, .param .b32 n)\n{\n.reg .b32 %r<4>; .reg .b64 %rd<4>; .reg .pred %p<3>; .reg .f32 %f<3>; .reg .b16 %h<3>;\n" + statements + "\n}\n"


# text, what the message holds
ERRORS = [
    ("", "1:1: not PTX: expected .version, found the end"),
    ("\x7fELF\x02\x01", "unexpected byte 127"),
    ("int main() { return 0; }", "1:1: not PTX: expected .version, found 'int'"),
    (".version 8.0", "expected .target"),
    (".version 8.0\n.target\n.address_size 64", "3:1: expected a target, found '.address_size'"),
    (".version 8.0\n.target sm_80\n.address_size 32", "3:15: addresses must have 64 bits"),
    (HEADER + ".visible thing", "4:10: expected a function or a variable, found 'thing'"),
    (HEADER + ".entry k( { ret; }", "4:11: expected a parameter, found '{'"),
    (HEADER + ".entry k(.param .u65 p) { ret; }", "expected a type, found '.u65'"),
    (HEADER + ".entry k() { ret;", "found the end of the text"),
    (HEADER + ".entry k() { /* ", "a comment without an end"),
    (HEADER + ".entry k() { ret; }\n.entry k() { ret; }", "5:8: the function 'k' is defined twice"),
    (HEADER + ".global .b32 x;\n.global .b32 x;", "'x' is declared twice"),
    (HEADER + ".global .b32 x[2] = {1, 2, 3};", "more values than the variable holds"),
    (HEADER + ".global .u64 x = y;", "names 'y', which is no variable"),
    (HEADER + ".global .align 3 .b32 x;", "power of two"),
    (HEADER + ".extern .global .b32 x;", "another module"),
    (HEADER + ".global .texref t;", "expected a type"),
    (body("frobnicate.b32 %r1, %r2;"), "7:1: unsupported instruction 'frobnicate.b32'"),
    (body("add.u33 %r1, %r2, %r3;"), "unsupported instruction 'add.u33'"),
    (body("add.rn.s32 %r1, %r2, %r3;"), "unsupported instruction 'add.rn.s32'"),
    (body("tex.2d.v4.f32.f32 {%f1, %f1, %f1, %f1}, [p, {%f1, %f1}];"), "unsupported instruction 'tex.2d.v4.f32.f32'"),
    (body("add.u32 %r1, %r2;"), "7:1: 'add.u32' does not take 2 operands"),
    (body("add.u32 %r1, %r2, %rd1;"), "7:19: '%rd1' has 64 bits; expected 32"),
    (body("add.u32 %r1, %r2, %p1;"), "'%p1' has 1 bits; expected 32"),
    (body("add.u32 %r1, %r2, %r4;"), "7:19: unknown name '%r4'"),
    (body("add.u32 %r1, %r2, 0f3F800000, ;"), "expected an operand"),
    (body("add.f32 %f1, %f2, 1;"), "an integer is no f32"),
    (body("mov.f32 %f1, 0f3F8;"), "8 digits"),
    (body("mov.u32 %r1, 0x1G;"), "not a number: 0x1G"),
    (body("mov.u32 %r1, 99999999999999999999999;"), "not a number"),
    (body("@%r1 ret;"), "'%r1' is no predicate"),
    (body("selp.b32 %r1, %r1, %r2, %r3;"), "'%r3' is no predicate"),
    (body("bra nowhere;"), "'nowhere' is no label of this function"),
    (body("L: ret; L: ret;"), "'L' is declared twice"),
    (body("ld.param.u64 %rd1, p;"), "expected an address in brackets"),
    (body("ld.shared.u64 %rd1, [p];"), "lies in param memory, the instruction accesses shared memory"),
    (body("ld.global.v4.b32 {%r1, %r2}, [%rd1];"), "expected 4 elements, found 2"),
    (body("mov.b64 %rd1, {%r1, %r2, %r3};"), "3 parts of 32 bits make no 64 bits"),
    (body("call foo;"), "unsupported: a call of 'foo'"),
    (body("call (%r1), k, (%rd1);"), "parameters"),
    (body("cvt.s32.f32 %r1, %f1;"), ".rni, .rzi, .rmi or .rpi"),
    (body(".reg .v4 .f32 v;"), "unsupported: registers that are vectors"),
    (body(".reg .b32 %x<99999999>;"), "too many registers"),
    (body("ret"), "expected an operand, found '}'"),
    (body("mov.b32 %r1 %r2;"), "expected ';' after an instruction, found '%r2'"),
    (body('mov.u32 %r1, "text;'), "a string without an end"),
    (body("{" * 500), "nested too deep"),
    (body("mov.u32 %r1, %tid.q;"), "unknown name '%tid.q'"),
    (body("atom.local.add.u32 %r1, [%rd1], 1;"), "unsupported instruction"),
    (body("brx.idx %r1, L; L: ret;"), "expected a list of branch targets"),
    (body(".frob 3;"), "unsupported directive '.frob'"),
]


class ParserTest(unittest.TestCase):
    def test_good(self):
        y = np.zeros(32, np.uint32)
        emulator.launch(GOOD, "k", 1, 32, [y])
        self.assertEqual(list(y), [0] * 4 + list(range(4, 32)))
        emulator.launch((GOOD + "\0\0").encode(), "k", 1, 32, [y])
        emulator.launch(GOOD.replace("\n", "\r\n"), "k", 1, 32, [y])

    def test_errors(self):
        for text, message in ERRORS:
            with self.subTest(message):
                with self.assertRaises(emulator.EmulatorError) as caught:
                    load(text)
                self.assertIn(message, str(caught.exception))
                self.assertRegex(str(caught.exception), r"^file\.ptx:\d+:\d+: ")

    def test_launch_errors(self):
        text = HEADER + ".entry k(.param .u64 p, .param .f32 x, .param .u8 b) { ret; }\n.func f() { ret; }"
        for arguments, message in (
                (("f", 1, 1, []), "has no entry 'f'; its entries: k"), (("k", 1, 1, [0]), "k has 3 parameters; 1 were given"),
                (("k", 0, 1, [0, 0, 0]), "must not be 0"), (("k", 1, 2000, [0, 0, 0]), "the limit is 1024"),
                (("k", 1, 1, [0, 0, 0], 300000), "the limit is 232448"), (("k", 3, 1, [0, 0, 0], 0, 2), "no multiple of the cluster"),
                (("k", 32, 1, [0, 0, 0], 0, 32), "more than 16 blocks"), (("k", 1, 1, [0.5, 0, 0]), "0.5 does not fit a parameter of type u64"),
                (("k", 1, 1, [0, 0, 256]), "256 does not fit a parameter of type u8"), (("k", 1, 1, [0, np.zeros(3), 0]), "no pointer"),
                (("k", (1, 1, 1, 1), 1, [0, 0, 0]), "one to three sizes"), (("k", 1, 1, [b"abc", 0, 0]), "expected 8 bytes, found 3")):
            with self.subTest(message), self.assertRaises(emulator.EmulatorError) as caught:
                emulator.launch(text, *arguments)
            self.assertIn(message, str(caught.exception))

    def test_memory_errors(self):
        with emulator.Device() as device:
            for call in (lambda: device.free(12345), lambda: device.write(1, np.zeros(4)), lambda: device.alloc(1 << 50),
                         lambda: device.read(device.alloc(8), np.zeros(4))):
                with self.assertRaises(emulator.EmulatorError):
                    call()

    def test_mutations(self):
        """Damaged texts load, or fail with a message; nothing else."""
        random.seed(7)
        words = GOOD.split()
        for _ in range(1500):
            text = list(GOOD)
            for _ in range(random.randint(1, 4)):
                at = random.randrange(len(text))
                choice = random.random()
                if choice < 0.3:
                    del text[at:at + random.randint(1, 8)]
                elif choice < 0.6:
                    text[at] = chr(random.randrange(1, 127))
                elif choice < 0.8:
                    text.insert(at, " " + random.choice(words) + " ")
                else:
                    text.insert(at, random.choice("{}[]()<>,;:@!|+-.%0123456789"))
            try:
                load("".join(text))
            except emulator.EmulatorError as error:
                self.assertRegex(str(error), r"^file\.ptx:\d+:\d+: ")


if __name__ == "__main__":
    unittest.main()
