// wgmma against a plain matrix product over every shape, type, layout of shared
// memory and source of A; and its findings, each with its faultless twin. The
// images of shared memory follow the PTX manual's canonical layouts, written
// out here once more.
#include "test/unit/emulator/Device.h"

#include <cmath>
#include <random>

using namespace tw::emu::test;

namespace {

uint32_t bitsOfFloat(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, 4);
  return bits;
}

/// Exact for small integers.
uint32_t encode(const std::string &type, int value) {
  if (type == "tf32" || type == "f32")
    return bitsOfFloat(static_cast<float>(value));
  if (type[0] == 's' || type[0] == 'u')
    return static_cast<uint32_t>(value) & (type == "s32" ? ~0u : 0xffu);
  if (value == 0)
    return 0;
  int exponent = type == "f16"    ? 5
                 : type == "bf16" ? 8
                 : type == "e4m3" ? 4
                                  : 5;
  int mantissa = type == "f16"    ? 10
                 : type == "bf16" ? 7
                 : type == "e4m3" ? 3
                                  : 2;
  int e;
  float m = std::frexp(std::fabs(static_cast<float>(value)), &e);
  auto biased = static_cast<uint32_t>(e - 1 + (1 << (exponent - 1)) - 1);
  auto fraction =
      static_cast<uint32_t>((m * 2 - 1) * static_cast<float>(1 << mantissa));
  return (value < 0 ? 1u << (exponent + mantissa) : 0) | biased << mantissa |
         fraction;
}

unsigned bytesOf(const std::string &type) {
  return type == "tf32" || type == "s32" || type == "f32" ? 4
         : type == "f16" || type == "bf16"                ? 2
                                                          : 1;
}

struct Case {
  std::string d, a, b;
  int n, k;
  unsigned width = 128; ///< of the swizzle; 16: none
  bool transposeA = false, transposeB = false;
  bool registerA = false;
  bool accumulate = true;
  bool negateA = false, negateB = false, saturate = false;
};

/// The line of a pattern is XORed into the number of the 16-byte chunk.
uint32_t swizzle(unsigned width, uint32_t offset) {
  uint32_t line = offset / 128 % 8;
  uint32_t mask = width == 128 ? 7 : width == 64 ? 3 : width == 32 ? 1 : 0;
  return offset ^ (line & mask) * 16;
}

/// Offsets between parts of a canonical layout, chosen to leave gaps.
struct Offsets {
  uint32_t leading, stride;
};

Offsets offsetsOf(const Case &c, bool transposed) {
  uint32_t group = 8 * c.width; // eight lines
  if (c.width == 16)
    return {transposed ? 256u : 128u, transposed ? 512u : 384u};
  (void)group;
  return {transposed ? 4 * group : 16, group};
}

uint32_t place(const Case &c, bool transposed, unsigned bytes, int mn, int k) {
  Offsets o = offsetsOf(c, transposed);
  auto m = static_cast<uint32_t>(mn), depth = static_cast<uint32_t>(k);
  uint32_t w = c.width, offset;
  if (!transposed && w == 16)
    offset = m / 8 * o.stride + depth * bytes / 16 * o.leading + m % 8 * 16 +
             depth * bytes % 16;
  else if (!transposed)
    offset = m / 8 * o.stride + m % 8 * w + depth * bytes;
  else if (w == 16)
    offset = m * bytes / 16 * o.stride + depth / 8 * o.leading +
             depth % 8 * 16 + m * bytes % 16;
  else
    offset = m * bytes / w * o.leading + depth / 8 * o.stride + depth % 8 * w +
             m * bytes % w;
  return swizzle(w, offset);
}

constexpr uint32_t kBytesOfA = 32768, kImage = 131072;

uint64_t descriptor(const Case &c, bool transposed, uint32_t start) {
  Offsets o = offsetsOf(c, transposed);
  uint64_t mode = c.width == 128  ? 1
                  : c.width == 64 ? 2
                  : c.width == 32 ? 3
                                  : 0;
  return start / 16 | uint64_t{o.leading / 16} << 16 |
         uint64_t{o.stride / 16} << 32 | mode << 62;
}

