"""Instructions in which lanes see each other, barriers, branches, calls."""

import unittest

import numpy as np
from kernels import HEADER, lanes
from test_memory import SHARED, run

from tilewright import emulator

LANE = np.arange(32)
A = (LANE * 7 + 3).astype(np.uint32)
FULL = "0xffffffff"


def shuffle(mode: str, lane: int, b: int, c: int) -> tuple[int, bool]:
    """The manual's pseudo-code."""
    clamp, segment = c & 31, c >> 8 & 31
    low = lane & segment
    high = low | clamp & ~segment
    if mode == "up":
        return (source, True) if (source := lane - b) >= high else (lane, False)
    source = {"down": lane + b, "bfly": lane ^ b, "idx": low | b & ~segment}[mode]
    return (source, True) if source <= high else (lane, False)


class WarpTest(unittest.TestCase):
    def test_shuffles(self):
        for mode in ("up", "down", "bfly", "idx"):
            for b in (0, 1, 3, 8, 16, 31):
                for width in (32, 16, 8):
                    c = (32 - width) << 8 | (0 if mode == "up" else 31)
                    with self.subTest(f"{mode} {b} of {width}"):
                        d, p = lanes(f"shfl.sync.{mode}.b32 %d|%p, %a, {b}, {c}, {FULL};", {"d": np.uint32, "p": bool}, a=A)
                        expected = [shuffle(mode, lane, b, c) for lane in range(32)]
                        np.testing.assert_array_equal(d, [A[source] for source, _ in expected])
                        np.testing.assert_array_equal(p, [valid for _, valid in expected])

    def test_votes(self):
        for a in (np.ones(32, bool), np.zeros(32, bool), LANE % 3 == 0):
            for mode, expected in (("all", a.all()), ("any", a.any()), ("uni", a.all() or not a.any())):
                np.testing.assert_array_equal(lanes(f"vote.sync.{mode}.pred %d, %a, {FULL};", {"d": bool}, a=a), [expected] * 32)
            ballot = sum(1 << lane for lane in range(32) if a[lane])
            np.testing.assert_array_equal(lanes(f"vote.sync.ballot.b32 %d, %a, {FULL};", {"d": np.uint32}, a=a), [ballot] * 32)
            found = lanes(f"vote.sync.ballot.b32 %d, !%a, {FULL};", {"d": np.uint32}, a=a)
            np.testing.assert_array_equal(found, [ballot ^ 0xFFFFFFFF] * 32)

    def test_match(self):
        for dtype, bits in ((np.uint32, 32), (np.uint64, 64)):
            a = (LANE % 5).astype(dtype)
            expected = [sum(1 << other for other in range(32) if other % 5 == lane % 5) for lane in range(32)]
            np.testing.assert_array_equal(lanes(f"match.any.sync.b{bits} %d, %a, {FULL};", {"d": np.uint32}, a=a), expected)
            for a, same in ((a, False), (np.full(32, 9, dtype), True)):
                d, p = lanes(f"match.all.sync.b{bits} %d|%p, %a, {FULL};", {"d": np.uint32, "p": bool}, a=a)
                np.testing.assert_array_equal(d, [0xFFFFFFFF if same else 0] * 32)
                np.testing.assert_array_equal(p, [same] * 32)

    def test_redux(self):
        for op, f in (("add", np.add), ("min", np.minimum), ("max", np.maximum)):
            for type_, dtype in (("u32", np.uint32), ("s32", np.int32)):
                a = (LANE * 100 - 1600).astype(dtype)
                np.testing.assert_array_equal(lanes(f"redux.sync.{op}.{type_} %d, %a, {FULL};", {"d": dtype}, a=a), [f.reduce(a).astype(dtype)] * 32)
        for op, f in (("and", np.bitwise_and), ("or", np.bitwise_or), ("xor", np.bitwise_xor)):
            np.testing.assert_array_equal(lanes(f"redux.sync.{op}.b32 %d, %a, {FULL};", {"d": np.uint32}, a=A), [f.reduce(A)] * 32)

    def test_masks_and_election(self):
        d, p = lanes(f"elect.sync %d|%p, {FULL};", {"d": np.uint32, "p": bool})
        np.testing.assert_array_equal(p, LANE == d[0])
        np.testing.assert_array_equal(lanes("activemask.b32 %d;", {"d": np.uint32}), [0xFFFFFFFF] * 32)
        body = "mov.u32 %d, 0; setp.lt.u32 %q1, %lane, 7; @%q1 bra LOW; bra JOIN; LOW: activemask.b32 %d; JOIN:"
        np.testing.assert_array_equal(lanes(body, {"d": np.uint32}), np.where(LANE < 7, 127, 0))

    def test_members(self):
        """Lanes of a mask come from two sides of a branch to one instruction."""
        body = (f"mov.u32 %d, 5; and.b32 %t1, %lane, 1; setp.eq.u32 %q1, %t1, 0; @!%q1 bra JOIN; shfl.sync.bfly.b32 %d, %lane, 2, 31, 0x55555555;"
                f"redux.sync.add.u32 %d, %d, 0x55555555; JOIN: bar.warp.sync {FULL};")
        np.testing.assert_array_equal(lanes(body, {"d": np.uint32}), np.where(LANE % 2 == 0, 240, 5))

    def test_special_registers(self):
        for name, expected in (("%laneid", LANE), ("%tid.y", LANE * 0), ("%ntid.x", LANE * 0 + 32), ("%warpid", LANE * 0), ("%lanemask_eq", 1 << LANE),
                               ("%lanemask_lt", (1 << LANE) - 1), ("%lanemask_le", (2 << LANE) - 1), ("%lanemask_gt", 0xFFFFFFFF & ~((2 << LANE) - 1)),
                               ("%lanemask_ge", 0xFFFFFFFF & ~((1 << LANE) - 1)), ("%nctaid.x", LANE * 0 + 1), ("%nwarpid", LANE * 0 + 1),
                               ("%cluster_ctarank", LANE * 0), ("%cluster_nctarank", LANE * 0 + 1)):
            np.testing.assert_array_equal(lanes(f"mov.u32 %d, {name};", {"d": np.uint32}), expected, name)

    def test_shape(self):
        """Threads and blocks in three dimensions."""
        y = np.zeros((4, 3, 2, 6), np.uint32)
        run("mov.u32 %r1, %tid.y; mov.u32 %r2, %tid.z; mov.u32 %r3, %ctaid.x; mov.u32 %r4, %ctaid.y; mov.u32 %r5, %nctaid.x; mad.lo.u32 %r6, %r4, %r5, %r3;"
            "mad.lo.u32 %r7, %r2, 3, %r1; mad.lo.u32 %r7, %r7, 2, %r0; mad.lo.u32 %r8, %r6, 6, %r7; mov.u32 %r9, %ntid.z; mad.lo.u32 %r10, %r8, 10, %r9;"
            "mul.wide.u32 %rd3, %r8, 4; add.u64 %rd3, %rd3, %rd0; st.global.b32 [%rd3], %r10;", y, grid=(4, 6), block=(2, 3, 1))
        np.testing.assert_array_equal(y.ravel(), np.arange(144) * 10 + 1)

    def test_clocks(self):
        d = lanes("mov.u32 %t1, %clock; mov.u64 %w1, %clock64; mov.u64 %w2, %globaltimer; mov.u64 %w3, %clock64; sub.u64 %d, %w3, %w1;", {"d": np.uint64})
        self.assertTrue((d > 0).all())


