"""setp, set, selp, slct."""

import operator
import unittest

import numpy as np
from kernels import lanes

ORDERED = {"eq": operator.eq, "ne": operator.ne, "lt": operator.lt, "le": operator.le, "gt": operator.gt, "ge": operator.ge}
UNSIGNED = {"lo": operator.lt, "ls": operator.le, "hi": operator.gt, "hs": operator.ge}
BOOLEAN = {"and": operator.and_, "or": operator.or_, "xor": operator.xor}
INTEGERS = {"b16": np.uint16, "u16": np.uint16, "s16": np.int16, "b32": np.uint32, "u32": np.uint32, "s32": np.int32,
            "b64": np.uint64, "u64": np.uint64, "s64": np.int64}
A = np.array([0, 1, 5, -1, 7, -128], np.int64)
B = np.array([0, 2, 4, 1, 7, 3], np.int64)
X = np.array([1, 2, np.nan, 3, np.nan, -0.0, 5e-39], np.float64)
Y = np.array([1, 3, 1, np.nan, np.nan, 0.0, 0.0], np.float64)
FLOATS = {"f32": np.float32, "f64": np.float64, "f16": np.float16}


def float_comparisons(x, y):
    nan = np.isnan(x) | np.isnan(y)
    table = {name: f(x, y) & ~nan for name, f in ORDERED.items()}
    table |= {name + "u": f(x, y) | nan for name, f in ORDERED.items()}
    return table | {"num": ~nan, "nan": nan}


