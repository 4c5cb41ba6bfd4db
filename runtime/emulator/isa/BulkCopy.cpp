// cp.async.bulk and cp.reduce.async.bulk: contiguous bytes between global and
// shared memory, and the bulk groups.
#include "runtime/emulator/BulkCopy.h"

using namespace tw::emu;

namespace {

constexpr uint64_t kAlign = 16;

/// What an opcode says; the operands follow in a fixed order.
enum Flags : uint64_t {
  kFromShared = 1, ///< the source is shared::cta
  kMulticast = 2,
  kReads = 4, ///< wait_group.read
};

constexpr unsigned kElementShift = 8; ///< a reduction's element size

/// A reduction's function is in aux2; null if there is none.
Reduction reductionIn(const Inst &inst) {
  return {reinterpret_cast<Reduce>(inst.aux2),
          static_cast<unsigned>(inst.aux >> kElementShift)};
}

bool checkSize(const BulkCaller &caller, uint64_t address, uint32_t bytes) {
  if (bytes && bytes % kAlign == 0)
    return true;
  caller.report(
      Kind::IllegalInstruction, address,
      format("a size of %u bytes; it must be a multiple of 16", bytes));
  return false;
}

/// Whole sectors of 32 bytes, as bulk copies are aligned.
void countRead(Launch &launch, uint64_t address, uint64_t bytes) {
  launch.counters.globalReadBytes += bytes;
  launch.counters.globalReadSectors +=
      (address + bytes + 31) / 32 - address / 32;
}

void countWrite(Launch &launch, uint64_t address, uint64_t bytes) {
  launch.counters.globalWriteBytes += bytes;
  launch.counters.globalWriteSectors +=
      (address + bytes + 31) / 32 - address / 32;
}

/// To shared memory, completed by an mbarrier.
void load(const BulkCaller &caller, uint64_t to, uint64_t from, uint32_t bytes,
          uint64_t mbarrier, const uint32_t *mask, Reduction reduction) {
  if (!checkSize(caller, to, bytes))
    return;
  bool shared = caller.inst.aux & kFromShared;
  if (!shared)
    countRead(caller.warp.launch, from, bytes);
  for (const Delivery &one :
       deliveries(caller, Space::Shared, to, mbarrier, mask)) {
    Epoch epoch = BulkCaller::epochOf(one.at);
    Transfer transfer;
    Piece piece;
    piece.bytes = bytes;
    piece.from = caller.reach(shared ? Space::Shared : Space::Global, from,
                              bytes, kAlign, Access::Read, epoch);
    piece.to = caller.reach(Space::Shared, one.to, bytes, kAlign, Access::Write,
                            epoch);
    if (piece.from && piece.to)
      transfer.pieces.push_back(piece);
    transfer.reduction = reduction;
    startForMbarrier(caller, one.at, std::move(transfer), bytes);
  }
}

Step loads(Warp &warp, const Inst &inst) {
  uint64_t to[kLanes], from[kLanes], mbarrier[kLanes];
  warp.addresses(inst, inst.op(0), to);
  warp.addresses(inst, inst.op(1), from);
  warp.demand(inst, inst.op(2), "the size");
  warp.addresses(inst, inst.op(3), mbarrier);
  bool multicast = inst.aux & kMulticast;
  forLanes(warp.mask, [&](unsigned lane) {
    uint32_t mask =
        multicast ? static_cast<uint16_t>(warp.row(inst.op(4))[lane]) : 0;
    load({warp, inst, lane}, to[lane], from[lane],
         static_cast<uint32_t>(warp.row(inst.op(2))[lane]), mbarrier[lane],
         multicast ? &mask : nullptr, reductionIn(inst));
  });
  return Step::Next;
}

/// From shared to global memory, completed by a bulk group.
void store(const BulkCaller &caller, uint64_t to, uint64_t from,
           uint32_t bytes) {
  if (!checkSize(caller, to, bytes))
    return;
  BulkGroups &groups = bulkGroupsOf(caller.warp);
  Transfer transfer;
  transfer.reduction = reductionIn(caller.inst);
  Piece piece;
  piece.bytes = bytes;
  piece.from = caller.reach(Space::Shared, from, bytes, kAlign, Access::Read,
                            groups.readEpoch(caller.lane));
  Access access = transfer.reduction.apply ? Access::Atomic : Access::Write;
  piece.to = caller.reach(Space::Global, to, bytes, kAlign, access,
                          groups.writeEpoch(caller.lane));
  countWrite(caller.warp.launch, to, bytes);
  if (piece.from && piece.to)
    transfer.pieces.push_back(piece);
  startInGroup(caller, std::move(transfer));
}

Step stores(Warp &warp, const Inst &inst) {
  uint64_t to[kLanes], from[kLanes];
  warp.addresses(inst, inst.op(0), to);
  warp.addresses(inst, inst.op(1), from);
  warp.demand(inst, inst.op(2), "the size");
  forLanes(warp.mask, [&](unsigned lane) {
    store({warp, inst, lane}, to[lane], from[lane],
          static_cast<uint32_t>(warp.row(inst.op(2))[lane]));
  });
  return Step::Next;
}

Step commit(Warp &warp, const Inst &) {
  bulkGroupsOf(warp).commit(warp.mask);
  return Step::Next;
}

Step wait(Warp &warp, const Inst &inst) {
  bulkGroupsOf(warp).wait(warp, static_cast<uint32_t>(warp.row(inst.op(0))[0]),
                          inst.aux & kReads);
  return Step::Next;
}

/// A hint; nothing to see.
Step prefetch(Warp &, const Inst &) { return Step::Next; }

void selectReduction(const Match &match, Inst &inst) {
  int op = match.which({"add", "min", "max", "inc", "dec", "and", "or", "xor"});
  constexpr const char *kNames[] = {"add", "min", "max", "inc",
                                    "dec", "and", "or",  "xor"};
  Reduction reduction = tw::emu::reductionOf(kNames[op], match.mods.back());
  if (!reduction.apply)
    throw PtxError(inst.line, 0,
                   format("%.*s: no such operation of this type",
                          static_cast<int>(inst.opcode.size()),
                          inst.opcode.data()));
  inst.aux |= uint64_t{reduction.bytes} << kElementShift;
  inst.aux2 = reinterpret_cast<uint64_t>(reduction.apply);
}

template <Handler kHandler, bool kReduces>
Handler select(const Match &match, Inst &inst) {
  inst.aux = (match.has("shared::cta") && !match.has("global") &&
                      match.has("shared::cluster")
                  ? kFromShared
                  : 0) |
             (match.has("multicast::cluster") ? kMulticast : 0) |
             (match.has("read") ? kReads : 0);
  inst.aux2 = 0;
  if (kReduces)
    selectReduction(match, inst);
  return kHandler;
}

#define TX ".mbarrier::complete_tx::bytes"
#define HINT "{.L2::cache_hint}"

const Registration kForms({
    {"cp.async.bulk<.shared::cluster|.shared::cta>.global" TX HINT,
     "[b8],[b8],b32,[b64],b64?", Class::Async, select<loads, false>},
    {"cp.async.bulk.shared::cluster.global" TX ".multicast::cluster" HINT,
     "[b8],[b8],b32,[b64],b16,b64?", Class::Async, select<loads, false>},
    {"cp.async.bulk.shared::cluster.shared::cta" TX, "[b8],[b8],b32,[b64]",
     Class::Async, select<loads, false>},
    {"cp.async.bulk.global.shared::cta.bulk_group" HINT, "[b8],[b8],b32,b64?",
     Class::Async, select<stores, false>},
    {"cp.reduce.async.bulk.shared::cluster.shared::cta" TX
     "<.and|.or|.xor|.add|.inc|.dec|.min|.max><.s32|.u32|.s64|.u64>",
     "[b8],[b8],b32,[b64]", Class::Async, select<loads, true>},
    {"cp.reduce.async.bulk.global.shared::cta.bulk_group" HINT
     "<.and|.or|.xor|.add|.inc|.dec|.min|.max>{.noftz}"
     "<.f16|.bf16|.b32|.u32|.s32|.b64|.u64|.s64|.f32|.f64>",
     "[b8],[b8],b32,b64?", Class::Async, select<stores, true>},
    {"cp.async.bulk.prefetch.L2.global" HINT, "[b8],b32,b64?", Class::Async,
     select<prefetch, false>},
    {"cp.async.bulk.commit_group", "", Class::Async, select<commit, false>},
    {"cp.async.bulk.wait_group{.read}", "b32", Class::Async,
     select<wait, false>},
});

} // namespace
