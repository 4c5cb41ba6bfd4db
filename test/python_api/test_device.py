"""Devices from Python: choosing one, the emulator, and tensors in a GPU's memory through DLPack.

There is no GPU: build/test/unit/runtime/libfake-cuda.so stands for the driver. Its device memory is the host's, and kernels
are Python functions here.
"""

import ctypes
import os
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import numpy as np
from onnx import helper

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import small_models
import tilewright as tw
from tilewright import _core

FAKE_CUDA = Path(_core.__file__).parents[2] / "test/unit/runtime/libfake-cuda.so"
KERNEL = ctypes.CFUNCTYPE(None, ctypes.POINTER(ctypes.c_void_p), ctypes.c_uint32, ctypes.c_uint32)


class DLTensor(ctypes.Structure):
    """As dlpack.h has it."""

    _fields_ = [("data", ctypes.c_void_p), ("device_type", ctypes.c_int32), ("device_id", ctypes.c_int32),
                ("ndim", ctypes.c_int32), ("code", ctypes.c_uint8), ("bits", ctypes.c_uint8), ("lanes", ctypes.c_uint16),
                ("shape", ctypes.POINTER(ctypes.c_int64)), ("strides", ctypes.POINTER(ctypes.c_int64)),
                ("byte_offset", ctypes.c_uint64), ("context", ctypes.c_void_p), ("deleter", ctypes.c_void_p)]


NEW_CAPSULE = ctypes.pythonapi.PyCapsule_New
NEW_CAPSULE.restype, NEW_CAPSULE.argtypes = ctypes.py_object, [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p]
CAPSULE_POINTER = ctypes.pythonapi.PyCapsule_GetPointer
CAPSULE_POINTER.restype, CAPSULE_POINTER.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]


class GpuTensor:
    """A float32 tensor in the fake GPU's memory, as torch offers one."""

    def __init__(self, driver, values: np.ndarray, device: int = 0, strides: tuple[int, ...] | None = None):
        values = np.ascontiguousarray(values, np.float32)
        address = ctypes.c_uint64()
        assert driver.cuMemAlloc_v2(ctypes.byref(address), ctypes.c_size_t(max(values.nbytes, 1))) == 0
        ctypes.memmove(address.value, values.ctypes.data, values.nbytes)
        self.driver, self.address, self.device, self.streams = driver, address.value, device, []
        shape = (ctypes.c_int64 * values.ndim)(*values.shape)
        self.tensor = DLTensor(address.value, 2, device, values.ndim, 2, 32, 1, shape,
                               (ctypes.c_int64 * values.ndim)(*strides) if strides else None)

    def __dlpack__(self, stream=None):
        self.streams.append(stream)
        return NEW_CAPSULE(ctypes.addressof(self.tensor), b"dltensor", None)

    def __dlpack_device__(self):
        return 2, self.device

    def __del__(self):
        self.driver.cuMemFree_v2(ctypes.c_uint64(self.address))


def values_of(array: tw.DeviceArray) -> np.ndarray:
    """What a user of the array's DLPack sees."""
    capsule = array.__dlpack__()
    tensor = DLTensor.from_address(CAPSULE_POINTER(capsule, b"dltensor"))
    assert (tensor.device_type, tensor.code, tensor.bits, tensor.lanes) == (2, 2, 32, 1)
    shape = tensor.shape[:tensor.ndim]
    data = ctypes.string_at(tensor.data, int(np.prod(shape)) * 4)
    return np.frombuffer(data, np.float32).reshape(shape)


class FakeGpuTest(unittest.TestCase):
    """z = x + y, both [n, 3]."""

    def setUp(self):
        self.enterContext(mock.patch.dict(os.environ, TILEWRIGHT_LIBCUDA=str(FAKE_CUDA)))
        self.driver = ctypes.CDLL(str(FAKE_CUDA))
        self.driver.fake_cuda_log.restype = ctypes.c_char_p
        self.driver.fake_cuda_reset()
        self.model = tw.compile(small_models.add(), device="cuda")
        name = f"{self.model.metadata['kernels'][0]}_sm_80_p0"
        self.kernel = KERNEL(self.add)
        self.driver.fake_cuda_define(name.encode(), 3, self.kernel)
        self.rows = 2

    def add(self, parameters, blocks, threads):
        x, y, z = (ctypes.cast(ctypes.cast(parameters[i], ctypes.POINTER(ctypes.c_void_p))[0],
                               ctypes.POINTER(ctypes.c_float)) for i in range(3))
        for i in range(self.rows * 3):
            z[i] = x[i] + y[i]

    def gpu(self, value: float, **options) -> GpuTensor:
        return GpuTensor(self.driver, np.full((2, 3), value), **options)

    def test_device(self):
        self.assertEqual(self.model.device, "cuda:0 (Fake GPU, sm_90)")
        self.assertIsNone(self.model.counters())

    def test_arrays(self):
        found = self.model.run([np.full((2, 3), 1, np.float32), np.full((2, 3), 2, np.float32)])
        np.testing.assert_array_equal(found["z"], np.full((2, 3), 3))

    def test_tensors_in_and_out(self):
        x, y = self.gpu(1), self.gpu(2)
        found = self.model.run({"x": x, "y": y})["z"]
        self.assertEqual((found.shape, found.dtype, found.__dlpack_device__()), ((2, 3), np.dtype("float32"), (2, 0)))
        np.testing.assert_array_equal(values_of(found), np.full((2, 3), 3))
        self.assertEqual((x.streams, y.streams), ([1], [1]))
        log = self.driver.fake_cuda_log().decode()
        self.assertNotIn("load 24", log)  # neither upload nor download
        self.assertIn("cuda:0", repr(found))

    def test_a_tensor_and_an_array(self):
        found = self.model.run([self.gpu(1), np.full((2, 3), 4, np.float32)])["z"]
        np.testing.assert_array_equal(values_of(found), np.full((2, 3), 5))

    def test_outputs_outlive_the_next_run_and_the_model(self):
        first = self.model.run([self.gpu(1), self.gpu(2)])["z"]
        second = self.model.run([self.gpu(10), self.gpu(20)])["z"]
        self.model = None
        np.testing.assert_array_equal(values_of(first), np.full((2, 3), 3))
        np.testing.assert_array_equal(values_of(second), np.full((2, 3), 30))

    def test_outputs_are_inputs(self):
        first = self.model.run([self.gpu(1), self.gpu(2)])["z"]
        second = self.model.run([first, first])["z"]
        np.testing.assert_array_equal(values_of(second), np.full((2, 3), 6))

    def test_what_does_not_fit(self):
        for tensor, message in ((self.gpu(1, device=1), "'x': expected a tensor on cuda:0, .* found one on cuda:1"),
                                (self.gpu(1, strides=(1, 2)), "'x': expected a contiguous tensor"),
                                (GpuTensor(self.driver, np.ones(3)), r"'x': expected shape \[n, 3\], found \[3\]")):
            with self.assertRaisesRegex(tw.UserError, message):
                self.model.run([tensor, self.gpu(1)])

    def test_a_model_on_the_cpu(self):
        model = tw.compile(small_models.add())
        with self.assertRaisesRegex(tw.UserError, "expected memory of the host, since the model runs on the CPU"):
            model.run([self.gpu(1), self.gpu(2)])