/// Parts of the kernel that a fault leaves out or adds.
struct Fault {
  bool noProxyFence = false, noFence = false, noWait = false, noBarrier = false;
  std::string beforeWait;
};

/// %rd0: D's registers [register][thread], first C and then D; %rd1: an image
/// of shared memory; %rd2: A's registers.
std::string program(const Case &c, const Fault &fault = {}) {
  int perD = c.d == "f16" ? 2 : 1, registers = c.n / 2 / perD;
  std::string s =
      "mov.u32 %r0, %tid.x;\nmul.wide.u32 %rd10, %r0, 4;\n"
      "add.u64 %rd11, %rd0, %rd10;\nadd.u64 %rd12, %rd1, %rd10;\n"
      "add.u64 %rd13, %rd2, %rd10;\n"
      "mov.u32 %r1, smem;\nshl.b32 %r2, %r0, 2;\nadd.u32 %r2, %r1, %r2;\n"
      "mov.u32 %r3, 0;\n"
      "copy:\nld.global.b32 %r4, [%rd12];\nst.shared.b32 [%r2], %r4;\n"
      "add.u64 %rd12, %rd12, 512;\nadd.u32 %r2, %r2, 512;\n"
      "add.u32 %r3, %r3, 512;\nsetp.lt.u32 %p0, %r3, " +
      std::to_string(kImage) + ";\n@%p0 bra copy;\n";
  for (int r = 0; r < registers; ++r)
    s += "ld.global.b32 %r" + std::to_string(100 + r) + ", [%rd11+" +
         std::to_string(r * 512) + "];\n";
  for (int r = 0; r < 4 && c.registerA; ++r)
    s += "ld.global.b32 %r" + std::to_string(20 + r) + ", [%rd13+" +
         std::to_string(r * 512) + "];\n";
  if (!fault.noProxyFence)
    s += "fence.proxy.async;\n";
  if (!fault.noBarrier)
    s += "bar.sync 0;\n";
  // Descriptors: the image begins at a multiple of 1024.
  s += "shr.u32 %r5, %r1, 4;\ncvt.u64.u32 %rd14, %r5;\n"
       "mov.b64 %rd15, " +
       std::to_string(descriptor(c, c.transposeA, 0)) +
       ";\nadd.u64 %rd15, %rd15, %rd14;\nmov.b64 %rd16, " +
       std::to_string(descriptor(c, c.transposeB, kBytesOfA)) +
       ";\nadd.u64 %rd16, %rd16, %rd14;\n";
  s += std::string("setp.ne.u32 %p1, ") + (c.accumulate ? "1" : "0") + ", 0;\n";
  if (!fault.noFence)
    s += "wgmma.fence.sync.aligned;\n";
  s += "wgmma.mma_async.sync.aligned.m64n" + std::to_string(c.n) + "k" +
       std::to_string(c.k) + (c.saturate ? ".satfinite" : "") + "." + c.d +
       "." + c.a + "." + c.b + " {";
  for (int r = 0; r < registers; ++r)
    s += (r ? ", %r" : "%r") + std::to_string(100 + r);
  s += c.registerA ? "}, {%r20, %r21, %r22, %r23}, %rd16, %p1"
                   : "}, %rd15, %rd16, %p1";
  if (c.d != "s32")
    s += std::string(c.negateA ? ", -1" : ", 1") + (c.negateB ? ", -1" : ", 1");
  if (c.a == "f16" || c.a == "bf16") {
    if (!c.registerA)
      s += c.transposeA ? ", 1" : ", 0";
    s += c.transposeB ? ", 1" : ", 0";
  }
  s += ";\nwgmma.commit_group.sync.aligned;\n" + fault.beforeWait;
  if (!fault.noWait)
    s += "wgmma.wait_group.sync.aligned 0;\n";
  for (int r = 0; r < registers; ++r)
    s += "st.global.b32 [%rd11+" + std::to_string(r * 512) + "], %r" +
         std::to_string(100 + r) + ";\n";
  return kernel(3, s, ".extern .shared .align 1024 .b8 smem[];\n");
}

struct Data {
  std::vector<int> a, b, c; ///< 64 x k, k x n, 64 x n
};

