// Clusters: distributed shared memory, multicast, the cluster's barrier; and
// what belongs to Hopper alone.
#include "test/unit/emulator/Device.h"

using namespace tw::emu::test;

namespace {

const std::string kShared = ".shared .align 16 .b8 data[1024];\n"
                            ".shared .align 8 .b64 bar;\n";

/// %r0: thread; %r1: data; %r2: rank; %r3: block; %r9: bar; %p0: thread 0;
/// %rd11: p0 + 4 * (32 * block + thread).
const std::string kStart =
    "mov.u32 %r0, %tid.x;\nmov.u32 %r1, data;\nmov.u32 %r9, bar;\n"
    "mov.u32 %r2, %cluster_ctarank;\nmov.u32 %r3, %ctaid.x;\n"
    "mad.lo.u32 %r4, %r3, 32, %r0;\nmul.wide.u32 %rd10, %r4, 4;\n"
    "add.u64 %rd11, %rd0, %rd10;\nsetp.eq.u32 %p0, %r0, 0;\n"
    "shl.b32 %r5, %r0, 2;\nadd.u32 %r6, %r1, %r5;\n";
const std::string kSync = "barrier.cluster.arrive.aligned;\n"
                          "barrier.cluster.wait.aligned;\n";

struct Outcome {
  Kinds kinds;
  std::vector<uint32_t> out;
  std::string texts;
};

Outcome run(const std::string &body, uint32_t cluster = 4, uint32_t grid = 8,
            uint64_t seed = 1) {
  Device device(seed);
  uint64_t out = device.upload(std::vector<uint32_t>(32 * grid, 7));
  Shape shape;
  shape.grid = grid;
  shape.cluster = cluster;
  Kinds kinds = device.run(kernel(1, kStart + body, kShared), shape, {out});
  return {kinds, device.download<uint32_t>(out, 32 * grid), device.texts};
}

TEST(Cluster, SpecialRegisters) {
  Outcome o = run("mov.u32 %r10, %clusterid.x;\nmov.u32 %r11, %nclusterid.x;\n"
                  "mov.u32 %r12, %cluster_ctaid.x;\n"
                  "mov.u32 %r13, %cluster_nctaid.x;\n"
                  "mov.u32 %r14, %cluster_nctarank;\n"
                  "mad.lo.u32 %r15, %r10, 10, %r11;\n"
                  "mad.lo.u32 %r15, %r15, 10, %r12;\n"
                  "mad.lo.u32 %r15, %r15, 10, %r13;\n"
                  "mad.lo.u32 %r15, %r15, 10, %r14;\n"
                  "mad.lo.u32 %r15, %r15, 10, %r2;\n"
                  "st.global.b32 [%rd11], %r15;\n");
  EXPECT_EQ(o.kinds, kNone) << o.texts;
  EXPECT_EQ(o.out[6 * 32], 122442u); // block 6: cluster 1 of 2, rank 2 of 4
}

/// Each block writes 100 rank + thread; then %r7 is the next block's rank.
const std::string kWrite = "mad.lo.u32 %r7, %r2, 100, %r0;\n"
                           "st.shared.b32 [%r6], %r7;\n";
const std::string kNext = "add.u32 %r7, %r2, 1;\nand.b32 %r7, %r7, 3;\n";

TEST(Cluster, ReadsTheNeighboursMemory) {
  for (uint64_t seed = 1; seed < 4; ++seed)
    for (std::string read :
         {std::string("mapa.shared::cluster.u32 %r8, %r6, %r7;\n"
                      "ld.shared::cluster.b32 %r10, [%r8];\n"),
          std::string("cvt.u64.u32 %rd12, %r6;\ncvta.shared.u64 %rd12, %rd12;\n"
                      "mapa.u64 %rd13, %rd12, %r7;\n"
                      "ld.b32 %r10, [%rd13];\n")}) {
      Outcome o = run(kWrite + kSync + kNext + read +
                          "st.global.b32 [%rd11], %r10;\n" + kSync,
                      4, 8, seed);
      EXPECT_EQ(o.kinds, kNone) << o.texts;
      EXPECT_EQ(o.out[5], 105u);
      EXPECT_EQ(o.out[3 * 32 + 5], 5u);
    }
}

TEST(Cluster, AtomicsReachTheFirstBlock) {
  Outcome o = run("st.shared.b32 [%r6], 0;\n" + kSync +
                  "mov.u32 %r7, 0;\nmapa.shared::cluster.u32 %r8, %r1, %r7;\n"
                  "atom.shared::cluster.add.u32 %r10, [%r8], 1;\n" +
                  kSync +
                  "ld.shared::cluster.b32 %r10, [%r8];\n"
                  "st.global.b32 [%rd11], %r10;\n" +
                  kSync);
  EXPECT_EQ(o.kinds, kNone) << o.texts;
  EXPECT_EQ(o.out[100], 128u);
}

TEST(Cluster, GetRankOfAnAddress) {
  Outcome o = run(kNext + "mapa.shared::cluster.u32 %r8, %r6, %r7;\n"
                          "getctarank.shared::cluster.u32 %r10, %r8;\n"
                          "st.global.b32 [%rd11], %r10;\n");
  EXPECT_EQ(o.kinds, kNone) << o.texts;
  EXPECT_EQ(o.out[2 * 32], 3u);
}

TEST(Cluster, RemoteMbarrier) {
  // Every block tells the first one.
  std::string body =
      "@%p0 mbarrier.init.shared.b64 [%r9], 4;\n"
      "@%p0 fence.mbarrier_init.release.cluster;\n" +
      kSync +
      "mov.u32 %r7, 0;\nmapa.shared::cluster.u32 %r8, %r9, %r7;\n"
      "mapa.shared::cluster.u32 %r10, %r1, %r7;\n"
      "shl.b32 %r11, %r2, 2;\nadd.u32 %r10, %r10, %r11;\n"
      "@%p0 st.shared::cluster.b32 [%r10], %r3;\n"
      "@%p0 mbarrier.arrive.release.cluster.shared::cluster.b64 _, [%r8];\n"
      "setp.ne.u32 %p2, %r2, 0;\n@%p2 bra end;\n"
      "w:\nmbarrier.try_wait.parity.acquire.cluster.shared::cta.b64 %p1, "
      "[%r9], 0;\n@!%p1 bra w;\n"
      "ld.shared.v4.b32 {%r20, %r21, %r22, %r23}, [%r1];\n"
      "add.u32 %r20, %r20, %r21;\nadd.u32 %r22, %r22, %r23;\n"
      "add.u32 %r20, %r20, %r22;\nst.global.b32 [%rd11], %r20;\nend:\n" +
      kSync;
  Outcome o = run(body);
  EXPECT_EQ(o.kinds, kNone) << o.texts;
  EXPECT_EQ(o.out[0], 6u);
  EXPECT_EQ(o.out[4 * 32], 22u);
}

TEST(Cluster, MulticastReachesEveryBlockOfTheMask) {
  std::string body =
      "@%p0 mbarrier.init.shared.b64 [%r9], 1;\n"
      "@%p0 mbarrier.arrive.expect_tx.shared.b64 _, [%r9], 128;\n"
      "@%p0 fence.mbarrier_init.release.cluster;\n" +
      kSync +
      "setp.eq.u32 %p2, %r2, 1;\nand.pred %p2, %p2, %p0;\nmov.b16 %h0, 15;\n"
      "@%p2 cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes."
      "multicast::cluster [%r1], [%rd1], 128, [%r9], %h0;\n"
      "w:\nmbarrier.try_wait.parity.shared.b64 %p1, [%r9], 0;\n@!%p1 bra w;\n"
      "ld.shared.b32 %r20, [%r6];\nst.global.b32 [%rd11], %r20;\n" +
      kSync;
  Device device(5);
  std::vector<uint32_t> values(32);
  for (uint32_t i = 0; i < 32; ++i)
    values[i] = i * i;
  uint64_t in = device.upload(values), out = device.room(4 * 128);
  Shape shape;
  shape.grid = shape.cluster = 4;
  EXPECT_EQ(device.run(kernel(2, kStart + body, kShared), shape, {out, in}),
            kNone)
      << device.texts;
  auto found = device.download<uint32_t>(out, 128);
  for (uint32_t i = 0; i < 128; ++i)
    EXPECT_EQ(found[i], values[i % 32]);
}

TEST(Cluster, SharedToSharedOfAnotherBlock) {
  std::string body =
      "@%p0 mbarrier.init.shared.b64 [%r9], 1;\n"
      "@%p0 mbarrier.arrive.expect_tx.shared.b64 _, [%r9], 128;\n" +
      kWrite + "fence.proxy.async.shared::cta;\n" + kSync + kNext +
      "add.u32 %r10, %r1, 128;\nmapa.shared::cluster.u32 %r8, %r10, %r7;\n"
      "mapa.shared::cluster.u32 %r11, %r9, %r7;\n"
      "@%p0 cp.async.bulk.shared::cluster.shared::cta.mbarrier::complete_tx::"
      "bytes [%r8], [%r1], 128, [%r11];\n"
      "w:\nmbarrier.try_wait.parity.shared.b64 %p1, [%r9], 0;\n@!%p1 bra w;\n"
      "ld.shared.b32 %r20, [%r6+128];\nst.global.b32 [%rd11], %r20;\n" +
      kSync;
  Outcome o = run(body);
  EXPECT_EQ(o.kinds, kNone) << o.texts;
  EXPECT_EQ(o.out[5], 305u);
  EXPECT_EQ(o.out[2 * 32 + 5], 105u);
}

/// Bulk reductions, st.async and red.async tell the next block's mbarrier.
Outcome toTheNext(const std::string &bytes, const std::string &operation,
                  uint64_t seed = 1) {
  return run("@%p0 mbarrier.init.shared.b64 [%r9], 1;\n"
             "@%p0 mbarrier.arrive.expect_tx.shared.b64 _, [%r9], " +
                 bytes + ";\n" + kWrite +
                 "st.shared.b32 [%r6+128], %r7;\n"
                 "fence.proxy.async.shared::cta;\n" +
                 kSync + kNext +
                 "add.u32 %r10, %r6, 128;\n"
                 "mapa.shared::cluster.u32 %r8, %r10, %r7;\n"
                 "mapa.shared::cluster.u32 %r11, %r9, %r7;\n"
                 "mov.u32 %r12, 1000;\nadd.u32 %r13, %r12, %r0;\n" +
                 operation +
                 "w:\nmbarrier.try_wait.parity.shared.b64 %p1, [%r9], 0;\n"
                 "@!%p1 bra w;\n"
                 "ld.shared.b32 %r20, [%r6+128];\nst.global.b32 [%rd11], "
                 "%r20;\n" +
                 kSync,
             4, 4, seed);
}

TEST(Cluster, ReductionsIntoAnotherBlock) {
  const std::string tx = ".mbarrier::complete_tx::bytes";
  for (uint64_t seed = 1; seed < 4; ++seed) {
    Outcome o =
        toTheNext("128",
                  "@%p0 cp.reduce.async.bulk.shared::cluster.shared::cta" + tx +
                      ".add.u32 [%r8], [%r1], 128, [%r11];\n",
                  seed);
    EXPECT_EQ(o.kinds, kNone) << o.texts;
    EXPECT_EQ(o.out[32 + 5], 105u + 5);
    o = toTheNext("128",
                  "st.async.weak.shared::cluster" + tx +
                      ".b32 [%r8], %r13, [%r11];\n",
                  seed);
    EXPECT_EQ(o.kinds, kNone) << o.texts;
    EXPECT_EQ(o.out[32 + 5], 1005u);
    for (auto [op, want] : {std::pair{".add.u32", 105u + 1005},
                            {".max.s32", 1005u},
                            {".xor.b32", 105u ^ 1005},
                            {".inc.u32", 106u}}) {
      o = toTheNext("128",
                    "red.async.relaxed.cluster.shared::cluster" + tx + op +
                        " [%r8], %r13, [%r11];\n",
                    seed);
      EXPECT_EQ(o.kinds, kNone) << op << o.texts;
      EXPECT_EQ(o.out[32 + 5], want) << op;
    }
  }
  // Four words of one thread.
  Outcome o = toTheNext("16", "@%p0 st.async.shared::cluster" + tx +
                                  ".v4.b32 [%r8], {%r12, %r13, %r12, %r2}, "
                                  "[%r11];\n");
  EXPECT_EQ(o.kinds, kNone) << o.texts;
  EXPECT_EQ(o.out[32 + 3], 0u);
}

TEST(ClusterFindings, AsyncStoreThatNobodyWaitsFor) {
  Outcome o =
      run("@%p0 mbarrier.init.shared.b64 [%r9], 1;\n" + kWrite + kSync + kNext +
          "mapa.shared::cluster.u32 %r8, %r6, %r7;\n"
          "mapa.shared::cluster.u32 %r11, %r9, %r7;\n"
          "st.async.weak.shared::cluster.mbarrier::complete_tx::bytes"
          ".b32 [%r8], %r0, [%r11];\n" +
          kSync + "ld.shared.b32 %r20, [%r6];\n" + kSync);
  ASSERT_FALSE(o.kinds.empty());
  EXPECT_EQ(o.kinds[0], "async-not-waited") << o.texts;
}

// Findings. -------------------------------------------------------------------

TEST(ClusterFindings, NoBarrierBetweenBlocks) {
  Outcome o = run(kWrite + kNext +
                  "mapa.shared::cluster.u32 %r8, %r6, %r7;\n"
                  "ld.shared::cluster.b32 %r10, [%r8];\n"
                  "mov.b32 %r11, %r10;\n" +
                  kSync);
  EXPECT_NE(std::find(o.kinds.begin(), o.kinds.end(), "race-shared"),
            o.kinds.end())
      << o.texts;
}

TEST(ClusterFindings, ArriveTwiceAndWaitWithoutArrival) {
  EXPECT_EQ(run("barrier.cluster.arrive.aligned;\n" + kSync).kinds,
            Kinds{"divergent-barrier"});
  EXPECT_EQ(run("barrier.cluster.wait.aligned;\n").kinds,
            Kinds{"divergent-barrier"});
}

TEST(ClusterFindings, OneBlockDoesNotArrive) {
  Outcome o = run("setp.eq.u32 %p2, %r2, 3;\nw:\n@%p2 bra w2;\n" + kSync +
                      "bra end;\nw2:\nmbarrier.init.shared.b64 [%r9], 1;\n"
                      "x:\nmbarrier.try_wait.parity.shared.b64 %p1, [%r9], 0;\n"
                      "@!%p1 bra x;\nend:\n",
                  4, 4);
  EXPECT_NE(std::find(o.kinds.begin(), o.kinds.end(), "deadlock"),
            o.kinds.end());
  EXPECT_NE(o.texts.find("32 threads have not arrived"), std::string::npos)
      << o.texts;
}

TEST(ClusterFindings, RankThatDoesNotExist) {
  EXPECT_EQ(
      run("mov.u32 %r7, 4;\nmapa.shared::cluster.u32 %r8, %r6, %r7;\n").kinds,
      Kinds{"illegal-instruction"});
}

// Others of sm_90. ------------------------------------------------------------

TEST(Hopper, ElectChoosesOneLane) {
  Outcome o = run("setp.lt.u32 %p3, %r0, 8;\n@%p3 bra skip;\n"
                  "elect.sync %r10|%p1, 0xffffff00;\n"
                  "selp.b32 %r11, 100, 0, %p1;\nadd.u32 %r10, %r10, %r11;\n"
                  "st.global.b32 [%rd11], %r10;\nskip:\n",
                  1, 1);
  EXPECT_EQ(o.kinds, kNone) << o.texts;
  EXPECT_EQ(o.out[8], 108u);
  EXPECT_EQ(o.out[9], 8u);
  EXPECT_EQ(o.out[7], 7u);
}

TEST(Hopper, DependentGridsRunInOrder) {
  EXPECT_EQ(
      run("griddepcontrol.launch_dependents;\ngriddepcontrol.wait;\n").kinds,
      kNone);
}

/// 384 threads of 168 registers; warpgroup 0 gives back, the others take.
Kinds registers(const std::string &give, const std::string &take,
                std::string *texts, const std::string &bounds) {
  std::string text = kernel(
      0, "mov.u32 %r0, %tid.x;\nsetp.ge.u32 %p0, %r0, 128;\n@%p0 bra take;\n" +
             give + "bra end;\ntake:\n" + take + "end:\n");
  text.replace(text.find(")\n{"), 2, ")\n" + bounds);
  Device device;
  Kinds kinds = device.run(text, {1, 384}, {});
  *texts = device.texts;
  return kinds;
}

TEST(Hopper, RegistersMoveBetweenWarps) {
  std::string texts;
  const std::string bounds = ".reqntid 384, 1, 1\n.minnctapersm 1\n";
  auto dec = [](int n) {
    return "setmaxnreg.dec.sync.aligned.u32 " + std::to_string(n) + ";\n";
  };
  auto inc = [](int n) {
    return "setmaxnreg.inc.sync.aligned.u32 " + std::to_string(n) + ";\n";
  };
  EXPECT_EQ(registers(dec(40), inc(232), &texts, bounds), kNone) << texts;
  EXPECT_EQ(registers(dec(24), inc(240), &texts, bounds), kNone) << texts;
  EXPECT_EQ(registers(dec(40), inc(240), &texts, bounds), Kinds{"deadlock"});
  EXPECT_NE(texts.find("240 registers a thread"), std::string::npos) << texts;
  EXPECT_EQ(registers(dec(44), "", &texts, bounds),
            Kinds{"illegal-instruction"});
  EXPECT_EQ(registers(inc(40), "", &texts, bounds),
            Kinds{"illegal-instruction"});
  EXPECT_EQ(registers(dec(40), "", &texts, ""), Kinds{"illegal-instruction"});
}

} // namespace
