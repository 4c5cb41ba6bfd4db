// Every form of mma.sync against a plain matrix product. Fragments are filled
// and read by the formulas of the PTX manual, written out here once more.
#include "test/unit/emulator/Device.h"

#include <cmath>
#include <functional>
#include <random>

using namespace tw::emu::test;

namespace {

struct At {
  int row, col;
};
using Layout = std::function<At(int lane, int i)>;

/// A type as the test knows it: how a small integer is written in it.
struct Narrow {
  std::string name;
  int bits;
  std::function<uint64_t(int)> encode;
  int low, high; ///< the values to draw from
};

uint64_t floatBits(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, 4);
  return bits;
}
uint64_t doubleBits(double value) {
  uint64_t bits;
  std::memcpy(&bits, &value, 8);
  return bits;
}
/// Exact for small integers: sign, exponent, leading bits of the mantissa.
uint64_t miniBits(int value, int exponent, int mantissa) {
  if (value == 0)
    return 0;
  int e;
  float m = std::frexp(std::fabs(static_cast<float>(value)), &e);
  uint64_t sign = value < 0, bias = (1u << (exponent - 1)) - 1;
  uint64_t biased = static_cast<uint64_t>(e - 1 + static_cast<int>(bias));
  auto fraction =
      static_cast<uint64_t>((m * 2 - 1) * static_cast<float>(1 << mantissa));
  return sign << (exponent + mantissa) | biased << mantissa | fraction;
}

Narrow narrow(const std::string &name) {
  if (name == "f16")
    return {name, 16, [](int v) { return miniBits(v, 5, 10); }, -9, 9};
  if (name == "bf16")
    return {name, 16, [](int v) { return miniBits(v, 8, 7); }, -9, 9};
  if (name == "tf32" || name == "f32")
    return {name, 32, [](int v) { return floatBits(static_cast<float>(v)); },
            -9, 9};
  if (name == "f64")
    return {name, 64, [](int v) { return doubleBits(v); }, -9, 9};
  if (name == "e4m3")
    return {name, 8, [](int v) { return miniBits(v, 4, 3); }, -9, 9};
  if (name == "e5m2")
    return {name, 8, [](int v) { return miniBits(v, 5, 2); }, -4, 4};
  int bits = name == "s32" ? 32 : name == "b1" ? 1 : name[1] == '8' ? 8 : 4;
  uint64_t mask = bits == 32 ? 0xffffffff : (1u << bits) - 1;
  int low = name[0] == 's' ? -(1 << (std::min(bits, 8) - 1)) : 0;
  int high = name[0] == 's' ? -low - 1 : (1 << bits) - 1;
  return {name, bits, [mask](int v) { return static_cast<uint64_t>(v) & mask; },
          low, high};
}

struct Case {
  std::string shape;
  int m, n, k;
  std::string d, a, b, c;
  Layout placeA, placeB;
  bool saturate = false;
  std::string suffix = "";
};

int g(int lane) { return lane / 4; }
int t(int lane) { return lane % 4; }

Layout accumulator() {
  return [](int l, int i) {
    return At{i < 2 ? g(l) : g(l) + 8, t(l) * 2 + (i & 1)};
  };
}

/// One lane's fragment of a matrix, packed into words.
std::vector<uint64_t> pack(const std::vector<int> &matrix, int columns,
                           const Layout &place, const Narrow &type, int lane,
                           int elements) {
  int per = type.bits >= 32 ? 1 : 32 / type.bits;
  std::vector<uint64_t> words(static_cast<size_t>(elements / per));
  for (int i = 0; i < elements; ++i) {
    At at = place(lane, i);
    uint64_t bits =
        type.encode(matrix[static_cast<size_t>(at.row * columns + at.col)]);
    words[static_cast<size_t>(i / per)] |= bits << (i % per * type.bits);
  }
  return words;
}

/// Memory of a fragment: [register][lane].
std::vector<uint8_t> fragment(const std::vector<int> &matrix, int columns,
                              const Layout &place, const Narrow &type,
                              int elements) {
  size_t bytes = type.bits == 64 ? 8 : 4;
  int per = type.bits >= 32 ? 1 : 32 / type.bits;
  std::vector<uint8_t> memory(static_cast<size_t>(elements / per) * 32 * bytes);
  for (int lane = 0; lane < 32; ++lane) {
    auto words = pack(matrix, columns, place, type, lane, elements);
    for (size_t r = 0; r < words.size(); ++r)
      std::memcpy(&memory[(r * 32 + static_cast<size_t>(lane)) * bytes],
                  &words[r], bytes);
  }
  return memory;
}

