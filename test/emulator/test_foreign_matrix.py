"""nvcc's PTX with tensor cores and asynchronous copies: committed and, where nvcc is, as it writes it today."""

import shutil
import sys
import unittest
from pathlib import Path

import numpy as np

from tilewright import emulator

FOREIGN = Path(__file__).parent / "foreign"
sys.path.insert(0, str(FOREIGN))

from make_ptx import compile_cuda

RANDOM = np.random.default_rng(11)


def halves(*shape) -> np.ndarray:
    return RANDOM.standard_normal(shape).astype(np.float16)


class Matrices:
    """The tests; subclasses have the texts."""

    matrix = hopper = ""

    def kinds_without(self, text: str, line: str, *launch, **more) -> set[str]:
        """The findings of the text without the first line that has `line`."""
        lines = text.split("\n")
        del lines[next(n for n, each in enumerate(lines) if line in each)]
        report = emulator.launch("\n".join(lines), *launch, on_finding="report", **more)
        return {finding.kind for finding in report.findings}

    def test_pipelined(self):
        for m, n, k in ((64, 64, 32), (100, 128, 200), (130, 64, 8)):
            a, b = halves(m, k), halves(k, n)
            for seed in range(3):
                c = np.zeros((m, n), np.float32)
                report = emulator.launch(self.matrix, "pipelined", (n // 64, -(-m // 64)), 128, [a, b, c, m, n, k], seed=seed)
                np.testing.assert_allclose(c, a.astype(np.float32) @ b.astype(np.float32), rtol=1e-4, atol=1e-3)
            steps, blocks = -(-k // 32), (n // 64) * -(-m // 64)
            self.assertEqual(report.counters["tensor_ops"], blocks * steps * 2 * 64 * 64 * 32)
            self.assertEqual(report.counters["bank_conflicts"], 0)

    def test_pipelined_faults(self):
        m, n, k = 64, 64, 200
        launch = "pipelined", 1, 128, [halves(m, k), halves(k, n), np.zeros((m, n), np.float32), m, n, k]
        self.assertIn("async-not-waited", self.kinds_without(self.matrix, "cp.async.wait_group", *launch))
        self.assertTrue(self.kinds_without(self.matrix, "bar.sync", *launch) & {"async-not-waited", "race-shared"})

    def test_tiles(self):
        a, b, c = halves(48, 80), halves(32, 80), np.zeros((48, 32), np.float32)
        emulator.launch(self.matrix, "tiles", 3, 64, [a, b, c, 32, 80])
        np.testing.assert_allclose(c, np.maximum(a.astype(np.float32) @ b.T.astype(np.float32), 0), rtol=1e-4, atol=1e-3)

    def test_bytes(self):
        a, b = RANDOM.integers(-128, 128, (32, 16)).astype(np.int8), RANDOM.integers(-128, 128, (16, 8)).astype(np.int8)
        c = RANDOM.integers(-1000, 1000, (32, 8)).astype(np.int32)
        expected = a.astype(np.int32) @ b.astype(np.int32) + c
        emulator.launch(self.matrix, "bytes", 1, 32, [a, b, c])
        np.testing.assert_array_equal(c, expected)

    def test_bulk(self):
        x = RANDOM.standard_normal(1024).astype(np.float32)
        for seed in range(3):
            y = np.zeros_like(x)
            emulator.launch(self.hopper, "bulk", 4, 256, [x, y], seed=seed)
            np.testing.assert_array_equal(y, x + 1)

    def test_bulk_faults(self):
        launch = "bulk", 4, 256, [np.zeros(1024, np.float32), np.zeros(1024, np.float32)]
        self.assertIn("missing-proxy-fence", self.kinds_without(self.hopper, "fence.proxy.async", *launch))
        self.assertIn("async-not-waited", self.kinds_without(self.hopper, "cp.async.bulk.wait_group.read", *launch))

    def test_tensor(self):
        x = RANDOM.standard_normal((40, 100)).astype(np.float32)
        for row, column in ((0, 0), (30, 90), (-4, 60)):
            expected = x.copy()
            expected[max(row, 0):row + 16, column:column + 32] *= 2
            got = x.copy()
            emulator.launch(self.hopper, "tensor", 1, 128, [emulator.TensorMap(got, (16, 32)), row, column])
            np.testing.assert_array_equal(got, expected)

    def test_spread(self):
        x = RANDOM.integers(0, 64, 3000).astype(np.int32)
        for seed in range(3):
            y = np.zeros(64, np.int32)
            emulator.launch(self.hopper, "spread", 8, 64, [x, y, x.size], cluster=4, seed=seed)
            # Both clusters count all of x.
            np.testing.assert_array_equal(y, 2 * np.bincount(x, minlength=64))


class CommittedTest(Matrices, unittest.TestCase):
    matrix = (FOREIGN / "matrix.ptx").read_text()
    hopper = (FOREIGN / "hopper.ptx").read_text()


@unittest.skipUnless(shutil.which("nvcc"), "nvcc is not on PATH")
class LiveTest(Matrices, unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.matrix = compile_cuda(FOREIGN / "matrix.cu", "sm_90")
        cls.hopper = compile_cuda(FOREIGN / "hopper.cu", "sm_90a", "-lineinfo")


if __name__ == "__main__":
    unittest.main()