Data draw(const Case &c, unsigned seed) {
  std::mt19937 random(seed);
  auto fill = [&](int count, const std::string &type) {
    int high = type == "e5m2" ? 4 : type[0] == 'u' || type[0] == 's' ? 100 : 9;
    std::uniform_int_distribution<int> range(type[0] == 'u' ? 0 : -high, high);
    std::vector<int> values(static_cast<size_t>(count));
    for (int &value : values)
      value = range(random);
    return values;
  };
  return {fill(64 * c.k, c.a), fill(c.k * c.n, c.b), fill(64 * c.n, "f16")};
}

size_t at(int row, int columns, int column) {
  return static_cast<size_t>(row * columns + column);
}

std::vector<uint8_t> image(const Case &c, const Data &data) {
  std::vector<uint8_t> bytes(kImage);
  auto put = [&](uint32_t where, const std::string &type, int value) {
    uint32_t bits = encode(type, value);
    std::memcpy(&bytes[where], &bits, bytesOf(type));
  };
  for (int i = 0; i < 64 && !c.registerA; ++i)
    for (int l = 0; l < c.k; ++l)
      put(place(c, c.transposeA, bytesOf(c.a), i, l), c.a,
          data.a[at(i, c.k, l)]);
  for (int l = 0; l < c.k; ++l)
    for (int j = 0; j < c.n; ++j)
      put(kBytesOfA + place(c, c.transposeB, bytesOf(c.b), j, l), c.b,
          data.b[at(l, c.n, j)]);
  return bytes;
}

/// D's registers of all threads, as the manual's figure has them.
std::vector<uint32_t> registersOfD(const Case &c, const std::vector<int> &d) {
  int per = c.d == "f16" ? 2 : 1;
  std::vector<uint32_t> words(static_cast<size_t>(c.n / 2 / per * 128));
  for (int t = 0; t < 128; ++t)
    for (int i = 0; i < c.n / 2; ++i) {
      int row = t / 32 * 16 + t % 32 / 4 + 8 * (i / 2 % 2);
      int column = i / 4 * 8 + t % 4 * 2 + i % 2;
      words[at(i / per, 128, t)] |= encode(c.d, d[at(row, c.n, column)])
                                    << (i % per * 16);
    }
  return words;
}

std::vector<uint32_t> registersOfA(const Case &c, const Data &data) {
  int bits = static_cast<int>(bytesOf(c.a)) * 8, per = 32 / bits;
  std::vector<uint32_t> words(4 * 128);
  for (int t = 0; t < 128; ++t)
    for (int i = 0; i < 4 * per; ++i) {
      int reg = i / per;
      int row = t / 32 * 16 + t % 32 / 4 + 8 * (reg % 2);
      int column = t % 4 * per + i % per + reg / 2 * 4 * per;
      words[at(reg, 128, t)] |= encode(c.a, data.a[at(row, c.k, column)])
                                << (i % per * bits);
    }
  return words;
}

std::vector<int> product(const Case &c, const Data &data) {
  std::vector<int> d(static_cast<size_t>(64 * c.n));
  for (int i = 0; i < 64; ++i)
    for (int j = 0; j < c.n; ++j) {
      int sum = 0;
      for (int l = 0; l < c.k; ++l)
        sum += data.a[at(i, c.k, l)] * data.b[at(l, c.n, j)];
      sum = c.negateA != c.negateB ? -sum : sum;
      d[at(i, c.n, j)] = sum + (c.accumulate ? data.c[at(i, c.n, j)] : 0);
    }
  return d;
}

void expectProduct(const Case &c, unsigned seed = 1) {
  SCOPED_TRACE(testing::Message()
               << "n" << c.n << "k" << c.k << " " << c.d << " " << c.a << " "
               << c.b << " width " << c.width << " transposes " << c.transposeA
               << c.transposeB << " registers " << c.registerA);
  Data data = draw(c, seed);
  Device device(seed);
  uint64_t out = device.upload(registersOfD(c, data.c));
  uint64_t shared = device.upload(image(c, data));
  uint64_t a = device.upload(registersOfA(c, data));
  Kinds kinds = device.run(program(c), {1, 128, 1, kImage}, {out, shared, a});
  ASSERT_EQ(kinds, kNone) << device.texts;
  auto want = registersOfD(c, product(c, data));
  EXPECT_EQ(device.download<uint32_t>(out, want.size()), want);
}

