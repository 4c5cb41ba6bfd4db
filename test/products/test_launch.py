"""Which blocks a launch picks for a product on sm_90a, and the tensor maps that the driver is asked for.

There is no GPU: build/test/unit/runtime/libfake-cuda.so stands for the driver of an sm_90 GPU, and kernels are Python functions.
"""

import ctypes
import os
import re
import sys
import unittest
from pathlib import Path
from unittest import mock

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "python_api"))

from products import Product
from test_device import FAKE_CUDA, KERNEL, NEW_CAPSULE, DLTensor

import tilewright as tw


class HalfTensor:
    """A float16 tensor of ones in the fake GPU's memory, `offset` bytes from where an allocation starts."""

    def __init__(self, driver, shape: tuple[int, ...], offset: int):
        address, size = ctypes.c_uint64(), 2 * int(np.prod(shape))
        assert driver.cuMemAlloc_v2(ctypes.byref(address), ctypes.c_size_t(size + offset)) == 0
        ones = np.ones(shape, np.float16)
        ctypes.memmove(address.value + offset, ones.ctypes.data, size)
        self.driver, self.address = driver, address.value
        self.shape = (ctypes.c_int64 * len(shape))(*shape)
        self.tensor = DLTensor(address.value + offset, 2, 0, len(shape), 2, 16, 1, self.shape, None)

    def __dlpack__(self, stream=None):
        return NEW_CAPSULE(ctypes.addressof(self.tensor), b"dltensor", None)

    def __dlpack_device__(self):
        return 2, 0

    def __del__(self):
        self.driver.cuMemFree_v2(ctypes.c_uint64(self.address))


class LaunchTest(unittest.TestCase):
    def setUp(self):
        self.enterContext(mock.patch.dict(os.environ, TILEWRIGHT_LIBCUDA=str(FAKE_CUDA)))
        self.driver = ctypes.CDLL(str(FAKE_CUDA))
        self.driver.fake_cuda_log.restype = ctypes.c_char_p
        self.driver.fake_cuda_reset()
        self.nothing = KERNEL(lambda parameters, blocks, threads: None)

    def launched(self, m: int, n: int, k: int, offset: int = 0, dynamic: bool = False) -> tuple[list[int], list[str]]:
        """The parts that a product launches, and the tensor maps that it asks for."""
        product = Product(m, n, k, dynamic=dynamic)
        operands = product.operands()
        model = tw.compile(product.model(operands), target="ptx:sm_90a", device="cuda")
        name = f"{model.metadata['kernels'][0]}_sm_90a"
        for part in (0, 1):
            self.driver.fake_cuda_define(f"{name}_p{part}".encode(), 1, self.nothing)
        before = len(self.driver.fake_cuda_log())
        model.run({name: HalfTensor(self.driver, array.shape, offset) for name, array in operands.items()})
        said = self.driver.fake_cuda_log()[before:].decode()
        return [int(part) for part in re.findall(rf"launch {name}_p(\d)", said)], re.findall(r"map (.*)", said)

    def test_aligned(self):
        maps = ["type 6 rank 2 dims 64x128 stride 128 box 64x64 swizzle 3", "type 6 rank 2 dims 72x64 stride 144 box 32x64 swizzle 2"]
        self.assertEqual(self.launched(128, 72, 64), ([0], maps))
        self.assertEqual(self.launched(128, 72, 64, offset=16), ([0], maps))
        # Tiles of 128 x 128.
        wide = [maps[0].replace("box 64x64", "box 64x128"), maps[1].replace("box 32x64 swizzle 2", "box 64x64 swizzle 3")]
        self.assertEqual(self.launched(128, 72, 64, dynamic=True), ([0], wide))

    def test_addresses_between_multiples_of_16_bytes(self):
        for offset in (2, 8):
            self.assertEqual(self.launched(64, 64, 64, offset=offset), ([1], []))
            self.assertEqual(self.launched(64, 64, 64, offset=offset, dynamic=True), ([1], []))

    def test_rows_that_are_no_multiples_of_16_bytes(self):
        """Known while compiling, there is one part, without tensor maps."""
        self.assertEqual(self.launched(64, 64, 68), ([0], []))
        self.assertEqual(self.launched(64, 64, 68, dynamic=True), ([1], []))
        self.assertEqual(self.launched(64, 68, 64, dynamic=True), ([1], []))


if __name__ == "__main__":
    unittest.main()
