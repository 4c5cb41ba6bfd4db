// Tensor maps: the driver's rules, the encoding, and boxes against plain loops.
#include "runtime/emulator/TensorMap.h"

#include <gtest/gtest.h>

using namespace tw::emu;

namespace {

/// A dense f16 tensor of 64 x 40 x 6 at 4096, boxes of 32 x 8 x 2.
TensorMap sample() {
  TensorMap map;
  map.type = TensorType::F16;
  map.rank = 3;
  map.address = 4096;
  map.dim = {64, 40, 6};
  map.stride = {2, 128, 128 * 40};
  map.elementStride = {1, 1, 1};
  map.box = {32, 8, 2};
  return map;
}

TEST(TensorMap, RoundTrip) {
  TensorMap map = sample();
  map.swizzle = Swizzle::Bytes64;
  map.nanFill = true;
  ASSERT_EQ(map.problem(), "");
  std::array<uint8_t, 128> bytes = map.encode();
  std::optional<TensorMap> back = TensorMap::decode(bytes.data());
  ASSERT_TRUE(back);
  EXPECT_EQ(back->encode(), bytes);
  EXPECT_EQ(back->stride, map.stride);
  EXPECT_EQ(back->boxBytes(), 32u * 8 * 2 * 2);
  bytes[0] ^= 1;
  EXPECT_FALSE(TensorMap::decode(bytes.data()));
}

TEST(TensorMap, RulesOfTheDriver) {
  auto problem = [](auto &&change) {
    TensorMap map = sample();
    change(map);
    return map.problem();
  };
  EXPECT_EQ(problem([](TensorMap &) {}), "");
  EXPECT_NE(problem([](TensorMap &m) { m.address += 8; }), "");
  EXPECT_NE(problem([](TensorMap &m) { m.rank = 6; }), "");
  EXPECT_NE(problem([](TensorMap &m) { m.rank = 0; }), "");
  EXPECT_NE(problem([](TensorMap &m) { m.dim[1] = 0; }), "");
  EXPECT_NE(problem([](TensorMap &m) { m.stride[1] = 100; }), "");
  EXPECT_NE(problem([](TensorMap &m) { m.box[1] = 257; }), "");
  EXPECT_NE(problem([](TensorMap &m) { m.box[0] = 4; }), "");
  EXPECT_NE(problem([](TensorMap &m) { m.elementStride[2] = 9; }), "");
  EXPECT_NE(problem([](TensorMap &m) { m.swizzle = Swizzle::Bytes32; }), "");
  EXPECT_NE(
      problem([](TensorMap &m) { m.type = TensorType::U16, m.nanFill = true; }),
      "");
  EXPECT_NE(problem([](TensorMap &m) { m.interleave = 1; }), "");
  EXPECT_NE(problem([](TensorMap &m) { m.type = static_cast<TensorType>(13); }),
            "");
}

TEST(TensorMap, TiledBoxCutByEveryBorder) {
  TensorMap map = sample();
  std::array<int32_t, 5> at = {48, -3, 5};
  std::vector<BoxRow> rows = rowsOfBox(map, at, {});
  ASSERT_EQ(rows.size(), 16u);
  for (int z = 0; z < 2; ++z)
    for (int y = 0; y < 8; ++y) {
      const BoxRow &row = rows[static_cast<size_t>(z * 8 + y)];
      EXPECT_EQ(row.shared, static_cast<uint32_t>(z * 8 + y) * 64);
      EXPECT_EQ(row.count, 32u);
      bool inside = at[1] + y >= 0 && at[2] + z < 6;
      EXPECT_EQ(row.end - row.begin, inside ? 16u : 0u);
      if (inside) {
        EXPECT_EQ(row.global,
                  4096u + static_cast<uint64_t>((at[2] + z) * 128 * 40 +
                                                (at[1] + y) * 128 + 48 * 2));
      }
    }
  at = {-8, 0, 0};
  EXPECT_EQ(rowsOfBox(map, at, {})[0].begin, 8u);
  EXPECT_EQ(rowsOfBox(map, at, {})[0].global, 4096u);
  EXPECT_EQ(rowsOfBox(map, at, {})[0].end, 32u);
}

TEST(TensorMap, ElementStridesThinTheBox) {
  TensorMap map = sample();
  map.elementStride = {1, 3, 1};
  EXPECT_EQ(map.boxBytes(), 32u * 3 * 2 * 2);
  std::vector<BoxRow> rows = rowsOfBox(map, {0, 1, 0}, {});
  ASSERT_EQ(rows.size(), 6u);
  EXPECT_EQ(rows[1].global, 4096u + 128 * 4);
  EXPECT_EQ(rows[2].shared, 128u);
}

struct Convolution {
  int n, h, w, c, filter, pad, stride, dilation;
};

TensorMap columnsOf(const Convolution &v) {
  TensorMap map;
  map.type = TensorType::F16;
  map.rank = 4;
  map.address = 1024;
  auto u = [](int x) { return static_cast<uint64_t>(x); };
  map.dim = {u(v.c), u(v.w), u(v.h), u(v.n)};
  map.stride = {2, u(v.c) * 2, u(v.c * v.w) * 2, u(v.c * v.w * v.h) * 2};
  auto s = static_cast<uint32_t>(v.stride);
  map.elementStride = {1, s, s, 1};
  map.im2col = true;
  int upper = v.pad - (v.filter - 1) * v.dilation;
  map.lowerCorner = {-v.pad, -v.pad};
  map.upperCorner = {upper, upper};
  map.channels = static_cast<uint32_t>(v.c);
  map.pixels = 16;
  return map;
}

// The im2col matrix of a convolution: row = output pixel, column = (filter tap,
// channel).
TEST(TensorMap, Im2colWalksOutputPixels) {
  for (const Convolution &v : {Convolution{2, 7, 9, 8, 3, 1, 1, 1},
                               {2, 7, 9, 8, 3, 1, 2, 1},
                               {3, 8, 8, 8, 3, 2, 1, 2},
                               {1, 9, 6, 8, 1, 0, 2, 1},
                               {2, 5, 5, 8, 5, 2, 1, 1}}) {
    TensorMap map = columnsOf(v);
    ASSERT_EQ(map.problem(), "");
    int reach = (v.filter - 1) * v.dilation;
    int outH = (v.h + 2 * v.pad - reach - 1) / v.stride + 1,
        outW = (v.w + 2 * v.pad - reach - 1) / v.stride + 1;
    for (int first = 0; first < v.n * outH * outW; first += 5)
      for (int tap = 0; tap < v.filter * v.filter; ++tap) {
        int dy = tap / v.filter * v.dilation, dx = tap % v.filter * v.dilation;
        int q = first % outW, p = first / outW % outH, n = first / outW / outH;
        auto rows = rowsOfBox(
            map, {0, q * v.stride - v.pad, p * v.stride - v.pad, n},
            {static_cast<uint16_t>(dx), static_cast<uint16_t>(dy), 0});
        ASSERT_EQ(rows.size(), 16u);
        for (int i = 0; i < 16; ++i) {
          int pixel = first + i,
              y = pixel / outW % outH * v.stride - v.pad + dy;
          int x = pixel % outW * v.stride - v.pad + dx,
              image = pixel / outW / outH;
          bool inside = y >= 0 && y < v.h && x >= 0 && x < v.w && image < v.n;
          const BoxRow &row = rows[static_cast<size_t>(i)];
          ASSERT_EQ(row.end, inside ? 8u : 0u)
              << "pixel " << pixel << " tap " << tap;
          if (inside) {
            ASSERT_EQ(row.global,
                      1024u + static_cast<uint64_t>(
                                  ((image * v.h + y) * v.w + x) * v.c) *
                                  2);
          }
        }
      }
  }
}

} // namespace
