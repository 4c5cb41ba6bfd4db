"""The Python API: compile, load, run, save; arrays, errors, threads."""

import sys
import tempfile
import threading
import unittest
from pathlib import Path

import ml_dtypes
import numpy as np
import onnx
from onnx import TensorProto

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import small_models
import tilewright as tw


def ones(*shape: int) -> np.ndarray:
    return np.ones(shape, np.float32)


class CompileTest(unittest.TestCase):
    def test_sources(self):
        model = small_models.add()
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "add.onnx"
            onnx.save(model, path)
            for source in (path, str(path), model, model.SerializeToString()):
                with self.subTest(type(source).__name__):
                    found = tw.compile(source).run([ones(2, 3), ones(2, 3)])
                    np.testing.assert_array_equal(found["z"], np.full((2, 3), 2))

    def test_signature(self):
        model = tw.compile(small_models.add())
        self.assertEqual(model.inputs, (tw.Value("x", np.dtype("float32"), ("n", 3)), tw.Value("y", np.dtype("float32"), ("n", 3))))
        self.assertEqual(model.outputs, (tw.Value("z", np.dtype("float32"), ("n", 3)),))
        self.assertEqual(model.metadata["opsets"], {"ai.onnx": 20})
        self.assertEqual(len(model.metadata["source_sha256"]), 64)
        self.assertIn("x: float32", repr(model))

    def test_dims(self):
        model = tw.compile(small_models.add(), dims={"n": 4})
        self.assertEqual(model.inputs[0].shape, (4, 3))

    def test_options(self):
        with tempfile.TemporaryDirectory() as folder:
            model = tw.compile(small_models.add(), cpu="x86-64-v2", conv="direct", threads=1, timing=True, dump_ir="all",
                               dump_dir=folder)
            self.assertTrue(list(Path(folder).iterdir()))
        self.assertIn("import", [stage.name for stage in model.stages])
        self.assertEqual(model.threads, 1)

    def test_profile(self):
        model = tw.compile(small_models.add(), profile=True)
        for _ in range(3):
            model.run([ones(2, 3), ones(2, 3)])
        self.assertEqual({node.name: node.calls for node in model.profile()}["sum"], 3)

    def test_user_errors(self):
        for source, says in (("missing.onnx", "missing.onnx"), (b"no model", "model"), (b"", "none"), (3, "int"),
                             (small_models.contradiction(), "product"), (small_models.unknown_operator(), "odd")):
            with self.subTest(says), self.assertRaisesRegex(tw.UserError, says):
                tw.compile(source)
        with self.assertRaisesRegex(tw.UserError, "batch"):
            tw.compile(small_models.add(), dims={"batch": 2})
        for options in ({"cpu": "z80"}, {"conv": "z80"}, {"target": "z80"}):
            with self.subTest(options), self.assertRaisesRegex(tw.UserError, "z80"):
                tw.compile(small_models.add(), **options)
        self.assertTrue(issubclass(tw.UserError, ValueError) and issubclass(tw.CompilerBug, RuntimeError))


