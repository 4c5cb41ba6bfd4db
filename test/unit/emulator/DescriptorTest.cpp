// Swizzles and matrix descriptors against tables of the documentation.
#include "runtime/emulator/MatrixDescriptor.h"

#include <gtest/gtest.h>

using namespace tw::emu;

namespace {

/// Chunk of 16 bytes that holds chunk `chunk` of line `line`.
uint32_t chunkAt(Swizzle mode, uint32_t line, uint32_t chunk) {
  uint32_t width = swizzleWidth(mode);
  return swizzled(mode, line * width + chunk * 16) % width / 16;
}

// The programming guide's picture of the 128-byte swizzle: row r of eight
// chunks.
TEST(Swizzle, Bytes128) {
  const uint32_t table[8][8] = {
      {0, 1, 2, 3, 4, 5, 6, 7}, {1, 0, 3, 2, 5, 4, 7, 6},
      {2, 3, 0, 1, 6, 7, 4, 5}, {3, 2, 1, 0, 7, 6, 5, 4},
      {4, 5, 6, 7, 0, 1, 2, 3}, {5, 4, 7, 6, 1, 0, 3, 2},
      {6, 7, 4, 5, 2, 3, 0, 1}, {7, 6, 5, 4, 3, 2, 1, 0}};
  for (uint32_t line = 0; line < 16; ++line)
    for (uint32_t chunk = 0; chunk < 8; ++chunk)
      EXPECT_EQ(chunkAt(Swizzle::Bytes128, line, chunk),
                table[line % 8][chunk]);
}

// Lines of 64 bytes, two in a 128-byte line; the pattern repeats after 512
// bytes.
TEST(Swizzle, Bytes64) {
  const uint32_t table[8][4] = {{0, 1, 2, 3}, {0, 1, 2, 3}, {1, 0, 3, 2},
                                {1, 0, 3, 2}, {2, 3, 0, 1}, {2, 3, 0, 1},
                                {3, 2, 1, 0}, {3, 2, 1, 0}};
  for (uint32_t line = 0; line < 16; ++line)
    for (uint32_t chunk = 0; chunk < 4; ++chunk)
      EXPECT_EQ(chunkAt(Swizzle::Bytes64, line, chunk), table[line % 8][chunk]);
}

// Lines of 32 bytes, four in a 128-byte line; the pattern repeats after 256
// bytes.
TEST(Swizzle, Bytes32) {
  for (uint32_t line = 0; line < 16; ++line)
    for (uint32_t chunk = 0; chunk < 2; ++chunk)
      EXPECT_EQ(chunkAt(Swizzle::Bytes32, line, chunk),
                chunk ^ (line % 8 >= 4));
}

TEST(Swizzle, NoneAndBaseOffset) {
  EXPECT_EQ(swizzled(Swizzle::None, 1234), 1234u);
  // A pattern that starts two lines late: line 2 of memory is its line 0.
  EXPECT_EQ(swizzled(Swizzle::Bytes128, 256 + 16, 2), 256u + 16);
  EXPECT_EQ(swizzled(Swizzle::Bytes128, 384 + 16, 2), 384u);
}

uint64_t descriptor(uint32_t start, uint32_t leading, uint32_t stride,
                    uint64_t mode, uint64_t base = 0) {
  return start / 16 | uint64_t{leading / 16} << 16 |
         uint64_t{stride / 16} << 32 | base << 49 | mode << 62;
}

TEST(Descriptor, Fields) {
  MatrixDescriptor d =
      MatrixDescriptor::decode(descriptor(0x2400, 0x100, 1024, 1, 3));
  EXPECT_EQ(d.start, 0x2400u);
  EXPECT_EQ(d.leadingOffset, 0x100u);
  EXPECT_EQ(d.strideOffset, 1024u);
  EXPECT_EQ(d.baseOffset, 3u);
  EXPECT_EQ(d.swizzle, Swizzle::Bytes128);
  EXPECT_EQ(MatrixDescriptor::decode(descriptor(0, 0, 0, 2)).swizzle,
            Swizzle::Bytes64);
  EXPECT_EQ(MatrixDescriptor::decode(descriptor(0, 0, 0, 3)).swizzle,
            Swizzle::Bytes32);
}

// Core matrices without a swizzle: 8 rows of 16 bytes, leading offset along k,
// stride offset along m.
TEST(Descriptor, KMajorPlain) {
  MatrixDescriptor d = MatrixDescriptor::decode(descriptor(4096, 128, 256, 0));
  EXPECT_EQ(d.addressOf(Major::K, 2, 0, 0), 4096u);
  EXPECT_EQ(d.addressOf(Major::K, 2, 1, 0), 4096u + 16);
  EXPECT_EQ(d.addressOf(Major::K, 2, 0, 8), 4096u + 128);
  EXPECT_EQ(d.addressOf(Major::K, 2, 8, 0), 4096u + 256);
  EXPECT_EQ(d.addressOf(Major::K, 1, 9, 17), 4096u + 256 + 16 + 128 + 1);
}

// Rows of 64 halves as TMA's 128-byte swizzle leaves them.
TEST(Descriptor, KMajorSwizzled) {
  MatrixDescriptor d = MatrixDescriptor::decode(
      descriptor(2048 + 32, 16, 1024, 1)); // second 16 of k
  for (int row = 0; row < 64; ++row)
    for (int k = 0; k < 16; ++k) {
      uint32_t chunk =
          static_cast<uint32_t>(2 + k / 8) ^ static_cast<uint32_t>(row % 8);
      EXPECT_EQ(d.addressOf(Major::K, 2, row, k),
                2048u + static_cast<uint32_t>(row) * 128 + chunk * 16 +
                    static_cast<uint32_t>(k % 8) * 2);
    }
}

// k rows of 64 halves of n; n panels are the leading offset apart.
TEST(Descriptor, MnMajorSwizzled) {
  MatrixDescriptor d = MatrixDescriptor::decode(descriptor(0, 16384, 1024, 1));
  for (int n = 0; n < 128; ++n)
    for (int k = 0; k < 16; ++k) {
      uint32_t chunk =
          static_cast<uint32_t>(n % 64 / 8) ^ static_cast<uint32_t>(k % 8);
      EXPECT_EQ(d.addressOf(Major::MN, 2, n, k),
                static_cast<uint32_t>(n / 64) * 16384 +
                    static_cast<uint32_t>(k) * 128 + chunk * 16 +
                    static_cast<uint32_t>(n % 8) * 2);
    }
}

TEST(Descriptor, MnMajorPlain) {
  MatrixDescriptor d = MatrixDescriptor::decode(descriptor(0, 128, 512, 0));
  EXPECT_EQ(d.addressOf(Major::MN, 2, 7, 0), 14u);
  EXPECT_EQ(d.addressOf(Major::MN, 2, 0, 1), 16u);
  EXPECT_EQ(d.addressOf(Major::MN, 2, 0, 8), 128u); // leading: the next 8 of k
  EXPECT_EQ(d.addressOf(Major::MN, 2, 8, 0), 512u); // stride: the next 8 of n
}

TEST(Descriptor, Problems) {
  EXPECT_EQ(problemOfDescriptor(descriptor(96, 16, 1024, 1), Major::K), "");
  EXPECT_NE(problemOfDescriptor(descriptor(112, 16, 1024, 1), Major::K), "");
  EXPECT_NE(problemOfDescriptor(descriptor(16, 16, 256, 3), Major::K), "");
  EXPECT_NE(problemOfDescriptor(descriptor(32, 16, 1024, 1), Major::MN), "");
  EXPECT_NE(problemOfDescriptor(descriptor(0, 16, 1024, 0, 1), Major::K), "");
  EXPECT_NE(problemOfDescriptor(descriptor(0, 16, 1024, 1) | uint64_t{1} << 14,
                                Major::K),
            "");
  EXPECT_NE(problemOfDescriptor(descriptor(0, 16, 1024, 1) | uint64_t{1} << 55,
                                Major::K),
            "");
}

} // namespace