class BarrierTest(unittest.TestCase):
    def test_block(self):
        """Every warp sees what the others wrote before each barrier form."""
        for barrier in ("bar.sync 0;", "barrier.sync 1;", "barrier.sync.aligned 2;", "bar.sync 3, 128;", "barrier.cta.sync.aligned 15, 128;", "bar.cta.sync 0;"):
            for seed in range(3):
                y = np.zeros(128, np.uint32)
                run(f"mad.lo.u32 %r1, %r0, 4, 0; mov.u32 %r2, buffer; add.u32 %r3, %r1, %r2; st.shared.b32 [%r3], %r0; {barrier} xor.b32 %r4, %r1, 508;"
                    "add.u32 %r4, %r4, %r2; ld.shared.b32 %r5, [%r4]; mul.wide.u32 %rd3, %r0, 4; add.u64 %rd3, %rd3, %rd0; st.global.b32 [%rd3], %r5;",
                    y, module=SHARED, block=128, seed=seed)
                np.testing.assert_array_equal(y, np.arange(128)[::-1])

    def test_reductions(self):
        for barrier in ("bar.red", "barrier.red"):
            aligned = "" if barrier == "bar.red" else ".aligned"
            y = np.zeros(5, np.uint32)
            run(f"setp.lt.u32 %p1, %r0, 50; setp.lt.u32 %p2, %r0, 500; {barrier}.popc{aligned}.u32 %r1, 0, %p1; {barrier}.popc{aligned}.u32 %r2, 1, 96, !%p1;"
                f"{barrier}.and{aligned}.pred %p3, 0, %p1; {barrier}.or{aligned}.pred %p4, 0, 96, %p1; {barrier}.and{aligned}.pred %p5, 0, 96, %p2;"
                f"{barrier}.or{aligned}.pred %p6, 0, %p2; selp.b32 %r3, 1, 0, %p3; selp.b32 %r4, 1, 0, %p4; selp.b32 %r5, 1, 0, %p5; setp.ne.u32 %p7, %r0, 0;"
                "@%p7 ret; st.global.b32 [%rd0], %r1; st.global.b32 [%rd0+4], %r2; st.global.b32 [%rd0+8], %r3; st.global.b32 [%rd0+12], %r4;"
                "st.global.b32 [%rd0+16], %r5;", y, block=96)
            self.assertEqual(list(y), [50, 46, 0, 1, 1])

    def test_producer(self):
        """One warp arrives and goes on, the other waits."""
        for arrive, sync in (("bar.arrive", "bar.sync"), ("barrier.arrive", "barrier.sync"), ("barrier.cta.arrive.aligned", "barrier.sync.aligned")):
            y = np.zeros(32, np.uint32)
            run(f"mov.u32 %r1, buffer; and.b32 %r2, %r0, 31; mad.lo.u32 %r3, %r2, 4, %r1; setp.ge.u32 %p1, %r0, 32; @%p1 bra CONSUMER;"
                f"st.shared.b32 [%r3], %r0; {arrive} 1, 64; bra END; CONSUMER: {sync} 1, 64; ld.shared.b32 %r4, [%r3]; mad.wide.u32 %rd3, %r2, 4, %rd0;"
                "st.global.b32 [%rd3], %r4; END:", y, module=SHARED, block=64)
            np.testing.assert_array_equal(y, LANE)

    def test_exited_threads(self):
        """Warps that have exited are not waited for."""
        y = np.zeros(32, np.uint32)
        run("setp.ge.u32 %p1, %r0, 32; @%p1 exit; bar.sync 0; mad.wide.u32 %rd3, %r0, 4, %rd0; st.global.b32 [%rd3], %r0;", y, block=96)
        np.testing.assert_array_equal(y, LANE)

    def test_fences_and_waits(self):
        y = np.zeros(1, np.uint32)
        run("membar.cta; membar.gl; membar.sys; fence.acq_rel.gpu; fence.sc.cta; fence.acq_rel.cluster; fence.sc.sys; nanosleep.u32 20; pmevent 3; pmevent.mask 3;"
            "griddepcontrol.wait; griddepcontrol.launch_dependents; brkpt; st.global.b32 [%rd0], 1;", y, block=1)
        self.assertEqual(y[0], 1)


