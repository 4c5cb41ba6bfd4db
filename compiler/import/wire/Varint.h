// Protobuf's integers of variable length.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tw::wire {

/// Reads one integer at `at` and moves `at` behind it; nothing where the bytes
/// end early or it takes more than 64 bits.
inline std::optional<uint64_t> readVarint(std::string_view bytes, size_t &at) {
  uint64_t value = 0;
  for (unsigned shift = 0; shift < 64 && at < bytes.size(); shift += 7) {
    auto byte = static_cast<unsigned char>(bytes[at++]);
    value |= static_cast<uint64_t>(byte & 0x7f) << shift;
    if (!(byte & 0x80))
      return value;
  }
  return std::nullopt;
}

inline void appendVarint(std::string &out, uint64_t value) {
  for (; value >= 0x80; value >>= 7)
    out.push_back(static_cast<char>(value | 0x80));
  out.push_back(static_cast<char>(value));
}

} // namespace tw::wire
