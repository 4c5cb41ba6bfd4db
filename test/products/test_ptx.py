"""Products of 16-bit floats for sm_90a on the emulator, which finds nothing wrong with them, against numpy."""

import sys
import unittest
from pathlib import Path

import numpy as np
import onnx
from ml_dtypes import bfloat16

sys.path.insert(0, str(Path(__file__).resolve().parent))

from products import Product, error

import tilewright as tw

TOLERANCE = {np.float16: 1e-3, bfloat16: 8e-3}


class HopperTest(unittest.TestCase):
    def run_model(self, graph: onnx.ModelProto, inputs: dict[str, np.ndarray], seed: int = 0) -> tuple[np.ndarray, dict[str, int]]:
        """The result, and what its kernels counted in all. A finding of the emulator is an error."""
        compiled = tw.compile(graph, target="ptx:sm_90a", device="emulator", emulator_seed=seed)
        given = {name: inputs[name] for name in (item.name for item in graph.graph.input)}
        result = compiled.run(given)["y"]
        counted: dict[str, int] = {}
        for kernel in compiled.counters():
            for name in ("tensor_instructions", "blocks", "async_bytes"):
                counted[name] = counted.get(name, 0) + kernel[name]
        return result, counted

    def check(self, product: Product, products: int | None, seed: int = 0) -> None:
        """`products`: how many wgmma there must be; None: they are others."""
        with self.subTest(product=product, seed=seed):
            inputs = product.operands()
            found, counted = self.run_model(product.model(inputs), inputs, seed)
            self.assertLess(error(found, product.expected(inputs)), TOLERANCE[product.dtype])
            if products is not None:
                self.assertEqual(counted["tensor_instructions"], products)

    def test_tiles(self):
        # Blocks of 64 x 64: two products of 64 x 32 for 16 elements of k.
        self.check(Product(64, 64, 64), 2 * 4)
        self.check(Product(100, 200, 128, right="weight"), 2 * 4 * 2 * 8)
        self.check(Product(100, 200, 128, right="columns"), 2 * 4 * 2 * 8)
        # 128 x 128 where sizes are not known; 128 x 256 where there are many tiles.
        self.check(Product(200, 136, 72, dynamic=True), 2 * 2 * 2 * 8)
        self.check(Product(1024, 4096, 64), 8 * 16 * 2 * 4)

    def test_shapes(self):
        for right in ("rows", "columns", "weight"):
            for dtype in TOLERANCE:
                for m, n, k in [(8, 16, 16), (65, 72, 200), (300, 520, 136), (1, 64, 64), (130, 24, 1000)]:
                    for dynamic in (False, True):
                        self.check(Product(m, n, k, right=right, dtype=dtype, dynamic=dynamic), None)

    def test_rows_that_are_not_aligned(self):
        """The schedule for sm_80, chosen while compiling or by the launch."""
        for right in ("rows", "columns", "weight"):
            for m, n, k in [(70, 50, 30), (33, 129, 65), (64, 64, 100)]:
                for dynamic in (False, True):
                    self.check(Product(m, n, k, right=right, dynamic=dynamic), None)

    def test_batches(self):
        for right in ("rows", "columns"):
            for batch, right_batch in [((3,), None), ((2, 3), (3,)), ((2, 3), (2, 1)), ((1, 2, 2), None)]:
                for dynamic in (False, True):
                    self.check(Product(70, 40, 72, batch, right_batch, right, epilogue=True, dynamic=dynamic), None)

    def test_epilogues(self):
        for right in ("rows", "weight"):
            for m, n, k in [(64, 64, 64), (130, 264, 192), (77, 120, 64)]:
                for dtype in TOLERANCE:
                    self.check(Product(m, n, k, right=right, dtype=dtype, epilogue=True), None)

    def test_shared_depth(self):
        """One tile and 32 or 65 steps: several blocks have a part of them each."""
        for k in (2048, 4112):
            for epilogue in (False, True):
                self.check(Product(48, 64, k, right="weight", epilogue=epilogue), None)

    def test_orders_of_events(self):
        for seed in range(8):
            self.check(Product(130, 264, 640, epilogue=True), None, seed)
            self.check(Product(130, 264, 640, right="columns", dynamic=True), None, seed)

    def test_no_depth(self):
        """A sum of nothing has no tensor map."""
        product = Product(64, 64, 0, dynamic=True)
        self.check(product, 0)


if __name__ == "__main__":
    unittest.main()