std::string vector(const std::string &prefix, int first, int count) {
  std::string text = "{";
  for (int i = 0; i < count; ++i)
    text += (i ? ", " : "") + prefix + std::to_string(first + i);
  return text + "}";
}

/// The registers of A, B, C and D start at these numbers.
std::string program(const Case &c, const int registers[4]) {
  bool wide = c.a == "f64";
  std::string reg = wide ? "%fd" : "%r", type = wide ? "f64" : "b32";
  int size = wide ? 8 : 4;
  int first[4] = {20, 30, 40, 50}; // D, A, B, C
  std::string body = "mov.u32 %r0, %laneid;\nmul.wide.u32 %rd10, %r0, " +
                     std::to_string(size) + ";\n";
  for (int m = 0; m < 4; ++m)
    body += "add.u64 %rd" + std::to_string(11 + m) + ", %rd" +
            std::to_string(m) + ", %rd10;\n";
  for (int m = 1; m < 4; ++m)
    for (int r = 0; r < registers[m]; ++r)
      body += "ld.global." + type + " " + reg + std::to_string(first[m] + r) +
              ", [%rd" + std::to_string(11 + m) + "+" +
              std::to_string(r * 32 * size) + "];\n";
  body += "mma.sync.aligned." + c.shape + ".row.col" +
          (c.saturate ? ".satfinite" : "") + "." + c.d + "." + c.a + "." + c.b +
          "." + c.c + c.suffix + " ";
  for (int m = 0; m < 4; ++m)
    body += (m ? ", " : "") + vector(reg, first[m], registers[m]);
  body += ";\n";
  for (int r = 0; r < registers[0]; ++r)
    body += "st.global." + type + " [%rd11+" + std::to_string(r * 32 * size) +
            "], " + reg + std::to_string(first[0] + r) + ";\n";
  return kernel(4, body);
}

std::vector<int> draw(std::mt19937 &random, int count, const Narrow &type) {
  std::uniform_int_distribution<int> range(type.low, type.high);
  std::vector<int> values(static_cast<size_t>(count));
  for (int &value : values)
    value = range(random);
  return values;
}

int product(const Case &c, int x, int y) {
  if (c.suffix == ".xor.popc")
    return x ^ y;
  return x * y;
}

/// Every value is a small integer, so that every type's sum is exact.
void expectProduct(const Case &c, unsigned seed) {
  SCOPED_TRACE(c.shape + " " + c.d + " " + c.a + " " + c.b + " " + c.c +
               c.suffix);
  std::mt19937 random(seed);
  Narrow a = narrow(c.a), b = narrow(c.b), ct = narrow(c.c), d = narrow(c.d);
  if (c.c == "s32")
    ct.low = -100000, ct.high = 100000;
  auto as = draw(random, c.m * c.k, a), bs = draw(random, c.k * c.n, b);
  auto cs = draw(random, c.m * c.n, ct), want = cs;
  if (c.saturate)
    cs[0] = want[0] = 2147483647, cs[1] = want[1] = -2147483647 - 1;
  for (int i = 0; i < c.m; ++i)
    for (int j = 0; j < c.n; ++j) {
      int64_t sum = cs[static_cast<size_t>(i * c.n + j)];
      for (int l = 0; l < c.k; ++l)
        sum += product(c, as[static_cast<size_t>(i * c.k + l)],
                       bs[static_cast<size_t>(l * c.n + j)]);
      if (c.saturate)
        sum = std::clamp<int64_t>(sum, INT32_MIN, INT32_MAX);
      want[static_cast<size_t>(i * c.n + j)] =
          static_cast<int>(static_cast<uint32_t>(sum));
    }
  int elements[4] = {c.m * c.n / 32, c.m * c.k / 32, c.k * c.n / 32,
                     c.m * c.n / 32};
  const Narrow *types[4] = {&d, &a, &b, &ct};
  int registers[4];
  for (int m = 0; m < 4; ++m)
    registers[m] = elements[m] * std::min(types[m]->bits, 32) / 32;
  Device device;
  auto ma = fragment(as, c.k, c.placeA, a, elements[1]);
  auto mb = fragment(bs, c.n, c.placeB, b, elements[2]);
  auto mc = fragment(cs, c.n, accumulator(), ct, elements[3]);
  auto md = fragment(want, c.n, accumulator(), d, elements[0]);
  uint64_t out = device.room(md.size());
  Kinds kinds = device.run(
      program(c, registers), {},
      {out, device.upload(ma), device.upload(mb), device.upload(mc)});
  ASSERT_EQ(kinds, kNone) << device.texts;
  EXPECT_EQ(device.download<uint8_t>(out, md.size()), md);
}