class CompareTest(unittest.TestCase):
    def test_integers(self):
        for type_, dtype in INTEGERS.items():
            a, b = A.astype(dtype), B.astype(dtype)
            signs = "s" in type_
            for name, f in ({**ORDERED, **UNSIGNED} if type_[0] == "u" else ORDERED if signs else {"eq": operator.eq, "ne": operator.ne}).items():
                with self.subTest(f"setp.{name}.{type_}"):
                    p, q = lanes(f"setp.{name}.{type_} %p|%q, %a, %b;", {"p": bool, "q": bool}, a=a, b=b)
                    np.testing.assert_array_equal(p[:6], f(a, b))
                    np.testing.assert_array_equal(q, ~p)
                    found = lanes(f"set.{name}.u32.{type_} %d, %a, %b;", {"d": np.uint32}, a=a, b=b)
                    np.testing.assert_array_equal(found[:6], np.where(f(a, b), 0xFFFFFFFF, 0))

    def test_boolean(self):
        c = np.array([True, False, True, False, True, False])
        for name, f in BOOLEAN.items():
            with self.subTest(name):
                p, q = lanes(f"setp.lt.{name}.s32 %p|%q, %a, %b, %c;", {"p": bool, "q": bool}, a=A.astype(np.int32), b=B.astype(np.int32), c=c)
                np.testing.assert_array_equal(p[:6], f(A < B, c))
                np.testing.assert_array_equal(q[:6], f(A >= B, c))
                p = lanes(f"setp.lt.{name}.f32 %p, %a, %b, !%c;", {"p": bool}, a=A.astype(np.float32), b=B.astype(np.float32), c=c)
                np.testing.assert_array_equal(p[:6], f(A < B, ~c))
                d = lanes(f"set.lt.{name}.f32.s32 %d, %a, %b, %c;", {"d": np.float32}, a=A.astype(np.int32), b=B.astype(np.int32), c=c)
                np.testing.assert_array_equal(d[:6], f(A < B, c).astype(np.float32))
                d = lanes(f"set.lt.{name}.f32.f32 %d, %a, %b, %c;", {"d": np.float32}, a=A.astype(np.float32), b=B.astype(np.float32), c=c)
                np.testing.assert_array_equal(d[:6], f(A < B, c).astype(np.float32))
                half = A.astype(np.float16), B.astype(np.float16)
                p = lanes(f"setp.lt.{name}.f16 %p, %a, %b, %c;", {"p": bool}, a=half[0], b=half[1], c=c)
                np.testing.assert_array_equal(p[:6], f(A < B, c))
                d = lanes(f"set.lt.{name}.f16.f16 %d, %a, %b, %c;", {"d": np.float16}, a=half[0], b=half[1], c=c)
                np.testing.assert_array_equal(d[:6], f(A < B, c).astype(np.float16))
                pairs = [h.view(np.uint16).astype(np.uint32) * 0x10001 for h in half]
                d = lanes(f"set.lt.{name}.f16x2.f16x2 %d, %a, %b, %c;", {"d": np.uint32}, a=pairs[0], b=pairs[1], c=c)
                np.testing.assert_array_equal(d[:6], f(A < B, c) * np.uint32(0x3C003C00))

    def test_floats(self):
        for type_, dtype in FLOATS.items():
            x, y = X.astype(dtype), Y.astype(dtype)
            for name, expected in float_comparisons(x, y).items():
                with self.subTest(f"setp.{name}.{type_}"):
                    np.testing.assert_array_equal(lanes(f"setp.{name}.{type_} %p, %a, %b;", {"p": bool}, a=x, b=y)[:7], expected)
        x, y = X.astype(np.float32), Y.astype(np.float32)
        self.assertTrue(lanes("setp.eq.ftz.f32 %p, %a, %b;", {"p": bool}, a=x, b=y)[6])
        self.assertFalse(lanes("setp.eq.f32 %p, %a, %b;", {"p": bool}, a=x, b=y)[6])

    def test_halves(self):
        a = np.array([0x3C00_4000, 0xBC00_0000], np.uint32)
        b = np.array([0x4000_3C00, 0x3C00_0000], np.uint32)
        p, q = lanes("setp.lt.f16x2 %p|%q, %a, %b;", {"p": bool, "q": bool}, a=a, b=b)
        self.assertEqual([list(p[:2]), list(q[:2])], [[False, False], [True, True]])
        p, q = lanes("setp.lt.bf16x2 %p|%q, %a, %b;", {"p": bool, "q": bool}, a=a, b=b)
        self.assertEqual([list(p[:2]), list(q[:2])], [[False, False], [True, True]])
        np.testing.assert_array_equal(lanes("set.lt.u32.f16x2 %d, %a, %b;", {"d": np.uint32}, a=a, b=b)[:2], [0xFFFF0000] * 2)
        np.testing.assert_array_equal(lanes("set.lt.f16x2.f16x2 %d, %a, %b;", {"d": np.uint32}, a=a, b=b)[:2], [0x3C000000] * 2)
        np.testing.assert_array_equal(lanes("set.lt.bf16x2.bf16x2 %d, %a, %b;", {"d": np.uint32}, a=a, b=b)[:2], [0x3F800000] * 2)
        np.testing.assert_array_equal(lanes("set.gt.f16.f16 %d, %a, %b;", {"d": np.uint16}, a=a.astype(np.uint16), b=b.astype(np.uint16))[:2], [0x3C00, 0])
        np.testing.assert_array_equal(lanes("set.gt.u16.f16 %d, %a, %b;", {"d": np.uint16}, a=a.astype(np.uint16), b=b.astype(np.uint16))[:2], [0xFFFF, 0])

    def test_set_of_floats(self):
        x, y = X.astype(np.float32), Y.astype(np.float32)
        np.testing.assert_array_equal(lanes("set.ltu.f32.f32 %d, %a, %b;", {"d": np.float32}, a=x, b=y)[:6], [0, 1, 1, 1, 1, 0])
        np.testing.assert_array_equal(lanes("set.lt.s32.f64 %d, %a, %b;", {"d": np.int32}, a=X, b=Y)[:6], [0, -1, 0, 0, 0, 0])

    def test_selections(self):
        c = np.array([True, False, True, False, False, True])
        for type_, dtype in {**INTEGERS, "f32": np.float32, "f64": np.float64}.items():
            a, b = A.astype(dtype), B.astype(dtype)
            np.testing.assert_array_equal(lanes(f"selp.{type_} %d, %a, %b, %c;", {"d": dtype}, a=a, b=b, c=c)[:6], np.where(c, a, b))
            s = np.array([1, -1, 0, 5, -7, 2], np.int32)
            np.testing.assert_array_equal(lanes(f"slct.{type_}.s32 %d, %a, %b, %c;", {"d": dtype}, a=a, b=b, c=s)[:6], np.where(s >= 0, a, b))
            f = np.array([1, -1, -0.0, np.nan, -1e-40, 2], np.float32)
            np.testing.assert_array_equal(lanes(f"slct.{type_}.f32 %d, %a, %b, %c;", {"d": dtype}, a=a, b=b, c=f)[:6], np.where(f >= 0, a, b))
            first = np.where([True, False, True, False, True, True], a, b)
            np.testing.assert_array_equal(lanes(f"slct.ftz.{type_}.f32 %d, %a, %b, %c;", {"d": dtype}, a=a, b=b, c=f)[:6], first)

    def test_predicates(self):
        a, b = np.array([True, True, False, False]), np.array([True, False, True, False])
        for name, f in BOOLEAN.items():
            np.testing.assert_array_equal(lanes(f"{name}.pred %d, %a, %b;", {"d": bool}, a=a, b=b)[:4], f(a, b))
        np.testing.assert_array_equal(lanes("not.pred %d, %a;", {"d": bool}, a=a)[:4], ~a)
        np.testing.assert_array_equal(lanes("mov.pred %d, !%a;", {"d": bool}, a=a)[:4], ~a)
        np.testing.assert_array_equal(lanes("mov.pred %d, 1;", {"d": bool}, a=a)[:4], [True] * 4)
        for op, f in (("and", np.logical_and), ("or", np.logical_or)):
            x, y, z = (np.array(v, np.uint32) for v in ([1, 0, 3, 0], [3, 0, 5, 0], [7, 0, 9, 0]))
            q = np.array([True, True, False, False])
            d, p = lanes(f"lop3.{op}.b32 %d|%p, %x, %y, %z, 0x80, %q;", {"d": np.uint32, "p": bool}, x=x, y=y, z=z, q=q)
            np.testing.assert_array_equal(d[:4], x & y & z)
            np.testing.assert_array_equal(p[:4], f((x & y & z) != 0, q))


if __name__ == "__main__":
    unittest.main()
