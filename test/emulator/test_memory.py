"""Loads, stores, spaces, moves, atomics."""

import unittest

import numpy as np
from kernels import HEADER, lanes

from tilewright import emulator

LANE = np.arange(32, dtype=np.uint32)
TYPES = {"b8": np.uint8, "u8": np.uint8, "s8": np.int8, "b16": np.uint16, "u16": np.uint16, "s16": np.int16, "b32": np.uint32,
         "u32": np.uint32, "s32": np.int32, "f32": np.float32, "b64": np.uint64, "u64": np.uint64, "s64": np.int64, "f64": np.float64}
SHARED = ".shared .align 16 .b8 buffer[4096];\n"


def run(body: str, *args, module: str = "", grid=1, block=32, params: str | None = None, **more) -> emulator.Report:
    """A kernel whose parameters p0, p1, … are the arguments; %rd0, %rd1, … hold them."""
    declared = params or ", ".join(f".param .u64 p{n}" for n in range(len(args)))
    loads = "".join(f"ld.param.u64 %rd{n}, [p{n}];\n" for n in range(len(args))) if params is None else ""
    text = (f"{HEADER}{module}.visible .entry k({declared})\n{{\n.reg .pred %p<9>; .reg .b16 %h<9>; .reg .b32 %r<33>; .reg .f32 %f<9>;\n"
            f".reg .b64 %rd<20>; .reg .f64 %fd<9>;\nmov.u32 %r0, %tid.x;\n{loads}{body}\nret;\n}}\n")
    return emulator.launch(text, "k", grid, block, args, **more)


