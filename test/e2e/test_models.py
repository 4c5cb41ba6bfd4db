"""Real models, compiled once with symbolic dims and run at two sizes: equal to onnxruntime within 1e-4 of the largest
value."""

import sys
import unittest
from pathlib import Path

import numpy as np
import onnxruntime

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import models
import tilewright

TOLERANCE = 1e-4


def expected_outputs(sized: models.Sized) -> dict[str, np.ndarray]:
    session = onnxruntime.InferenceSession(sized.model, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(names, sized.inputs)))


def relative_error(found: np.ndarray, expected: np.ndarray) -> float:
    return float(np.abs(found - expected).max() / np.abs(expected).max())


class ModelTest(unittest.TestCase):
    def check_outputs(self, compiled, sized: models.Sized) -> None:
        found = compiled.run(sized.inputs)
        for name, expected in expected_outputs(sized).items():
            self.assertEqual(found[name].shape, expected.shape, name)
            self.assertLessEqual(relative_error(found[name], expected), TOLERANCE, name)

    def check_model(self, name: str) -> None:
        one, other = models.sized(name)
        compiled = tilewright.compile(one.model)
        for sized in (one, other, one):  # back to the first size: nothing of the second may stay
            with self.subTest(size=sized.size):
                self.check_outputs(compiled, sized)


def add_model_test(name: str) -> None:
    setattr(ModelTest, f"test_{name}", lambda self: self.check_model(name))


for model_name in [*models.OCR, *models.LIGHT]:
    add_model_test(model_name)


class EmulatedTest(unittest.TestCase):
    """The same models as PTX on the emulator, which finds no fault in their kernels, at sizes that it does in seconds."""

    def check_model(self, sized: models.Sized) -> None:
        found = tilewright.compile(sized.model, device="emulator").run(sized.inputs)
        for name, expected in expected_outputs(sized).items():
            self.assertLessEqual(relative_error(found[name], expected), TOLERANCE, name)

    def test_ocr_cls(self):
        self.check_model(models.sized("ocr_cls")[0])

    def test_squeezenet(self):
        path = models.light_model("squeezenet")
        self.check_model(models.Sized("squeezenet", path, "1x64x64", {"data_0": models.light_input(1, 64, 64)}, {}))


class SameBitsTest(unittest.TestCase):
    """The same bits on every run and at every thread count."""

    def test_thread_counts(self):
        sized = models.sized("ocr_rec")[1]
        runs = [tilewright.compile(sized.model, threads=threads).run(sized.inputs) for threads in (1, 2, 3, 2)]
        for run in runs[1:]:
            for name, expected in runs[0].items():
                np.testing.assert_array_equal(run[name], expected)


class FixedDimsTest(unittest.TestCase):
    """dims={symbol: size} compiles for one size."""

    def test_fixed_size(self):
        sized = models.sized("squeezenet")[1]
        compiled = tilewright.compile(sized.model, dims=sized.dims)
        found, = compiled.run(sized.inputs).values()
        expected, = expected_outputs(sized).values()
        self.assertLessEqual(relative_error(found, expected), TOLERANCE)


if __name__ == "__main__":
    unittest.main()
