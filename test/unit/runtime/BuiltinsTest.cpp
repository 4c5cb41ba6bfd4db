#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>

extern "C" {
_Float16 __truncsfhf2(float);
_Float16 __truncdfhf2(double);
__bf16 __truncsfbf2(float);
float __extendhfsf2(_Float16);
double __powidf2(double, int);
}

static uint16_t half(float value) {
  return std::bit_cast<uint16_t>(__truncsfhf2(value));
}
static uint16_t brain(float value) {
  return std::bit_cast<uint16_t>(__truncsfbf2(value));
}

/// The value of a finite half, from the format's definition.
static double halfValue(uint16_t bits) {
  int exponent = bits >> 10 & 31, fraction = bits & 1023;
  double magnitude = exponent ? std::ldexp(1024 + fraction, exponent - 25)
                              : std::ldexp(fraction, -24);
  return bits >> 15 ? -magnitude : magnitude;
}

TEST(Builtins, everyHalfSurvives) {
  for (uint32_t bits = 0; bits < 65536; ++bits) {
    float value = __extendhfsf2(std::bit_cast<_Float16>(uint16_t(bits)));
    if ((bits & 0x7c00) == 0x7c00 && bits & 0x3ff) {
      EXPECT_TRUE(std::isnan(value));
      continue;
    }
    if ((bits & 0x7c00) != 0x7c00)
      EXPECT_EQ(value, halfValue(bits)) << bits;
    EXPECT_EQ(half(value), bits);
  }
}

TEST(Builtins, halfRoundsToNearestEven) {
  // Between each two neighbours: the middle goes to the even one, what is
  // beside it to the nearer.
  for (uint16_t bits = 0; bits < 0x7bff; ++bits) {
    auto low = float(halfValue(bits)), high = float(halfValue(bits + 1));
    float middle = low + (high - low) / 2;
    EXPECT_EQ(half(middle), bits & 1 ? bits + 1 : bits);
    EXPECT_EQ(half(std::nextafter(middle, INFINITY)), bits + 1);
    EXPECT_EQ(half(std::nextafter(middle, 0.0f)), bits);
  }
}

TEST(Builtins, halfOverflowsToInfinity) {
  EXPECT_EQ(half(65519.996f), 0x7bff);
  EXPECT_EQ(half(65520.0f), 0x7c00);
  EXPECT_EQ(half(-1e30f), 0xfc00);
  EXPECT_EQ(half(INFINITY), 0x7c00);
  EXPECT_EQ(half(NAN) & 0x7e00, 0x7e00);
}

TEST(Builtins, doubleRoundsOnce) {
  // By way of float this would round twice, and up.
  double value = 1 + std::ldexp(1.0, -11) + std::ldexp(1.0, -40);
  EXPECT_EQ(std::bit_cast<uint16_t>(__truncdfhf2(value)), 0x3c01);
  EXPECT_EQ(std::bit_cast<uint16_t>(__truncdfhf2(1 + std::ldexp(1.0, -11))),
            0x3c00);
}

TEST(Builtins, brainRoundsToNearestEven) {
  auto bits = [](uint32_t value) { return brain(std::bit_cast<float>(value)); };
  EXPECT_EQ(bits(0x3f800000), 0x3f80);
  EXPECT_EQ(bits(0x3f808000), 0x3f80);
  EXPECT_EQ(bits(0x3f808001), 0x3f81);
  EXPECT_EQ(bits(0x3f818000), 0x3f82);
  EXPECT_EQ(bits(0x00008001), 0x0001);
  EXPECT_EQ(bits(0x7f7fffff), 0x7f80);
  EXPECT_EQ(bits(0xff800000), 0xff80);
  EXPECT_EQ(bits(0x7f800001) & 0x7fc0, 0x7fc0);
}

TEST(Builtins, integerPowers) {
  EXPECT_EQ(__powidf2(3.0, 5), 243.0);
  EXPECT_EQ(__powidf2(2.0, -3), 0.125);
  EXPECT_EQ(__powidf2(5.0, 0), 1.0);
}