TEST(Mma, Half) {
  Layout a8 = [](int l, int i) {
    return At{i < 2 ? g(l) : g(l) + 8, t(l) * 2 + (i & 1)};
  };
  Layout b8 = [](int l, int i) { return At{t(l) * 2 + (i & 1), g(l)}; };
  Layout a16 = [](int l, int i) {
    return At{i < 2 || (i >= 4 && i < 6) ? g(l) : g(l) + 8,
              t(l) * 2 + (i & 1) + (i >= 4 ? 8 : 0)};
  };
  Layout b16 = [](int l, int i) {
    return At{t(l) * 2 + (i & 1) + (i >= 2 ? 8 : 0), g(l)};
  };
  for (std::string d : {"f16", "f32"})
    for (std::string c : {"f16", "f32"}) {
      expectProduct({"m16n8k8", 16, 8, 8, d, "f16", "f16", c, a8, b8}, 1);
      expectProduct({"m16n8k16", 16, 8, 16, d, "f16", "f16", c, a16, b16}, 2);
    }
  expectProduct({"m16n8k8", 16, 8, 8, "f32", "bf16", "bf16", "f32", a8, b8}, 3);
  expectProduct({"m16n8k16", 16, 8, 16, "f32", "bf16", "bf16", "f32", a16, b16},
                4);
}

TEST(Mma, TF32) {
  expectProduct({"m16n8k4", 16, 8, 4, "f32", "tf32", "tf32", "f32",
                 [](int l, int i) { return At{i ? g(l) + 8 : g(l), t(l)}; },
                 [](int l, int) { return At{t(l), g(l)}; }},
                5);
  expectProduct({"m16n8k8", 16, 8, 8, "f32", "tf32", "tf32", "f32",
                 [](int l, int i) {
                   return At{i % 2 ? g(l) + 8 : g(l), i < 2 ? t(l) : t(l) + 4};
                 },
                 [](int l, int i) { return At{i ? t(l) + 4 : t(l), g(l)}; }},
                6);
}

TEST(Mma, Double) {
  expectProduct({"m8n8k4", 8, 8, 4, "f64", "f64", "f64", "f64",
                 [](int l, int) { return At{g(l), t(l)}; },
                 [](int l, int) { return At{t(l), g(l)}; }},
                7);
  for (int k : {4, 8, 16})
    expectProduct({"m16n8k" + std::to_string(k), 16, 8, k, "f64", "f64", "f64",
                   "f64",
                   [](int l, int i) {
                     return At{i % 2 ? g(l) + 8 : g(l), i / 2 * 4 + t(l)};
                   },
                   [](int l, int i) { return At{t(l) + 4 * i, g(l)}; }},
                  8);
}

