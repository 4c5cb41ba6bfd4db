"""PTX that other compilers wrote: Triton's and nvcc's, committed; nvcc's also as it writes it today, where it is."""

import math
import re
import shutil
import sys
import unittest
from pathlib import Path

import numpy as np

from tilewright import emulator

FOREIGN = Path(__file__).parent / "foreign"
sys.path.insert(0, str(FOREIGN))

from make_ptx import compile_cuda

RANDOM = np.random.default_rng(5)


def normal(*shape) -> np.ndarray:
    return RANDOM.standard_normal(shape).astype(np.float32)


class Kernels:
    """The tests; subclasses have the text."""

    ptx = ""

    def launch(self, *args, **more):
        for seed in range(2):
            emulator.launch(self.ptx, *args, seed=seed, **more)

    def test_reduce(self):
        x = normal(5000)
        for seed in range(3):
            y = np.zeros(1, np.float32)
            emulator.launch(self.ptx, "reduce", 4, 256, [x, y, x.size], seed=seed)
            np.testing.assert_allclose(y[0], x.sum(), rtol=1e-4)

    def test_matmul(self):
        a, b, c = normal(40, 37), normal(37, 50), np.zeros((40, 50), np.float32)
        self.launch("matmul", (4, 3), (16, 16), [a, b, c, 40, 50, 37])
        np.testing.assert_allclose(c, a @ b, rtol=1e-4, atol=1e-5)

    def test_matmul_without_barrier(self):
        """The same text without its second barrier has a race."""
        lines = self.ptx.split("\n")
        first = next(n for n, line in enumerate(lines) if ".entry matmul" in line)
        barriers = [n for n, line in enumerate(lines) if n > first and "bar.sync" in line]
        del lines[barriers[1]]
        with self.assertRaises(emulator.Findings) as caught:
            emulator.launch("\n".join(lines), "matmul", (4, 3), (16, 16), [normal(40, 37), normal(37, 50), np.zeros((40, 50), np.float32), 40, 50, 37])
        self.assertEqual({f.kind for f in caught.exception.report.findings}, {"race-shared"})

    def test_histogram(self):
        x = RANDOM.integers(0, 256, 5000).astype(np.uint8)
        h = np.zeros(256, np.uint32)
        emulator.launch(self.ptx, "histogram", 3, 128, [x, h, x.size], shared_bytes=1024)
        np.testing.assert_array_equal(h, np.bincount(x, minlength=256))

    def test_recursion(self):
        y = np.zeros(40, np.int32)
        self.launch("recursive", 1, 40, [y])
        np.testing.assert_array_equal(y, np.array([0, 1, 1, 2, 3, 5, 8, 13] * 5))

    def test_structs(self):
        numbers = np.array([1, 2, 3, 4, 5, 6], np.float32)
        x, y = normal(32), np.zeros(32, np.float32)
        self.launch("structs", 1, 32, [numbers.tobytes() + np.int32(6).tobytes(), x, y])
        np.testing.assert_allclose(y, np.polyval(numbers, x.astype(np.float64)), rtol=1e-5, atol=1e-5)

    def test_halves(self):
        x, y = normal(64).astype(np.float16), np.zeros(64, np.float16)
        b = (np.arange(32, dtype=np.float32).view(np.uint32) >> 16).astype(np.uint16)
        c = np.zeros(32, np.uint16)
        self.launch("halves", 1, 32, [x, y, b, c, 32])
        np.testing.assert_array_equal(y, (x.astype(np.float64) ** 2 + 1).astype(np.float16))
        np.testing.assert_array_equal((c.astype(np.uint32) << 16).view(np.float32), np.arange(32) + 2.5)

    def test_local_array(self):
        index, y = RANDOM.integers(0, 100, 32).astype(np.int32), np.zeros(32, np.int32)
        self.launch("localarr", 1, 32, [index, y])
        for lane in range(32):
            t = [i * i + lane for i in range(16)]
            t[index[lane] & 15] = -1
            self.assertEqual(y[lane], sum(t[(i + index[lane]) & 15] * (i + 1) for i in range(16)))

    def test_last_block(self):
        """A fence and a ticket hand partial sums to the last block."""
        x = normal(64 * 9)
        for seed in range(4):
            part, y = np.zeros(9, np.float32), np.zeros(1, np.float32)
            emulator.launch(self.ptx, "lastblock", 9, 64, [x, part, y], seed=seed)
            np.testing.assert_allclose(y[0], x.sum(), rtol=1e-4, atol=1e-5)


