#include "runtime/emulator/Element.h"

#include <array>
#include <cmath>
#include <limits>

namespace tw::emu {
namespace {

struct Row {
  std::string_view suffix;
  Element type;
  int bits;
};

constexpr Row kRows[] = {
    {"f16", Element::F16, 16},   {"bf16", Element::BF16, 16},
    {"tf32", Element::TF32, 32}, {"f32", Element::F32, 32},
    {"f64", Element::F64, 64},   {"e4m3", Element::E4M3, 8},
    {"e5m2", Element::E5M2, 8},  {"s8", Element::S8, 8},
    {"u8", Element::U8, 8},      {"s4", Element::S4, 4},
    {"u4", Element::U4, 4},      {"b1", Element::B1, 1},
    {"s32", Element::S32, 32},
};

/// A float of `exponent` and `mantissa` bits with IEEE's rules.
float decodeIeee(uint32_t bits, int exponent, int mantissa) {
  uint32_t e = bits >> mantissa & ((1u << exponent) - 1);
  uint32_t m = bits & ((1u << mantissa) - 1);
  int bias = (1 << (exponent - 1)) - 1;
  float value;
  if (e == (1u << exponent) - 1)
    value = m ? std::numeric_limits<float>::quiet_NaN()
              : std::numeric_limits<float>::infinity();
  else if (e == 0)
    value = std::ldexp(static_cast<float>(m), 1 - bias - mantissa);
  else
    value = std::ldexp(static_cast<float>(m | 1u << mantissa),
                       static_cast<int>(e) - bias - mantissa);
  return bits >> (exponent + mantissa) & 1 ? -value : value;
}

/// e4m3 has no infinity: only all ones is a NaN.
float decodeE4M3(uint32_t bits) {
  if ((bits & 0x7f) == 0x7f)
    return std::numeric_limits<float>::quiet_NaN();
  uint32_t e = bits >> 3 & 15, m = bits & 7;
  float value =
      e ? std::ldexp(static_cast<float>(m | 8), static_cast<int>(e) - 10)
        : std::ldexp(static_cast<float>(m), -9);
  return bits & 0x80 ? -value : value;
}

template <typename Fn>
std::array<float, 256> tableOf(Fn &&decode) {
  std::array<float, 256> table;
  for (uint32_t bits = 0; bits < 256; ++bits)
    table[bits] = decode(bits);
  return table;
}

const std::array<float, 256> kE4M3 = tableOf(decodeE4M3);
const std::array<float, 256> kE5M2 =
    tableOf([](uint32_t bits) { return decodeIeee(bits, 5, 2); });

} // namespace

const float *const kE4M3Values = kE4M3.data(), *const kE5M2Values =
                                                   kE5M2.data();

Element elementOf(std::string_view suffix) {
  for (const Row &row : kRows)
    if (row.suffix == suffix)
      return row.type;
  return Element::None;
}

std::string_view nameOf(Element type) {
  for (const Row &row : kRows)
    if (row.type == type)
      return row.suffix;
  return "";
}

int bitsOf(Element type) {
  for (const Row &row : kRows)
    if (row.type == type)
      return row.bits;
  return 0;
}

bool isInteger(Element type) {
  switch (type) {
  case Element::S8:
  case Element::U8:
  case Element::S4:
  case Element::U4:
  case Element::B1:
  case Element::S32:
    return true;
  default:
    return false;
  }
}

uint16_t roundToHalf(float value) {
  uint32_t bits = std::bit_cast<uint32_t>(value), sign = bits >> 16 & 0x8000,
           magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000)
    return 0x7fff; // the canonical NaN of PTX
  if (magnitude >= 0x477ff000)
    return static_cast<uint16_t>(sign | 0x7c00); // rounds past the largest half
  if (magnitude < 0x38800000) {
    // Subnormal: adding 0.5 leaves the rounded multiple of 2^-24 in the low
    // bits.
    float shifted = std::bit_cast<float>(magnitude) + 0.5f;
    return static_cast<uint16_t>(
        sign | (std::bit_cast<uint32_t>(shifted) - 0x3f000000u));
  }
  uint32_t odd = magnitude >> 13 & 1;
  return static_cast<uint16_t>(sign |
                               ((magnitude - 0x38000000u + 0xfff + odd) >> 13));
}

} // namespace tw::emu