class LoadStoreTest(unittest.TestCase):
    def test_types(self):
        """Every type through global memory: sign or zero extension into a wider register."""
        for type_, dtype in TYPES.items():
            with self.subTest(type_):
                x = np.array([0, 1, 100, -1, -128, 127] if np.dtype(dtype).kind != "u" else [0, 1, 200, 255, 128, 127]).astype(dtype)
                x, y = np.resize(x, 32), np.zeros(32, np.int64)
                register = "%fd1" if type_ == "f64" else "%f1" if type_ == "f32" else "%rd5"
                wide = {"%fd1": "cvt.rni.s64.f64 %rd5, %fd1;", "%f1": "cvt.rni.s64.f32 %rd5, %f1;"}.get(register, "")
                size = x.itemsize
                run(f"mad.wide.u32 %rd3, %r0, {size}, %rd0; mad.wide.u32 %rd4, %r0, 8, %rd1; ld.global.{type_} {register}, [%rd3];"
                    f"{wide} st.global.u64 [%rd4], %rd5;", x, y)
                np.testing.assert_array_equal(y, x.astype(np.int64))

    def test_store_types(self):
        for type_, dtype in TYPES.items():
            with self.subTest(type_):
                y = np.zeros(32, dtype)
                value = {"f32": "cvt.rn.f32.u32 %f1, %r0;", "f64": "cvt.rn.f64.u32 %fd1, %r0;"}.get(type_, "cvt.u64.u32 %rd5, %r0;")
                register = {"f32": "%f1", "f64": "%fd1"}.get(type_, "%rd5")
                run(f"{value} mad.wide.u32 %rd3, %r0, {y.itemsize}, %rd0; st.global.{type_} [%rd3], {register};", y)
                np.testing.assert_array_equal(y, LANE.astype(dtype))

    def test_vectors(self):
        for vector, type_, size in (("v2", "b32", 4), ("v4", "b32", 4), ("v2", "b64", 8), ("v4", "b16", 2), ("v2", "b8", 1), ("v4", "b8", 1)):
            with self.subTest(f"{vector}.{type_}"):
                count = int(vector[1:])
                x = np.arange(32 * count, dtype=np.dtype(f"u{size}"))
                y = np.zeros_like(x)
                names = ", ".join({1: "%h", 2: "%h", 4: "%r", 8: "%rd"}[size] + str(5 + n if size == 8 else n + 1) for n in range(count))
                run(f"mul.wide.u32 %rd3, %r0, {size * count}; add.u64 %rd4, %rd1, %rd3; add.u64 %rd3, %rd0, %rd3;"
                    f"ld.global.{vector}.{type_} {{{names}}}, [%rd3]; st.global.{vector}.{type_} [%rd4], {{{names}}};", x, y)
                np.testing.assert_array_equal(x, y)

    def test_sink_and_immediates_in_vectors(self):
        y = np.zeros(4, np.uint32)
        run("ld.global.v4.b32 {_, %r1, _, %r2}, [%rd0]; st.global.v4.b32 [%rd1], {%r1, 7, %r2, 9};", LANE[:4].copy(), y, block=1)
        self.assertEqual(list(y), [1, 7, 3, 9])

    def test_modifiers(self):
        """Orders, scopes, caches and hints do not change the value."""
        for load in ("ld.global.nc.b32", "ld.volatile.global.b32", "ld.relaxed.gpu.global.b32", "ld.acquire.sys.global.b32", "ld.b32",
                     "ld.weak.global.b32", "ld.global.ca.b32", "ld.global.cg.b32", "ld.global.nc.L1::no_allocate.b32",
                     "ld.global.L2::128B.b32", "ld.global.L1::evict_last.b32", "ldu.global.b32", "ld.mmio.relaxed.sys.global.b32"):
            if "mmio" in load:
                continue
            for store in ("st.global.b32", "st.volatile.global.b32", "st.relaxed.cta.global.b32", "st.release.gpu.global.b32", "st.b32",
                          "st.global.wt.b32", "st.global.L1::evict_first.b32"):
                y = np.zeros(32, np.uint32)
                run(f"mul.wide.u32 %rd3, %r0, 4; add.u64 %rd4, %rd1, %rd3; add.u64 %rd3, %rd0, %rd3; {load} %r1, [%rd3]; {store} [%rd4], %r1;",
                    LANE.copy(), y)
                np.testing.assert_array_equal(y, LANE)

    def test_cache_hint(self):
        y = np.zeros(32, np.uint32)
        run("createpolicy.fractional.L2::evict_last.b64 %rd5, 1.0; createpolicy.range.global.L2::evict_last.b64 %rd6, [%rd0], 64, 128;"
            "createpolicy.cvt.L2.b64 %rd6, %rd5;"
            "mul.wide.u32 %rd3, %r0, 4; add.u64 %rd4, %rd1, %rd3; add.u64 %rd3, %rd0, %rd3; prefetch.global.L2 [%rd3]; prefetchu.L1 [%rd3];"
            "prefetch.global.L2::evict_last [%rd3]; applypriority.global.L2::evict_normal [%rd0], 128;"
            "ld.global.L2::cache_hint.b32 %r1, [%rd3], %rd5; st.global.L2::cache_hint.b32 [%rd4], %r1, %rd5;", LANE.copy(), y)
        np.testing.assert_array_equal(y, LANE)

    def test_128_bits(self):
        x = np.arange(4, dtype=np.uint64)
        y = np.zeros(4, np.uint64)
        run(".reg .b128 %q; ld.global.b128 %q, [%rd0]; mov.b128 {%rd5, %rd6}, %q; add.u64 %rd5, %rd5, 10; mov.b128 %q, {%rd5, %rd6};"
            "st.global.b128 [%rd1+16], %q; st.global.b128 [%rd1], %q;", x, y, block=1)
        self.assertEqual(list(y), [10, 1, 10, 1])

    def test_shared(self):
        y = np.zeros(32, np.uint32)
        run("mov.u32 %r1, buffer; mad.lo.u32 %r2, %r0, 4, %r1; mul.lo.u32 %r3, %r0, 3; st.shared.b32 [%r2+16], %r3; bar.sync 0;"
            "xor.b32 %r4, %r0, 31; mad.lo.u32 %r2, %r4, 4, %r1; ld.shared::cta.b32 %r5, [%r2+16]; mad.wide.u32 %rd3, %r0, 4, %rd0;"
            "st.global.b32 [%rd3], %r5;", y, module=SHARED)
        np.testing.assert_array_equal(y, LANE[::-1] * 3)

    def test_dynamic_shared(self):
        y = np.zeros(2, np.uint32)
        run("mov.u32 %r1, fixed; mov.u32 %r2, dynamic; st.shared.b32 [%r1], 5; st.shared.b32 [dynamic+60], 6; ld.shared.b32 %r3, [fixed];"
            "ld.shared.b32 %r4, [%r2+60]; mov.u32 %r5, %dynamic_smem_size; add.u32 %r4, %r4, %r5; st.global.v2.b32 [%rd0], {%r3, %r4};", y,
            module=".shared .b32 fixed;\n.extern .shared .align 16 .b8 dynamic[];\n", block=1, shared_bytes=64)
        self.assertEqual(list(y), [5, 70])

    def test_local(self):
        y = np.zeros(32, np.uint32)
        run(".local .align 8 .b8 stack[64]; mov.u64 %rd3, stack; st.local.b32 [%rd3+8], %r0; cvta.local.u64 %rd4, %rd3; add.u32 %r1, %r0, 1;"
            "st.b32 [%rd4+12], %r1; ld.local.v2.b32 {%r2, %r3}, [stack+8]; mad.lo.u32 %r4, %r2, 100, %r3; mad.wide.u32 %rd5, %r0, 4, %rd0;"
            "st.global.b32 [%rd5], %r4;", y)
        np.testing.assert_array_equal(y, LANE * 101 + 1)

    def test_module_variables(self):
        module = (".global .align 4 .b32 counter = 5;\n.const .align 8 .b64 table[3] = {1, 0xFFFFFFFFFFFFFFFF, 3};\n"
                  ".global .align 8 .u64 pointer = generic(counter)+0;\n.global .align 1 .b8 text[4] = {72, 105};\n"
                  ".global .align 4 .f32 reals[2] = {0f3F800000, 2.5};\n")
        y = np.zeros(6, np.int64)
        run("ld.global.u64 %rd3, [pointer]; ld.u32 %r1, [%rd3]; add.u32 %r1, %r1, 1; st.global.u32 [counter], %r1; ld.global.u32 %r2, [counter];"
            "mov.u64 %rd4, table; ld.const.u64 %rd5, [%rd4+8]; ld.const.u64 %rd6, [table+16]; cvta.const.u64 %rd7, %rd4; ld.u64 %rd8, [%rd7];"
            "ld.global.u8 %r3, [text+1]; ld.global.f32 %f1, [reals+4]; cvt.rni.s64.f32 %rd9, %f1; cvt.u64.u32 %rd10, %r2; cvt.u64.u32 %rd11, %r3;"
            "st.global.u64 [%rd0], %rd10; st.global.u64 [%rd0+8], %rd5; st.global.u64 [%rd0+16], %rd6; st.global.u64 [%rd0+24], %rd8;"
            "st.global.u64 [%rd0+32], %rd11; st.global.u64 [%rd0+40], %rd9;", y, module=module, block=1)
        self.assertEqual(list(y), [6, -1, 3, 1, 105, 2])

    def test_parameters(self):
        """Numbers, arrays, alignment, addresses of parameters."""
        y = np.zeros(6, np.float64)
        params = (".param .u8 a, .param .align 8 .b8 b[24], .param .f32 c, .param .s16 d, .param .f64 e, .param .u64 .ptr .global .align 8 out")
        array = np.array([1.5, 2.5, 3.5]).tobytes()
        run("ld.param.u64 %rd0, [out]; ld.param.u8 %r1, [a]; cvt.rn.f64.u32 %fd1, %r1; ld.param.f64 %fd2, [b+8]; ld.param.f32 %f1, [c];"
            "cvt.f64.f32 %fd3, %f1; ld.param.s16 %r2, [d]; cvt.rn.f64.s32 %fd4, %r2; ld.param.f64 %fd5, [e]; mov.b64 %rd1, b;"
            "cvta.param.u64 %rd2, %rd1; ld.f64 %fd6, [%rd2+16]; st.global.v2.f64 [%rd0], {%fd1, %fd2}; st.global.v2.f64 [%rd0+16], {%fd3, %fd4};"
            "st.global.v2.f64 [%rd0+32], {%fd5, %fd6};", 200, array, 0.25, -7, 1e100, y, params=params, block=1)
        self.assertEqual(list(y), [200, 2.5, 0.25, -7, 1e100, 3.5])

    def test_spaces(self):
        y = np.zeros(8, np.uint8)
        run(".local .b8 l[4]; mov.u64 %rd1, buffer; cvta.shared.u64 %rd1, %rd1; mov.u64 %rd2, l; cvta.local.u64 %rd2, %rd2; mov.b64 %rd3, p0;"
            "cvta.param.u64 %rd3, %rd3; mov.u64 %rd4, numbers; cvta.const.u64 %rd4, %rd4; cvta.global.u64 %rd5, %rd0; cvta.to.global.u64 %rd5, %rd5;"
            + "".join(f"isspacep.{space} %p1, {register}; selp.b16 %h1, 1, 0, %p1; st.global.u8 [%rd0+{n}], %h1;" for n, (space, register) in enumerate(
                (("shared", "%rd1"), ("local", "%rd2"), ("param", "%rd3"), ("const", "%rd4"), ("global", "%rd5"), ("global", "%rd1"),
                 ("shared::cluster", "%rd1"), ("shared", "%rd0")))), y, module=SHARED + ".const .b32 numbers[2] = {1, 2};\n", block=1)
        self.assertEqual(list(y), [1, 1, 1, 1, 1, 0, 1, 0])

    def test_moves(self):
        a = np.array([0x1122334455667788], np.uint64)
        self.assertEqual(lanes("mov.b64 {%t1, %t2}, %a; mov.b64 %d, {%t2, %t1};", {"d": np.uint64}, a=a)[0], 0x5566778811223344)
        self.assertEqual(lanes("mov.b64 {%h1, %h2, %h3, %h4}, %a; mov.b64 %d, {%h4, %h3, %h2, %h1};", {"d": np.uint64}, a=a)[0], 0x7788556633441122)
        self.assertEqual(lanes("cvt.u32.u64 %t1, %a; mov.b32 {%h1, %h2}, %t1; mov.b32 %d, {%h2, %h1};", {"d": np.uint32}, a=a)[0], 0x77885566)
        for type_, dtype in (("b16", np.uint16), ("u16", np.uint16), ("s16", np.int16), ("b32", np.uint32), ("f32", np.float32), ("f64", np.float64),
                             ("u64", np.uint64)):
            x = np.arange(5).astype(dtype)
            np.testing.assert_array_equal(lanes(f"mov.{type_} %d, %a;", {"d": dtype}, a=x)[:5], x)
        self.assertEqual(lanes("mov.f64 %d, 0d3FF8000000000000;", {"d": np.float64}, a=a)[0], 1.5)
        self.assertEqual(lanes("mov.f32 %d, 1.5;", {"d": np.float32}, a=a)[0], 1.5)
        self.assertEqual(lanes("mov.u32 %d, WARP_SZ;", {"d": np.uint32}, a=a)[0], 32)

    def test_discard(self):
        x = np.zeros(64, np.uint32)
        report = run("discard.global.L2 [%rd0], 128; ld.global.b32 %r1, [%rd0+4]; st.global.b32 [%rd0+128], %r1;", x, block=1, on_finding="report")
        self.assertEqual([f.kind for f in report.findings], ["uninitialised"])


