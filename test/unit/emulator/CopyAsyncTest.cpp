// cp.async: what it copies, what its groups wait for, and its findings.
#include "test/unit/emulator/Device.h"

#include <algorithm>
#include <numeric>

using namespace tw::emu::test;

namespace {

const std::string kShared = ".shared .align 128 .b8 smem[4096];\n"
                            ".shared .align 8 .b64 bar;\n";

/// %r0: thread; %r2: smem + 16 * thread; %rd11, %rd12: p0, p1 + 16 * thread.
const std::string kStart =
    "mov.u32 %r0, %tid.x;\nmov.u32 %r1, smem;\nmul.wide.u32 %rd10, %r0, 16;\n"
    "add.u64 %rd11, %rd0, %rd10;\nadd.u64 %rd12, %rd1, %rd10;\n"
    "mad.lo.u32 %r2, %r0, 16, %r1;\nmov.u32 %r9, bar;\n";
const std::string kOut =
    "ld.shared.v4.b32 {%r20, %r21, %r22, %r23}, [%r2];\n"
    "st.global.v4.b32 [%rd11], {%r20, %r21, %r22, %r23};\n";
const std::string kWait = "cp.async.wait_all;\n";

std::vector<uint32_t> numbers(size_t count) {
  std::vector<uint32_t> values(count);
  std::iota(values.begin(), values.end(), 1);
  return values;
}

struct Outcome {
  Kinds kinds;
  std::vector<uint32_t> out;
  std::string texts;
};

Outcome run(const std::string &body, uint32_t block = 32, uint64_t seed = 1) {
  Device device(seed);
  uint64_t in = device.upload(numbers(4 * block));
  uint64_t out = device.upload(std::vector<uint32_t>(4 * block, 7));
  Kinds kinds =
      device.run(kernel(2, kStart + body, kShared), {1, block}, {out, in});
  return {kinds, device.download<uint32_t>(out, 4 * block), device.texts};
}

TEST(CopyAsync, EverySizeAndHint) {
  for (std::string copy :
       {"cp.async.ca.shared.global [%r2], [%rd12], 16;\n",
        "cp.async.cg.shared.global [%r2], [%rd12], 16;\n",
        "cp.async.cg.shared::cta.global.L2::128B [%r2], [%rd12], 16;\n",
        "cp.async.ca.shared.global [%r2], [%rd12], 8;\n"
        "cp.async.ca.shared.global [%r2+8], [%rd12+8], 8;\n",
        "cp.async.ca.shared.global.L2::64B [%r2], [%rd12], 4;\n"
        "cp.async.ca.shared.global [%r2+4], [%rd12+4], 4;\n"
        "cp.async.ca.shared.global [%r2+8], [%rd12+8], 4, 4;\n"
        "cp.async.ca.shared.global [%r2+12], [%rd12+12], 4;\n",
        "mov.b64 %rd20, 0;\ncp.async.cg.shared.global.L2::cache_hint [%r2], "
        "[%rd12], 16, %rd20;\n",
        "mov.b64 %rd20, 0;\ncp.async.cg.shared.global.L2::cache_hint [%r2], "
        "[%rd12], 16, 16, %rd20;\n"}) {
    Outcome o = run(copy + kWait + kOut);
    EXPECT_EQ(o.kinds, kNone) << copy << o.texts;
    EXPECT_EQ(o.out, numbers(128)) << copy;
  }
}

TEST(CopyAsync, SourceSizeAndIgnoredSourceFillWithZeros) {
  // Nothing is read beyond the source size, even where there is nothing.
  Outcome o = run("setp.gt.u32 %p0, %r0, 3;\nselp.b32 %r5, 0, 8, %p0;\n"
                  "selp.b64 %rd12, 64, %rd12, %p0;\n"
                  "cp.async.cg.shared.global [%r2], [%rd12], 16, %r5;\n" +
                  kWait + kOut);
  EXPECT_EQ(o.kinds, kNone) << o.texts;
  for (uint32_t i = 0; i < 128; ++i)
    EXPECT_EQ(o.out[i], i / 4 <= 3 && i % 4 < 2 ? i + 1 : 0);
  o = run("setp.gt.u32 %p0, %r0, 3;\n"
          "cp.async.cg.shared.global [%r2], [%rd12], 16, %p0;\n" +
          kWait + kOut);
  EXPECT_EQ(o.kinds, kNone) << o.texts;
  for (uint32_t i = 0; i < 128; ++i)
    EXPECT_EQ(o.out[i], i / 4 <= 3 ? i + 1 : 0);
}

const std::string kTwoGroups =
    "cp.async.ca.shared.global [%r2], [%rd12], 8;\ncp.async.commit_group;\n"
    "cp.async.ca.shared.global [%r2+8], [%rd12+8], 8;\n"
    "cp.async.commit_group;\n";
const std::string kFirstHalf = "ld.shared.v2.b32 {%r20, %r21}, [%r2];\n"
                               "st.global.v2.b32 [%rd11], {%r20, %r21};\n";

TEST(CopyAsync, WaitGroupLeavesTheLastOnes) {
  Outcome o = run(kTwoGroups + "cp.async.wait_group 1;\n" + kFirstHalf);
  EXPECT_EQ(o.kinds, kNone) << o.texts;
  EXPECT_EQ(o.out[0], 1u);
  o = run(kTwoGroups + "cp.async.wait_group 1;\n" + kOut);
  EXPECT_EQ(o.kinds, Kinds{"async-not-waited"});
  o = run(kTwoGroups + "cp.async.wait_group 2;\n" + kFirstHalf);
  EXPECT_EQ(o.kinds, Kinds{"async-not-waited"});
  o = run(kTwoGroups + "cp.async.wait_group 0;\n" + kOut);
  EXPECT_EQ(o.kinds, kNone) << o.texts;
}

TEST(CopyAsync, ReadBeforeItsWait) {
  std::string copy = "cp.async.cg.shared.global [%r2], [%rd12], 16;\n";
  EXPECT_EQ(run(copy + kOut + kWait).kinds, Kinds{"async-not-waited"});
  // An uncommitted copy belongs to no group.
  EXPECT_EQ(run(copy + "cp.async.wait_group 0;\n" + kOut).kinds,
            Kinds{"async-not-waited"});
  EXPECT_EQ(run(copy + kWait + kOut).kinds, kNone);
}

TEST(CopyAsync, OtherThreadsNeedABarrierToo) {
  // Thread t reads what thread 127 - t copied.
  std::string copy = "cp.async.cg.shared.global [%r2], [%rd12], 16;\n" + kWait;
  std::string other = "sub.u32 %r5, 127, %r0;\nmad.lo.u32 %r2, %r5, 16, %r1;\n";
  Outcome o = run(copy + "bar.sync 0;\n" + other + kOut, 128);
  EXPECT_EQ(o.kinds, kNone) << o.texts;
  EXPECT_EQ(o.out[0], 509u);
  Kinds kinds = run(copy + other + kOut, 128).kinds;
  EXPECT_NE(std::find(kinds.begin(), kinds.end(), "async-not-waited"),
            kinds.end());
}

TEST(CopyAsync, OverwritingTheSourceBeforeTheWait) {
  std::string copy = "cp.async.cg.shared.global [%r2], [%rd12], 16;\n";
  std::string overwrite = "st.global.b32 [%rd12], %r0;\n";
  EXPECT_EQ(run(copy + overwrite + kWait).kinds, Kinds{"race-global"});
  EXPECT_EQ(run(copy + kWait + overwrite).kinds, kNone);
}

const std::string kInit = "setp.eq.u32 %p0, %r0, 0;\n"
                          "@%p0 mbarrier.init.shared.b64 [%r9], COUNT;\n"
                          "bar.sync 0;\n";
const std::string kBarWait =
    "again:\nmbarrier.try_wait.parity.shared.b64 %p1, [%r9], 0;\n"
    "@!%p1 bra again;\n";

std::string initWith(const std::string &count) {
  std::string text = kInit;
  return text.replace(text.find("COUNT"), 5, count);
}

TEST(CopyAsync, MbarrierLearnsOfCopies) {
  std::string copy = "cp.async.cg.shared.global [%r2], [%rd12], 16;\n";
  std::string other = "sub.u32 %r5, 63, %r0;\nmad.lo.u32 %r2, %r5, 16, %r1;\n";
  for (uint64_t seed = 1; seed < 5; ++seed) {
    Outcome o = run(initWith("64") + copy +
                        "cp.async.mbarrier.arrive.noinc.shared.b64 [%r9];\n" +
                        kBarWait + other + kOut,
                    64, seed);
    EXPECT_EQ(o.kinds, kNone) << o.texts;
    EXPECT_EQ(o.out[0], 253u);
    // Without .noinc the arrival adds itself, so that another one is needed.
    o = run(initWith("64") + copy +
                "cp.async.mbarrier.arrive.shared.b64 [%r9];\n"
                "mbarrier.arrive.shared.b64 _, [%r9];\n" +
                kBarWait + other + kOut,
            64, seed);
    EXPECT_EQ(o.kinds, kNone) << o.texts;
    // An ordinary arrival says nothing of copies.
    o = run(initWith("64") + copy + "mbarrier.arrive.shared.b64 _, [%r9];\n" +
                kBarWait + other + kOut,
            64, seed);
    EXPECT_EQ(o.kinds, Kinds{"async-not-waited"}) << o.texts;
  }
}

TEST(CopyAsync, OutOfBoundsAndMisaligned) {
  auto copy = [](const std::string &to, const std::string &from) {
    return run("cp.async.cg.shared.global [" + to + "], [" + from + "], 16;\n" +
               kWait)
        .kinds;
  };
  EXPECT_EQ(copy("%r2", "%rd12"), kNone);
  EXPECT_EQ(copy("%r2+65536", "%rd12"), Kinds{"out-of-bounds"});
  EXPECT_EQ(copy("%r2", "%rd12+512"), Kinds{"out-of-bounds"});
  EXPECT_EQ(copy("%r2+8", "%rd12"), Kinds{"misaligned"});
  EXPECT_EQ(copy("%r2", "%rd12+8"), Kinds{"misaligned"});
}

} // namespace
