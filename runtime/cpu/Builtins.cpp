// Functions that LLVM calls where the instruction set has no instruction, under
// the names of compiler-rt. Conversions round to nearest, ties to even; NaNs
// stay NaNs and become quiet.
#include <bit>
#include <cstdint>

namespace {
/// Number of exponent and fraction bits of a binary format, and its bits' type.
template <typename Bits, int exponent, int fraction>
struct Format {
  using Type = Bits;
  static constexpr int kExponent = exponent, kFraction = fraction;
  static constexpr int kBias = (1 << (exponent - 1)) - 1;
  static constexpr int kMaxExponent = (1 << exponent) - 1;
};
using Half = Format<uint16_t, 5, 10>;
using Brain = Format<uint16_t, 8, 7>;
using Single = Format<uint32_t, 8, 23>;
using Double = Format<uint64_t, 11, 52>;
} // namespace

/// Drops the lowest `shift` bits, rounding to nearest even.
static uint64_t roundShift(uint64_t value, int shift) {
  if (shift <= 0)
    return value << -shift;
  if (shift > 63)
    return 0;
  uint64_t half = uint64_t(1) << (shift - 1);
  uint64_t rest = value & (2 * half - 1);
  uint64_t kept = value >> shift;
  return kept + (rest > half || (rest == half && (kept & 1)));
}

template <typename To, typename From>
static To::Type narrow(typename From::Type bits) {
  constexpr int dropped = From::kFraction - To::kFraction;
  constexpr uint64_t infinity = uint64_t(To::kMaxExponent) << To::kFraction;
  uint64_t sign = uint64_t(bits >> (From::kExponent + From::kFraction))
                  << (To::kExponent + To::kFraction);
  int exponent = int(bits >> From::kFraction) & From::kMaxExponent;
  uint64_t fraction = bits & ((uint64_t(1) << From::kFraction) - 1);
  if (exponent == From::kMaxExponent) {
    uint64_t quiet = uint64_t(1) << (To::kFraction - 1);
    return sign | infinity | (fraction ? quiet | fraction >> dropped : 0);
  }
  uint64_t significand =
      exponent ? fraction | uint64_t(1) << From::kFraction : fraction;
  int target = (exponent ? exponent : 1) - From::kBias + To::kBias;
  // A carry out of the fraction lands in the exponent, which is what it means.
  uint64_t result = target >= 1 ? roundShift(significand, dropped) +
                                      (uint64_t(target - 1) << To::kFraction)
                                : roundShift(significand, dropped + 1 - target);
  return sign | (result < infinity ? result : infinity);
}

template <typename To, typename From>
static To::Type widen(typename From::Type bits) {
  constexpr int added = To::kFraction - From::kFraction;
  typename To::Type sign =
      typename To::Type(bits >> (From::kExponent + From::kFraction))
      << (To::kExponent + To::kFraction);
  int exponent = int(bits >> From::kFraction) & From::kMaxExponent;
  typename To::Type fraction = bits & ((1u << From::kFraction) - 1);
  if (exponent == From::kMaxExponent) {
    typename To::Type quiet =
        fraction ? typename To::Type(1) << (To::kFraction - 1) : 0;
    return sign | typename To::Type(To::kMaxExponent) << To::kFraction |
           fraction << added | quiet;
  }
  if (exponent == 0) {
    if (fraction == 0)
      return sign;
    int shift = std::countl_zero(uint32_t(fraction)) - (31 - From::kFraction);
    fraction = fraction << shift & ((1u << From::kFraction) - 1);
    exponent = 1 - shift;
  }
  auto target = typename To::Type(exponent - From::kBias + To::kBias);
  return sign | target << To::kFraction | fraction << added;
}

// The compiler's own conversions would call these functions again, so values
// travel as bits.
using HalfValue = _Float16;
using BrainValue = __bf16;

extern "C" {
HalfValue __truncsfhf2(float value) {
  return std::bit_cast<HalfValue>(
      narrow<Half, Single>(std::bit_cast<uint32_t>(value)));
}
HalfValue __truncdfhf2(double value) {
  return std::bit_cast<HalfValue>(
      narrow<Half, Double>(std::bit_cast<uint64_t>(value)));
}
BrainValue __truncsfbf2(float value) {
  return std::bit_cast<BrainValue>(
      narrow<Brain, Single>(std::bit_cast<uint32_t>(value)));
}
BrainValue __truncdfbf2(double value) {
  return std::bit_cast<BrainValue>(
      narrow<Brain, Double>(std::bit_cast<uint64_t>(value)));
}
float __extendhfsf2(HalfValue value) {
  return std::bit_cast<float>(
      widen<Single, Half>(std::bit_cast<uint16_t>(value)));
}

float __powisf2(float base, int exponent) {
  bool invert = exponent < 0;
  float result = 1;
  for (unsigned left = invert ? -unsigned(exponent) : exponent; left;
       left >>= 1, base *= base)
    if (left & 1)
      result *= base;
  return invert ? 1 / result : result;
}
double __powidf2(double base, int exponent) {
  bool invert = exponent < 0;
  double result = 1;
  for (unsigned left = invert ? -unsigned(exponent) : exponent; left;
       left >>= 1, base *= base)
    if (left & 1)
      result *= base;
  return invert ? 1 / result : result;
}
}
