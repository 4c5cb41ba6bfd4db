// Bulk copies, of bytes and of tensors, and their findings.
#include "test/unit/emulator/Device.h"

#include "runtime/emulator/TensorMap.h"

using namespace tw::emu;
using namespace tw::emu::test;

namespace {

const std::string kShared = ".shared .align 1024 .b8 smem[65536];\n"
                            ".shared .align 8 .b64 bar;\n";

/// %r0: thread; %r1: smem; %r9: bar, of one arrival; %p0: thread 0.
const std::string kStart =
    "mov.u32 %r0, %tid.x;\nmov.u32 %r1, smem;\nmov.u32 %r9, bar;\n"
    "setp.eq.u32 %p0, %r0, 0;\n@%p0 mbarrier.init.shared.b64 [%r9], 1;\n"
    "@%p0 fence.mbarrier_init.release.cluster;\nbar.sync 0;\n";

std::string expect(uint32_t bytes) {
  return "@%p0 mbarrier.arrive.expect_tx.shared.b64 _, [%r9], " +
         std::to_string(bytes) + ";\n";
}
const std::string kWait =
    "w:\nmbarrier.try_wait.parity.shared.b64 %p1, [%r9], 0;\n@!%p1 bra w;\n";

/// A loop over `bytes` of shared memory, 4 for each of 64 threads at a time:
/// %r20 is the shared address, %rd20 = p0 + the same offset.
std::string eachWord(const std::string &label, uint32_t bytes,
                     const std::string &body) {
  return "shl.b32 %r21, %r0, 2;\nadd.u32 %r20, %r1, %r21;\ncvt.u64.u32 %rd20, "
         "%r21;\nadd.u64 %rd20, %rd0, %rd20;\n" +
         label + ":\n" + body +
         "add.u32 %r20, %r20, 256;\nadd.u64 %rd20, %rd20, 256;\n"
         "add.u32 %r21, %r21, 256;\nsetp.lt.u32 %p3, %r21, " +
         std::to_string(bytes) + ";\n@%p3 bra " + label + ";\n";
}
std::string toGlobal(uint32_t bytes) {
  return eachWord(
      "out", bytes,
      "ld.shared.b32 %r22, [%r20];\nst.global.b32 [%rd20], %r22;\n");
}
std::string fromGlobal(uint32_t bytes) {
  return eachWord(
      "in", bytes,
      "ld.global.b32 %r22, [%rd20];\nst.shared.b32 [%r20], %r22;\n");
}
const std::string kFence = "fence.proxy.async.shared::cta;\nbar.sync 0;\n";
const std::string kDone = "@%p0 cp.async.bulk.commit_group;\n"
                          "@%p0 cp.async.bulk.wait_group 0;\n";

std::vector<uint16_t> halves(size_t count) {
  std::vector<uint16_t> values(count);
  for (size_t i = 0; i < count; ++i)
    values[i] = static_cast<uint16_t>(i * 7 + 1);
  return values;
}

struct Outcome {
  Kinds kinds;
  std::vector<uint16_t> out;
  std::string texts;
};

/// p0: `outBytes` of output; p1: input, whose address is also given to `map`.
Outcome run(const std::string &body, uint32_t outBytes,
            const std::vector<uint16_t> &input, uint64_t seed = 1) {
  Device device(seed);
  uint64_t out = device.upload(std::vector<uint16_t>(outBytes / 2, 9));
  uint64_t in = device.upload(input);
  Kinds kinds =
      device.run(kernel(2, kStart + body, kShared), {1, 64}, {out, in});
  return {kinds, device.download<uint16_t>(out, outBytes / 2), device.texts};
}

const std::string kLoad =
    "@%p0 cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes "
    "[%r1], [%rd1], 1024, [%r9];\n";

TEST(BulkCopy, GlobalToShared) {
  for (uint64_t seed = 1; seed < 6; ++seed) {
    Outcome o = run(expect(1024) + kLoad + kWait + toGlobal(1024), 1024,
                    halves(512), seed);
    EXPECT_EQ(o.kinds, kNone) << o.texts;
    EXPECT_EQ(o.out, halves(512));
  }
  // Into the block's own memory, with a cache policy, in two parts.
  Outcome o =
      run("mov.b64 %rd30, 0;\n" + expect(1024) +
              "@%p0 cp.async.bulk.shared::cta.global.mbarrier::complete_tx::"
              "bytes.L2::cache_hint [%r1], [%rd1], 512, [%r9], %rd30;\n"
              "@%p0 cp.async.bulk.shared::cta.global.mbarrier::complete_tx::"
              "bytes [%r1+512], [%rd1+512], 512, [%r9];\n" +
              kWait + toGlobal(1024),
          1024, halves(512));
  EXPECT_EQ(o.kinds, kNone) << o.texts;
  EXPECT_EQ(o.out, halves(512));
}

TEST(BulkCopy, SharedToGlobal) {
  // The input arrives through p0's own bytes.
  for (std::string store :
       {"@%p0 cp.async.bulk.global.shared::cta.bulk_group [%rd1], [%r1], "
        "1024;\n"}) {
    Device device(3);
    uint64_t from = device.upload(halves(512)), to = device.room(1024);
    EXPECT_EQ(
        device.run(kernel(2, kStart + fromGlobal(1024) + kFence + store + kDone,
                          kShared),
                   {1, 64}, {from, to}),
        kNone)
        << device.texts;
    EXPECT_EQ(device.download<uint16_t>(to, 512), halves(512));
  }
}

TEST(BulkCopy, Reductions) {
  auto reduce = [](const std::string &op, auto a, auto b) {
    using T = decltype(a);
    Device device(3);
    uint64_t from = device.upload(std::vector<T>(256 / sizeof(T), b));
    uint64_t to = device.upload(std::vector<T>(256 / sizeof(T), a));
    EXPECT_EQ(
        device.run(kernel(2,
                          kStart + fromGlobal(256) + kFence +
                              "@%p0 cp.reduce.async.bulk.global.shared::cta."
                              "bulk_group." +
                              op + " [%rd1], [%r1], 256;\n" + kDone,
                          kShared),
                   {1, 64}, {from, to}),
        kNone)
        << op << device.texts;
    return device.download<T>(to, 3)[2];
  };
  EXPECT_EQ(reduce("add.u32", 5u, 7u), 12u);
  EXPECT_EQ(reduce("add.s32", -5, 3), -2);
  EXPECT_EQ(reduce("min.s32", -5, 3), -5);
  EXPECT_EQ(reduce("max.u32", 5u, 7u), 7u);
  EXPECT_EQ(reduce("and.b32", 12u, 10u), 8u);
  EXPECT_EQ(reduce("or.b32", 12u, 10u), 14u);
  EXPECT_EQ(reduce("xor.b64", uint64_t{12}, uint64_t{10}), 6u);
  EXPECT_EQ(reduce("inc.u32", 7u, 7u), 0u);
  EXPECT_EQ(reduce("inc.u32", 6u, 7u), 7u);
  EXPECT_EQ(reduce("dec.u32", 0u, 7u), 7u);
  EXPECT_EQ(reduce("add.u64", uint64_t{1} << 40, uint64_t{5}),
            (uint64_t{1} << 40) + 5);
  EXPECT_EQ(reduce("add.f32", 1.5f, 2.0f), 3.5f);
  EXPECT_EQ(reduce("add.f64", 1.5, 2.0), 3.5);
  EXPECT_EQ(reduce("add.noftz.f16", uint16_t{0x3c00}, uint16_t{0x4000}),
            0x4200);
  EXPECT_EQ(reduce("max.f16", uint16_t{0x3c00}, uint16_t{0x4000}), 0x4000);
  EXPECT_EQ(reduce("min.bf16", uint16_t{0x3f80}, uint16_t{0x4000}), 0x3f80);
}

// Findings of plain copies. ---------------------------------------------------

TEST(BulkCopyFindings, ReadBeforeTheMbarriersPhase) {
  Outcome o =
      run(expect(1024) + kLoad + toGlobal(1024) + kWait, 1024, halves(512));
  EXPECT_EQ(o.kinds, Kinds{"async-not-waited"}) << o.texts;
}

TEST(BulkCopyFindings, OnlyTheThreadThatObservedThePhaseMayRead) {
  // Warp 1 does not wait.
  std::string body = expect(1024) + kLoad +
                     "setp.ge.u32 %p2, %r0, 32;\n@%p2 bra skip;\n" + kWait +
                     "skip:\n" + toGlobal(1024);
  for (uint64_t seed = 1; seed < 5; ++seed)
    EXPECT_FALSE(run(body, 1024, halves(512), seed).kinds.empty());
}

TEST(BulkCopyFindings, TheBlockEndsBeforeTheCopyArrives) {
  bool found = false;
  for (uint64_t seed = 1; seed < 6; ++seed) {
    Outcome o = run(expect(1024) + kLoad, 1024, halves(512), seed);
    found |= o.kinds == Kinds{"async-not-waited"};
  }
  EXPECT_TRUE(found);
}

TEST(BulkCopyFindings, TooFewBytesDeadlock) {
  Outcome o = run(expect(2048) + kLoad + kWait, 1024, halves(512));
  ASSERT_EQ(o.kinds, Kinds{"deadlock"});
  EXPECT_NE(o.texts.find("tx-count 1024"), std::string::npos) << o.texts;
}

TEST(BulkCopyFindings, SizesAndAlignment) {
  auto load = [](const std::string &operands) {
    return run("@%p0 cp.async.bulk.shared::cluster.global.mbarrier::complete_"
               "tx::bytes " +
                   operands + ", [%r9];\n",
               1024, halves(512))
        .kinds[0];
  };
  EXPECT_EQ(load("[%r1], [%rd1], 24"), "illegal-instruction");
  EXPECT_EQ(load("[%r1], [%rd1], 0"), "illegal-instruction");
  EXPECT_EQ(load("[%r1], [%rd1+8], 16"), "misaligned");
  EXPECT_EQ(load("[%r1+8], [%rd1], 16"), "misaligned");
  EXPECT_EQ(load("[%r1], [%rd1+1024], 16"), "out-of-bounds");
}

TEST(BulkCopyFindings, MbarrierThatTheAsyncProxyCannotSee) {
  std::string text = kernel(
      2, kStart + expect(1024) + kLoad + kWait + toGlobal(1024), kShared);
  size_t fence = text.find("@%p0 fence.mbarrier_init");
  std::string without = text;
  without.erase(fence, without.find('\n', fence) - fence);
  std::string other = text;
  other.replace(fence, other.find('\n', fence) - fence,
                "@%p0 fence.proxy.async.shared::cta;");
  Device device;
  uint64_t out = device.room(1024), in = device.upload(halves(512));
  EXPECT_EQ(device.run(text, {1, 64}, {out, in}), kNone);
  EXPECT_EQ(device.run(other, {1, 64}, {out, in}), kNone);
  EXPECT_EQ(device.run(without, {1, 64}, {out, in}),
            Kinds{"missing-proxy-fence"});
}

TEST(BulkCopyFindings, MissingProxyFence) {
  for (bool fence : {false, true}) {
    Device device(3);
    uint64_t from = device.upload(halves(512)), to = device.room(1024);
    Kinds kinds = device.run(
        kernel(2,
               kStart + fromGlobal(1024) + (fence ? kFence : "bar.sync 0;\n") +
                   "@%p0 cp.async.bulk.global.shared::cta.bulk_group [%rd1], "
                   "[%r1], 1024;\n" +
                   kDone,
               kShared),
        {1, 64}, {from, to});
    EXPECT_EQ(kinds, fence ? kNone : Kinds{"missing-proxy-fence"})
        << device.texts;
  }
}

TEST(BulkCopyFindings, SharedMemoryIsWrittenWhileAStoreReadsIt) {
  auto store = [](const std::string &after) {
    Device device(3);
    uint64_t from = device.upload(halves(512)), to = device.room(1024);
    return device.run(
        kernel(2,
               kStart + fromGlobal(1024) + kFence +
                   "@%p0 cp.async.bulk.global.shared::cta.bulk_group [%rd1], "
                   "[%r1], 1024;\n@%p0 cp.async.bulk.commit_group;\n" +
                   after,
               kShared),
        {1, 64}, {from, to});
  };
  std::string write = "@%p0 st.shared.b32 [%r1], %r0;\n";
  std::string read = "@%p0 ld.global.b32 %r5, [%rd1];\n";
  std::string readWait = "@%p0 cp.async.bulk.wait_group.read 0;\n";
  std::string wait = "@%p0 cp.async.bulk.wait_group 0;\n";
  EXPECT_EQ(store(write + wait), Kinds{"race-shared"});
  EXPECT_EQ(store(readWait + write + wait), kNone);
  // .read does not make the results visible.
  EXPECT_EQ(store(readWait + read + wait), Kinds{"async-not-waited"});
  EXPECT_EQ(store(wait + read), kNone);
  // Nobody waits at all.
  EXPECT_EQ(store(""), Kinds{"async-not-waited"});
}

// Tensors. --------------------------------------------------------------------

/// A kernel whose parameters are p0, p1 and a tensor map, at %rd2.
std::string withMap(const std::string &body) {
  std::string text = kernel(2, kStart + body, kShared);
  size_t end = text.find(")\n{");
  text.insert(end, ", .param .align 64 .b8 map[128]");
  size_t first = text.find("mov.u32 %r0");
  text.insert(first, "mov.b64 %rd3, map;\ncvta.param.u64 %rd2, %rd3;\n");
  return text;
}

TensorMap dense(std::vector<uint64_t> dims, std::vector<uint32_t> box) {
  TensorMap map;
  map.type = TensorType::F16;
  map.rank = static_cast<uint32_t>(dims.size());
  uint64_t stride = 2;
  for (uint32_t d = 0; d < map.rank; ++d) {
    map.dim[d] = dims[d];
    map.stride[d] = stride;
    stride *= dims[d];
    map.box[d] = box[d];
    map.elementStride[d] = 1;
  }
  return map;
}

std::string coordinates(const std::vector<int> &at) {
  std::string text = "{";
  for (size_t i = 0; i < at.size(); ++i)
    text += (i ? ", " : "") + std::to_string(at[i]);
  return text + "}";
}

struct Tensor {
  TensorMap map;
  std::vector<uint16_t> values;
};

Tensor tensor(std::vector<uint64_t> dims, std::vector<uint32_t> box) {
  size_t count = 1;
  for (uint64_t dim : dims)
    count *= dim;
  return {dense(std::move(dims), std::move(box)), halves(count)};
}

/// What the box at the coordinates holds, in the order of shared memory.
std::vector<uint16_t> boxOf(const Tensor &t, const std::vector<int> &at,
                            uint16_t fill = 0) {
  size_t count = t.map.boxBytes() / 2;
  std::vector<uint16_t> box(count);
  for (size_t i = 0; i < count; ++i) {
    size_t rest = i, offset = 0;
    bool inside = true;
    for (uint32_t d = 0; d < t.map.rank; ++d) {
      auto x = at[d] + static_cast<int>(rest % t.map.boxExtent(d) *
                                        (d ? t.map.elementStride[d] : 1));
      rest /= t.map.boxExtent(d);
      inside &= x >= 0 && x < static_cast<int>(t.map.dim[d]);
      offset += static_cast<size_t>(x) * t.map.stride[d] / 2;
    }
    box[i] = inside ? t.values[offset] : fill;
  }
  return box;
}

/// Undoes (or does) the swizzle of a box at a multiple of 1024.
std::vector<uint16_t> swizzle(const std::vector<uint16_t> &box,
                              uint32_t width) {
  std::vector<uint16_t> out(box.size());
  for (size_t i = 0; i < box.size(); ++i) {
    size_t chunk = i / 8, line = i / 64;
    size_t mask = width == 128 ? 7 : width == 64 ? 3 : width == 32 ? 1 : 0;
    out[(chunk ^ (line & mask)) * 8 + i % 8] = box[i];
  }
  return out;
}

Outcome loadBox(Tensor &t, const std::vector<int> &at, uint64_t seed = 1,
                const std::string &how = ".tile", const std::string &end = "",
                const std::string &to = "shared::cluster") {
  Device device(seed);
  uint32_t bytes = t.map.boxBytes();
  t.map.address = device.upload(t.values);
  EXPECT_EQ(t.map.problem(), "");
  uint64_t out = device.room(bytes);
  std::string body = expect(bytes) + "@%p0 cp.async.bulk.tensor." +
                     std::to_string(t.map.rank) + "d." + to + ".global" + how +
                     ".mbarrier::complete_tx::bytes [%r1], [%rd2, " +
                     coordinates(at) + "], [%r9]" + end + ";\n" + kWait +
                     toGlobal(bytes);
  Kinds kinds =
      device.run(withMap(body), {1, 64}, {out, uint64_t{0}, t.map.encode()});
  return {kinds, device.download<uint16_t>(out, bytes / 2), device.texts};
}

TEST(TensorCopy, EveryRankAndBorder) {
  struct {
    std::vector<uint64_t> dims;
    std::vector<uint32_t> box;
    std::vector<std::vector<int>> at;
  } cases[] = {
      {{1000}, {128}, {{0}, {900}, {-100}, {2000}}},
      {{64, 40}, {32, 8}, {{0, 0}, {48, 36}, {-8, -3}}},
      {{64, 20, 6}, {32, 4, 2}, {{32, 4, 3}, {40, 18, 5}, {0, 0, -1}}},
      {{16, 6, 5, 4}, {8, 4, 2, 2}, {{8, 1, 2, 1}, {12, 4, 4, 3}}},
      {{16, 4, 4, 3, 3}, {8, 2, 2, 2, 2}, {{8, 1, 1, 1, 1}, {8, 3, 3, 2, 2}}},
  };
  for (auto &c : cases)
    for (auto &at : c.at)
      for (std::string to : {"shared::cluster", "shared::cta"}) {
        Tensor t = tensor(c.dims, c.box);
        Outcome o = loadBox(t, at, 1, ".tile", "", to);
        EXPECT_EQ(o.kinds, kNone) << o.texts;
        EXPECT_EQ(o.out, boxOf(t, at));
      }
}

TEST(TensorCopy, Swizzles) {
  for (auto [mode, width] : {std::pair{Swizzle::None, 16u},
                             {Swizzle::Bytes32, 32u},
                             {Swizzle::Bytes64, 64u},
                             {Swizzle::Bytes128, 128u}}) {
    Tensor t = tensor({128, 70}, {width / 2, 24});
    t.map.swizzle = mode;
    std::vector<int> at = {96, 50};
    Outcome o = loadBox(t, at);
    EXPECT_EQ(o.kinds, kNone) << o.texts;
    EXPECT_EQ(o.out, swizzle(boxOf(t, at), width)) << width;
  }
}

TEST(TensorCopy, NanFillAndElementStrides) {
  Tensor t = tensor({64, 40}, {32, 8});
  t.map.nanFill = true;
  Outcome o = loadBox(t, {48, 36});
  EXPECT_EQ(o.kinds, kNone) << o.texts;
  EXPECT_EQ(o.out, boxOf(t, {48, 36}, 0x7fff));
  t.map.nanFill = false;
  t.map.box[1] = 12;
  t.map.elementStride[1] = 3;
  o = loadBox(t, {0, 1});
  EXPECT_EQ(o.kinds, kNone) << o.texts;
  EXPECT_EQ(o.out, boxOf(t, {0, 1}));
}

TEST(TensorCopy, Im2col) {
  // A 3x3 convolution with a border of 1 over 5x6 pixels of 8 channels.
  Tensor t = tensor({8, 6, 5, 2}, {8, 1, 1, 1});
  t.map.im2col = true;
  t.map.lowerCorner = {-1, -1};
  t.map.upperCorner = {-1, -1};
  t.map.channels = 8;
  t.map.pixels = 32;
  Outcome o = loadBox(t, {0, -1, -1, 0}, 1, ".im2col", ", {2, 1}");
  EXPECT_EQ(o.kinds, kNone) << o.texts;
  for (int pixel = 0; pixel < 32; ++pixel) {
    int x = pixel % 6 - 1 + 2, y = pixel / 6 % 5 - 1 + 1, n = pixel / 30;
    for (int c = 0; c < 8; ++c) {
      uint16_t want =
          x < 0 || x >= 6 || y < 0 || y >= 5
              ? 0
              : t.values[static_cast<size_t>(((n * 5 + y) * 6 + x) * 8 + c)];
      EXPECT_EQ(o.out[static_cast<size_t>(pixel * 8 + c)], want) << pixel;
    }
  }
}

Outcome storeBox(Tensor &t, const std::vector<int> &at, uint32_t width,
                 const std::string &opcode, uint16_t old = 9) {
  Device device(2);
  uint32_t bytes = t.map.boxBytes();
  t.values.assign(t.values.size(), old);
  t.map.address = device.upload(t.values);
  uint64_t in = device.upload(swizzle(halves(bytes / 2), width));
  std::string body = fromGlobal(bytes) + kFence + "@%p0 " + opcode +
                     ".bulk_group [%rd2, " + coordinates(at) + "], [%r1];\n" +
                     kDone;
  Kinds kinds =
      device.run(withMap(body), {1, 64}, {in, uint64_t{0}, t.map.encode()});
  return {kinds, device.download<uint16_t>(t.map.address, t.values.size()),
          device.texts};
}

TEST(TensorCopy, StoresLeaveOutWhatIsOutside) {
  for (auto [mode, width] :
       {std::pair{Swizzle::None, 16u}, {Swizzle::Bytes128, 128u}}) {
    Tensor t = tensor({80, 20}, {64, 8});
    t.map.swizzle = mode;
    Outcome o = storeBox(t, {40, -2}, width,
                         "cp.async.bulk.tensor.2d.global.shared::cta.tile");
    EXPECT_EQ(o.kinds, kNone) << o.texts;
    auto box = halves(512);
    for (int y = 0; y < 20; ++y)
      for (int x = 0; x < 80; ++x)
        EXPECT_EQ(o.out[static_cast<size_t>(y * 80 + x)],
                  x >= 40 && y < 6
                      ? box[static_cast<size_t>((y + 2) * 64 + x - 40)]
                      : 9);
  }
}

TEST(TensorCopy, StoresCanReduce) {
  Tensor t = tensor({64, 16}, {64, 8});
  t.map.type = TensorType::U16;
  Outcome o = storeBox(t, {0, 8}, 16,
                       "cp.reduce.async.bulk.tensor.2d.global.shared::cta.add");
  EXPECT_EQ(o.kinds, Kinds{"illegal-descriptor"}) << o.texts;
  t.map.type = TensorType::F16;
  o = storeBox(t, {0, 8}, 16,
               "cp.reduce.async.bulk.tensor.2d.global.shared::cta.max.tile",
               0x0400);
  EXPECT_EQ(o.kinds, kNone) << o.texts;
  EXPECT_EQ(o.out[0], 0x0400);
  EXPECT_EQ(o.out[8 * 64], 0x0400); // 1 is the smaller
  EXPECT_EQ(o.out[8 * 64 + 300], 300 * 7 + 1);
}

/// Block 1 of four loads the box for all of them; each writes out its copy.
Outcome multicast(Tensor &t, const std::string &mode, const std::string &at,
                  const std::string &offsets) {
  Device device(4);
  uint32_t bytes = t.map.boxBytes();
  t.map.address = device.upload(t.values);
  uint64_t out = device.room(4 * bytes);
  std::string body =
      expect(bytes) +
      "barrier.cluster.arrive.aligned;\nbarrier.cluster.wait.aligned;\n"
      "mov.u32 %r30, %cluster_ctarank;\nsetp.eq.u32 %p4, %r30, 1;\n"
      "and.pred %p4, %p4, %p0;\nmov.b16 %h0, 15;\n"
      "@%p4 cp.async.bulk.tensor." +
      std::to_string(t.map.rank) + "d.shared::cluster.global" + mode +
      ".mbarrier::complete_tx::bytes.multicast::cluster [%r1], [%rd2, " + at +
      "], [%r9]" + offsets + ", %h0;\n" + kWait + "mad.lo.u32 %r31, %r30, " +
      std::to_string(bytes) +
      ", 0;\ncvt.u64.u32 %rd31, %r31;\nadd.u64 %rd0, %rd0, %rd31;\n" +
      toGlobal(bytes) +
      "barrier.cluster.arrive.aligned;\nbarrier.cluster.wait.aligned;\n";
  Shape shape;
  shape.grid = shape.cluster = 4;
  shape.block = 64;
  Kinds kinds =
      device.run(withMap(body), shape, {out, uint64_t{0}, t.map.encode()});
  return {kinds, device.download<uint16_t>(out, 2 * bytes), device.texts};
}

TEST(TensorCopy, MulticastReachesEveryBlock) {
  Tensor t = tensor({64, 40}, {32, 8});
  Outcome o = multicast(t, ".tile", "{32, 36}", "");
  EXPECT_EQ(o.kinds, kNone) << o.texts;
  auto box = boxOf(t, {32, 36});
  for (size_t i = 0; i < o.out.size(); ++i)
    ASSERT_EQ(o.out[i], box[i % box.size()]) << i;
}

TEST(TensorCopy, MulticastOfIm2col) {
  Tensor t = tensor({8, 6, 5, 2}, {8, 1, 1, 1});
  t.map.im2col = true;
  t.map.channels = 8;
  t.map.pixels = 16;
  // No filter: base pixels are the pixels.
  Outcome o = multicast(t, ".im2col", "{0, 0, 0, 0}", ", {0, 0}");
  EXPECT_EQ(o.kinds, kNone) << o.texts;
  for (size_t i = 0; i < o.out.size(); ++i)
    ASSERT_EQ(o.out[i], t.values[i % 128]) << i;
  Device device;
  t.map.address = device.upload(t.values);
  EXPECT_EQ(device.run(withMap("cp.async.bulk.prefetch.tensor.4d.L2.global."
                               "im2col [%rd2, {0, 0, 0, 0}], {0, 0};\n"),
                       {1, 64}, {uint64_t{0}, uint64_t{0}, t.map.encode()}),
            kNone);
}

TEST(TensorCopyFindings, NotATensorMap) {
  Tensor t = tensor({64, 40}, {32, 8});
  Device device;
  t.map.address = device.upload(t.values);
  std::string load =
      "@%p0 cp.async.bulk.tensor.2d.shared::cluster.global.mbarrier::complete_"
      "tx::bytes [%r1], [%rd2, {0, 0}], [%r9];\n";
  std::array<uint8_t, 128> map = t.map.encode();
  map[1] ^= 1;
  EXPECT_EQ(device.run(withMap(load), {1, 64}, {uint64_t{0}, uint64_t{0}, map}),
            Kinds{"illegal-descriptor"});
  // A map of another rank; a destination that is not aligned.
  EXPECT_EQ(device.run(withMap(load), {1, 64},
                       {uint64_t{0}, uint64_t{0},
                        dense({64, 4, 4}, {32, 2, 2}).encode()}),
            Kinds{"illegal-descriptor"});
  std::string shifted = load;
  shifted.replace(shifted.find("[%r1]"), 5, "[%r1+64]");
  EXPECT_EQ(device.run(withMap(shifted), {1, 64},
                       {uint64_t{0}, uint64_t{0}, t.map.encode()})[0],
            "misaligned");
}

TEST(TensorCopyFindings, WaitTwins) {
  Tensor t = tensor({64, 40}, {64, 8});
  EXPECT_EQ(loadBox(t, {0, 0}).kinds, kNone);
  Device device;
  t.map.address = device.upload(t.values);
  std::string body = expect(1024) +
                     "@%p0 cp.async.bulk.tensor.2d.shared::cta.global.tile."
                     "mbarrier::complete_tx::bytes [%r1], [%rd2, {0, 0}], "
                     "[%r9];\n" +
                     toGlobal(1024) + kWait;
  EXPECT_EQ(device.run(withMap(body), {1, 64},
                       {device.room(1024), uint64_t{0}, t.map.encode()}),
            Kinds{"async-not-waited"});
}

TEST(TensorCopy, PrefetchIsAHint) {
  Tensor t = tensor({64, 40}, {64, 8});
  Device device;
  t.map.address = device.upload(t.values);
  EXPECT_EQ(device.run(withMap("prefetch.tensormap [%rd2];\n"
                               "cp.async.bulk.prefetch.tensor.2d.L2.global.tile"
                               " [%rd2, {0, 0}];\n"
                               "cp.async.bulk.prefetch.L2.global [%rd1], 64;\n"
                               "fence.proxy.alias;\nfence.proxy.tensormap;\n"
                               "fence.proxy.tensormap::generic.release.gpu;\n"
                               "fence.proxy.tensormap::generic.acquire.gpu "
                               "[%rd2], 128;\n"),
                       {1, 64}, {uint64_t{0}, uint64_t{0}, t.map.encode()}),
            kNone)
      << device.texts;
}

} // namespace