TEST(Mma, Byte) {
  Layout a8 = [](int l, int i) { return At{g(l), t(l) * 4 + (i & 3)}; };
  Layout b16 = [](int l, int i) { return At{t(l) * 4 + (i & 3), g(l)}; };
  Layout a16 = [](int l, int i) {
    return At{i < 4 ? g(l) : g(l) + 8, t(l) * 4 + (i & 3)};
  };
  Layout a32 = [](int l, int i) {
    return At{i < 4 || (i >= 8 && i < 12) ? g(l) : g(l) + 8,
              t(l) * 4 + (i & 3) + (i >= 8 ? 16 : 0)};
  };
  Layout b32 = [](int l, int i) {
    return At{t(l) * 4 + (i & 3) + (i >= 4 ? 16 : 0), g(l)};
  };
  for (std::string a : {"s8", "u8"})
    for (std::string b : {"s8", "u8"})
      for (bool saturate : {false, true}) {
        expectProduct(
            {"m8n8k16", 8, 8, 16, "s32", a, b, "s32", a8, b16, saturate}, 9);
        expectProduct(
            {"m16n8k16", 16, 8, 16, "s32", a, b, "s32", a16, b16, saturate},
            10);
        expectProduct(
            {"m16n8k32", 16, 8, 32, "s32", a, b, "s32", a32, b32, saturate},
            11);
      }
  for (std::string a : {"e4m3", "e5m2"})
    for (std::string b : {"e4m3", "e5m2"})
      for (std::string d : {"f16", "f32"}) {
        expectProduct({"m16n8k16", 16, 8, 16, d, a, b, d, a16, b16}, 12);
        expectProduct({"m16n8k32", 16, 8, 32, d, a, b, d, a32, b32}, 13);
      }
}

TEST(Mma, Nibble) {
  Layout a8 = [](int l, int i) { return At{g(l), t(l) * 8 + (i & 7)}; };
  Layout b32 = [](int l, int i) { return At{t(l) * 8 + (i & 7), g(l)}; };
  Layout a32 = [](int l, int i) {
    return At{i < 8 ? g(l) : g(l) + 8, t(l) * 8 + (i & 7)};
  };
  Layout a64 = [](int l, int i) {
    return At{i < 8 || (i >= 16 && i < 24) ? g(l) : g(l) + 8,
              t(l) * 8 + (i & 7) + (i >= 16 ? 32 : 0)};
  };
  Layout b64 = [](int l, int i) {
    return At{t(l) * 8 + (i & 7) + (i >= 8 ? 32 : 0), g(l)};
  };
  for (std::string a : {"s4", "u4"})
    for (std::string b : {"s4", "u4"})
      for (bool saturate : {false, true}) {
        expectProduct(
            {"m8n8k32", 8, 8, 32, "s32", a, b, "s32", a8, b32, saturate}, 14);
        expectProduct(
            {"m16n8k32", 16, 8, 32, "s32", a, b, "s32", a32, b32, saturate},
            15);
        expectProduct(
            {"m16n8k64", 16, 8, 64, "s32", a, b, "s32", a64, b64, saturate},
            16);
      }
}

TEST(Mma, Bit) {
  Layout a8 = [](int l, int i) { return At{g(l), t(l) * 32 + i}; };
  Layout b128 = [](int l, int i) { return At{t(l) * 32 + i, g(l)}; };
  Layout a128 = [](int l, int i) {
    return At{i < 32 ? g(l) : g(l) + 8, t(l) * 32 + (i & 31)};
  };
  Layout a256 = [](int l, int i) {
    return At{i < 32 || (i >= 64 && i < 96) ? g(l) : g(l) + 8,
              t(l) * 32 + (i & 31) + (i >= 64 ? 128 : 0)};
  };
  Layout b256 = [](int l, int i) {
    return At{t(l) * 32 + (i & 31) + (i >= 32 ? 128 : 0), g(l)};
  };
  for (std::string op : {".and.popc", ".xor.popc"}) {
    expectProduct(
        {"m8n8k128", 8, 8, 128, "s32", "b1", "b1", "s32", a8, b128, false, op},
        17);
    expectProduct({"m16n8k128", 16, 8, 128, "s32", "b1", "b1", "s32", a128,
                   b128, false, op},
                  18);
    expectProduct({"m16n8k256", 16, 8, 256, "s32", "b1", "b1", "s32", a256,
                   b256, false, op},
                  19);
  }
}

