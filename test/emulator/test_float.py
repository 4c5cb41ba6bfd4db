"""Floating-point instructions: exact where IEEE says so, to a tolerance where the manual gives one."""

import unittest

import cases_float as cases
import numpy as np
from kernels import lanes
from rounding import encode


def run(name: str, inputs, dtype, **more) -> np.ndarray:
    names = "abc"[:len(inputs)]
    operands = ", ".join(f"%{n}" for n in names)
    return lanes(f"{name} %d, {operands};", {"d": dtype}, **dict(zip(names, inputs)), **more)


class FloatTest(unittest.TestCase):
    def test_rounding(self):
        for name, inputs, expected in cases.arithmetic():
            with self.subTest(name):
                found = run(name, inputs, inputs[0].dtype).view(np.uint32 if name.endswith("f32") else np.uint64)
                for n, bits in enumerate(expected):
                    if bits is not None:
                        self.assertEqual(hex(found[n]), hex(bits), f"lane {n}: {[float(a[n]) for a in inputs]}")

    def test_approximate(self):
        values = np.array([0.5, 1.0, 3.0, 7.5, 0.1, 1.5, 2.75, 12.0])
        for name, (function, tolerance) in cases.APPROXIMATE.items():
            with self.subTest(name):
                a = values.astype(np.float32 if name.endswith("f32") else np.float64)
                inputs = (a, a[::-1].copy()) if name.startswith("div") else (a,)
                found = run(name, inputs, a.dtype)[:8]
                np.testing.assert_allclose(found, function(*(i.astype(np.float64) for i in inputs)), rtol=tolerance, atol=tolerance)

    def test_halves(self):
        for name, inputs, low, high in cases.halves():
            with self.subTest(name):
                found = run(name, inputs, inputs[0].dtype)
                for n, (a, b) in enumerate(zip(low, high or low)):
                    if a is not None:
                        self.assertEqual(hex(int(found[n]) & 0xFFFF), hex(a), f"lane {n}")
                    if high and b is not None:
                        self.assertEqual(hex(int(found[n]) >> 16), hex(b), f"lane {n}, upper half")

    def test_half_functions(self):
        values = [0.5, 1.0, -1.5, 2.0]
        for type_ in ("f16", "bf16"):
            bits = np.array([encode(cases.Fraction(v), type_) for v in values], np.uint16)
            for op, function in (("ex2.approx", np.exp2), ("tanh.approx", np.tanh)):
                name = f"{op}{'.ftz' if type_ == 'bf16' and op[0] == 'e' else ''}.{type_}"
                with self.subTest(name):
                    expected = [float(cases.decode(encode(cases.Fraction(float(function(v))), type_), type_)) for v in values]
                    found = [float(cases.decode(int(b), type_)) for b in run(name, [bits], np.dtype(np.uint16))[:4]]
                    np.testing.assert_allclose(found, expected, rtol=0.01)
                    word = bits.astype(np.uint32) * 0x10001
                    pair = run(name + "x2", [word], np.dtype(np.uint32))
                    np.testing.assert_array_equal(pair & 0xFFFF, pair >> 16)

    def test_extremes(self):
        for flags in ("", ".NaN", ".xorsign.abs", ".NaN.xorsign.abs", ".ftz", ".ftz.NaN"):
            for op in ("min", "max"):
                with self.subTest(op + flags):
                    a, b = cases.SPECIAL_A, cases.SPECIAL_B
                    found = run(f"{op}{flags}.f32", (a, b), a.dtype)
                    if "ftz" in flags:
                        a, b = (np.where(abs(v) < 1e-38, np.copysign(np.float32(0), v), v) for v in (a, b))
                    expected = [cases.extreme(float(x), float(y), op == "max", "NaN" in flags, "xor" in flags) for x, y in zip(a, b)]
                    expected = np.array(expected, np.float32)
                    np.testing.assert_array_equal(found[:len(a)], expected)
                    numbers = ~np.isnan(expected)
                    np.testing.assert_array_equal(np.signbit(found[:len(a)])[numbers], np.signbit(expected)[numbers])
                    self.assertTrue((found[:len(a)].view(np.uint32)[~numbers] == 0x7FFFFFFF).all())

    def test_extremes_of_other_types(self):
        for op in ("min", "max"):
            a, b = cases.SPECIAL_A.astype(np.float64), cases.SPECIAL_B.astype(np.float64)
            expected = [cases.extreme(x, y, op == "max", False, False) for x, y in zip(a, b)]
            np.testing.assert_array_equal(run(f"{op}.f64", (a, b), a.dtype)[:len(a)], expected)
            half = a.astype(np.float16), b.astype(np.float16)
            for flags in ("", ".NaN", ".xorsign.abs", ".ftz"):
                kept = slice(0, 9) if flags == ".ftz" else slice(None)
                expected = [cases.extreme(float(x), float(y), op == "max", "NaN" in flags, "xor" in flags) for x, y in zip(*half)]
                words = [h.view(np.uint16) for h in half]
                found = run(f"{op}{flags}.f16", words, np.dtype(np.uint16)).view(np.float16)
                np.testing.assert_array_equal(found[:len(a)][kept], np.array(expected, np.float16)[kept])
                pairs = [w.astype(np.uint32) * 0x10001 for w in words]
                np.testing.assert_array_equal(run(f"{op}{flags}.f16x2", pairs, np.dtype(np.uint32)) >> 16, found.view(np.uint16))
                if flags != ".ftz":
                    brain = [(v.view(np.uint32) >> 16).astype(np.uint16) for v in (cases.SPECIAL_A, cases.SPECIAL_B)]
                    found = run(f"{op}{flags}.bf16", brain, np.dtype(np.uint16)).astype(np.uint32) << 16
                    values = [(v.astype(np.uint32) << 16).view(np.float32) for v in brain]
                    expected = [cases.extreme(float(x), float(y), op == "max", "NaN" in flags, "xor" in flags) for x, y in zip(*values)]
                    np.testing.assert_array_equal(found.view(np.float32)[:len(a)], np.array(expected, np.float32))
                    pairs = [w.astype(np.uint32) * 0x10001 for w in brain]
                    np.testing.assert_array_equal(run(f"{op}{flags}.bf16x2", pairs, np.dtype(np.uint32)) & 0xFFFF, found >> 16)

    def test_signs(self):
        values = np.array([1.5, -2.0, 0.0, -0.0, np.inf, 1e-40], np.float32)
        for name, function in (("abs", np.abs), ("neg", np.negative)):
            np.testing.assert_array_equal(run(f"{name}.f32", (values,), values.dtype)[:6].view(np.uint32), function(values).view(np.uint32))
            flushed = function(np.where(abs(values) < 1e-38, np.copysign(np.float32(0), values), values))
            np.testing.assert_array_equal(run(f"{name}.ftz.f32", (values,), values.dtype)[:6].view(np.uint32), flushed.view(np.uint32))
            wide = values.astype(np.float64)
            np.testing.assert_array_equal(run(f"{name}.f64", (wide,), wide.dtype)[:6].view(np.uint64), function(wide).view(np.uint64))
            half = np.array([0x3C00, 0xC000, 0x0001, 0x8000], np.uint16)
            expected = half & 0x7FFF if name == "abs" else half ^ 0x8000
            for type_ in ("f16", "bf16"):
                np.testing.assert_array_equal(run(f"{name}.{type_}", (half,), half.dtype)[:4], expected)
                pair = run(f"{name}.{type_}x2", (half.astype(np.uint32) * 0x10001,), np.dtype(np.uint32))[:4]
                np.testing.assert_array_equal(pair, expected.astype(np.uint32) * 0x10001)
            zero = [0, 0x8000, 0, 0x8000]
            expected[2] = expected[2] & 0x8000
            np.testing.assert_array_equal(run(f"{name}.ftz.f16", (half,), half.dtype)[:4], expected, str(zero))
        magnitudes, signs = np.array([1.0, 2.0, -3.0], np.float32), np.array([-5.0, 5.0, -1.0], np.float32)
        np.testing.assert_array_equal(run("copysign.f32", (signs, magnitudes), signs.dtype)[:3], np.copysign(magnitudes, signs))
        signs, magnitudes = signs.astype(np.float64), magnitudes.astype(np.float64)
        np.testing.assert_array_equal(run("copysign.f64", (signs, magnitudes), signs.dtype)[:3], np.copysign(magnitudes, signs))

    def test_testp(self):
        tiny = {np.float32: 1e-40, np.float64: 1e-310}
        for dtype, name in ((np.float32, "f32"), (np.float64, "f64")):
            a = np.array([1.0, 0.0, np.inf, -np.inf, np.nan, tiny[dtype]], dtype)
            answers = {"finite": np.isfinite(a), "infinite": np.isinf(a), "number": ~np.isnan(a), "notanumber": np.isnan(a),
                       "normal": [True, False, False, False, False, False], "subnormal": [False] * 5 + [True]}
            for test, expected in answers.items():
                with self.subTest(f"testp.{test}.{name}"):
                    np.testing.assert_array_equal(run(f"testp.{test}.{name}", (a,), np.dtype(bool))[:6], expected)


if __name__ == "__main__":
    unittest.main()
