// The 64-bit matrix descriptor of wgmma, and where it says that an element lies
// in shared memory.
#pragma once

#include "runtime/emulator/Swizzle.h"

#include <cstdint>
#include <string>

namespace tw::emu {

/// K-major: neighbours along k are neighbours in memory. MnMajor: along m or n.
enum class Major : uint8_t { K, MN };

struct MatrixDescriptor {
  uint32_t start = 0;         // bytes, bits 0-13 times 16
  uint32_t leadingOffset = 0; // bytes, bits 16-29 times 16
  uint32_t strideOffset = 0;  // bytes, bits 32-45 times 16
  uint32_t baseOffset = 0;    // bits 49-51
  Swizzle swizzle = Swizzle::None;

  static MatrixDescriptor decode(uint64_t bits);

  /// The address of the element (mn, k) of an operand whose elements have
  /// `bytes` bytes. MN-major exists for 2 bytes only.
  uint32_t addressOf(Major major, int bytes, int mn, int k) const;
};

/// Why the bits are no descriptor of such an operand; empty if they are.
std::string problemOfDescriptor(uint64_t bits, Major major);

} // namespace tw::emu