class SaveTest(unittest.TestCase):
    def test_saved_models_load(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "scale.so"
            tw.compile(small_models.scale()).save(path)
            self.assertEqual([entry.name for entry in Path(folder).iterdir()], ["scale.so"])
            found = tw.load(path, threads=1).run([ones(2, 1024)])["y"]
        np.testing.assert_array_equal(found[1], np.arange(1024))

    def test_errors(self):
        model = tw.compile(small_models.add())
        with self.assertRaisesRegex(tw.UserError, "missing/add.so"):
            model.save("missing/add.so")
        for path in ("missing.so", __file__, sys.executable):
            with self.subTest(path), self.assertRaisesRegex(tw.UserError, Path(path).name):
                tw.load(path)


class RunTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.model = tw.compile(small_models.add())

    def test_outputs_are_the_callers_own(self):
        first = self.model.run([ones(2, 3), ones(2, 3)])["z"]
        self.model.run([5 * ones(2, 3), ones(2, 3)])
        np.testing.assert_array_equal(first, np.full((2, 3), 2))
        first[0, 0] = 7  # and writable

    def test_views_are_copied_once(self):
        x = np.arange(24, dtype=np.float32).reshape(3, 8).T
        found = self.model.run({"x": x[::2], "y": x[::2]})["z"]
        np.testing.assert_array_equal(found, 2 * x[::2])

    def test_read_only_inputs_and_lists(self):
        x = ones(1, 3)
        x.flags.writeable = False
        np.testing.assert_array_equal(self.model.run([x, [[1, 2, 3]]])["z"], [[2, 3, 4]])

    def test_empty(self):
        self.assertEqual(self.model.run([ones(0, 3), ones(0, 3)])["z"].shape, (0, 3))

    def test_scalars(self):
        found = tw.compile(small_models.relu([])).run([np.float32(-2)])["y"]
        self.assertEqual((found.shape, found.dtype, float(found)), ((), np.float32, 0.0))

    def test_dlpack(self):
        class Foreign:
            def __init__(self, array):
                self.array = array

            def __dlpack__(self, **keywords):
                return self.array.__dlpack__(**keywords)

            def __dlpack_device__(self):
                return self.array.__dlpack_device__()

        np.testing.assert_array_equal(self.model.run([Foreign(ones(2, 3)), ones(2, 3)])["z"], np.full((2, 3), 2))

    def test_errors_name_the_input(self):
        good = ones(2, 3)
        for inputs, says in (({"x": good}, r"\['x', 'y'\]"), ({"x": good, "y": good, "w": good}, "'w'"),
                             ([good], "2 inputs"), (good, "ndarray"),
                             ({"x": good.astype(np.float64), "y": good}, "'x': expected float32, found float64"),
                             ({"x": ones(2, 4), "y": good}, "'x': expected shape"),
                             ({"x": good, "y": ones(5, 3)}, "'y'.*expected 2.*found 5"),
                             ({"x": good, "y": "text"}, "'y'"), ({"x": good, "y": None}, "'y'")):
            with self.subTest(says), self.assertRaisesRegex(tw.UserError, says):
                self.model.run(inputs)

    def test_many_threads(self):
        failures = []

        def work(number: int) -> None:
            for _ in range(50):
                x = np.full((number + 1, 3), number, np.float32)
                if not np.array_equal(self.model.run([x, x])["z"], 2 * x):
                    failures.append(number)

        threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(failures, [])

    def test_other_threads_run_meanwhile(self):
        """compile gives the interpreter's lock away."""
        ticks = 0
        done = threading.Event()

        def compile_models() -> None:
            for size in range(3):
                tw.compile(small_models.relu(["n", 7 + size]))
            done.set()

        thread = threading.Thread(target=compile_models)
        thread.start()
        while not done.wait(0.001):
            ticks += 1
        thread.join()
        self.assertGreater(ticks, 5)


class DtypeTest(unittest.TestCase):
    TYPES = {TensorProto.FLOAT: np.float32, TensorProto.DOUBLE: np.float64, TensorProto.FLOAT16: np.float16,
             TensorProto.BOOL: np.bool_, TensorProto.INT8: np.int8, TensorProto.UINT16: np.uint16,
             TensorProto.INT64: np.int64, TensorProto.BFLOAT16: ml_dtypes.bfloat16,
             TensorProto.FLOAT8E4M3FN: ml_dtypes.float8_e4m3fn, TensorProto.INT4: ml_dtypes.int4,
             TensorProto.UINT4: ml_dtypes.uint4}

    def test_identity(self):
        for number, dtype in self.TYPES.items():
            with self.subTest(np.dtype(dtype).name):
                x = np.array([[0, 1], [1, 0]]).astype(dtype)
                model = tw.compile(small_models.identity([2, 2], number))
                found = model.run([x])["y"]
                self.assertEqual(model.inputs[0].dtype, np.dtype(dtype))
                self.assertEqual(found.dtype, np.dtype(dtype))
                np.testing.assert_array_equal(found, x)

    def test_negative_int4(self):
        x = np.array([-8, -1, 7]).astype(ml_dtypes.int4)
        found = tw.compile(small_models.identity([3], TensorProto.INT4)).run([x])["y"]
        np.testing.assert_array_equal(found, x)


class OnnxBackendTest(unittest.TestCase):
    def test_prepare_and_run(self):
        import tilewright.onnx_backend as backend
        self.assertTrue(backend.supports_device("CPU"))
        self.assertFalse(backend.supports_device("CUDA:0"))
        found = backend.prepare(small_models.add(), "CPU").run([ones(2, 3), ones(2, 3)])
        np.testing.assert_array_equal(found.z, np.full((2, 3), 2))
        self.assertFalse(backend.is_compatible(small_models.contradiction()))


class BenchTest(unittest.TestCase):
    def test_a_failing_engine_says_why(self):
        from tilewright import bench
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "model.onnx"
            onnx.save(small_models.contradiction(), path)
            settings = [bench.Setting("ours", "tilewright")]
            result = bench.measure(path, {"x": ones(2, 3), "y": ones(4, 5)}, settings, threads=1, iterations=1)["ours"]
        self.assertIn("product", result.error)


if __name__ == "__main__":
    unittest.main()
