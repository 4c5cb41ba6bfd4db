"""cvt: every pair of types, rounding, saturation, packed forms."""

import itertools
import math
import unittest
from fractions import Fraction

import numpy as np
from kernels import lanes
from rounding import decode, encode

INTEGERS = ("u8", "s8", "u16", "s16", "u32", "s32", "u64", "s64")
FLOATS = ("f16", "bf16", "f32", "f64")
WIDTH = {"f16": 16, "bf16": 16, "f32": 32, "f64": 64}
VALUES = {
    8: [0, 1, 127, 128, 255, 200, 3, 100], 16: [0, 1, 0x7FFF, 0x8000, 0xFFFF, 300, 127, 128],
    32: [0, 1, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 16777217, 33554435, 70000],
    64: [0, 1, 2**63 - 1, 2**63, 2**64 - 1, 2**53 + 1, 2**40 + 12345, 0xFFFFFFFF80000080],
}
REALS = [0.0, 1.5, -2.5, 3.49, -0.5, 255.5, -70000.25, 1e10, -3e19, 2.5, 65519.9, -1e-3]


def width(type_: str) -> int:
    return WIDTH.get(type_) or int(type_[1:])


def storage(type_: str) -> np.dtype:
    return np.dtype(f"u{max(1, width(type_) // 8)}")


def bits_of_reals(type_: str) -> np.ndarray:
    return np.array([encode(Fraction(v), type_) for v in REALS], storage(type_))


def integer(value: int, type_: str) -> int:
    value &= (1 << width(type_)) - 1
    return value - (1 << width(type_)) if type_[0] == "s" and value >> (width(type_) - 1) else value


def limits(type_: str) -> tuple[int, int]:
    bits = width(type_)
    return (-(1 << (bits - 1)), (1 << (bits - 1)) - 1) if type_[0] == "s" else (0, (1 << bits) - 1)


def clamp(value, type_: str):
    low, high = limits(type_)
    return max(low, min(high, value))


INTEGRAL = {"rni": round, "rzi": math.trunc, "rmi": math.floor, "rpi": math.ceil}


def to_integer(value, type_: str, mode: str) -> int:
    if isinstance(value, float):
        return clamp(10**30 if value > 0 else -(10**30), type_)
    return clamp(INTEGRAL[mode](value), type_)


def run(name: str, a: np.ndarray, to: str) -> np.ndarray:
    return lanes(f"cvt.{name} %d, %a;", {"d": storage(to)}, a=a)[:len(a)]


