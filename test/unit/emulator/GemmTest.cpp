// A whole kernel of Hopper's kind: a producer warp that loads tiles by TMA, a
// warpgroup that multiplies them by wgmma, a ring of two stages between them;
// right as it is, and with each synchronisation broken in turn.
#include "test/unit/emulator/Device.h"

#include <cmath>
#include <random>

using namespace tw::emu::test;

namespace {

constexpr int kTile = 64; // of M, N and K
constexpr uint32_t kShared = 2 * 16384 + 32;

std::string accumulators() {
  std::string s = "{%r100";
  for (int i = 1; i < 32; ++i)
    s += ", %r" + std::to_string(100 + i);
  return s + "}";
}

std::string zeros() {
  std::string s;
  for (int i = 0; i < 32; ++i)
    s += "mov.b32 %r" + std::to_string(100 + i) + ", 0;\n";
  return s;
}

/// Four steps of 16 along k; the descriptors advance by 32 bytes.
std::string products() {
  std::string s;
  for (int i = 0; i < 4; ++i)
    s += "wgmma.mma_async.sync.aligned.m64n64k16.f32.f16.f16 " +
         accumulators() +
         ", %rd4, %rd5, 1, 1, 1, 0, 0;\n"
         "add.u64 %rd4, %rd4, 2;\nadd.u64 %rd5, %rd5, 2;\n";
  return s;
}

/// Each thread's 32 sums, as the figure of wgmma's accumulator has them.
std::string stores() {
  std::string s =
      "and.b32 %r10, %r0, 31;\nshr.u32 %r11, %r0, 5;\nshl.b32 %r11, %r11, 4;\n"
      "shr.u32 %r12, %r10, 2;\nadd.u32 %r11, %r11, %r12;\n"
      "mad.lo.u32 %r11, %r21, 64, %r11;\nand.b32 %r10, %r10, 3;\n"
      "shl.b32 %r10, %r10, 1;\nmad.lo.u32 %r10, %r20, 64, %r10;\n"
      "mad.lo.u32 %r10, %r11, %r22, %r10;\nmul.wide.u32 %rd6, %r10, 4;\n"
      "add.u64 %rd6, %rd0, %rd6;\nmul.wide.u32 %rd7, %r22, 32;\n"
      "add.u64 %rd7, %rd6, %rd7;\n";
  for (int i = 0; i < 32; ++i)
    s += "st.global.b32 [%rd" + std::to_string(i / 2 % 2 ? 7 : 6) + "+" +
         std::to_string(i / 4 * 32 + i % 2 * 4) + "], %r" +
         std::to_string(100 + i) + ";\n";
  return s;
}

/// Stage and phase of step %r3, and the stage's barriers in %r6.
const std::string kStage = "and.b32 %r4, %r3, 1;\nshr.u32 %r5, %r3, 1;\n"
                           "and.b32 %r5, %r5, 1;\nshl.b32 %r6, %r4, 3;\n"
                           "add.u32 %r6, %r6, %r1;\nshl.b32 %r7, %r4, 14;\n"
                           "add.u32 %r7, %r7, %r1;\n";

std::string program() {
  return ".version 8.6\n.target sm_90a\n.address_size 64\n"
         ".extern .shared .align 1024 .b8 smem[];\n"
         ".visible .entry k(.param .align 64 .b8 ta[128], .param .align 64 .b8 "
         "tb[128], .param .u64 c, .param .u32 n, .param .u32 kt)\n{\n"
         ".reg .b64 %rd<16>;\n.reg .b32 %r<140>;\n.reg .pred %p<8>;\n"
         "mov.u32 %r0, %tid.x;\nmov.u32 %r1, smem;\nld.param.u64 %rd0, [c];\n"
         "ld.param.u32 %r22, [n];\nld.param.u32 %r2, [kt];\n"
         "mov.u32 %r20, %ctaid.x;\nmov.u32 %r21, %ctaid.y;\n"
         "setp.eq.u32 %p0, %r0, 0;\n"
         "@%p0 mbarrier.init.shared.b64 [%r1+32768], 1;\n"
         "@%p0 mbarrier.init.shared.b64 [%r1+32776], 1;\n"
         "@%p0 mbarrier.init.shared.b64 [%r1+32784], 4;\n"
         "@%p0 mbarrier.init.shared.b64 [%r1+32792], 4;\n"
         "@%p0 fence.mbarrier_init.release.cluster;\nbar.sync 0;\n"
         "mov.u32 %r3, 0;\nsetp.ge.u32 %p1, %r0, 128;\n@%p1 bra producer;\n" +
         zeros() + "consume:\n" + kStage +
         "full:\n"
         "mbarrier.try_wait.parity.shared.b64 %p2, [%r6+32768], %r5;\n"
         "@!%p2 bra full;\n"
         "shr.u32 %r7, %r7, 4;\ncvt.u64.u32 %rd3, %r7;\n"
         // 128-byte swizzle, 1024 bytes from eight rows to the next.
         "add.u64 %rd4, %rd3, 0x4000004000010000;\nadd.u64 %rd5, %rd4, 512;\n"
         "wgmma.fence.sync.aligned;\n" +
         products() +
         "wgmma.commit_group.sync.aligned;\nwgmma.wait_group.sync.aligned 0;\n"
         "and.b32 %r8, %r0, 31;\nsetp.eq.u32 %p3, %r8, 0;\n"
         "@%p3 mbarrier.arrive.shared.b64 _, [%r6+32784];\n"
         "add.u32 %r3, %r3, 1;\nsetp.lt.u32 %p4, %r3, %r2;\n"
         "@%p4 bra consume;\n" +
         stores() +
         "bra end;\nproducer:\nsetp.ne.u32 %p5, %r0, 128;\n@%p5 bra end;\n"
         "mov.b64 %rd1, ta;\ncvta.param.u64 %rd1, %rd1;\nmov.b64 %rd2, tb;\n"
         "cvta.param.u64 %rd2, %rd2;\nshl.b32 %r23, %r20, 6;\n"
         "shl.b32 %r24, %r21, 6;\nproduce:\n" +
         kStage +
         "xor.b32 %r5, %r5, 1;\nempty:\n"
         "mbarrier.try_wait.parity.shared.b64 %p2, [%r6+32784], %r5;\n"
         "@!%p2 bra empty;\n"
         "mbarrier.arrive.expect_tx.shared.b64 _, [%r6+32768], 16384;\n"
         "shl.b32 %r25, %r3, 6;\nadd.u32 %r26, %r7, 8192;\n"
         "cp.async.bulk.tensor.2d.shared::cta.global.tile.mbarrier::complete_"
         "tx::bytes [%r7], [%rd1, {%r25, %r24}], [%r6+32768];\n"
         "cp.async.bulk.tensor.2d.shared::cta.global.tile.mbarrier::complete_"
         "tx::bytes [%r26], [%rd2, {%r25, %r23}], [%r6+32768];\n"
         "add.u32 %r3, %r3, 1;\nsetp.lt.u32 %p4, %r3, %r2;\n"
         "@%p4 bra produce;\nend:\nret;\n}\n";
}

/// A small integer as f16.
uint16_t half(int value) {
  if (value == 0)
    return 0;
  int e;
  float m = std::frexp(std::fabs(static_cast<float>(value)), &e);
  return static_cast<uint16_t>((value < 0 ? 0x8000 : 0) | (e + 14) << 10 |
                               static_cast<int>((m * 2 - 1) * 1024));
}

struct Problem {
  uint32_t m, n, k;
  std::vector<int> a, b;
};

Problem draw(uint32_t m, uint32_t n, uint32_t k) {
  std::mt19937 random(3);
  std::uniform_int_distribution<int> range(-9, 9);
  Problem p{m, n, k, std::vector<int>(m * k), std::vector<int>(n * k)};
  for (std::vector<int> *list : {&p.a, &p.b})
    for (int &value : *list)
      value = range(random);
  return p;
}

using Map = std::array<uint8_t, 128>;

/// A's and B's rows lie along k.
Map tensorMap(Device &device, uint64_t address, uint32_t rows, uint32_t k) {
  Map map;
  uint64_t dims[] = {k, rows}, strides[] = {k * 2};
  uint32_t box[] = {kTile, kTile}, steps[] = {1, 1};
  constexpr int kF16 = 6, kSwizzle128 = 3;
  EXPECT_EQ(tw_emulator_encode_tiled(device.handle(), map.data(), kF16, 2,
                                     address, dims, strides, box, steps, 0,
                                     kSwizzle128, 0, 0),
            TW_EMULATOR_OK);
  return map;
}

struct Outcome {
  Kinds kinds;
  std::vector<float> c;
  std::string texts;
};

Outcome run(const std::string &text, const Problem &p, uint64_t seed) {
  Device device(seed);
  auto halves = [&](const std::vector<int> &from) {
    std::vector<uint16_t> list;
    for (int value : from)
      list.push_back(half(value));
    return device.upload(list);
  };
  Map a = tensorMap(device, halves(p.a), p.m, p.k);
  Map b = tensorMap(device, halves(p.b), p.n, p.k);
  uint64_t c = device.room(uint64_t{p.m} * p.n * 4);
  tw_emulator_set_instruction_limit(device.handle(), 1'000'000);
  Shape shape;
  shape.grid = p.n / kTile;
  shape.gridY = p.m / kTile;
  shape.block = 160;
  shape.shared = kShared;
  Kinds kinds = device.run(text, shape, {a, b, c, p.n, p.k / kTile});
  return {kinds, device.download<float>(c, p.m * p.n), device.texts};
}

TEST(Gemm, EqualsAPlainProduct) {
  Problem p = draw(128, 192, 320);
  for (uint64_t seed = 1; seed < 6; ++seed) {
    Outcome o = run(program(), p, seed);
    ASSERT_EQ(o.kinds, kNone) << o.texts;
    for (uint32_t i = 0; i < p.m; ++i)
      for (uint32_t j = 0; j < p.n; ++j) {
        int sum = 0;
        for (uint32_t l = 0; l < p.k; ++l)
          sum += p.a[i * p.k + l] * p.b[j * p.k + l];
        ASSERT_EQ(o.c[i * p.n + j], static_cast<float>(sum)) << i << " " << j;
      }
  }
}

struct Fault {
  const char *name, *from, *to, *kind;
};

const Fault kFaults[] = {
    {"no wait for the products", "wgmma.wait_group.sync.aligned 0;", "",
     "async-not-waited"},
    {"the wait leaves a group", "wgmma.wait_group.sync.aligned 0;",
     "wgmma.wait_group.sync.aligned 1;", "async-not-waited"},
    {"no group", "wgmma.commit_group.sync.aligned;", "", "async-not-waited"},
    {"no wgmma.fence", "wgmma.fence.sync.aligned;", "", "missing-fence"},
    {"consumers do not wait",
     "mbarrier.try_wait.parity.shared.b64 %p2, [%r6+32768], %r5;\n"
     "@!%p2 bra full;\n",
     "", "async-not-waited"},
    {"the producer does not wait",
     "mbarrier.try_wait.parity.shared.b64 %p2, [%r6+32784], %r5;\n"
     "@!%p2 bra empty;\n",
     "", "async-not-waited"},
    {"slots are released too early",
     "wgmma.commit_group.sync.aligned;\nwgmma.wait_group.sync.aligned 0;\n"
     "and.b32 %r8, %r0, 31;\nsetp.eq.u32 %p3, %r8, 0;\n"
     "@%p3 mbarrier.arrive.shared.b64 _, [%r6+32784];\n",
     "and.b32 %r8, %r0, 31;\nsetp.eq.u32 %p3, %r8, 0;\n"
     "@%p3 mbarrier.arrive.shared.b64 _, [%r6+32784];\n"
     "wgmma.commit_group.sync.aligned;\nwgmma.wait_group.sync.aligned 0;\n",
     "race-shared"},
    {"nobody releases slots", "@%p3 mbarrier.arrive.shared.b64 _, [%r6+32784];",
     "", "deadlock"},
    {"one warp too few releases them", "[%r1+32784], 4", "[%r1+32784], 5",
     "deadlock"},
    {"too many bytes expected", "16384;\nshl", "16400;\nshl", "deadlock"},
    {"too few bytes expected", "16384;\nshl", "16256;\nshl", "deadlock"},
    {"wrong phase", "xor.b32 %r5, %r5, 1;\n", "", "deadlock"},
    {"no barrier after the initialisation", "bar.sync 0;\n", "",
     "illegal-instruction"},
    {"no fence after the initialisation",
     "@%p0 fence.mbarrier_init.release.cluster;\n", "", "missing-proxy-fence"},
    {"a tile that is not aligned", "add.u32 %r26, %r7, 8192;",
     "add.u32 %r26, %r7, 8208;", "misaligned"},
    {"a descriptor inside a line", "add.u64 %rd5, %rd4, 512;",
     "add.u64 %rd5, %rd4, 519;", "illegal-descriptor"},
    {"a tile beyond the memory", "add.u64 %rd5, %rd4, 512;",
     "add.u64 %rd5, %rd4, 8192;", "out-of-bounds"},
};

TEST(Gemm, EveryFaultIsFound) {
  Problem p = draw(64, 64, 512);
  for (const Fault &fault : kFaults) {
    std::string text = program();
    size_t at = text.find(fault.from);
    ASSERT_NE(at, text.npos) << fault.name;
    text.replace(at, std::strlen(fault.from), fault.to);
    // One seed of a few must show it; most faults show with each.
    bool found = false;
    std::string texts;
    for (uint64_t seed = 1; seed < 5 && !found; ++seed) {
      Outcome o = run(text, p, seed);
      texts += o.texts;
      found = std::find(o.kinds.begin(), o.kinds.end(), fault.kind) !=
              o.kinds.end();
    }
    EXPECT_TRUE(found) << fault.name << ": expected " << fault.kind
                       << ", found:\n"
                       << texts;
  }
}

TEST(TensorMapApi, RefusesWhatTheDriverRefuses) {
  Device device;
  Map map;
  uint64_t dims[] = {64, 64}, strides[] = {130};
  uint32_t box[] = {64, 64}, steps[] = {1, 1};
  EXPECT_EQ(tw_emulator_encode_tiled(device.handle(), map.data(), 6, 2, 4096,
                                     dims, strides, box, steps, 0, 0, 0, 0),
            TW_EMULATOR_INVALID);
  EXPECT_STREQ(tw_emulator_error(device.handle()),
               "tensor map: globalStrides[0] is 130, must be a multiple of 16 "
               "below 2^40");
  EXPECT_EQ(tw_emulator_encode_tiled(device.handle(), map.data(), 6, 9, 4096,
                                     dims, strides, box, steps, 0, 0, 0, 0),
            TW_EMULATOR_INVALID);
  uint64_t dims4[] = {8, 6, 5, 2}, strides4[] = {16, 96, 480};
  uint32_t steps4[] = {1, 1, 1, 1};
  int32_t corner[] = {-1, -1};
  EXPECT_EQ(tw_emulator_encode_im2col(device.handle(), map.data(), 6, 4, 4096,
                                      dims4, strides4, corner, corner, 8, 32,
                                      steps4, 0, 0, 0, 0),
            TW_EMULATOR_OK);
  EXPECT_EQ(tw_emulator_encode_im2col(device.handle(), map.data(), 6, 4, 4096,
                                      dims4, strides4, corner, corner, 0, 32,
                                      steps4, 0, 0, 0, 0),
            TW_EMULATOR_INVALID);
}

} // namespace
