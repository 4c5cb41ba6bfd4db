"""Products and convolutions of bytes: every combination of signs and zero points, against exact arithmetic.

onnxruntime's own is no yardstick: on CPUs without VNNI it saturates sums of two products of unsigned and signed bytes. Its
convolutions of floats are one, as long as sums stay below 2^24.
"""

import itertools
import sys
import unittest
from pathlib import Path

import numpy as np
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import small_models
import tilewright as tw

TYPES = {np.int8: TensorProto.INT8, np.uint8: TensorProto.UINT8, np.int32: TensorProto.INT32, np.float32: TensorProto.FLOAT}
SIGNS = list(itertools.product((np.int8, np.uint8), repeat=2))


def numbers(generator, shape, dtype) -> np.ndarray:
    """The extremes are among them."""
    limits = np.iinfo(dtype)
    array = generator.integers(limits.min, limits.max + 1, shape).astype(dtype)
    array.flat[0], array.flat[-1] = limits.min, limits.max
    return array


class Case:
    """One node, some of its operands inputs and the others initializers."""

    def __init__(self, operator: str, operands: list[np.ndarray | None], result, fed=(0,), shapes=None, **attributes):
        names = ["" if array is None else f"i{n}" for n, array in enumerate(operands)]
        self.feeds = {names[n]: operands[n] for n in fed}
        shapes = shapes or {}
        self.model = small_models.model(
            [helper.make_node(operator, names, ["y"], **attributes)],
            [small_models.value(names[n], shapes.get(n, operands[n].shape), TYPES[operands[n].dtype.type]) for n in fed],
            [small_models.value("y", None, TYPES[result])],
            [numpy_helper.from_array(array, name) for n, (name, array) in enumerate(zip(names, operands))
             if array is not None and n not in fed])

    def reference(self) -> np.ndarray:
        return ReferenceEvaluator(self.model).run(None, self.feeds)[0]

    def run(self, **options) -> np.ndarray:
        return tw.compile(self.model, **options).run(self.feeds)["y"]


