// Narrow floats: known values from the formats' definitions.
#include "runtime/emulator/Element.h"

#include <cmath>
#include <gtest/gtest.h>

using namespace tw::emu;

namespace {

TEST(Element, NamesAndSizes) {
  EXPECT_EQ(elementOf("e4m3"), Element::E4M3);
  EXPECT_EQ(elementOf("b16"), Element::None);
  EXPECT_EQ(bitsOf(Element::TF32), 32);
  EXPECT_EQ(bitsOf(Element::S4), 4);
  EXPECT_TRUE(isInteger(Element::B1));
  EXPECT_FALSE(isInteger(Element::BF16));
}

TEST(Element, KnownFloats) {
  EXPECT_EQ(decodeFloat(Element::F16, 0x3c00), 1.0f);
  EXPECT_EQ(decodeFloat(Element::F16, 0xc000), -2.0f);
  EXPECT_EQ(decodeFloat(Element::F16, 0x7bff), 65504.0f);
  EXPECT_EQ(decodeFloat(Element::F16, 0x0001), 0x1p-24f);
  EXPECT_EQ(decodeFloat(Element::F16, 0x7c00), INFINITY);
  EXPECT_TRUE(std::isnan(decodeFloat(Element::F16, 0x7e00)));
  EXPECT_EQ(decodeFloat(Element::BF16, 0x3f80), 1.0f);
  EXPECT_EQ(decodeFloat(Element::TF32, 0x3f801fff),
            1.0f); // the low 13 bits do not count
  EXPECT_EQ(decodeFloat(Element::E4M3, 0x7e), 448.0f);  // the largest
  EXPECT_EQ(decodeFloat(Element::E4M3, 0x01), 0x1p-9f); // the smallest
  EXPECT_EQ(decodeFloat(Element::E4M3, 0xb8), -1.0f);
  EXPECT_TRUE(std::isnan(decodeFloat(Element::E4M3, 0xff)));
  EXPECT_EQ(decodeFloat(Element::E5M2, 0x7b), 57344.0f);
  EXPECT_EQ(decodeFloat(Element::E5M2, 0x01), 0x1p-16f);
  EXPECT_EQ(decodeFloat(Element::E5M2, 0xfc), -INFINITY);
}

TEST(Element, KnownIntegers) {
  EXPECT_EQ(decodeInteger(Element::S8, 0x180), -128);
  EXPECT_EQ(decodeInteger(Element::U8, 0x180), 128);
  EXPECT_EQ(decodeInteger(Element::S4, 0xf8), -8);
  EXPECT_EQ(decodeInteger(Element::U4, 0xf8), 8);
  EXPECT_EQ(decodeInteger(Element::B1, 2), 0);
}

TEST(Element, HalfRoundTripsAndRoundsToEven) {
  for (uint32_t bits = 0; bits < 0x10000; ++bits) {
    float value = decodeFloat(Element::F16, bits);
    if (!std::isnan(value)) {
      ASSERT_EQ(roundToHalf(value), bits);
    }
  }
  EXPECT_EQ(roundToHalf(NAN), 0x7fff);
  EXPECT_EQ(roundToHalf(1 + 0x1p-11f), 0x3c00);     // half way: to even
  EXPECT_EQ(roundToHalf(1 + 3 * 0x1p-11f), 0x3c02); // half way: to even, up
  EXPECT_EQ(roundToHalf(1 + 0x1p-11f + 0x1p-20f), 0x3c01);
  EXPECT_EQ(roundToHalf(65519.0f), 0x7bff);
  EXPECT_EQ(roundToHalf(65520.0f), 0x7c00);
  EXPECT_EQ(roundToHalf(-0x1p-25f), 0x8000);
  EXPECT_EQ(roundToHalf(0x1.8p-24f), 0x0002);
}

} // namespace