const Case kPlain = {"f32", "f16", "f16", 64, 16};

TEST(Wgmma, EveryWidth) {
  for (int n = 8; n <= 256; n += 8) {
    expectProduct({"f32", "f16", "f16", n, 16});
    if (n <= 32 || n % 16 == 0)
      expectProduct({"s32", "s8", "s8", n, 32});
  }
}

TEST(Wgmma, EveryType) {
  for (int n : {8, 64, 136}) {
    expectProduct({"f16", "f16", "f16", n, 16});
    expectProduct({"f32", "bf16", "bf16", n, 16});
    expectProduct({"f32", "tf32", "tf32", n, 8});
    for (std::string a : {"e4m3", "e5m2"})
      for (std::string b : {"e4m3", "e5m2"})
        for (std::string d : {"f16", "f32"})
          expectProduct({d, a, b, n, 32});
  }
  for (std::string a : {"s8", "u8"})
    for (std::string b : {"s8", "u8"})
      expectProduct({"s32", a, b, 64, 32});
}

TEST(Wgmma, EveryLayout) {
  for (unsigned width : {16u, 32u, 64u, 128u})
    for (bool a : {false, true})
      for (bool b : {false, true}) {
        expectProduct({"f32", "f16", "f16", 64, 16, width, a, b});
        expectProduct({"f32", "bf16", "bf16", 128, 16, width, a, b});
      }
  for (unsigned width : {16u, 32u, 64u}) {
    expectProduct({"f32", "tf32", "tf32", 32, 8, width});
    expectProduct({"f32", "e4m3", "e5m2", 32, 32, width});
    expectProduct({"s32", "u8", "s8", 32, 32, width});
  }
}

TEST(Wgmma, RegistersOfA) {
  for (bool transposeB : {false, true})
    expectProduct({"f32", "f16", "f16", 96, 16, 128, false, transposeB, true});
  expectProduct({"f32", "bf16", "bf16", 64, 16, 128, false, false, true});
  expectProduct({"f32", "tf32", "tf32", 64, 8, 128, false, false, true});
  expectProduct({"f32", "e4m3", "e4m3", 64, 32, 128, false, false, true});
  expectProduct({"s32", "s8", "u8", 64, 32, 128, false, false, true});
}

TEST(Wgmma, ScalesAndSigns) {
  for (bool accumulate : {false, true})
    for (bool negateA : {false, true})
      for (bool negateB : {false, true})
        expectProduct({"f32", "f16", "f16", 16, 16, 128, false, false, false,
                       accumulate, negateA, negateB});
}

TEST(Wgmma, SaturationStopsAtTheBounds) {
  Case c = {"s32", "s8", "s8", 8, 32};
  Data data = draw(c, 3);
  std::fill(data.a.begin(), data.a.end(), 100);
  std::fill(data.b.begin(), data.b.end(), 100);
  std::fill(data.c.begin(), data.c.end(), INT32_MAX - 5);
  for (bool saturate : {false, true}) {
    c.saturate = saturate;
    Device device;
    uint64_t out = device.upload(registersOfD(c, data.c));
    uint64_t shared = device.upload(image(c, data));
    ASSERT_EQ(device.run(program(c), {1, 128, 1, kImage}, {out, shared, out}),
              kNone);
    uint32_t wrapped = static_cast<uint32_t>(INT32_MAX) - 5 + 320000;
    EXPECT_EQ(device.download<uint32_t>(out, 1)[0],
              saturate ? uint32_t{INT32_MAX} : wrapped);
  }
}

// Findings. -------------------------------------------------------------------

Kinds findings(const Case &c, const Fault &fault,
               std::string *texts = nullptr) {
  Data data = draw(c, 1);
  Device device(7);
  uint64_t out = device.upload(registersOfD(c, data.c));
  uint64_t shared = device.upload(image(c, data));
  uint64_t a = device.upload(registersOfA(c, data));
  Kinds kinds =
      device.run(program(c, fault), {1, 128, 1, kImage}, {out, shared, a});
  if (texts)
    *texts = device.texts;
  return kinds;
}

