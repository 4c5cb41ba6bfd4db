#include "runtime/emulator/isa/Formats.h"

using namespace tw::emu;

const FloatFormat &tw::emu::formatOf(Type type) {
  switch (type) {
  case Type::F16:
  case Type::F16x2:
    return kHalf;
  case Type::BF16:
  case Type::BF16x2:
    return kBFloat;
  case Type::TF32:
    return kTf32;
  case Type::E4M3:
  case Type::E4M3x2:
    return kE4M3;
  case Type::E5M2:
  case Type::E5M2x2:
    return kE5M2;
  default:
    return kSingle;
  }
}

double tw::emu::decodeFloat(uint64_t bits, const FloatFormat &format) {
  uint64_t ones = (uint64_t(1) << format.exponent) - 1;
  uint64_t fraction = bits & ((uint64_t(1) << format.mantissa) - 1);
  uint64_t exponent = bits >> format.mantissa & ones;
  bool negative = bits >> (format.mantissa + format.exponent) & 1;
  int bias = int(ones >> 1);
  uint64_t all = (uint64_t(1) << format.mantissa) - 1;
  double value;
  if (exponent == ones && format.finiteOnly && fraction == all)
    value = NAN;
  else if (exponent == ones && !format.finiteOnly)
    value = fraction ? NAN : INFINITY;
  else if (exponent == 0)
    value = std::ldexp(double(fraction), 1 - bias - int(format.mantissa));
  else
    value = std::ldexp(double(fraction | uint64_t(1) << format.mantissa),
                       int(exponent) - bias - int(format.mantissa));
  return negative ? -value : value;
}

/// `scaled` is a number of units in the last place, not negative.
static double roundUnits(double scaled, Rounding mode, bool negative) {
  double whole = std::floor(scaled), rest = scaled - whole;
  bool up = false;
  switch (mode) {
  case Rounding::Nearest:
    up = rest > 0.5 || (rest == 0.5 && std::fmod(whole, 2) != 0);
    break;
  case Rounding::Away:
    up = rest >= 0.5;
    break;
  case Rounding::Zero:
    break;
  case Rounding::Down:
    up = negative && rest > 0;
    break;
  case Rounding::Up:
    up = !negative && rest > 0;
    break;
  }
  return whole + up;
}

uint64_t tw::emu::encodeFloat(double value, const FloatFormat &format,
                              Rounding mode, bool saturate) {
  const unsigned mantissa = format.mantissa;
  const uint64_t ones = (uint64_t(1) << format.exponent) - 1;
  const uint64_t sign = uint64_t(std::signbit(value))
                        << (mantissa + format.exponent);
  const uint64_t infinity = ones << mantissa;
  if (std::isnan(value))
    return infinity | ((uint64_t(1) << mantissa) - 1);
  const uint64_t largest = format.finiteOnly
                               ? (infinity | ((uint64_t(1) << mantissa) - 2))
                               : infinity - 1;
  const bool negative = sign != 0;
  double magnitude = std::fabs(value);
  int bias = int(ones >> 1);
  uint64_t bits = 0;
  if (std::isinf(magnitude)) {
    bits = saturate || format.finiteOnly ? largest : infinity;
    return sign | bits;
  }
  if (magnitude != 0) {
    int exponent = std::max(std::ilogb(magnitude), 1 - bias);
    double units = roundUnits(std::ldexp(magnitude, int(mantissa) - exponent),
                              mode, negative);
    // A carry out of the fraction makes the exponent one more by itself.
    bits = (uint64_t(exponent + bias) << mantissa) + uint64_t(units) -
           (uint64_t(1) << mantissa);
    bool over = bits > largest;
    bool down = mode == Rounding::Zero ||
                (mode == Rounding::Down && !negative) ||
                (mode == Rounding::Up && negative);
    if (over)
      bits = saturate || format.finiteOnly || down ? largest : infinity;
  }
  return sign | bits;
}

/// Makes `value` odd if something non-zero was lost: `lost` has its sign.
static double toOdd(double value, double lost) {
  if (lost == 0 || !std::isfinite(value) || !std::isfinite(lost))
    return value;
  uint64_t bits = std::bit_cast<uint64_t>(value);
  if (bits & 1)
    return value;
  // Towards the exact value: one step away from zero or towards it.
  bool outwards = std::signbit(lost) == std::signbit(value);
  return std::bit_cast<double>(outwards ? bits + 1 : bits - 1);
}

double tw::emu::addOdd(double a, double b) {
  double sum = a + b, part = sum - a;
  double lost = (a - (sum - part)) + (b - part);
  return toOdd(sum, lost);
}

double tw::emu::divideOdd(double a, double b) {
  double quotient = a / b;
  if (!std::isfinite(quotient) || quotient == 0)
    return quotient;
  double rest = std::fma(-quotient, b, a);
  return toOdd(quotient, std::signbit(b) ? -rest : rest);
}

double tw::emu::sqrtOdd(double a) {
  double root = std::sqrt(a);
  if (!std::isfinite(root) || root == 0)
    return root;
  return toOdd(root, std::fma(-root, root, a));
}
