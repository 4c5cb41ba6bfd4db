// mbarrier: phases, counts, tokens, and its findings.
#include "test/unit/emulator/Device.h"

using namespace tw::emu::test;

namespace {

const std::string kShared = ".shared .align 8 .b64 bar;\n"
                            ".shared .align 8 .b64 bar2;\n"
                            ".shared .align 16 .b8 data[1024];\n";

/// %r0: thread; %r9, %r10: barriers; %r2: data + 4 * thread; %rd11: p0 + 4 *
/// thread; %p0: thread 0.
const std::string kStart =
    "mov.u32 %r0, %tid.x;\nmov.u32 %r9, bar;\nmov.u32 %r10, bar2;\n"
    "mov.u32 %r1, data;\nmad.lo.u32 %r2, %r0, 4, %r1;\n"
    "mul.wide.u32 %rd10, %r0, 4;\nadd.u64 %rd11, %rd0, %rd10;\n"
    "setp.eq.u32 %p0, %r0, 0;\n";

std::string init(int count) {
  return "@%p0 mbarrier.init.shared.b64 [%r9], " + std::to_string(count) +
         ";\nbar.sync 0;\n";
}
std::string waitFor(const std::string &label, int parity,
                    const std::string &how = "try_wait") {
  return label + ":\nmbarrier." + how + ".parity.shared.b64 %p1, [%r9], " +
         std::to_string(parity) + ";\n@!%p1 bra " + label + ";\n";
}

struct Outcome {
  Kinds kinds;
  std::vector<uint32_t> out;
  std::string texts;
};

Outcome run(const std::string &body, uint32_t block = 64, uint64_t seed = 1) {
  Device device(seed);
  uint64_t out = device.upload(std::vector<uint32_t>(block, 7));
  Kinds kinds =
      device.run(kernel(1, kStart + body, kShared), {1, block}, {out});
  return {kinds, device.download<uint32_t>(out, block), device.texts};
}

/// Threads hand their number to the thread of the other warp.
std::string handOver(const std::string &arrive, const std::string &wait) {
  return "st.shared.b32 [%r2], %r0;\n" + arrive + wait +
         "xor.b32 %r5, %r0, 63;\nmad.lo.u32 %r6, %r5, 4, %r1;\n"
         "ld.shared.b32 %r7, [%r6];\nst.global.b32 [%rd11], %r7;\n";
}

TEST(Mbarrier, ArrivalsHandOn) {
  for (uint64_t seed = 1; seed < 6; ++seed)
    for (std::string arrive :
         {"mbarrier.arrive.shared.b64 %rd20, [%r9];\n",
          "mbarrier.arrive.release.cta.shared::cta.b64 _, [%r9];\n",
          "mbarrier.arrive.shared.b64 _, [%r9], 1;\n"})
      for (std::string how : {"try_wait", "test_wait"}) {
        Outcome o =
            run(init(64) + handOver(arrive, waitFor("w", 0, how)), 64, seed);
        EXPECT_EQ(o.kinds, kNone) << o.texts;
        EXPECT_EQ(o.out[3], 60u);
      }
}

TEST(Mbarrier, RelaxedArrivalsHandNothingOn) {
  Outcome o = run(init(64) +
                  handOver("mbarrier.arrive.relaxed.cta.shared.b64 _, [%r9];\n",
                           waitFor("w", 0)));
  EXPECT_EQ(o.kinds, Kinds{"race-shared"}) << o.texts;
}

TEST(Mbarrier, NoWaitIsARace) {
  Outcome o = run(init(64) +
                  handOver("mbarrier.arrive.shared.b64 %rd20, [%r9];\n", ""));
  EXPECT_EQ(o.kinds, Kinds{"race-shared"}) << o.texts;
}

TEST(Mbarrier, TokensAndTestWait) {
  Outcome o =
      run(init(64) + handOver("mbarrier.arrive.shared.b64 %rd20, [%r9];\n",
                              "w:\nmbarrier.test_wait.shared.b64 %p1, [%r9], "
                              "%rd20;\n@!%p1 bra w;\n"));
  EXPECT_EQ(o.kinds, kNone) << o.texts;
  EXPECT_EQ(o.out[3], 60u);
}

TEST(Mbarrier, PendingCountIsThatBeforeTheArrival) {
  Outcome o = run("mbarrier.init.shared.b64 [%r9], 5;\n"
                  "mbarrier.arrive.noComplete.shared.b64 %rd20, [%r9], 3;\n"
                  "mbarrier.arrive.shared.b64 %rd21, [%r9];\n"
                  "mbarrier.pending_count.b64 %r5, %rd20;\n"
                  "mbarrier.pending_count.b64 %r6, %rd21;\n"
                  "mad.lo.u32 %r7, %r5, 10, %r6;\nst.global.b32 [%rd11], "
                  "%r7;\n",
                  1);
  EXPECT_EQ(o.kinds, kNone) << o.texts;
  EXPECT_EQ(o.out[0], 52u);
}

TEST(Mbarrier, PhasesAlternate) {
  // Ten rounds of the exchange; a barrier of its own keeps readers apart.
  std::string loop =
      init(64) + "mov.u32 %r20, 0;\nloop:\nand.b32 %r21, %r20, 1;\n"
                 "add.u32 %r22, %r0, %r20;\nst.shared.b32 [%r2], %r22;\n"
                 "mbarrier.arrive.shared.b64 _, [%r9];\n"
                 "w:\nmbarrier.try_wait.parity.shared.b64 %p1, [%r9], %r21;\n"
                 "@!%p1 bra w;\n"
                 "xor.b32 %r5, %r0, 63;\nmad.lo.u32 %r6, %r5, 4, %r1;\n"
                 "ld.shared.b32 %r7, [%r6];\nbar.sync 0;\n"
                 "add.u32 %r20, %r20, 1;\nsetp.lt.u32 %p2, %r20, 10;\n"
                 "@%p2 bra loop;\nst.global.b32 [%rd11], %r7;\n";
  Outcome o = run(loop);
  EXPECT_EQ(o.kinds, kNone) << o.texts;
  EXPECT_EQ(o.out[0], 63u + 9);
}

TEST(Mbarrier, DropLowersLaterPhases) {
  // Warp 1 drops out of phase 0; phase 1 needs warp 0 only.
  Outcome o = run(
      init(64) +
      "setp.lt.u32 %p2, %r0, 32;\n@%p2 mbarrier.arrive.shared.b64 _, [%r9];\n"
      "@!%p2 mbarrier.arrive_drop.shared.b64 _, [%r9];\n" +
      "@!%p2 bra later;\n" + waitFor("w", 0) +
      "mbarrier.arrive.shared.b64 _, [%r9];\nlater:\n" + waitFor("x", 1) +
      "st.global.b32 [%rd11], %r0;\n");
  EXPECT_EQ(o.kinds, kNone) << o.texts;
  EXPECT_EQ(o.out[63], 63u);
}

TEST(Mbarrier, TransactionBytesHoldThePhase) {
  Outcome o =
      run(init(1) +
          "@%p0 mbarrier.arrive.expect_tx.shared.b64 _, [%r9], 128;\n"
          "setp.eq.u32 %p2, %r0, 32;\n"
          "@%p2 mbarrier.complete_tx.relaxed.cta.shared::cta.b64 [%r9], 100;\n"
          "@%p2 mbarrier.expect_tx.relaxed.cta.shared::cta.b64 [%r9], 2;\n"
          "@%p2 mbarrier.complete_tx.relaxed.cta.shared::cta.b64 [%r9], 30;\n" +
          waitFor("w", 0) + "st.global.b32 [%rd11], %r0;\n");
  EXPECT_EQ(o.kinds, kNone) << o.texts;
}

TEST(Mbarrier, ReuseAfterInval) {
  Outcome o = run("mbarrier.init.shared.b64 [%r9], 1;\n"
                  "mbarrier.inval.shared.b64 [%r9];\n"
                  "mbarrier.init.shared.b64 [%r9], 2;\n"
                  "mbarrier.inval.shared.b64 [%r9];\n"
                  "st.shared.b32 [%r9], %r0;\n",
                  1);
  EXPECT_EQ(o.kinds, kNone) << o.texts;
}

// Findings. -------------------------------------------------------------------

TEST(MbarrierFindings, NotInitialised) {
  EXPECT_EQ(run("mbarrier.arrive.shared.b64 _, [%r9];\n", 1).kinds,
            Kinds{"illegal-instruction"});
}

TEST(MbarrierFindings, InitWithoutABarrier) {
  Outcome o = run("@%p0 mbarrier.init.shared.b64 [%r9], 64;\n"
                  "bar.warp.sync -1;\nmbarrier.arrive.shared.b64 _, [%r9];\n",
                  32);
  EXPECT_EQ(o.kinds, Kinds{}) << o.texts;
  bool raced = false;
  for (uint64_t seed = 1; seed < 8 && !raced; ++seed) {
    o = run("@%p0 mbarrier.init.shared.b64 [%r9], 64;\n"
            "mbarrier.arrive.shared.b64 _, [%r9];\n",
            64, seed);
    raced = !o.kinds.empty();
  }
  EXPECT_TRUE(raced);
}

TEST(MbarrierFindings, TooManyArrivals) {
  EXPECT_EQ(run("mbarrier.init.shared.b64 [%r9], 2;\n"
                "mbarrier.arrive.shared.b64 _, [%r9], 3;\n",
                1)
                .kinds,
            Kinds{"illegal-instruction"});
}

TEST(MbarrierFindings, BadCounts) {
  EXPECT_EQ(run("mbarrier.init.shared.b64 [%r9], 0;\n", 1).kinds,
            Kinds{"illegal-instruction"});
  EXPECT_EQ(run("mbarrier.init.shared.b64 [%r9], 1;\n"
                "mbarrier.expect_tx.relaxed.cta.shared::cta.b64 [%r9], "
                "1048576;\n",
                1)
                .kinds,
            Kinds{"illegal-instruction"});
  EXPECT_EQ(run("mbarrier.init.shared.b64 [%r9], 2;\n"
                "mbarrier.arrive.noComplete.shared.b64 %rd20, [%r9], 2;\n",
                1)
                .kinds,
            Kinds{"illegal-instruction"});
}

TEST(MbarrierFindings, OverwrittenByAStore) {
  EXPECT_EQ(run("mbarrier.init.shared.b64 [%r9], 2;\n"
                "st.shared.b32 [%r9], %r0;\n"
                "mbarrier.arrive.shared.b64 _, [%r9];\n",
                1)
                .kinds,
            Kinds{"illegal-instruction"});
}

TEST(MbarrierFindings, InitTwice) {
  EXPECT_EQ(run("mbarrier.init.shared.b64 [%r9], 2;\n"
                "mbarrier.init.shared.b64 [%r9], 2;\n",
                1)
                .kinds,
            Kinds{"illegal-instruction"});
}

TEST(MbarrierFindings, DeadlockSaysWhoWaitsForWhat) {
  Outcome o =
      run(init(65) + handOver("mbarrier.arrive.expect_tx.shared.b64 _, [%r9], "
                              "16;\n",
                              waitFor("w", 0)));
  ASSERT_EQ(o.kinds, Kinds{"deadlock"}) << o.texts;
  EXPECT_NE(o.texts.find("1 of 65 arrivals missing, tx-count 1024"),
            std::string::npos)
      << o.texts;
  EXPECT_NE(o.texts.find("phase 0 (parity 0)"), std::string::npos) << o.texts;
}

TEST(MbarrierFindings, AWaitWithoutALoopMayFail) {
  // try_wait may give up: what follows must look at its result.
  bool raced = false;
  for (uint64_t seed = 1; seed < 40 && !raced; ++seed) {
    Outcome o = run(
        init(64) +
            handOver("mbarrier.arrive.shared.b64 _, [%r9];\n",
                     "mbarrier.try_wait.parity.shared.b64 %p1, [%r9], 0;\n"),
        64, seed);
    raced = !o.kinds.empty();
  }
  EXPECT_TRUE(raced);
}

} // namespace
