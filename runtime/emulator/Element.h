// The element types that matrix instructions read: how many bits, and what
// number the bits stand for.
#pragma once

#include <bit>
#include <cstdint>
#include <string_view>

namespace tw::emu {

enum class Element : uint8_t {
  F16,
  BF16,
  TF32,
  F32,
  F64,
  E4M3,
  E5M2,
  S8,
  U8,
  S4,
  U4,
  B1,
  S32,
  None
};

/// The type that a PTX suffix names ("f16", "e4m3", …); None when it is not a
/// type of a matrix.
Element elementOf(std::string_view suffix);

/// The suffix.
std::string_view nameOf(Element type);

/// Size in bits. tf32 lies in 32 bits.
int bitsOf(Element type);

bool isInteger(Element type);

/// Values of the 256 codes of e4m3 and of e5m2.
extern const float *const kE4M3Values, *const kE5M2Values;

/// The exponent is rebased by a multiplication, which also makes subnormals
/// right.
inline float decodeHalf(uint32_t bits) {
  uint32_t magnitude = (bits & 0x7fff) << 13;
  float value = std::bit_cast<float>(magnitude) * 0x1p112f;
  if ((bits & 0x7c00) == 0x7c00)
    value = std::bit_cast<float>(magnitude | 0x7f800000u);
  return bits & 0x8000 ? -value : value;
}

/// The value of a float type of at most 32 bits. Bits that the type does not
/// have (the low 13 of tf32) are ignored, as the hardware does.
inline float decodeFloat(Element type, uint32_t bits) {
  switch (type) {
  case Element::F16:
    return decodeHalf(bits);
  case Element::BF16:
    return std::bit_cast<float>(bits << 16);
  case Element::TF32:
    return std::bit_cast<float>(bits & ~0x1fffu);
  case Element::E4M3:
    return kE4M3Values[bits & 0xff];
  case Element::E5M2:
    return kE5M2Values[bits & 0xff];
  default:
    return std::bit_cast<float>(bits);
  }
}

/// The value of an integer type of at most 32 bits.
inline int32_t decodeInteger(Element type, uint32_t bits) {
  switch (type) {
  case Element::S8:
    return static_cast<int8_t>(bits);
  case Element::U8:
    return static_cast<int32_t>(bits & 0xff);
  case Element::S4:
    return static_cast<int32_t>(bits << 28) >> 28;
  case Element::U4:
    return static_cast<int32_t>(bits & 15);
  case Element::B1:
    return static_cast<int32_t>(bits & 1);
  default:
    return static_cast<int32_t>(bits);
  }
}

/// To the nearest f16, ties to even.
uint16_t roundToHalf(float value);

} // namespace tw::emu
