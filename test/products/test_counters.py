"""What a product of 4096 x 4096 x 4096 costs, by the emulator's counters: one row of tiles of the kernel for each architecture."""

import re
import sys
import unittest
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent))

from products import Product, error, kernels

from tilewright import emulator

SIZE = 4096


class CountersTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.product = Product(SIZE, SIZE, SIZE)
        cls.inputs = cls.product.operands()
        cls.kernels = kernels(cls.product.model(cls.inputs))

    def row(self, architecture: str, tile: int, shape: tuple[int, int], shared: int, threads: int, maps: list) -> dict:
        """Counters of as many blocks as a row of tiles has, `tile` columns each; they have the first `shape` of the result."""
        ptx = self.kernels[architecture]
        # The first entry is the one for operands that are aligned.
        entry = re.search(r"\.entry (\w+_p0)\(", ptx)[1]
        a, b = self.inputs["a"], self.inputs["b"]
        result = np.zeros((SIZE, SIZE), np.float16)
        report = emulator.launch(ptx, entry, SIZE // tile, threads, [a, b, result, 0, *maps], shared_bytes=shared)
        rows, columns = shape
        expected = a[:rows].astype(np.float32) @ b[:, :columns].astype(np.float32)
        self.assertLess(error(result[:rows, :columns], expected), 1e-3)
        result[:rows, :columns] = 0
        self.assertFalse(result.any())
        return report.counters

    def check(self, counters: dict, columns: int, macs: int) -> None:
        """Products as many as there must be; no bank conflict; memory read once a tile and written once."""
        self.assertEqual(counters["tensor_instructions"], 128 * SIZE * SIZE // macs)
        self.assertEqual(counters["bank_conflicts"], 0)
        tiles = SIZE // columns
        ideal = 2 * (tiles * (128 + columns) * SIZE + 128 * SIZE)
        moved = 32 * (counters["global_read_sectors"] + counters["global_write_sectors"])
        self.assertLessEqual(moved / ideal, 1.1)
        self.assertGreaterEqual(counters["global_read_bytes"] + counters["global_write_bytes"], ideal)

    def test_sm_80(self):
        self.check(self.row("sm_80", 128, (128, SIZE), 3 * 32768, 128, []), 128, 16 * 8 * 16)

    def test_sm_90a(self):
        maps = [emulator.TensorMap(self.inputs["a"], (128, 64), 128), emulator.TensorMap(self.inputs["b"], (64, 64), 128)]
        self.check(self.row("sm_90a", 256, (1024, 512), 4 * 49152 + 64, 3 * 128, maps), 256, 64 * 256 * 16)


if __name__ == "__main__":
    unittest.main()
