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
  report(Kind::OutOfBounds, origin, address, caller.blame() + text);
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
         caller.blame() + format("%s access to %s address 0x%llx: %s",
                                 access == Access::Read ? "read" : "write",
                                 spaceName(region.space), wide(address), what));
  return true;
}

/// Null where races are not looked for.
Shadow *Launch::shadowOf(Region &region) {
  if (!checkRaces)
    return nullptr;
  if (!region.shadow || region.epoch != number) {
    region.shadow = std::make_unique<Shadow>(region.bytes, entry->grain,
                                             entry->isUnordered);
    region.epoch = number;
  }
  return region.shadow.get();
}

void Launch::reportRace(const Caller &caller, const Region &region,
                        uint64_t address, uint64_t bytes, Access access,
                        const Conflict &conflict) {
  bool shared = region.space == Space::Shared;
  Kind kind = shared ? Kind::RaceShared : Kind::RaceGlobal;
  Origin origin = caller.origin();
  if (conflict.withWrite && isAsync(conflict.with))
    kind = Kind::AsyncNotWaited;
  if (findings->again(kind, origin.line))
    return;
  report(
      kind, origin, address,
      caller.blame() +
          format(
              "%s of %llu bytes at %s address 0x%llx races with the %s by %s "
              "at line %u: no barrier, fence or atomic orders them",
              access == Access::Read ? "read" : "write", wide(bytes),
              spaceName(region.space), wide(address),
              conflict.withWrite ? "write" : "read", who(conflict.with).c_str(),
              conflict.line));
}

void Launch::race(const Caller &caller, Region &region, uint64_t address,
                  uint64_t bytes, Access access, const void *written) {
  Shadow *shadow = shadowOf(region);
  if (!shadow)
    return;
  uint64_t offset = address - region.base;
  bool same = written && !std::memcmp(region.at(address), written, bytes);
  const Accessor &by = caller.by;
  Conflict conflict = access == Access::Read
                          ? shadow->read(offset, bytes, by)
                          : shadow->write(offset, bytes, by, same);
  if (conflict)
    reportRace(caller, region, address, bytes, access, conflict);
}

template <class T>
static uint64_t loadAs(const uint8_t *from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

/// The union of the states of a lane's bytes, in the lowest byte or elsewhere.
static uint64_t anyState(const uint8_t *state, unsigned bytes) {
  switch (bytes) {
  case 1:
    return *state;
  case 2:
    return loadAs<uint16_t>(state);
  case 4:
    return loadAs<uint32_t>(state);
  }
  uint64_t any = 0;
  for (unsigned at = 0; at < bytes; at += 8)
    any |= loadAs<uint64_t>(state + at);
  return any;
}

/// Lanes write one after the other, so that those that write the same value
/// to one place do no harm.
static Conflict writeLanes(Shadow &shadow, uint32_t mask,
                           const uint64_t *offsets, unsigned bytes,
                           const Accessor &first, const uint8_t (*written)[32],
                           const Reached *out, unsigned &lane) {
  Conflict conflict;
  Accessor by = first;
  forLanes(mask, [&](unsigned l) {
    bool same = written && !std::memcmp(out[l].data, written[l], bytes);
    by.epoch = first.epoch.withLane(l);
    Conflict one = shadow.write(offsets[l], bytes, by, same);
    if (written)
      std::memcpy(out[l].data, written[l], bytes);
    if (one && !conflict) {
      conflict = one;
      lane = l;
    }
  });
  return conflict;
}

bool Launch::reachLanes(const Warp &warp, const Inst &inst, Space space,
                        const uint64_t *address, unsigned bytes, Access access,
                        const Accessor &first, const uint8_t (*written)[32],
                        Reached *out) {
  uint32_t mask = warp.mask;
  uint64_t one = address[std::countr_zero(mask)];
  Region *region =
      space == Space::Shared ? &warp.block.shared : memory->find(one);
  if (!region || region->freed || region->bytes < bytes ||
      (access != Access::Read && region->space == Space::Const))
    return false;
  uint64_t offsets[kLanes], limit = region->bytes - bytes;
  uint32_t inside = 0;
  for (unsigned l = 0; l < kLanes; ++l) {
    offsets[l] = address[l] - region->base;
    inside |= uint32_t(offsets[l] <= limit && !(address[l] & (bytes - 1))) << l;
  }
  if (mask & ~inside)
    return false;
  constexpr uint64_t kEach = 0x0101010101010101;
  uint64_t forbidden =
      kEach * (access == Access::Read ? kAsyncWrite : kAsyncWrite | kAsyncRead);
  uint64_t states = 0;
  forLanes(mask, [&](unsigned l) {
    out[l] = {region->data.get() + offsets[l],
              region->state.get() + offsets[l]};
    states |= anyState(out[l].state, bytes);
  });
  if (states & forbidden)
    return false;
  Shadow *shadow = space == Space::Const ? nullptr : shadowOf(*region);
  unsigned lane = 0;
  Conflict conflict;
  if (shadow && access == Access::Read)
    conflict = shadow->readLanes(mask, offsets, bytes, first, lane);
  else if (shadow)
    conflict =
        writeLanes(*shadow, mask, offsets, bytes, first, written, out, lane);
  if (conflict) {
    Caller by{&warp, &inst, lane, &warp.block, first, {}};
    reportRace(by, *region, address[lane], bytes, access, conflict);
  }
  return true;
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
           caller.blame() + format("%s at 0x%llx has been freed",
                                   region->name.c_str(), wide(asked)));
    return {};
  }
  space = region->space;
  if (access != Access::Read &&
      (space == Space::Param || space == Space::Const)) {
    report(Kind::ReadOnly, caller.origin(), asked,
           caller.blame() +
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