INTEGER_ATOMICS = {"add": np.add, "min": np.minimum, "max": np.maximum, "and": np.bitwise_and, "or": np.bitwise_or, "xor": np.bitwise_xor}


class AtomicTest(unittest.TestCase):
    def test_integers(self):
        """All lanes of two blocks into one number, in global and shared memory, with and without the old value."""
        for op, f in INTEGER_ATOMICS.items():
            for type_ in ("u32", "s32", "u64", "s64") if op in ("add", "min", "max") else ("b32", "b64"):
                dtype = {"u32": np.uint32, "s32": np.int32, "u64": np.uint64, "s64": np.int64, "b32": np.uint32, "b64": np.uint64}[type_]
                register = "%rd5" if "64" in type_ else "%r1"
                with self.subTest(f"{op}.{type_}"):
                    values = np.arange(5, 37).astype(dtype) * np.array(-3 if type_[0] == "s" else 3).astype(dtype)
                    expected = f.reduce(values, initial=dtype(6))
                    load = f"mad.wide.u32 %rd3, %r0, {values.itemsize}, %rd0; ld.global.b{values.itemsize * 8} {register}, [%rd3];"
                    for form in (f"atom.global.{op}.{type_} {register}, [%rd1], {register};", f"red.global.{op}.{type_} [%rd1], {register};",
                                 f"red.relaxed.gpu.global.{op}.{type_} [%rd1], {register};", f"atom.acq_rel.gpu.{op}.{type_} {register}, [%rd1], {register};"):
                        y = np.array([6], dtype)
                        run(load + form, values, y)
                        self.assertEqual(y[0], expected, form)

    def test_shared(self):
        y = np.zeros(32, np.uint32)
        run("mov.u32 %r1, buffer; setp.eq.u32 %p1, %r0, 0; @%p1 st.shared.b32 [%r1], 0; bar.sync 0; atom.shared.add.u32 %r2, [%r1], 1;"
            "atom.shared::cta.inc.u32 %r3, [buffer], 1000; mad.wide.u32 %rd3, %r0, 4, %rd0; st.global.b32 [%rd3], %r2;", y, module=SHARED)
        self.assertEqual(sorted(y), list(range(32)))

    def test_counters(self):
        y = np.array([0, 5], np.uint32)
        run("atom.global.inc.u32 %r1, [%rd0], 9; atom.global.dec.u32 %r1, [%rd0+4], 7; red.global.inc.u32 [%rd0], 9; red.global.dec.u32 [%rd0+4], 7;", y)
        expected = [64 % 10, (5 - 64) % 8]
        self.assertEqual(list(y), expected)

    def test_exchange(self):
        x = np.array([7, 7, 2**40], np.uint64)
        run("setp.eq.u32 %p1, %r0, 0; @!%p1 bra END; atom.global.exch.b32 %r1, [%rd0], 9; cvt.u64.u32 %rd3, %r1; atom.global.exch.b64 %rd4, [%rd0+8], %rd3;"
            "atom.global.cas.b64 %rd5, [%rd0+16], %rd4, 1; atom.global.cas.b32 %r2, [%rd0], 9, 10; END:", x)
        self.assertEqual(list(x), [10, 7, 2**40])

    def test_cas_16(self):
        x = np.array([7, 8], np.uint16)
        run("mov.b16 %h1, 7; mov.b16 %h2, 9; atom.global.cas.b16 %h3, [%rd0], %h1, %h2; atom.global.cas.b16 %h3, [%rd0+2], %h1, %h2;", x, block=1)
        self.assertEqual(list(x), [9, 8])

    def test_floats(self):
        for type_, dtype, register in (("f32", np.float32, "%f1"), ("f64", np.float64, "%fd1")):
            y = np.zeros(1, dtype)
            run(f"cvt.rn.{type_}.u32 {register}, %r0; atom.global.add.{type_} {register}, [%rd0], {register}; cvt.rn.{type_}.u32 {register}, %r0;"
                f"red.global.add.{type_} [%rd0], {register};", y)
            self.assertEqual(y[0], 2 * LANE.sum())

    def test_halves(self):
        y = np.zeros(4, np.uint16)
        run("mov.b16 %h1, 0x3C00; atom.global.add.noftz.f16 %h2, [%rd0], %h1; mov.b16 %h1, 0x3F80; red.global.add.noftz.bf16 [%rd0+2], %h1;"
            "mov.b32 %r1, 0x3C004000; red.global.add.noftz.f16x2 [%rd0+4], %r1;", y)
        self.assertEqual(list(y), [0x5000, 0x4200, 0x5400, 0x5000])

    def test_vectors(self):
        y = np.zeros(4, np.float32)
        run("mov.f32 %f1, 1.0; mov.f32 %f2, 2.0; red.global.add.v4.f32 [%rd0], {%f1, %f2, %f1, %f2}; atom.global.add.v2.f32 {%f3, %f4}, [%rd0], {%f1, %f2};", y)
        self.assertEqual(list(y), [64, 128, 32, 64])
        z = np.zeros(4, np.float16)
        run("mov.b16 %h1, 0x3C00; mov.b16 %h2, 0x4000; red.global.max.noftz.v2.f16 [%rd0], {%h1, %h2}; mov.b32 %r1, 0x40003C00;"
            "red.global.add.noftz.v2.f16x2 [%rd0], {%r1, %r1};", z, block=1)
        self.assertEqual(list(z), [2, 4, 1, 2])

    def test_128_bits(self):
        x = np.array([1, 2, 3, 4], np.uint64)
        y = np.zeros(2, np.uint64)
        run(".reg .b128 %a, %b, %c; mov.u64 %rd5, 1; mov.u64 %rd6, 2; mov.u64 %rd7, 9; mov.b128 %a, {%rd5, %rd6}; mov.b128 %b, {%rd7, %rd7};"
            "atom.global.cas.b128 %c, [%rd0], %a, %b; atom.global.exch.b128 %c, [%rd0+16], %a; st.global.b128 [%rd1], %c;", x, y, block=1)
        self.assertEqual((list(x), list(y)), ([9, 9, 1, 2], [3, 4]))


if __name__ == "__main__":
    unittest.main()
