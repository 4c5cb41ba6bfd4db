// The swizzles of TMA and wgmma: within a row of 32, 64 or 128 bytes, the
// number of a 16-byte chunk is XORed with the number of the 128-byte line that
// it lies in. The pattern hangs on the address in shared memory, not on the
// tile, and repeats after 256, 512 or 1024 bytes.
#pragma once

#include <cstdint>

namespace tw::emu {

enum class Swizzle : uint8_t { None, Bytes32, Bytes64, Bytes128 };

/// Width of a row: 16 without a swizzle.
constexpr uint32_t swizzleWidth(Swizzle mode) {
  return 16u << static_cast<unsigned>(mode);
}

/// Where the byte of a plain layout at `address` lies. `baseOffset` is the
/// number of 128-byte lines by which the pattern starts off its natural
/// alignment.
constexpr uint32_t swizzled(Swizzle mode, uint32_t address,
                            uint32_t baseOffset = 0) {
  uint32_t row = (address >> 7) - baseOffset;
  return address ^ (row & (swizzleWidth(mode) / 16 - 1)) << 4;
}

} // namespace tw::emu
