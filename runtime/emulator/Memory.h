// Device memory with a state byte for each byte: written or not, and held by
// something asynchronous or not.
#pragma once

#include "runtime/emulator/Race.h"
#include "runtime/emulator/Types.h"

#include <cstdlib>
#include <map>

namespace tw::emu {

/// Bits of a byte's state.
enum : uint8_t {
  kWritten = 1,      ///< somebody has written it
  kAsyncWrite = 2,   ///< an asynchronous operation will write it, or has and
                     ///< nobody could have waited: neither read nor write it
  kAsyncRead = 4,    ///< an asynchronous operation may still read it: do not
                     ///< write it
  kGenericProxy = 8, ///< written by ordinary stores since the last proxy fence;
                     ///< the async proxy must not read it (set and cleared by
                     ///< who implements that proxy)
};

/// Zeroed bytes that cost nothing until they are touched.
struct Free {
  void operator()(uint8_t *bytes) const { std::free(bytes); }
};
using Bytes = std::unique_ptr<uint8_t[], Free>;

/// Contiguous bytes of one space.
struct Region {
  uint64_t base = 0, bytes = 0;
  Space space = Space::Global;
  bool freed = false;
  Bytes data, state;
  /// Null where races are not looked for (local, param, const).
  std::unique_ptr<Shadow> shadow;
  /// The launch that the shadow belongs to.
  uint64_t epoch = 0;
  std::string name;

  Region() = default;
  Region(uint64_t base, uint64_t bytes, Space space);
  bool holds(uint64_t address, uint64_t count) const {
    return address - base <= bytes && count <= bytes - (address - base);
  }
  uint8_t *at(uint64_t address) const { return data.get() + (address - base); }
  uint8_t *stateAt(uint64_t address) const {
    return state.get() + (address - base);
  }
};

/// Generic addresses: windows for the other spaces, all else is global.
/// Constants lie in device memory too, in regions of their own.
constexpr uint64_t kWindow = uint64_t(1) << 32;
constexpr uint64_t kSharedWindow = 0x7100'0000'0000;
constexpr uint64_t kLocalWindow = 0x7200'0000'0000;
constexpr uint64_t kParamWindow = 0x7300'0000'0000;

/// The space that a generic address lies in, and the address in that space.
/// Global addresses stay as they are.
inline Space spaceOf(uint64_t generic, uint64_t &address) {
  switch (generic - generic % kWindow) {
  case kSharedWindow:
    address = generic - kSharedWindow;
    return Space::Shared;
  case kLocalWindow:
    address = generic - kLocalWindow;
    return Space::Local;
  case kParamWindow:
    address = generic - kParamWindow;
    return Space::Param;
  }
  address = generic;
  return Space::Global;
}
uint64_t windowOf(Space space);

/// Shared addresses: a block's own memory starts at kSharedBase; the memory of
/// rank r of its cluster is also seen at (r + 1) * kSharedStride + the same
/// offset, which is what mapa gives.
constexpr uint64_t kSharedBase = 1024;
constexpr uint64_t kSharedStride = uint64_t(1) << 24;

/// Allocations with red zones; freed ones are remembered for a while.
class GlobalMemory {
public:
  uint64_t limit = uint64_t(80) << 30;

  /// Null when there is no room.
  Region *allocate(uint64_t bytes, std::string name,
                   Space space = Space::Global);
  /// False when no allocation begins there.
  bool release(uint64_t address);
  /// The allocation, perhaps a freed one, that holds the address; else null.
  Region *find(uint64_t address);
  /// For messages: the allocation at or before the address, or null.
  const Region *nearest(uint64_t address) const;
  uint64_t used() const { return inUse; }

private:
  static constexpr uint64_t kRedZone = 4096;
  std::map<uint64_t, std::unique_ptr<Region>> regions;
  Region *last = nullptr;
  uint64_t next = 0x10'0000'0000;
  uint64_t inUse = 0;
};

} // namespace tw::emu
