#include "runtime/emulator/isa/Access.h"

#include <algorithm>

using namespace tw::emu;

static Space spaceOfMods(const Match &match) {
  for (std::string_view mod : match.mods) {
    if (mod == "global")
      return Space::Global;
    if (mod.starts_with("shared"))
      return Space::Shared;
    if (mod == "local")
      return Space::Local;
    if (mod == "const")
      return Space::Const;
    if (mod.starts_with("param"))
      return Space::Param;
  }
  return Space::Generic;
}

Space tw::emu::memorySpace(const Match &match, const Operand &address) {
  Space space = spaceOfMods(match);
  bool slot = address.kind == Operand::ParamSlot;
  Space named = slot ? Space::Param : address.space;
  // A name's address is one of its own space, no generic one.
  if (named != Space::Generic && named != space &&
      !(named == Space::Global && space == Space::Generic))
    throw PtxError(0, 0,
                   format("the address lies in %s memory, the instruction "
                          "accesses %s memory",
                          spaceName(named), spaceName(space)));
  return space;
}

// Counting. -------------------------------------------------------------------

static void countGlobal(Counters &counters, const uint64_t *address,
                        uint32_t mask, unsigned bytes, Access access) {
  uint64_t sectors[kLanes * 2];
  unsigned count = 0;
  forLanes(mask, [&](unsigned l) {
    uint64_t first = address[l] / 32, last = (address[l] + bytes - 1) / 32;
    for (uint64_t s = first; s <= last && count < std::size(sectors); ++s)
      if (!count || sectors[count - 1] != s)
        sectors[count++] = s;
  });
  if (!std::is_sorted(sectors, sectors + count))
    std::sort(sectors, sectors + count);
  uint64_t different =
      uint64_t(std::unique(sectors, sectors + count) - sectors);
  uint64_t total = uint64_t(std::popcount(mask)) * bytes;
  if (access == Access::Write) {
    counters.globalWriteBytes += total;
    counters.globalWriteSectors += different;
  } else {
    counters.globalReadBytes += total;
    counters.globalReadSectors += different;
  }
}

/// Whether all words lie within as many neighbours as there are banks.
static bool isOneRow(const uint64_t *address, uint32_t phase, unsigned bytes) {
  uint64_t least = ~uint64_t(0), most = 0;
  forLanes(phase, [&](unsigned l) {
    least = std::min(least, address[l]);
    most = std::max(most, address[l]);
  });
  return !phase || (most + bytes - 1) / 4 - least / 4 < 32;
}

/// 32 banks of four bytes. Wide accesses go in phases: all lanes for 4 bytes,
/// halves of the warp for 8, quarters for 16. In a phase, different words of
/// one bank take one wavefront each.
static void countShared(Counters &counters, const uint64_t *address,
                        uint32_t mask, unsigned bytes) {
  unsigned lanes = bytes <= 4 ? 32 : bytes == 8 ? 16 : 8;
  ++counters.sharedAccesses;
  for (unsigned first = 0; first < kLanes; first += lanes) {
    uint32_t phase = lanes == 32 ? mask : mask >> first & ((1u << lanes) - 1);
    if (isOneRow(address + first, phase, bytes)) {
      counters.sharedWavefronts += phase != 0;
      continue;
    }
    uint64_t words[32][32];
    uint8_t depth[32] = {};
    unsigned worst = 0;
    forLanes(phase, [&](unsigned l) {
      for (unsigned at = 0; at < bytes; at += 4) {
        uint64_t word = (address[first + l] + at) / 4;
        unsigned bank = word % 32;
        uint64_t *known = words[bank], *end = known + depth[bank];
        if (std::find(known, end, word) == end && depth[bank] < 32)
          known[depth[bank]++] = word;
        worst = std::max<unsigned>(worst, depth[bank]);
      }
    });
    counters.sharedWavefronts += worst;
    counters.bankConflicts += worst > 1 ? worst - 1 : 0;
  }
}

void tw::emu::countAccess(Warp &w, Space space, const uint64_t *address,
                          unsigned bytes, Access access) {
  if (space == Space::Generic) {
    uint64_t within;
    space = spaceOf(address[std::countr_zero(w.mask)], within);
  }
  if (space == Space::Global)
    countGlobal(w.launch.counters, address, w.mask, bytes, access);
  else if (space == Space::Shared)
    countShared(w.launch.counters, address, w.mask, bytes);
}

// Synchronisation through memory. ---------------------------------------------

namespace {
/// What a warp's lanes have observed and not yet acquired, and what they had
/// done at their last fence.
struct Pending {
  Clock observed, fenced;
  uint32_t observers = 0, fencers = 0;
};
} // namespace

void tw::emu::observe(Warp &w, const Inst &inst, const uint64_t *address,
                      uint32_t lanes, bool acquire) {
  if (w.launch.syncs.empty())
    return;
  forLanes(lanes, [&](unsigned l) {
    auto found = w.launch.syncs.find(address[l]);
    if (found == w.launch.syncs.end())
      return;
    if (acquire) {
      w.acquire(1u << l, found->second.released);
      return;
    }
    Pending &pending = w.part<Pending>();
    pending.observed.join(found->second.released);
    pending.observers |= 1u << l;
  });
}

void tw::emu::publish(Warp &w, const Inst &inst, const uint64_t *address,
                      uint32_t lanes, bool release) {
  Pending *pending = w.partIfMade<Pending>();
  if (release)
    forLanes(lanes, [&](unsigned l) {
      w.launch.syncs[address[l]].released.join(w.release(1u << l));
    });
  else if (pending && pending->fencers & lanes)
    forLanes(lanes & pending->fencers, [&](unsigned l) {
      w.launch.syncs[address[l]].released.join(pending->fenced);
    });
}

void tw::emu::fence(Warp &w, uint32_t lanes) {
  Pending &pending = w.part<Pending>();
  if (pending.observers & lanes) {
    w.acquire(pending.observers & lanes, pending.observed);
    pending.observers &= ~lanes;
    if (!pending.observers)
      pending.observed.clear();
  }
  pending.fenced.join(w.release(lanes));
  pending.fencers |= lanes;
}
