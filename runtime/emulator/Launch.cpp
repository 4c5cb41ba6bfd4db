// Memory as a launch sees it: every access is checked here.
#include "runtime/emulator/Launch.h"

#include <algorithm>
#include <cstring>

using namespace tw::emu;

static unsigned long long wide(uint64_t value) { return value; }

void Launch::report(Kind kind, const Origin &origin, uint64_t address,
                    std::string text) {
  findings->report(kind, origin, address, std::move(text));
}

void Launch::stop(Kind kind, const Origin &origin, uint64_t address,
                  std::string text) {
  report(kind, origin, address, std::move(text));
  stopped = true;
}

/// Tells what lies near an address where nothing lies.
void Launch::outside(const Caller &caller, Space space, uint64_t address,
                     uint64_t bytes) {
  Origin origin = caller.origin();
  if (findings->again(Kind::OutOfBounds, origin.line))
    return;
  std::string text = format("%llu bytes at %s address 0x%llx", wide(bytes),
                            spaceName(space), wide(address));
  if (space == Space::Shared) {
    text += format(": the block's shared memory is 0x%llx to 0x%llx",
                   wide(kSharedBase), wide(kSharedBase + sharedBytes));
  } else if (space == Space::Global) {
    const Region *near = memory->nearest(address);
    if (!near)
      text += address ? ": no allocation is near" : " (a null pointer)";
    else
      text += format(": %lld bytes past the end of %s (%llu bytes at 0x%llx)",
                     (long long)(address - near->base - near->bytes),
                     near->name.c_str(), wide(near->bytes), wide(near->base));
  } else if (space == Space::Param) {
    text +=
        format(": the kernel has %llu bytes of parameters", wide(params.bytes));
  }
  report(Kind::OutOfBounds, origin, address, text);
}

/// The region that holds all of the bytes, after a report null.
Region *Launch::locate(const Caller &caller, Space space, uint64_t &address,
                       uint64_t bytes) {
  Region *region = nullptr;
  switch (space) {
  case Space::Shared: {
    Block *owner = caller.block;
    if (address >= kSharedStride) {
      uint64_t rank = address / kSharedStride - 1;
      const auto &mates = caller.block->cluster.blocks;
      owner = rank < mates.size() ? mates[rank].get() : nullptr;
      address %= kSharedStride;
    }
    region = owner ? &owner->shared : nullptr;
    break;
  }
  case Space::Param:
    region = &params;
    break;
  default:
    region = memory->find(address);
  }
  if (region && region->holds(address, bytes))
    return region;
  outside(caller, space, address, bytes);
  return nullptr;
}

/// Whether something asynchronous owns one of the bytes.
bool Launch::held(const Caller &caller, const Region &region, uint64_t address,
                  uint64_t bytes, Access access) {
  const uint8_t *state = region.stateAt(address);
  uint8_t any = 0;
  for (uint64_t i = 0; i < bytes; ++i)
    any |= state[i];
  uint8_t owner = any & (kAsyncWrite | kAsyncRead);
  if (!owner || (owner == kAsyncRead && access == Access::Read))
    return false;
  const char *what = owner & kAsyncWrite
                         ? "an asynchronous operation writes these bytes and "
                           "has not been waited for"
                         : "an asynchronous operation may still read these "
                           "bytes";
  report(Kind::AsyncNotWaited, caller.origin(), address,
         format("%s access to %s address 0x%llx: %s",
                access == Access::Read ? "read" : "write",
                spaceName(region.space), wide(address), what));
  return true;
}