class ChoiceTest(unittest.TestCase):
    def test_unknown(self):
        with self.assertRaisesRegex(tw.UserError, "device: expected cpu, cuda, cuda:N, emulator or auto, found 'gpu'"):
            tw.compile(small_models.add(), device="gpu")
        with self.assertRaisesRegex(tw.UserError, "target: expected 'cpu', 'ptx', .* found 'gpu'"):
            tw.compile(small_models.add(), target="gpu")

    def test_no_code_for_it(self):
        with self.assertRaisesRegex(tw.UserError, "holds no code for device 'emulator'"):
            tw.compile(small_models.add(), target="cpu", device="emulator")
        with self.assertRaisesRegex(tw.UserError, "holds no code for device 'cpu', only PTX"):
            tw.compile(small_models.add(), target="ptx", device="cpu")

    def test_auto(self):
        with mock.patch.dict(os.environ, TILEWRIGHT_LIBCUDA="/nonexistent"):
            model = tw.compile(small_models.add(), target="cpu,ptx", device="auto")
        self.assertEqual(model.device, "cpu")
        self.assertIn("no CUDA driver", model.device_reason)


class EmulatorTest(unittest.TestCase):
    def test_run_and_count(self):
        model = tw.compile(small_models.add(), device="emulator")
        self.assertEqual(model.device, "emulator")
        found = model.run([np.full((5, 3), 1, np.float32), np.full((5, 3), 2, np.float32)])
        np.testing.assert_array_equal(found["z"], np.full((5, 3), 3))
        self.assertEqual(len(model.counters()), 1)

    def test_one_file_for_both(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "both.so"
            tw.compile(small_models.add(), target="cpu,ptx").save(path)
            for device in ("cpu", "emulator"):
                found = tw.load(path, device=device).run([np.ones((4, 3), np.float32)] * 2)
                np.testing.assert_array_equal(found["z"], np.full((4, 3), 2))


class FastMathTest(unittest.TestCase):
    def test_approximate(self):
        graph = small_models.model([helper.make_node("Tanh", ["x"], ["y"])], [small_models.value("x", [4])],
                                   [small_models.value("y", [4])])
        x = np.array([0.25, -0.5, 1.5, 20], np.float32)
        accurate = tw.compile(graph, device="emulator").run({"x": x})["y"]
        fast = tw.compile(graph, device="emulator", fast_math=True).run({"x": x})["y"]
        np.testing.assert_allclose(accurate, np.tanh(x), rtol=1e-6)
        np.testing.assert_allclose(fast, np.tanh(x), rtol=1e-3)
        self.assertFalse(np.array_equal(accurate, fast))

    def test_cpu(self):
        with self.assertRaisesRegex(tw.UserError, "fast-math: expected a target with 'ptx', found 'cpu'"):
            tw.compile(small_models.add(), fast_math=True)


class Tf32Test(unittest.TestCase):
    def test_products(self):
        generator = np.random.default_rng(3)
        a, b = (generator.standard_normal(shape).astype(np.float32) for shape in ((70, 45), (45, 50)))
        graph = small_models.model([helper.make_node("MatMul", ["a", "b"], ["y"])],
                                   [small_models.value("a", a.shape), small_models.value("b", b.shape)],
                                   [small_models.value("y", [70, 50])])
        exact = a.astype(np.float64) @ b
        full = tw.compile(graph, device="emulator").run({"a": a, "b": b})["y"]
        rounded = tw.compile(graph, device="emulator", allow_tf32=True).run({"a": a, "b": b})["y"]
        # Each operand is off by at most one in 2^11 of itself.
        bound = np.abs(a) @ np.abs(b) * 2.0**-10
        np.testing.assert_allclose(full, exact, rtol=0, atol=1e-5)
        self.assertTrue((np.abs(rounded - exact) <= bound).all())
        self.assertGreater(np.abs(rounded - exact).max(), 1e-4)

    def test_cpu(self):
        with self.assertRaisesRegex(tw.UserError, "allow-tf32: expected a target with 'ptx', found 'cpu'"):
            tw.compile(small_models.add(), allow_tf32=True)


if __name__ == "__main__":
    unittest.main()
