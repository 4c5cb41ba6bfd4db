"""What ptxas makes of products for sm_90a: no complaint, nothing in local memory, and products that follow each other at once."""

import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest
from functools import cache
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent))

from products import Product, kernels

# Opcodes of SASS: the lowest 12 bits of an instruction of 16 bytes. They are not documented; these were read off small kernels.
HGMMA, WARPGROUP_WAIT = 0x9F0, 0x9C5
LOCAL_MEMORY = {0x983, 0x387}
MOVES = {0x202, 0x805, 0xC02}  # of registers: MOV, CS2R, MOV from a uniform one


@cache
def ptxas() -> str | None:
    """On PATH, or from PyPI's nvidia-cuda-nvcc in this environment."""
    if found := os.environ.get("TILEWRIGHT_PTXAS") or shutil.which("ptxas"):
        return found
    packaged = sorted(Path(sys.prefix).glob("lib/python3*/site-packages/nvidia/*/bin/ptxas"))
    return str(packaged[-1]) if packaged else None


def assemble(ptx: str) -> tuple[bytes, str]:
    """The cubin, and what ptxas says."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "k.ptx").write_text(ptx)
        done = subprocess.run([ptxas(), "-arch=sm_90a", "-v", "-o", f"{folder}/k.cubin", f"{folder}/k.ptx"],
                              capture_output=True, text=True, check=True)
        return (Path(folder) / "k.cubin").read_bytes(), done.stdout + done.stderr


def opcodes(cubin: bytes) -> dict[str, list[int]]:
    """Of each entry, in order; a cubin is an ELF file of 64 bits."""
    start, = struct.unpack_from("<Q", cubin, 40)
    count, names = struct.unpack_from("<HH", cubin, 60)
    sections = [struct.unpack_from("<IIQQQQIIQQ", cubin, start + 64 * i) for i in range(count)]
    texts = {}
    for name, _, _, _, offset, size, *_ in sections:
        begin = sections[names][4] + name
        label = cubin[begin : cubin.index(b"\0", begin)].decode()
        if label.startswith(".text."):
            texts[label.removeprefix(".text.")] = [word & 0xFFF for word, _ in struct.iter_unpack("<QQ", cubin[offset : offset + size])]
    return texts


@unittest.skipUnless(ptxas(), "no ptxas")
class SassTest(unittest.TestCase):
    def check(self, product: Product) -> None:
        with self.subTest(product=product):
            cubin, said = assemble(kernels(product.model(product.operands()))["sm_90a"])
            self.assertNotRegex(said, r"C75\d\d|warning")
            self.assertEqual(set(re.findall(r"(\d+) bytes (?:spill|stack)", said)) - {"0"}, set(), said)
            found = opcodes(cubin)
            code = next(code for name, code in found.items() if name.endswith("_p0"))
            self.assertFalse(LOCAL_MEMORY & set(code))
            self.check_order(code)

    def check_order(self, code: list[int]) -> None:
        """Of a step of 64: four products, then one wait; no wait and no move of registers between products."""
        places = [i for i, opcode in enumerate(code) if opcode == HGMMA]
        self.assertEqual(len(places) % 4, 0)
        self.assertGreater(len(places), 0)
        for step in (places[i : i + 4] for i in range(0, len(places), 4)):
            between = set(code[step[0] : step[-1]])
            self.assertFalse(between & (MOVES | {WARPGROUP_WAIT}), [hex(opcode) for opcode in code[step[0] : step[-1]]])
        self.assertIn(WARPGROUP_WAIT, code[places[-1] :])

    def test_tiles(self):
        for right in ("rows", "columns", "weight"):
            self.check(Product(4096, 4096, 4096, right=right))
            self.check(Product(64, 64, 512, right=right))
            self.check(Product(512, 512, 512, right=right, dynamic=True))

    def test_few_steps(self):
        """Loops that may be unrolled."""
        for k in (64, 128, 256):
            self.check(Product(1024, 4096, k))

    def test_types_and_epilogues(self):
        from ml_dtypes import bfloat16
        for dtype in (np.float16, bfloat16):
            self.check(Product(4096, 4096, 1024, dtype=dtype, epilogue=True))
            self.check(Product(300, 300, 512, (3,), dtype=dtype, epilogue=True, dynamic=True))


if __name__ == "__main__":
    unittest.main()