void Launch::race(const Caller &caller, Region &region, uint64_t address,
                  uint64_t bytes, Access access, const void *written) {
  if (!checkRaces)
    return;
  if (!region.shadow || region.epoch != number) {
    region.shadow = std::make_unique<Shadow>(region.bytes, entry->grain);
    region.epoch = number;
  }
  uint64_t offset = address - region.base;
  bool same = written && !std::memcmp(region.at(address), written, bytes);
  const Accessor &by = caller.by;
  Conflict conflict = access == Access::Read
                          ? region.shadow->read(offset, bytes, by)
                          : region.shadow->write(offset, bytes, by, same);
  if (!conflict)
    return;
  bool shared = region.space == Space::Shared;
  Kind kind = shared ? Kind::RaceShared : Kind::RaceGlobal;
  Origin origin = caller.origin();
  if (conflict.withWrite && isAsync(conflict.with))
    kind = Kind::AsyncNotWaited;
  if (findings->again(kind, origin.line))
    return;
  report(kind, origin, address,
         format("%s of %llu bytes at %s address 0x%llx races with the %s by %s "
                "at line %u: no barrier, fence or atomic orders them",
                access == Access::Read ? "read" : "write", wide(bytes),
                spaceName(region.space), wide(address),
                conflict.withWrite ? "write" : "read",
                who(conflict.with).c_str(), conflict.line));
}

Reached Launch::reach(const Caller &caller, Space space, uint64_t address,
                      uint64_t bytes, Access access, const void *written) {
  if (space == Space::Generic)
    space = spaceOf(address, address);
  uint64_t asked = address;
  Region *region = locate(caller, space, address, bytes);
  if (!region)
    return {};
  if (region->freed) {
    report(Kind::UseAfterFree, caller.origin(), asked,
           format("%s at 0x%llx has been freed", region->name.c_str(),
                  wide(asked)));
    return {};
  }
  space = region->space;
  if (access != Access::Read &&
      (space == Space::Param || space == Space::Const)) {
    report(Kind::ReadOnly, caller.origin(), asked,
           format("%s memory cannot be written", spaceName(space)));
    return {};
  }
  if (held(caller, *region, address, bytes, access))
    return {};
  if (space == Space::Shared || space == Space::Global)
    race(caller, *region, address, bytes, access, written);
  return {region->at(address), region->stateAt(address)};
}

Reached Launch::reach(const Origin &origin, Block *block, Space space,
                      uint64_t address, uint64_t bytes, uint64_t alignment,
                      Access access, const Accessor &by, const void *written) {
  if (alignment && address % alignment) {
    report(Kind::Misaligned, origin, address,
           format("address 0x%llx is not a multiple of %llu", wide(address),
                  wide(alignment)));
    return {};
  }
  Caller caller;
  caller.block = block;
  caller.by = by;
  caller.started = origin;
  return reach(caller, space, address, bytes, access, written);
}

bool Launch::isAsync(Epoch epoch) const {
  return epoch.actor() % kActorsPerCluster >= warpsPerBlock * blocksPerCluster;
}

std::string Launch::who(Epoch epoch) const {
  uint64_t cluster = epoch.actor() / kActorsPerCluster;
  uint32_t within = epoch.actor() % kActorsPerCluster;
  if (isAsync(epoch)) {
    for (const std::unique_ptr<Cluster> &one : running)
      if (one->linear == cluster)
        return one->actorName(epoch.actor());
    return "an asynchronous operation of another cluster";
  }
  uint64_t block = cluster * blocksPerCluster + within / warpsPerBlock;
  uint32_t id[3];
  blockId(block, id);
  uint32_t thread = within % warpsPerBlock * kLanes + epoch.lane();
  return format("thread (%u,%u,%u) of block (%u,%u,%u)", thread % blockDim[0],
                thread / blockDim[0] % blockDim[1],
                thread / blockDim[0] / blockDim[1], id[0], id[1], id[2]);
}

/// Blocks are counted cluster by cluster, and by rank within each.
void Launch::blockId(uint64_t linear, uint32_t *id) const {
  uint64_t cluster = linear / blocksPerCluster;
  uint32_t rank = linear % blocksPerCluster;
  for (unsigned axis = 0; axis < 3; ++axis) {
    uint32_t clusters = grid[axis] / clusterDim[axis];
    id[axis] = cluster % clusters * clusterDim[axis] + rank % clusterDim[axis];
    cluster /= clusters;
    rank /= clusterDim[axis];
  }
}
