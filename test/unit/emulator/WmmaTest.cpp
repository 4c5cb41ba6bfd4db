// wmma: every shape, type and layout in memory against a plain product. What
// lies where in a fragment is not specified, so whole matrices are compared.
#include "test/unit/emulator/Device.h"

#include <cmath>
#include <random>

using namespace tw::emu::test;

namespace {

struct Case {
  int m, n, k;
  std::string a, d, c; ///< B has A's type
  bool rowA = true, rowB = true, rowC = true;
  std::string space = ".global";
};

size_t bytesOf(const std::string &type) {
  return type == "f64"                     ? 8
         : type == "f16" || type == "bf16" ? 2
         : type == "s8" || type == "u8"    ? 1
                                           : 4;
}

/// Exact for small integers.
uint64_t encode(const std::string &type, int value) {
  auto as = [](auto number) {
    uint64_t bits = 0;
    std::memcpy(&bits, &number, sizeof number);
    return bits;
  };
  if (type == "f64")
    return as(static_cast<double>(value));
  if (type == "f32" || type == "tf32")
    return as(static_cast<float>(value));
  if (type == "bf16")
    return as(static_cast<float>(value)) >> 16;
  if (type != "f16")
    return as(value) & (type == "s32" ? 0xffffffff : 0xff);
  if (value == 0)
    return 0;
  int e;
  float m = std::frexp(std::fabs(static_cast<float>(value)), &e);
  return static_cast<uint64_t>((value < 0 ? 0x8000 : 0) | (e + 14) << 10 |
                               static_cast<int>((m * 2 - 1) * 1024));
}

using Matrix = std::vector<int>;

Matrix draw(std::mt19937 &random, int count, const std::string &type) {
  std::uniform_int_distribution<int> range(type[0] == 'u' ? 0 : -6, 6);
  Matrix values(static_cast<size_t>(count));
  for (int &value : values)
    value = range(random);
  return values;
}

/// A matrix in memory, its rows (or columns) 8 elements longer than they are.
std::vector<uint8_t> memory(const Matrix &values, int rows, int columns,
                            bool byRow, const std::string &type) {
  int stride = (byRow ? columns : rows) + 8;
  size_t bytes = bytesOf(type);
  std::vector<uint8_t> out(
      static_cast<size_t>(stride * (byRow ? rows : columns)) * bytes, 1);
  for (int i = 0; i < rows; ++i)
    for (int j = 0; j < columns; ++j) {
      uint64_t bits =
          encode(type, values[static_cast<size_t>(i * columns + j)]);
      int at = byRow ? i * stride + j : j * stride + i;
      std::memcpy(&out[static_cast<size_t>(at) * bytes], &bits, bytes);
    }
  return out;
}

/// Registers of a fragment, by the manual's table.
int registersOf(const Case &c, char which, const std::string &type) {
  int elements = which == 'a'   ? c.m * c.k
                 : which == 'b' ? c.k * c.n
                                : c.m * c.n;
  if (type == "f64")
    return elements / 32;
  if (type == "f16" && which < 'c')
    return 8;
  return elements * static_cast<int>(bytesOf(type)) / 128;
}

std::string vector(const std::string &prefix, int first, int count) {
  std::string text = "{";
  for (int i = 0; i < count; ++i)
    text += (i ? ", " : "") + prefix + std::to_string(first + i);
  return text + "}";
}

std::string program(const Case &c) {
  std::string shape = ".m" + std::to_string(c.m) + "n" + std::to_string(c.n) +
                      "k" + std::to_string(c.k);
  std::string reg = c.a == "f64" ? "%fd" : "%r";
  auto layout = [](bool row) { return std::string(row ? ".row" : ".col"); };
  auto fragment = [&](char which, const std::string &type, int first) {
    return vector(reg, first, registersOf(c, which, type));
  };
  auto load = [&](char which, bool row, const std::string &type, int first,
                  int address, int width) {
    return std::string("wmma.load.") + which + ".sync.aligned" + layout(row) +
           shape + c.space + "." + type + " " + fragment(which, type, first) +
           ", [%rd" + std::to_string(address) + "], " +
           std::to_string(width + 8) + ";\n";
  };
  std::string types = c.a == "f16"
                          ? "." + c.d + "." + c.c
                          : "." + c.d + "." + c.a + "." + c.a + "." + c.c;
  return kernel(4, load('a', c.rowA, c.a, 10, 1, c.rowA ? c.k : c.m) +
                       load('b', c.rowB, c.a, 20, 2, c.rowB ? c.n : c.k) +
                       load('c', c.rowC, c.c, 30, 3, c.rowC ? c.n : c.m) +
                       "wmma.mma.sync.aligned" + layout(c.rowA) +
                       layout(c.rowB) + shape + types + " " +
                       fragment('d', c.d, 40) + ", " + fragment('a', c.a, 10) +
                       ", " + fragment('b', c.a, 20) + ", " +
                       fragment('c', c.c, 30) + ";\nwmma.store.d.sync.aligned" +
                       layout(c.rowC) + shape + c.space + "." + c.d +
                       " [%rd0], " + fragment('d', c.d, 40) + ", " +
                       std::to_string((c.rowC ? c.n : c.m) + 8) + ";\n");
}

void expectProduct(const Case &c) {
  SCOPED_TRACE(testing::Message()
               << "m" << c.m << "n" << c.n << "k" << c.k << " " << c.d << " "
               << c.a << " " << c.c << c.rowA << c.rowB << c.rowC);
  std::mt19937 random(1);
  Matrix a = draw(random, c.m * c.k, c.a), b = draw(random, c.k * c.n, c.a);
  Matrix d = draw(random, c.m * c.n, c.c);
  auto mc = memory(d, c.m, c.n, c.rowC, c.c);
  for (int i = 0; i < c.m; ++i)
    for (int j = 0; j < c.n; ++j)
      for (int l = 0; l < c.k; ++l)
        d[static_cast<size_t>(i * c.n + j)] +=
            a[static_cast<size_t>(i * c.k + l)] *
            b[static_cast<size_t>(l * c.n + j)];
  auto want = memory(d, c.m, c.n, c.rowC, c.d);
  Device device;
  uint64_t out = device.upload(std::vector<uint8_t>(want.size(), 1));
  Kinds kinds = device.run(
      program(c), {},
      {out, device.upload(memory(a, c.m, c.k, c.rowA, c.a)),
       device.upload(memory(b, c.k, c.n, c.rowB, c.a)), device.upload(mc)});
  ASSERT_EQ(kinds, kNone) << device.texts;
  EXPECT_EQ(device.download<uint8_t>(out, want.size()), want);
}

TEST(Wmma, EveryShapeTypeAndLayout) {
  for (auto [m, n] : {std::pair{16, 16}, {8, 32}, {32, 8}})
    for (int layouts = 0; layouts < 8; ++layouts) {
      bool a = layouts & 1, b = layouts & 2, c = layouts & 4;
      for (std::string d : {"f16", "f32"})
        for (std::string from : {"f16", "f32"})
          expectProduct({m, n, 16, "f16", d, from, a, b, c});
      expectProduct({m, n, 16, "bf16", "f32", "f32", a, b, c});
      expectProduct({m, n, 16, "s8", "s32", "s32", a, b, c});
      expectProduct({m, n, 16, "u8", "s32", "s32", a, b, c});
      if (m == 16) {
        expectProduct({16, 16, 8, "tf32", "f32", "f32", a, b, c});
        expectProduct({8, 8, 4, "f64", "f64", "f64", a, b, c});
      }
      expectProduct({m, n, 16, "f16", "f32", "f32", a, b, c, ""});
    }
}

TEST(Wmma, OutOfBoundsAndUninitialised) {
  Case c = {16, 16, 16, "f16", "f32", "f32"};
  Device device;
  uint64_t small = device.upload(std::vector<uint8_t>(64));
  uint64_t big = device.upload(std::vector<uint8_t>(4096));
  uint64_t fresh = device.room(4096);
  EXPECT_EQ(device.run(program(c), {}, {big, big, big, big}), kNone);
  EXPECT_EQ(device.run(program(c), {}, {big, small, big, big}),
            Kinds{"out-of-bounds"});
  EXPECT_EQ(device.run(program(c), {}, {big, fresh, big, big}),
            Kinds{"uninitialised"});
}

} // namespace
