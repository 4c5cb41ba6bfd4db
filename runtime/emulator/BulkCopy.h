// What bulk copies, plain and of tensors, have in common: bytes that move
// later, completed by an mbarrier or by a thread's bulk group.
#pragma once

#include "runtime/emulator/CopyGroups.h"
#include "runtime/emulator/Mbarrier.h"

namespace tw::emu {

/// Combines an element at the destination with one from the source.
using Reduce = void (*)(uint8_t *to, const uint8_t *from);
struct Reduction {
  Reduce apply = nullptr;
  unsigned bytes = 0;
};

/// A run of bytes. Without a source it is filled with a pattern.
struct Piece {
  Reached to, from;
  uint32_t bytes = 0;
  uint32_t fill = 0;
  unsigned fillBytes = 1;
};

/// A bulk copy under way.
struct Transfer {
  std::vector<Piece> pieces;
  Reduction reduction;
  bool done = false;
  /// What pieces read that is nowhere in memory.
  std::shared_ptr<uint8_t[]> values;
  /// To report a thread that ends too early.
  Launch *launch = nullptr;
  Origin origin;

  /// Nobody may touch the destination until then.
  void claim();
  void finish();
  void abandon();
};

/// The bulk groups of a warp's lanes hold transfers, which may also finish by
/// themselves.
struct SharedTransfer {
  std::shared_ptr<Transfer> transfer;
  void finish() { transfer->finish(); }
  void abandon() { transfer->abandon(); }
};
using BulkGroups = CopyGroups<SharedTransfer>;
BulkGroups &bulkGroupsOf(Warp &warp);

/// Who a lane's bulk copy is when it reads and writes memory.
struct BulkCaller {
  Warp &warp;
  const Inst &inst;
  unsigned lane;

  Origin origin() const { return warp.origin(inst, lane); }
  /// With the lane's knowledge and the actor's epoch.
  Accessor as(Epoch epoch) const {
    Accessor by = warp.accessor(inst, lane);
    by.epoch = epoch;
    return by;
  }
  static Epoch epochOf(const MbarrierAt &at) {
    return Epoch(at.barrier->actor, 0, at.barrier->time, false);
  }
  Reached reach(Space space, uint64_t address, uint64_t bytes,
                uint64_t alignment, Access access, Epoch epoch) const;
  void report(Kind kind, uint64_t address, const std::string &text) const {
    warp.report(kind, inst, lane, address, text);
  }
};

/// Hands the transfer to the lane's current bulk group.
void startInGroup(const BulkCaller &caller, Transfer transfer);
/// It will finish at some time and then complete `bytes` of the barrier.
void startForMbarrier(const BulkCaller &caller, const MbarrierAt &at,
                      Transfer transfer, uint32_t bytes);

/// The blocks that a load for `mbarrier` delivers to: the one where `to` lies,
/// or with multicast each of the mask, at the same place. Reports and leaves
/// out what is wrong.
struct Delivery {
  uint64_t to; ///< as an address of the caller's
  MbarrierAt at;
};
std::vector<Delivery> deliveries(const BulkCaller &caller, Space space,
                                 uint64_t to, uint64_t mbarrier,
                                 const uint32_t *multicastMask);

/// The reduction that a cp.reduce.async.bulk names ("add", "f16"); none if the
/// pair does not exist.
Reduction reductionOf(std::string_view operation, std::string_view type);

} // namespace tw::emu
