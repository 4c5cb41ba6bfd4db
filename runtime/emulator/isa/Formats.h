// Floating-point formats bit by bit: rounding in every mode, saturation, and
// conversion through double, which holds every narrower value exactly.
#pragma once

#include "runtime/emulator/Types.h"

#include <bit>
#include <cmath>
#include <cstdint>

namespace tw::emu {

enum class Rounding : uint8_t { Nearest, Zero, Down, Up, Away };

struct FloatFormat {
  unsigned mantissa; ///< stored bits
  unsigned exponent; ///< bits
  bool finiteOnly;   ///< no infinities; all ones is the only NaN (e4m3)
};

constexpr FloatFormat kHalf{10, 5, false}, kBFloat{7, 8, false},
    kTf32{10, 8, false}, kSingle{23, 8, false}, kE4M3{3, 4, true},
    kE5M2{2, 5, false};

/// The format of a scalar or packed type's elements.
const FloatFormat &formatOf(Type type);

double decodeFloat(uint64_t bits, const FloatFormat &format);

/// Rounds once. Overflow gives infinity, or the largest number where the mode
/// says so, with `saturate`, and for formats without infinity; NaN is the
/// format's canonical one (all ones but the sign).
uint64_t encodeFloat(double value, const FloatFormat &format, Rounding mode,
                     bool saturate = false);

/// a + b rounded to odd: rounding the result again, to a narrower format, gives
/// what rounding the exact sum would.
double addOdd(double a, double b);
/// The same for a quotient and a square root of floats.
double divideOdd(double a, double b);
double sqrtOdd(double a);

inline float halfToFloat(uint16_t bits) {
  return float(std::bit_cast<_Float16>(bits));
}
inline uint16_t floatToHalf(float value) {
  return std::isnan(value) ? 0x7fff : std::bit_cast<uint16_t>(_Float16(value));
}
inline float bfloatToFloat(uint16_t bits) {
  return std::bit_cast<float>(uint32_t(bits) << 16);
}
inline uint16_t floatToBFloat(float value) {
  uint32_t bits = std::bit_cast<uint32_t>(value);
  if (std::isnan(value))
    return 0x7fff;
  return uint16_t((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

/// Subnormals become zeros of their sign.
inline float flush(float value) {
  uint32_t bits = std::bit_cast<uint32_t>(value);
  return std::bit_cast<float>(bits & 0x7f800000 ? bits : bits & 0x80000000);
}
/// GPUs give one NaN.
inline float canonical(float value) {
  return value == value ? value : std::bit_cast<float>(0x7fffffffu);
}
inline double canonical(double value) { return value; }
inline float saturateUnit(float value) {
  return value > 0 ? (value < 1 ? value : 1.0f) : 0.0f;
}

} // namespace tw::emu