class ConvertTest(unittest.TestCase):
    def expect(self, name, a, to, expected):
        with self.subTest(name):
            mask = (1 << width(to)) - 1
            found = run(name, a, to)
            for n, value in enumerate(expected):
                if value is not None:
                    self.assertEqual(hex(int(found[n])), hex(value & mask), f"cvt.{name} of {hex(int(a[n]))}")

    def test_integers(self):
        for to, of in itertools.product(INTEGERS, INTEGERS):
            a = np.array(VALUES[width(of)], storage(of))
            values = [integer(int(v), of) for v in a]
            self.expect(f"{to}.{of}", a, to, values)
            if to != of:
                self.expect(f"sat.{to}.{of}", a, to, [clamp(v, to) for v in values])

    def test_integers_to_floats(self):
        for of, to, mode in itertools.product(INTEGERS, FLOATS, ("rn", "rz", "rm", "rp")):
            a = np.array(VALUES[width(of)], storage(of))
            self.expect(f"{mode}.{to}.{of}", a, to, [encode(Fraction(integer(int(v), of)), to, mode) for v in a])

    def test_floats_to_integers(self):
        for of, to, mode in itertools.product(FLOATS, INTEGERS, INTEGRAL):
            a = bits_of_reals(of)
            self.expect(f"{mode}.{to}.{of}", a, to, [to_integer(decode(int(v), of), to, mode) for v in a])

    def test_nan_to_integer(self):
        nan = np.array([0x7FC00000], np.uint32)
        self.expect("rni.s32.f32", nan, "s32", [0])
        self.expect("rni.s64.f32", nan, "s64", [1 << 63])
        self.expect("rni.s32.f64", np.array([0x7FF8000000000000], np.uint64), "s32", [1 << 31])

    def test_floats(self):
        for of, to in itertools.product(FLOATS, FLOATS):
            a = bits_of_reals(of)
            values = [decode(int(v), of) for v in a]
            if width(to) > width(of) or (to, of) == ("f32", "bf16"):
                self.expect(f"{to}.{of}", a, to, [encode(v, to) for v in values])
                continue
            modes = ("rn", "rz", "rm", "rp") if (to, of) in (("f32", "f64"), ("f16", "f64")) else ("rn", "rz") if to != of else ()
            for mode in modes:
                self.expect(f"{mode}.{to}.{of}", a, to, [encode(v, to, mode) for v in values])
        for type_ in ("f32", "f64", "f16"):
            a = bits_of_reals(type_)
            for mode, function in INTEGRAL.items():
                expected = [None if isinstance(v := decode(int(b), type_), float) or not function(v) else encode(Fraction(function(v)), type_)
                            for b in a]
                self.expect(f"{mode}.{type_}.{type_}", a, type_, expected)

    def test_flags(self):
        a = np.array([1e-40, -1e-40, 0.5, -0.25, 1.5, np.nan], np.float32).view(np.uint32)
        self.expect("ftz.f64.f32", a, "f64", [0, 1 << 63, encode(Fraction(1, 2), "f64")])
        self.expect("sat.f32.f32", a, "f32", [None, 0, encode(Fraction(1, 2), "f32"), 0, encode(Fraction(1), "f32"), 0])
        self.expect("rn.sat.f16.f32", a, "f16", [0, 0, 0x3800, 0, 0x3C00, 0])
        self.expect("rn.relu.f16.f32", a, "f16", [0, 0, 0x3800, 0, 0x3E00, 0x7FFF])
        self.expect("rn.relu.bf16.f32", a, "bf16", [None, 0, 0x3F00, 0, 0x3FC0, 0x7FFF])
        self.expect("rn.satfinite.f16.f32", np.array([1e9, -1e9], np.float32).view(np.uint32), "f16", [0x7BFF, 0xFBFF])

    def test_tf32(self):
        a = np.array([1.0, 1.0003, -1.00048828125, 3.14159, 1e-40], np.float32)
        for mode in ("rna", "rn", "rz"):
            expected = [encode(Fraction(float(v)), "tf32", mode) << 13 for v in a]
            found = lanes(f"cvt.{mode}.tf32.f32 %d, %a;", {"d": np.uint32}, a=a)[:len(a)]
            self.assertEqual([hex(int(v)) for v in found], [hex(v) for v in expected], mode)
        found = lanes("cvt.rn.relu.tf32.f32 %d, %a;", {"d": np.uint32}, a=a)
        self.assertEqual(found[2], 0)

    def test_pairs(self):
        a = np.array([1.5, -3.25, 70000.0, 0.1, -0.0007, 500.0], np.float32)
        b = np.array([0.3, 1e-9, -1e30, 13.7, 240.0, -1e-3], np.float32)
        forms = [(f"{mode}{flag}.{type_}x2.f32", type_, mode, flag) for type_ in ("f16", "bf16") for mode in ("rn", "rz")
                 for flag in ("", ".relu")]
        forms += [(f"rn.satfinite{flag}.{type_}x2.f32", type_, "rn", "finite" + flag) for type_ in ("e4m3", "e5m2") for flag in ("", ".relu")]
        for name, type_, mode, flags in forms:
            bits = 8 if type_[0] == "e" else 16

            def one(value, type_=type_, mode=mode, flags=flags):
                if "relu" in flags and value < 0:
                    return 0
                return encode(Fraction(float(value)), type_, mode, "finite" in flags)

            with self.subTest(name):
                dtype = np.dtype(f"u{bits // 4}")
                found = lanes(f"cvt.{name} %d, %a, %b;", {"d": dtype}, a=a, b=b)[:len(a)]
                self.assertEqual([hex(int(v)) for v in found], [hex(one(x) << bits | one(y)) for x, y in zip(a, b)])

    def test_packed(self):
        for type_ in ("e4m3", "e5m2"):
            bytes_ = np.arange(256, dtype=np.uint16)
            words = np.concatenate([bytes_ | bytes_[::-1] << 8]).astype(np.uint16)
            for first in range(0, 256, 32):
                part = words[first:first + 32]
                found = lanes(f"cvt.rn.f16x2.{type_}x2 %d, %a;", {"d": np.uint32}, a=part)
                expected = [encode(decode(int(w) & 255, type_), "f16") | encode(decode(int(w) >> 8, type_), "f16") << 16 for w in part]
                for n, (x, y) in enumerate(zip(found, expected)):
                    for shift in (0, 16):
                        p, q = int(x) >> shift & 0xFFFF, y >> shift & 0xFFFF
                        self.assertTrue(p == q or (q & 0x7FFF) == 0 or q & 0x7FFF > 0x7C00 and p & 0x7FFF > 0x7C00, (hex(int(part[n])), hex(p), hex(q)))
            halves = np.array([0x3C00_4900, 0x7BFF_FBFF, 0x0001_8400], np.uint32)
            found = lanes(f"cvt.rn.satfinite.{type_}x2.f16x2 %d, %a;", {"d": np.uint16}, a=halves)[:2]
            expected = [encode(decode(int(w) & 0xFFFF, "f16"), type_, "rn", True) | encode(decode(int(w) >> 16, "f16"), type_, "rn", True) << 8
                        for w in halves[:2]]
            self.assertEqual(list(map(int, found)), expected)

    def test_pack(self):
        a = np.array([5, -3, 70000, -70000, 200, 40], np.int32)
        b = np.array([1, 300, -1, 32768, -200, 7], np.int32)
        c = np.array([0xAABBCCDD, 1, 2, 3, 4, 5], np.uint32)
        for type_, bits in (("u16", 16), ("s16", 16), ("u8", 8), ("s8", 8)):
            mask = (1 << bits) - 1
            pair = [(clamp(int(x), type_) & mask) << bits | clamp(int(y), type_) & mask for x, y in zip(a, b)]
            found = lanes(f"cvt.pack.sat.{type_}.s32 %d, %a, %b;", {"d": np.uint32}, a=a, b=b)[:len(a)]
            self.assertEqual(list(map(int, found)), pair, type_)
            if bits == 8:
                found = lanes(f"cvt.pack.sat.{type_}.s32.b32 %d, %a, %b, %c;", {"d": np.uint32}, a=a, b=b, c=c)[:len(a)]
                self.assertEqual(list(map(int, found)), [(int(z) << 16 | p) & 0xFFFFFFFF for p, z in zip(pair, c)])


if __name__ == "__main__":
    unittest.main()
