// mbarrier objects. Their state lives beside the memory that they lie in: the
// eight bytes hold a tag, by which ordinary stores to a barrier are noticed.
#pragma once

#include "runtime/emulator/Launch.h"

namespace tw::emu {

constexpr uint32_t kMbarrierMaximum = (1u << 20) - 1;

struct Mbarrier {
  bool valid = false;
  /// Arrivals of a whole phase, those missing in this one, and bytes.
  uint32_t expected = 0, pending = 0;
  int64_t tx = 0;
  uint64_t phase = 0;
  /// What asynchronous operations write on its behalf in this phase belongs to
  /// this actor at this time.
  Actor actor = 0;
  uint32_t time = 0;
  /// Who initialised it, for the async proxy.
  Epoch initialised;
  /// What arrivals hand on: so far, and up to the last completed phase.
  Clock gathering, released;
};

/// A barrier's place in the cluster.
struct MbarrierAt {
  Block *block = nullptr;
  uint64_t address = 0;
  Mbarrier *barrier = nullptr;
  explicit operator bool() const { return barrier; }
};

/// The block, and the address inside it, of a shared or generic address; no
/// block when it is neither in its cluster's shared memory.
struct SharedPlace {
  Block *block = nullptr;
  uint64_t address = 0;
};
SharedPlace placeOfShared(Block &block, Space space, uint64_t address);

/// The barrier that a lane names; reports when there is none.
MbarrierAt findMbarrier(Warp &warp, const Inst &inst, unsigned lane,
                        Space space, uint64_t address);
/// The same without checks; null when there is none.
Mbarrier *mbarrierAt(Block &block, uint64_t address);

/// `count` threads arrive, who have done what `clock` says.
void arrive(Warp &warp, const Inst &inst, unsigned lane, const MbarrierAt &at,
            uint32_t count, const Clock *clock);
/// Threads arrive by themselves, later: no findings.
void arriveLater(const MbarrierAt &at, uint32_t count, const Clock &clock);
/// Changes the count of bytes that the phase waits for.
void expectBytes(Warp &warp, const Inst &inst, unsigned lane,
                 const MbarrierAt &at, int64_t bytes);
void completeBytes(const MbarrierAt &at, int64_t bytes);

/// "phase 3 of the mbarrier at 0x420 (pending arrivals 1 of 2, …)".
std::string describe(const MbarrierAt &at);

} // namespace tw::emu