class BytesTest(unittest.TestCase):
    def setUp(self):
        self.generator = np.random.default_rng(7)

    def check(self, case: Case, expected: np.ndarray):
        for options in ({}, {"device": "emulator"}, {"target": "cpu,ptx", "device": "cpu"}):
            with self.subTest(**options):
                np.testing.assert_array_equal(case.run(**options), expected)

    def zeros(self, signs, shapes):
        return [None if shape is None else numbers(self.generator, shape, sign) if np.prod(shape) > 1 else
                np.full(shape, np.iinfo(sign).min + 55, sign) for sign, shape in zip(signs, shapes)]

    def test_matmul(self):
        """A scalar, one number per row and per column, and none."""
        for signs, shapes in zip(SIGNS, ((None, ()), ((), None), ((21,), (18,)), ((), (18,)))):
            a, b = numbers(self.generator, (21, 40), signs[0]), numbers(self.generator, (40, 18), signs[1])
            operands = [a, b, *self.zeros(signs, shapes)]
            with self.subTest(signs=signs, zeros=shapes):
                x, y = a.astype(np.int64), b.astype(np.int64)
                if operands[2] is not None:
                    x -= operands[2].astype(np.int64).reshape(-1, 1)
                if operands[3] is not None:
                    y -= operands[3].astype(np.int64)
                self.check(Case("MatMulInteger", operands, np.int32), (x @ y).astype(np.int32))

    def test_matmul_of_any_size(self):
        a, b = numbers(self.generator, (2, 9, 33), np.uint8), numbers(self.generator, (33, 17), np.int8)
        zero = np.array(255, np.uint8)
        case = Case("MatMulInteger", [a, b, zero], np.int32, fed=(0, 1), shapes={0: ["n", "m", "k"], 1: ["k", "c"]})
        self.check(case, (a.astype(np.int32) - 255) @ b.astype(np.int32))

    def test_vector(self):
        a, b = numbers(self.generator, (33,), np.uint8), numbers(self.generator, (33, 17), np.int8)
        case = Case("MatMulInteger", [a, b, np.array(3, np.uint8)], np.int32)
        self.check(case, ((a.astype(np.int32) - 3) @ b.astype(np.int32)))

    def test_quantized_matmul(self):
        for signs in SIGNS:
            a, b = numbers(self.generator, (20, 48), signs[0]), numbers(self.generator, (48, 17), signs[1])
            zeros = self.zeros((*signs, signs[0]), ((), (), ()))
            scales = [np.float32(s) for s in (0.02, 0.03, 0.5)]
            operands = [a, scales[0], zeros[0], b, scales[1], zeros[1], scales[2], zeros[2]]
            case = Case("QLinearMatMul", [np.asarray(o) for o in operands], signs[0])
            with self.subTest(signs=signs):
                self.check(case, case.reference())

    def test_conv(self):
        """Channels that fill no chunk, groups, borders that count as the zero point."""
        for (signs, zeros), attributes in itertools.product(
                zip(SIGNS, (((), None), (None, ()), ((), (18,)), ((), ()))),
                ({"pads": [1, 0, 2, 1]}, {"strides": [2, 1], "dilations": [1, 2]}, {"strides": [2, 1], "auto_pad": "SAME_UPPER"})):
            x, w = numbers(self.generator, (2, 5, 7, 8), signs[0]), numbers(self.generator, (18, 5, 3, 2), signs[1])
            operands = [x, w, *self.zeros(signs, zeros)]
            with self.subTest(signs=signs, zeros=zeros, **attributes):
                self.check(Case("ConvInteger", operands, np.int32, **attributes), self.convolution(operands, **attributes))

    @staticmethod
    def convolution(operands, **attributes) -> np.ndarray:
        x, w, p, q = (array if array is None else array.astype(np.float32) for array in [*operands, None, None][:4])
        if p is not None:
            x = x - p
        if q is not None:
            w = w - q.reshape(-1, 1, 1, 1)
        model = small_models.model([helper.make_node("Conv", ["x", "w"], ["y"], **attributes)],
                                   [small_models.value("x", x.shape), small_models.value("w", w.shape)],
                                   [small_models.value("y", None)])
        session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
        return session.run(None, {"x": x, "w": w})[0].astype(np.int32)

    def test_grouped_conv(self):
        for channels in (16, 3, 1):
            x = numbers(self.generator, (1, 2 * channels, 6, 5), np.uint8)
            w = numbers(self.generator, (20, channels, 3, 3), np.int8)
            operands, attributes = [x, w, np.array(9, np.uint8)], {"group": 2, "pads": [1, 1, 1, 1]}
            with self.subTest(channels=channels):
                self.check(Case("ConvInteger", operands, np.int32, **attributes), self.convolution(operands, **attributes))

    def test_quantized_conv(self):
        for signs, scale in ((SIGNS[2], np.linspace(0.01, 0.05, 12)), (SIGNS[3], np.array(0.03)), (SIGNS[0], np.array(0.02))):
            x, w = numbers(self.generator, (1, 8, 9, 7), signs[0]), numbers(self.generator, (12, 8, 3, 3), signs[1])
            zero = self.zeros((*signs, signs[0]), ((), (), ()))
            if scale.ndim:
                zero[1] = np.zeros(12, signs[1])
            bias = self.generator.integers(-1000, 1000, 12).astype(np.int32)
            scales = [np.array(0.02, np.float32), scale.astype(np.float32), np.array(0.7, np.float32)]
            operands = [x, scales[0], zero[0], w, scales[1], zero[1], scales[2], zero[2], bias]
            sums = self.convolution([x, w, *zero[:2]], pads=[1, 1, 1, 1]) + bias.reshape(-1, 1, 1)
            factors = scales[0] * scales[1].reshape((-1, 1, 1)[: 3 * scales[1].ndim]) / scales[2]
            limits = np.iinfo(signs[0])
            expected = np.clip(np.rint(sums.astype(np.float32) * factors) + zero[2], limits.min, limits.max).astype(signs[0])
            with self.subTest(signs=signs):
                self.check(Case("QLinearConv", operands, signs[0], pads=[1, 1, 1, 1]), expected)

    def test_tensor_cores(self):
        """Right results do not show how they were made."""
        a, b = numbers(self.generator, (64, 64), np.uint8), numbers(self.generator, (64, 64), np.int8)
        x, w = numbers(self.generator, (1, 16, 8, 8), np.int8), numbers(self.generator, (32, 16, 3, 3), np.int8)
        for case, least in ((Case("MatMulInteger", [a, b], np.int32), 64 * 64 * 64),
                            (Case("ConvInteger", [x, w], np.int32), 36 * 32 * 144)):
            model = tw.compile(case.model, device="emulator", profile=True)
            model.run(case.feeds)
            macs = sum(sum(kernel["tensor_macs"].values()) for kernel in model.counters())
            self.assertGreaterEqual(macs, least)


if __name__ == "__main__":
    unittest.main()
