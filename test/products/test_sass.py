"""What ptxas makes of products for sm_90a: no complaint, nothing in local memory, and products that follow each other at once."""

import sys
import unittest
from pathlib import Path

import numpy as np

sys.path[:0] = [str(Path(__file__).resolve().parent), str(Path(__file__).resolve().parents[1])]

from products import Product, kernels
from sass import LOCAL_MEMORY, MOVES, PRODUCT, PRODUCTS_WAIT, assemble, complaints, opcodes, ptxas

@unittest.skipUnless(ptxas(), "no ptxas")
class SassTest(unittest.TestCase):
    def check(self, product: Product) -> None:
        with self.subTest(product=product):
            cubin, said = assemble(kernels(product.model(product.operands()))["sm_90a"])
            self.assertEqual(complaints(said), [])
            found = opcodes(cubin)
            code = next(code for name, code in found.items() if name.endswith("_p0"))
            self.assertFalse(LOCAL_MEMORY & set(code))
            self.check_order(code)

    def check_order(self, code: list[int]) -> None:
        """Of a step of 64: four products, then one wait; no wait and no move of registers between products."""
        places = [i for i, opcode in enumerate(code) if opcode == PRODUCT]
        self.assertEqual(len(places) % 4, 0)
        self.assertGreater(len(places), 0)
        for step in (places[i : i + 4] for i in range(0, len(places), 4)):
            between = set(code[step[0] : step[-1]])
            self.assertFalse(between & (MOVES | {PRODUCTS_WAIT}), [hex(opcode) for opcode in code[step[0] : step[-1]]])
        self.assertIn(PRODUCTS_WAIT, code[places[-1] :])

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
