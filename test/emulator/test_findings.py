"""For every kind of finding, a kernel that has the fault and its twin that has not."""

import unittest

import numpy as np
from kernels import HEADER
from test_memory import SHARED, run

from tilewright import emulator

MINE = "mov.u32 %r1, buffer; mad.lo.u32 %r2, %r0, 4, %r1;"
OTHER = "xor.b32 %r3, %r0, 63; mad.lo.u32 %r3, %r3, 4, %r1;"
OUT = "mad.wide.u32 %rd3, %r0, 4, %rd0;"
LONE = "setp.ne.u32 %p1, %r0, 0;"


def kinds(body: str, *args, seeds=3, **more) -> set[str]:
    """What is found, over some schedules."""
    found = set()
    for seed in range(seeds):
        report = run(body, *(a.copy() if isinstance(a, np.ndarray) else a for a in args), seed=seed, on_finding="report", **more)
        found |= {finding.kind for finding in report.findings}
    return found


class FindingTest(unittest.TestCase):
    def twins(self, kind: str, bad: str, good: str, *args, **more):
        self.assertEqual(kinds(bad, *args, **more), {kind}, bad)
        self.assertEqual(kinds(good, *args, **more), set(), good)

    def test_out_of_bounds(self):
        y = np.zeros(32, np.uint32)
        self.twins("out-of-bounds", OUT + "st.global.b32 [%rd3+4], %r0;", OUT + "st.global.b32 [%rd3], %r0;", y)
        self.twins("out-of-bounds", OUT + "ld.global.b32 %r1, [%rd3+4];", OUT + "ld.global.b32 %r1, [%rd3];", y)
        self.twins("out-of-bounds", OUT + "ld.global.b32 %r1, [%rd3+-4];", OUT + "ld.global.b32 %r1, [%rd3+0];", y)
        self.twins("out-of-bounds", "red.global.add.u32 [%rd0+128], 1;", "red.global.add.u32 [%rd0+124], 1;", y)
        self.twins("out-of-bounds", "st.shared.b32 [buffer+4096], %r0;", "setp.ne.u32 %p1, %r0, 0; @!%p1 st.shared.b32 [buffer+4092], %r0;", module=SHARED)
        self.twins("out-of-bounds", ".local .b32 l[2]; mov.u64 %rd1, l; st.local.b32 [%rd1+8], 0;", ".local .b32 l[2]; mov.u64 %rd1, l; st.local.b32 [%rd1+4], 0;")
        self.twins("out-of-bounds", "mov.b64 %rd1, p0; ld.param.u32 %r1, [%rd1+8];", "mov.b64 %rd1, p0; ld.param.u32 %r1, [%rd1+4];", y)
        self.twins("out-of-bounds", "ld.const.u32 %r1, [numbers+8];", "ld.const.u32 %r1, [numbers+4];", module=".const .b32 numbers[2] = {1, 2};\n")
        self.twins("out-of-bounds", "mov.u64 %rd1, 0; ld.u32 %r1, [%rd1];", "ld.u32 %r1, [%rd0];", y)

    def test_use_after_free(self):
        text = f"{HEADER}.visible .entry k(.param .u64 p)\n{{ .reg .b64 %rd; .reg .b32 %r; ld.param.u64 %rd, [p]; ld.global.b32 %r, [%rd]; ret; }}"
        for freed in (False, True):
            with emulator.Device() as device:
                address = device.alloc(64)
                device.write(address, np.zeros(16, np.uint32))
                module = device.load(text)
                if freed:
                    device.free(address)
                module.run("k", 1, 1, [address.to_bytes(8, "little")])
                self.assertEqual([f.kind for f in device.findings()], ["use-after-free"] if freed else [])

    def test_misaligned(self):
        y = np.zeros(64, np.uint32)
        self.twins("misaligned", "ld.global.b32 %r1, [%rd0+2];", "ld.global.b32 %r1, [%rd0+4];", y)
        self.twins("misaligned", "ld.global.v4.b32 {%r1, %r2, %r3, %r4}, [%rd0+8];", "ld.global.v4.b32 {%r1, %r2, %r3, %r4}, [%rd0+16];", y)
        self.twins("misaligned", LONE + "@!%p1 st.shared.b64 [buffer+4], %rd0;", LONE + "@!%p1 st.shared.b64 [buffer+8], %rd0;", y, module=SHARED)
        self.twins("misaligned", "red.global.add.u64 [%rd0+4], %rd0;", "red.global.add.u64 [%rd0+8], %rd0;", y)

    def test_read_only(self):
        module = ".const .b32 numbers[2] = {1, 2};\n"
        y = np.zeros(1, np.uint32)
        self.twins("read-only", "mov.u64 %rd1, numbers; cvta.const.u64 %rd1, %rd1; st.b32 [%rd1], 1;",
                   "mov.u64 %rd1, numbers; cvta.const.u64 %rd1, %rd1; ld.b32 %r1, [%rd1];", module=module)
        self.twins("read-only", "mov.b64 %rd1, p0; cvta.param.u64 %rd1, %rd1; st.b64 [%rd1], 1;", "mov.b64 %rd1, p0; cvta.param.u64 %rd1, %rd1; ld.b64 %rd2, [%rd1];", y)

    def test_uninitialised_memory(self):
        """Memory that nobody wrote, where it decides something."""
        y = np.zeros(32, np.uint32)
        store = OUT + "st.global.b32 [%rd3], %r5;"
        self.twins("uninitialised", MINE + "ld.shared.b32 %r5, [%r2];" + store, MINE + "st.shared.b32 [%r2], 1; ld.shared.b32 %r5, [%r2];" + store, y, module=SHARED)
        self.twins("uninitialised", MINE + "ld.shared.b32 %r4, [%r2]; add.u32 %r5, %r4, 1;" + store, MINE + "st.shared.b32 [%r2], 1; ld.shared.b32 %r5, [%r2];" + store,
                   y, module=SHARED)
        self.twins("uninitialised", ".local .b32 l; ld.local.b32 %r5, [l];" + store, ".local .b32 l; st.local.b32 [l], 2; ld.local.b32 %r5, [l];" + store, y)
        self.twins("uninitialised", MINE + "st.shared.b8 [%r2], 1; ld.shared.b32 %r5, [%r2];" + store, MINE + "st.shared.b8 [%r2], 1; ld.shared.u8 %r5, [%r2];" + store,
                   y, module=SHARED)
        self.twins("uninitialised", MINE + "ld.shared.b32 %r4, [%r2]; setp.eq.u32 %p1, %r4, 0; @%p1 bra END; END:",
                   MINE + "ld.shared.b32 %r4, [%r2]; setp.eq.u32 %p1, %r4, 0;", module=SHARED)
        self.twins("uninitialised", "atom.shared.add.u32 %r5, [buffer], 1;", "atom.shared.exch.b32 %r5, [buffer], 1;", module=SHARED)

    def test_uninitialised_device_memory(self):
        text = (f"{HEADER}.visible .entry k(.param .u64 p, .param .u64 q)\n{{ .reg .b64 %rd, %out; .reg .b32 %r; ld.param.u64 %rd, [p]; ld.param.u64 %out, [q];"
                " ld.global.b32 %r, [%rd]; st.global.b32 [%out], %r; ret; }")
        for written in (False, True):
            with emulator.Device() as device:
                pair = [device.alloc(64), device.alloc(64)]
                if written:
                    device.write(pair[0], np.zeros(16, np.uint32))
                device.load(text).run("k", 1, 1, [address.to_bytes(8, "little") for address in pair])
                self.assertEqual([f.kind for f in device.findings()], [] if written else ["uninitialised"])

    def test_uninitialised_register(self):
        y = np.zeros(32, np.uint32)
        self.twins("uninitialised", OUT + "st.global.b32 [%rd3], %r7;", OUT + "mov.u32 %r7, 1; st.global.b32 [%rd3], %r7;", y)
        self.twins("uninitialised", "add.u64 %rd7, %rd7, %rd0; st.global.b32 [%rd7], 1;", OUT + "st.global.b32 [%rd3], 1;", y)
        self.twins("uninitialised", "@%p3 bra END; END:", "setp.eq.u32 %p3, %r0, 0; @%p3 bra END; END:", y)
        self.twins("uninitialised", OUT + "selp.b32 %r7, %r8, 1, %p3; st.global.b32 [%rd3], %r7;",
                   OUT + "setp.gt.u32 %p3, %r0, 99; selp.b32 %r7, %r8, 1, %p3; st.global.b32 [%rd3], %r7;", y)
        partly = "setp.lt.u32 %p3, %r0, 16; @%p3 mov.u32 %r7, 1;" + OUT
        self.twins("uninitialised", partly + "st.global.b32 [%rd3], %r7;", partly + "@%p3 st.global.b32 [%rd3], %r7;", y)
        self.twins("uninitialised", OUT + "shfl.sync.bfly.b32 %r7, %r8, 1, 31, -1; st.global.b32 [%rd3], %r7;",
                   OUT + "shfl.sync.bfly.b32 %r7, %r0, 1, 31, -1; st.global.b32 [%rd3], %r7;", y)

    def test_missing_barrier(self):
        """Warps that write and read shared memory, in either order."""
        write, read = MINE + "st.shared.b32 [%r2], %r0;", OTHER + "ld.shared.b32 %r4, [%r3];"
        for barrier in ("bar.sync 0;", "barrier.sync 1;", "bar.sync 2, 64;"):
            self.twins("race-shared", write + read, write + barrier + read, module=SHARED, block=64)
            again = "st.shared.b32 [%r2], %r4;"
            self.twins("race-shared", write + barrier + read + again, write + barrier + read + barrier + again, module=SHARED, block=64)
        self.twins("race-shared", write + "bar.warp.sync -1;" + read, write + "bar.sync 0;" + read, module=SHARED, block=64)
        self.twins("race-shared", "st.shared.b32 [buffer], %r0;", "st.shared.b32 [buffer], 7;", module=SHARED, block=64)
        self.twins("race-shared", MINE + "st.shared.b8 [%r2+1], %r0;" + OTHER + "bar.warp.sync -1; ld.shared.b32 %r4, [%r3];",
                   MINE + "st.shared.b8 [%r2+1], %r0;" + OTHER + "bar.warp.sync -1; ld.shared.u8 %r4, [%r2+1];", module=SHARED, block=64)

    def test_wrong_barrier(self):
        """A named barrier orders only those who take part."""
        split = "setp.ge.u32 %p1, %r0, 32;"
        write, read = MINE + "@!%p1 st.shared.b32 [%r2], %r0;", OTHER + "@%p1 ld.shared.b32 %r4, [%r3];"
        arrive = "@%p1 bra SYNC; bar.arrive 1, 64; bra ON; SYNC: bar.sync 1, 64; ON:"
        late = split + MINE + "@!%p1 bra FIRST; bar.sync 1, 64; bra ON; FIRST: bar.arrive 1, 64; st.shared.b32 [%r2], %r0; ON:" + OTHER + "@%p1 ld.shared.b32 %r4, [%r3];"
        self.twins("race-shared", late, split + write + arrive + read, module=SHARED, block=64)

    def test_race_inside_a_warp(self):
        write, read = MINE + "st.shared.b32 [%r2], %r0;", "xor.b32 %r3, %r0, 1; mad.lo.u32 %r3, %r3, 4, %r1; ld.shared.b32 %r4, [%r3];"
        self.twins("race-shared", write + read, write + "bar.warp.sync -1;" + read, module=SHARED)
        self.twins("race-shared", write + "shfl.sync.bfly.b32 %r5, %r0, 1, 31, -1;" + read, write + "bar.sync 0;" + read, module=SHARED)
        some = "setp.lt.u32 %p1, %r0, 16; @!%p1 bra END;"
        self.twins("race-shared", some + write + read + "END:", some + write + "bar.warp.sync 0xffff;" + read + "END:", module=SHARED)
        one = LONE + "@!%p1 st.shared.b32 [buffer], 5;"
        self.twins("race-shared", one + "ld.shared.b32 %r4, [buffer];", one + "bar.warp.sync -1; ld.shared.b32 %r4, [buffer];", module=SHARED)

    def test_race_with_one_of_many_readers(self):
        """Eight warps read; the writer waits for all but one of them, whichever it is."""
        read = "ld.shared.b32 %r4, [buffer];"
        for left_out in range(8):
            write = f"setp.ne.u32 %p2, %r0, {32 * (8 - left_out) % 256}; @%p2 bra END; st.shared.b32 [buffer], %r0; END:"
            some = f"shr.u32 %r5, %r0, 5; setp.eq.u32 %p1, %r5, {left_out}; @%p1 bra OUT; bar.sync 1, 224; {write} OUT:"
            every = f"bar.sync 1, 256; {write}"
            first = "setp.ne.u32 %p3, %r0, 0; @%p3 bra FIRST; st.shared.b32 [buffer], 7; FIRST: bar.sync 0;"
            if (8 - left_out) % 8 == left_out:
                continue
            self.twins("race-shared", first + read + some, first + read + every, module=SHARED, block=256)

    def test_race_on_global_memory(self):
        y = np.zeros(64, np.uint32)
        block = "mov.u32 %r1, %ctaid.x; mad.lo.u32 %r2, %r1, 32, %r0;"
        self.twins("race-global", OUT + block + "st.global.b32 [%rd3], %r2;", block + "mad.wide.u32 %rd3, %r2, 4, %rd0; st.global.b32 [%rd3], %r2;", y, grid=2)
        self.twins("race-global", block + "mad.wide.u32 %rd3, %r2, 4, %rd0; st.global.b32 [%rd3], %r2; ld.global.b32 %r4, [%rd0];",
                   block + "mad.wide.u32 %rd3, %r2, 4, %rd0; st.global.b32 [%rd3], %r2; ld.global.b32 %r4, [%rd3];", y, grid=2)
        self.twins("race-global", "ld.global.u32 %r1, [%rd0]; add.u32 %r1, %r1, 1; st.global.u32 [%rd0], %r1;", "red.global.add.u32 [%rd0], 1;", y, grid=2, block=1)
        self.twins("race-global", OUT + "st.global.b32 [%rd3], %r0; xor.b32 %r1, %r0, 63; mad.wide.u32 %rd4, %r1, 4, %rd0; ld.global.b32 %r2, [%rd4];",
                   OUT + "st.global.b32 [%rd3], %r0; bar.sync 0; xor.b32 %r1, %r0, 63; mad.wide.u32 %rd4, %r1, 4, %rd0; ld.global.b32 %r2, [%rd4];", y, block=64)
        self.twins("race-global", "atom.global.add.u32 %r1, [%rd0], 1; ld.global.b32 %r2, [%rd0];", "atom.global.add.u32 %r1, [%rd0], 1;", y, block=64)

    def test_race_with_other_blocks_that_read(self):
        """All of many blocks read what one of them writes behind its own barrier; in the twin only that block reads."""
        y = np.zeros(64, np.uint32)
        for writer in range(4):
            here = f"mov.u32 %r1, %ctaid.x; setp.ne.u32 %p1, %r1, {writer};"
            read = "ld.global.u32 %r4, [%rd0]; bar.sync 0;"
            write = "@%p1 bra END; setp.ne.u32 %p2, %r0, 0; @%p2 bra END; st.global.u32 [%rd0], 9; END:"
            self.twins("race-global", here + read + write, here + "@%p1 bra END;" + read + write, y, grid=4, block=96)

    def test_missing_release(self):
        """A flag hands data to another block; without order on both sides that is a race."""
        def body(store, load):
            return ("mov.u32 %r1, %ctaid.x; setp.eq.u32 %p1, %r1, 0; @!%p1 bra READER; st.global.b32 [%rd0], 42;" + store +
                    f"bra END; READER: WAIT: {load} setp.eq.u32 %p2, %r2, 0; @%p2 bra WAIT; AFTER ld.global.b32 %r3, [%rd0]; st.global.b32 [%rd0+8], %r3; END:")

        y = np.zeros(4, np.uint32)
        release, acquire = "st.release.gpu.global.b32 [%rd0+4], 1;", "ld.acquire.gpu.global.b32 %r2, [%rd0+4];"
        relaxed, look = "st.relaxed.gpu.global.b32 [%rd0+4], 1;", "ld.relaxed.gpu.global.b32 %r2, [%rd0+4];"
        pairs = [(release, acquire, ""), ("fence.acq_rel.gpu;" + relaxed, look, "fence.acq_rel.gpu;"), ("membar.gl; st.volatile.global.b32 [%rd0+4], 1;",
                 "ld.volatile.global.b32 %r2, [%rd0+4];", "membar.gl;"), ("atom.release.gpu.global.add.u32 %r5, [%rd0+4], 1;",
                 "atom.acquire.gpu.global.add.u32 %r2, [%rd0+4], 0;", ""), (release, look, "fence.acq_rel.gpu;")]
        for store, load, after in pairs:
            self.assertEqual(kinds(body(store, load).replace("AFTER", after), y, grid=2, block=1), set(), (store, load))
        for store, load, after in ((relaxed, acquire, ""), (release, look, ""), (relaxed, look, ""), ("fence.acq_rel.gpu;" + relaxed, look, "")):
            self.assertEqual(kinds(body(store, load).replace("AFTER", after), y, grid=2, block=1), {"race-global"}, (store, load))

    def test_divergent_barrier(self):
        half = "setp.lt.u32 %p1, %r0, 16;"
        self.assertIn("divergent-barrier", kinds(half + "@%p1 bar.sync 0; @!%p1 bar.sync 0;"))
        self.assertIn("divergent-barrier", kinds(half + "@!%p1 bra END; bar.sync 0; END:"))
        self.assertEqual(kinds(half + "@!%p1 exit; bar.sync 0;"), set())
        whole = "setp.lt.u32 %p1, %r0, 32;"
        self.assertEqual(kinds(whole + "@%p1 bar.sync 0; @!%p1 bar.sync 0;", block=64), set())
        self.assertIn("divergent-barrier", kinds(whole + "@%p1 bra A; bar.sync 1, 64; bra END; A: bar.sync 1, 96; END:", block=64))
        self.assertIn("divergent-barrier", kinds("mov.u32 %r1, 33; bar.sync 1, %r1;"))

    def test_divergent_sync(self):
        half = "setp.lt.u32 %p1, %r0, 16; @!%p1 bra END;"
        self.assertEqual(kinds(half + "shfl.sync.idx.b32 %r1, %r0, 0, 31, 0xff; END:"), {"divergent-sync"})
        self.assertEqual(kinds(half + "shfl.sync.idx.b32 %r1, %r0, 0, 31, 0xffff; END:"), set())

    def test_deadlock(self):
        first = "setp.lt.u32 %p1, %r0, 32;"
        self.twins("deadlock", first + "@%p1 bar.sync 1, 64;", first + "@%p1 bar.sync 1, 32;", block=64)
        self.twins("deadlock", first + "@%p1 bra A; bar.sync 1, 64; bar.sync 2, 64; bra END; A: bar.sync 2, 64; bar.sync 1, 64; END:",
                   first + "@%p1 bra A; bar.sync 1, 64; bar.sync 2, 64; bra END; A: bar.sync 1, 64; bar.sync 2, 64; END:", block=64)
        half = "setp.lt.u32 %p1, %r0, 16; @!%p1 bra OTHER; bar.warp.sync -1; bra END; OTHER: "
        self.twins("deadlock", half + "bar.warp.sync -1; END:", half.replace("-1", "0xffff") + "bar.warp.sync 0xffff0000; END:")
        report = run(first + "@%p1 bar.sync 1, 64;", block=64, on_finding="report")
        self.assertIn("barrier 1 has 32 of 64 threads", report.findings[0].text)

    def test_traps(self):
        self.twins("trap", "setp.eq.u32 %p1, %r0, 3; @%p1 trap;", "setp.eq.u32 %p1, %r0, 33; @%p1 trap;")
        self.twins("illegal-instruction", "mov.u32 %r1, 16; bar.sync %r1;", "mov.u32 %r1, 15; bar.sync %r1;")
        index = "T: .branchtargets END, END; "
        self.twins("illegal-instruction", index + "brx.idx %r0, T; END:", index + "and.b32 %r0, %r0, 1; brx.idx %r0, T; END:")
        self.twins("instruction-limit", "LOOP: bra LOOP;", "add.u32 %r0, %r0, 1;", instruction_limit=10000)

    def test_report(self):
        """Kernel, line, block, thread, address, label, count; an exception unless asked otherwise."""
        y = np.zeros(32, np.uint32)
        body = "mov.u32 %r1, %ctaid.x;\n setp.ne.u32 %p1, %r1, 2;\n @%p1 bra END;\n mov.u32 %r2, %tid.y; setp.lt.u32 %p2, %r2, 2;\n@!%p2 st.global.b32 [%rd0+1000], 1; END:"
        report = run(body, y, grid=3, block=(4, 4), label="Conv_3", on_finding="report")
        finding = report.findings[0]
        line = 10 + body.count("\n")  # nine lines come before the body
        self.assertEqual((finding.kind, finding.kernel, finding.label, finding.count), ("out-of-bounds", "k", "Conv_3", 8))
        self.assertEqual((finding.block, finding.thread), ((2, 0, 0), (0, 2, 0)))
        self.assertEqual(finding.line, line)
        with self.assertRaisesRegex(emulator.Findings, "out-of-bounds.*Conv_3"):
            run(body, y, grid=3, block=(4, 4), label="Conv_3")

    def test_seeds(self):
        """One seed, one schedule."""
        def order(seed):
            y = np.zeros(65, np.uint32)
            run("atom.global.add.u32 %r1, [%rd0], 1; mad.wide.u32 %rd3, %r1, 4, %rd0; st.global.b32 [%rd3+4], %r0;", y, block=64, seed=seed)
            return list(y)
        self.assertEqual(order(1), order(1))
        self.assertGreater(len({tuple(order(seed)) for seed in range(8)}), 1)


if __name__ == "__main__":
    unittest.main()
