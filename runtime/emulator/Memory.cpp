#include "runtime/emulator/Memory.h"

#include <new>

using namespace tw::emu;

static Bytes zeroed(uint64_t bytes) {
  Bytes made(static_cast<uint8_t *>(std::calloc(bytes ? bytes : 1, 1)));
  if (!made)
    throw std::bad_alloc();
  return made;
}

Region::Region(uint64_t base, uint64_t bytes, Space space)
    : base(base), bytes(bytes), space(space), data(zeroed(bytes)),
      state(zeroed(bytes)) {}

uint64_t tw::emu::windowOf(Space space) {
  switch (space) {
  case Space::Shared:
    return kSharedWindow;
  case Space::Local:
    return kLocalWindow;
  case Space::Param:
    return kParamWindow;
  default:
    return 0;
  }
}

Region *GlobalMemory::allocate(uint64_t bytes, std::string name, Space space) {
  constexpr uint64_t kAlign = 256;
  if (bytes > limit || inUse > limit - bytes)
    return nullptr;
  uint64_t base = next;
  next += (bytes + kAlign - 1) / kAlign * kAlign + kRedZone;
  auto region = std::make_unique<Region>(base, bytes, space);
  region->name = std::move(name);
  inUse += bytes;
  return (regions[base] = std::move(region)).get();
}

bool GlobalMemory::release(uint64_t address) {
  auto found = regions.find(address);
  if (found == regions.end() || found->second->freed)
    return false;
  Region &region = *found->second;
  inUse -= region.bytes;
  region.freed = true;
  region.data.reset();
  region.state.reset();
  region.shadow.reset();
  return true;
}

Region *GlobalMemory::find(uint64_t address) {
  if (last && address - last->base < last->bytes)
    return last;
  auto after = regions.upper_bound(address);
  if (after == regions.begin())
    return nullptr;
  Region &region = *std::prev(after)->second;
  if (address - region.base >= region.bytes)
    return nullptr;
  return last = &region;
}

const Region *GlobalMemory::nearest(uint64_t address) const {
  auto after = regions.upper_bound(address);
  return after == regions.begin() ? nullptr : std::prev(after)->second.get();
}