/// m8n8k4 of f16: four products side by side, each of eight lanes of the warp.
void expectQuads(bool rowA, bool rowB, const std::string &d,
                 const std::string &c) {
  SCOPED_TRACE(testing::Message() << rowA << rowB << d << c);
  std::mt19937 random(20);
  Narrow half = narrow("f16"), type[2] = {narrow(d), narrow(c)};
  std::vector<int> a = draw(random, 4 * 32, half),
                   b = draw(random, 4 * 32, half),
                   sums = draw(random, 4 * 64, half), want = sums;
  for (int q = 0; q < 4; ++q)
    for (int i = 0; i < 8; ++i)
      for (int j = 0; j < 8; ++j)
        for (int l = 0; l < 4; ++l)
          want[static_cast<size_t>(q * 64 + i * 8 + j)] +=
              a[static_cast<size_t>(q * 32 + i * 4 + l)] *
              b[static_cast<size_t>(q * 32 + l * 8 + j)];
  // The manual's formulas; matrices of a quad pair lie below each other.
  auto quad = [](int lane) { return lane / 4 % 4; };
  auto high = [](int lane) { return lane < 16 ? 0 : 4; };
  Layout placeA = [&](int l, int i) {
    return rowA ? At{quad(l) * 8 + l % 4 + high(l), i}
                : At{quad(l) * 8 + i + high(l), l % 4};
  };
  Layout placeB = [&](int l, int i) {
    return rowB ? At{quad(l) * 4 + l % 4, i + high(l)}
                : At{quad(l) * 4 + i, l % 4 + high(l)};
  };
  auto placeC = [&](const std::string &of) -> Layout {
    if (of == "f16")
      return [&](int l, int i) { return At{quad(l) * 8 + l % 4 + high(l), i}; };
    return [&](int l, int i) {
      return At{quad(l) * 8 + (l & 1) + (i & 2) + high(l),
                (i & 4) + (l & 2) + (i & 1)};
    };
  };
  int registers[4] = {d == "f16" ? 4 : 8, 2, 2, c == "f16" ? 4 : 8};
  auto ma = fragment(a, 4, placeA, half, 4),
       mb = fragment(b, 8, placeB, half, 4);
  auto mc = fragment(sums, 8, placeC(c), type[1], 8);
  auto md = fragment(want, 8, placeC(d), type[0], 8);
  std::string text = program(
      {"m8n8k4", 8, 8, 4, d, "f16", "f16", c, placeA, placeB}, registers);
  std::string layouts =
      std::string(rowA ? ".row" : ".col") + (rowB ? ".row" : ".col");
  text.replace(text.find(".row.col"), 8, layouts);
  Device device;
  uint64_t out = device.room(md.size());
  Kinds kinds = device.run(
      text, {}, {out, device.upload(ma), device.upload(mb), device.upload(mc)});
  ASSERT_EQ(kinds, kNone) << device.texts;
  EXPECT_EQ(device.download<uint8_t>(out, md.size()), md);
}

TEST(Mma, QuadPairs) {
  for (bool rowA : {false, true})
    for (bool rowB : {false, true})
      for (std::string d : {"f16", "f32"})
        for (std::string c : {"f16", "f32"})
          expectQuads(rowA, rowB, d, c);
}

// An undefined register of A spoils its row only.
TEST(Mma, UndefinedElementsSpoilWhatTheyReach) {
  auto store = [](const std::string &which) {
    return kernel(
        1, "mov.u32 %r0, %laneid;\nmul.wide.u32 %rd10, %r0, 4;\n"
           "add.u64 %rd11, %rd0, %rd10;\n"
           "mov.b32 %r30, 0;\nmov.b32 %r40, 0;\nmov.b32 %f50, 0f00000000;\n"
           "mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 "
           "{%f1, %f2, %f3, %f4}, {%r30, %r31, %r30, %r30}, "
           "{%r40, %r40}, {%f50, %f50, %f50, %f50};\n"
           "st.global.f32 [%rd11], " +
               which + ";\n");
  };
  Device device;
  uint64_t out = device.room(128);
  EXPECT_EQ(device.run(store("%f1"), {}, {out}), kNone) << device.texts;
  EXPECT_EQ(device.run(store("%f3"), {}, {out}), Kinds{"uninitialised"});
}

TEST(Mma, FragmentOfTheWrongLengthIsRefused) {
  Device device;
  Kinds kinds = device.run(
      kernel(0, "mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%f1, %f2, "
                "%f3, %f4}, {%r1, %r2}, {%r3, %r4}, {%f1, %f2, %f3, %f4};\n"),
      {}, {});
  ASSERT_EQ(kinds.size(), 1u);
  EXPECT_NE(kinds[0].find("A of"), std::string::npos) << kinds[0];
}

} // namespace