bool has(const Kinds &kinds, const std::string &kind) {
  return std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
}

TEST(WgmmaFindings, AccumulatorReadBeforeItsWait) {
  Fault fault;
  fault.noWait = true;
  std::string texts;
  EXPECT_TRUE(has(findings(kPlain, fault, &texts), "async-not-waited"))
      << texts;
  EXPECT_NE(texts.find("wgmma.wait_group"), std::string::npos) << texts;
  EXPECT_EQ(findings(kPlain, {}), kNone);
}

TEST(WgmmaFindings, CopiesOfAccumulatorsMayBeMade) {
  Fault fault;
  fault.beforeWait = "mov.b32 %r300, %r100;\nmov.b32 %r100, %r300;\n";
  EXPECT_EQ(findings(kPlain, fault), kNone);
  fault.beforeWait = "add.u32 %r300, %r100, 1;\n";
  EXPECT_EQ(findings(kPlain, fault), Kinds{"async-not-waited"});
  fault.beforeWait = "add.u32 %r100, %r0, 1;\n";
  EXPECT_EQ(findings(kPlain, fault), Kinds{"async-not-waited"});
}

TEST(WgmmaFindings, MissingFence) {
  Fault fault;
  fault.noFence = true;
  EXPECT_TRUE(has(findings(kPlain, fault), "missing-fence"));
}

TEST(WgmmaFindings, MissingProxyFence) {
  Fault fault;
  fault.noProxyFence = true;
  EXPECT_TRUE(has(findings(kPlain, fault), "missing-proxy-fence"));
}

TEST(WgmmaFindings, MissingBarrier) {
  Fault fault;
  fault.noBarrier = true;
  EXPECT_TRUE(has(findings(kPlain, fault), "race-shared"));
}

TEST(WgmmaFindings, SharedMemoryOverwrittenBeforeTheWait) {
  Fault fault;
  fault.beforeWait = "st.shared.b32 [%r1], %r0;\n";
  EXPECT_TRUE(has(findings(kPlain, fault), "race-shared"));
}

TEST(WgmmaFindings, RegisterOfAOverwrittenBeforeTheWait) {
  Case c = kPlain;
  c.registerA = true;
  Fault fault;
  fault.beforeWait = "mov.b32 %r20, 0;\n";
  EXPECT_EQ(findings(c, fault), Kinds{"async-not-waited"});
  EXPECT_EQ(findings(c, {}), kNone);
}

TEST(WgmmaFindings, IllegalDescriptor) {
  Case c = kPlain;
  std::string text = program(c);
  size_t place = text.find("mov.b64 %rd15, ");
  Device device;
  Data data = draw(c, 1);
  uint64_t out = device.upload(registersOfD(c, data.c));
  uint64_t shared = device.upload(image(c, data));
  // A reserved bit, a start inside a line, memory that is not there.
  for (uint64_t bad : {uint64_t{1} << 55, uint64_t{7}}) {
    std::string broken = text;
    broken.insert(place, "mov.b64 %rd20, " + std::to_string(bad) + ";\n");
    size_t use = broken.find("wgmma.fence");
    broken.insert(use, "add.u64 %rd15, %rd15, %rd20;\n");
    EXPECT_EQ(device.run(broken, {1, 128, 1, kImage}, {out, shared, out}),
              Kinds{"illegal-descriptor"})
        << device.texts;
  }
  std::string far = text;
  far.insert(far.find("wgmma.fence"), "add.u64 %rd15, %rd15, 15000;\n");
  EXPECT_EQ(device.run(far, {1, 128, 1, kImage}, {out, shared, out}),
            Kinds{"out-of-bounds"})
      << device.texts;
}

TEST(WgmmaFindings, HalfAWarpgroup) {
  Device device;
  std::string text = kernel(
      0, "wgmma.fence.sync.aligned;\n"
         "wgmma.mma_async.sync.aligned.m64n8k8.f32.tf32.tf32 {%r1, %r2, %r3, "
         "%r4}, %rd1, %rd2, 0, 1, 1;\n");
  EXPECT_EQ(device.run(text, {1, 64, 1, 0}, {}), Kinds{"illegal-instruction"})
      << device.texts;
}

} // namespace