class ControlTest(unittest.TestCase):
    def test_divergence(self):
        """Nested branches and loops of a different length in each lane."""
        body = ("mov.u32 %d, 0; mov.u32 %t1, 0; LOOP: setp.ge.u32 %q1, %t1, %lane; @%q1 bra DONE; and.b32 %t2, %t1, 3; setp.eq.u32 %q2, %t2, 1; @%q2 bra SKIP;"
                "setp.gt.u32 %q3, %t1, 9; @%q3 bra BIG; add.u32 %d, %d, %t1; bra SKIP; BIG: add.u32 %d, %d, 1000; SKIP: add.u32 %t1, %t1, 1; bra.uni LOOP;"
                f"DONE: bar.warp.sync {FULL}; redux.sync.add.u32 %t3, %d, {FULL}; add.u32 %d, %d, %t3;")
        values = [sum(1000 if i > 9 else i for i in range(lane) if i & 3 != 1) for lane in range(32)]
        for seed in range(3):
            np.testing.assert_array_equal(lanes(body, {"d": np.uint32}, seed=seed), np.array(values) + sum(values))

    def test_indirect(self):
        body = ("mov.u32 %d, 0; and.b32 %t1, %lane, 3; LIST: .branchtargets L0, L1, L2, L0; brx.idx %t1, LIST; L0: mov.u32 %d, 10; bra END;"
                "L1: mov.u32 %d, 11; bra END; L2: mov.u32 %d, 12; END:")
        np.testing.assert_array_equal(lanes(body, {"d": np.uint32}), np.array([10, 11, 12, 10])[LANE % 4])

    def test_calls(self):
        """Parameters in memory and in registers, divergent calls, recursion, locals of each call."""
        module = (".func (.param .b32 out) square(.param .b32 x, .param .align 4 .b8 pair[8])\n{ .reg .b32 %r<6>; ld.param.b32 %r1, [x]; ld.param.b32 %r2, [pair+4];"
                  " setp.gt.u32 %p1, %r1, 20; mad.lo.u32 %r3, %r1, %r1, %r2; @%p1 bra BIG; st.param.b32 [out], %r3; ret; BIG: st.param.b32 [out], 7; ret; .reg .pred %p1; }\n"
                  ".func (.reg .b32 %s) add(.reg .b32 %x, .reg .b32 %y) { add.u32 %s, %x, %y; ret; }\n"
                  ".visible .func (.param .b32 out) fact(.param .b32 n)\n{ .reg .b32 %r<6>; .reg .pred %p; .local .b32 kept; ld.param.b32 %r1, [n]; st.local.b32 [kept], %r1;"
                  " setp.gt.u32 %p, %r1, 1; @%p bra MORE; st.param.b32 [out], 1; ret; MORE: { .param .b32 a; .param .b32 b; sub.u32 %r2, %r1, 1; st.param.b32 [a], %r2;"
                  " call.uni (b), fact, (a); ld.param.b32 %r3, [b]; } ld.local.b32 %r4, [kept]; mul.lo.u32 %r5, %r3, %r4; st.param.b32 [out], %r5; ret; }\n"
                  ".func nothing() { ret; }\n")
        body = ("mov.u32 %d, 1; { .param .b32 x; .param .align 4 .b8 pair[8]; .param .b32 result; st.param.b32 [x], %lane; st.param.b32 [pair+4], 100;"
                " call (result), square, (x, pair); ld.param.b32 %d, [result]; } call (%t1), add, (%d, %lane); nothing_follows: call nothing; call nothing, ();"
                " mov.u32 %d, %t1; and.b32 %t2, %lane, 7; setp.eq.u32 %q1, %t2, 5; { .param .b32 n; .param .b32 f; st.param.b32 [n], %t2; @%q1 call (f), fact, (n);"
                " @%q1 ld.param.b32 %d, [f]; }")
        expected = [120 if lane % 8 == 5 else (7 if lane > 20 else lane * lane + 100) + lane for lane in range(32)]
        module = module.replace("setp.gt.u32 %p1, %r1, 20", ".reg .pred %p1; setp.gt.u32 %p1, %r1, 20").replace(" .reg .pred %p1; }", " }")
        for seed in range(3):
            np.testing.assert_array_equal(lanes(body, {"d": np.uint32}, module=module, seed=seed), expected)

    def test_scopes(self):
        """An inner scope's names hide the outer ones; labels are a scope's own."""
        body = "mov.u32 %d, 1; { .reg .b32 %d2; .reg .pred p; mov.u32 %d2, 5; setp.eq.u32 p, %d2, 5; @p bra L; mov.u32 %d2, 9; L: add.u32 %d, %d, %d2; }" \
               "{ .reg .b32 %d2; mov.u32 %d2, 10; bra L; mov.u32 %d2, 99; L: add.u32 %d, %d, %d2; }"
        self.assertEqual(lanes(body, {"d": np.uint32})[0], 16)

    def test_grid_waits(self):
        """A block that waits for a later one: more blocks come to run at once."""
        y = np.zeros(2, np.uint32)
        run("mov.u32 %r1, %ctaid.x; setp.eq.u32 %p1, %r1, 5; @%p1 st.release.gpu.global.b32 [%rd0], 1; @%p1 bra END;"
            "WAIT: ld.acquire.gpu.global.b32 %r2, [%rd0]; setp.eq.u32 %p2, %r2, 0; @%p2 bra WAIT; red.global.add.u32 [%rd0+4], 1; END:", y, grid=6, block=1)
        self.assertEqual(list(y), [1, 5])

    def test_launch_bounds(self):
        text = HEADER + ".entry k() .reqntid 64, 1, 1 .minnctapersm 2 .maxnreg 32 { ret; }\n.entry m() .maxntid 128 { exit; }"
        emulator.launch(text, "k", 1, 64, [])
        for entry, block in (("k", 32), ("m", 256)):
            with self.assertRaisesRegex(emulator.EmulatorError, "ntid"):
                emulator.launch(text, entry, 1, block, [])


if __name__ == "__main__":
    unittest.main()