class CommittedTest(Kernels, unittest.TestCase):
    ptx = (FOREIGN / "kernels.ptx").read_text()


@unittest.skipUnless(shutil.which("nvcc"), "nvcc is not on PATH")
class LiveTest(Kernels, unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.ptx = compile_cuda(FOREIGN / "kernels.cu", "sm_90", "-lineinfo")

    def test_maths(self):
        x, y, z = normal(100), np.zeros(100, np.float32), np.zeros(100)
        emulator.launch(compile_cuda(FOREIGN / "maths.cu"), "maths", 2, 64, [x, y, z, 100])
        wide = x.astype(np.float64)
        expected = [math.sin(v) + math.exp(-v * v) + math.log(1 + v * v) + math.pow(abs(v) + 0.1, 1.7) + math.erf(v) for v in wide]
        np.testing.assert_allclose(z, expected, rtol=1e-14, atol=1e-14)
        np.testing.assert_allclose(y, expected + np.tanh(wide) + np.cbrt(wide) + np.arctan2(wide, np.float64(np.float32(0.3))), rtol=1e-5, atol=1e-5)


class TritonTest(unittest.TestCase):
    """foreign/make_triton_ptx.py writes the texts; matmul is cp.async with mma.sync for sm_80, with wgmma for sm_90, and with TMA."""

    def launch(self, name: str, target: int, grid, arrays, sizes):
        text = (FOREIGN / f"triton_{name}_{target}.ptx").read_text()
        shared, warps = map(int, re.search(r"(\d+) bytes of shared memory, (\d+) warps", text).groups())
        declared = len(re.findall(rf"{name}_param_\d+$", text.split(")")[0].replace(",", ""), re.M))
        unused = [0] * (declared - len(arrays) - len(sizes))  # scratch memory, which these kernels have none of
        for seed in range(3):
            emulator.launch(text, name, grid, 32 * warps, [*arrays, *sizes, *unused], shared_bytes=shared, seed=seed)

    def test_add(self):
        for target in (80, 90):
            x, y, z = normal(1000), normal(1000), np.zeros(1000, np.float32)
            self.launch("add", target, 4, [x, y, z], [1000])
            np.testing.assert_array_equal(z, x + y)

    def test_softmax(self):
        for target in (80, 90):
            x, y = normal(5, 300), np.zeros((5, 300), np.float32)
            self.launch("softmax", target, 5, [x, y], [300])
            power = np.exp(x - x.max(1, keepdims=True))
            np.testing.assert_allclose(y, power / power.sum(1, keepdims=True), rtol=1e-5)

    def test_matmul(self):
        for target in (80, 90):
            a, b, c = normal(100, 96).astype(np.float16), normal(96, 90).astype(np.float16), np.zeros((100, 90), np.float32)
            self.launch("matmul", target, (2, 2), [a, b, c], [100, 90, 96])
            np.testing.assert_allclose(c, a.astype(np.float32) @ b.astype(np.float32), rtol=1e-5, atol=1e-5)


    def test_matmul_tma(self):
        m, n, k = 256, 128, 320
        a, b, c = normal(m, k).astype(np.float16), normal(n, k).astype(np.float16), np.zeros((m, n), np.float32)
        args = []
        for array, box in ((a, (128, 64)), (b, (64, 64)), (c, (128, 32))):
            args += [emulator.TensorMap(array, box, swizzle=128), *array.shape, array.shape[1], 1]
        text = (FOREIGN / "triton_matmul_tma_90.ptx").read_text()
        shared = int(re.search(r"(\d+) bytes of shared memory", text)[1])
        report = emulator.launch(text, "matmul_tma", (m // 128, n // 64), 128, [*args, k, 0, 0], shared_bytes=shared, on_finding="report")
        np.testing.assert_allclose(c, a.astype(np.float32) @ b.astype(np.float32).T, rtol=1e-4, atol=1e-3)
        # Triton initialises mbarriers without a fence for the async proxy; nothing else is wrong.
        self.assertEqual({finding.kind for finding in report.findings}, {"missing-proxy-fence"})
        self.assertTrue(all("initialisation" in finding.text for finding in report.findings))


if __name__ == "__main__":
    unittest.main()
