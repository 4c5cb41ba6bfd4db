// st.async and red.async: a thread's value goes to the shared memory of a block
// of the cluster, whose mbarrier is told of the bytes.
#include "runtime/emulator/BulkCopy.h"

#include <cstring>

using namespace tw::emu;

namespace {

/// The value of a lane: one register or several, and which bytes are defined.
struct Value {
  unsigned bytes = 0;
  uint8_t data[32] = {}, state[32] = {};
};

Value valueOf(Warp &warp, const Operand &o, unsigned lane, unsigned each) {
  Value value;
  unsigned count = o.kind == Operand::Vector ? o.count : 1;
  for (unsigned i = 0; i < count; ++i) {
    const Operand &part = o.kind == Operand::Vector ? o.elements[i] : o;
    bool defined = !(warp.undefOf(part) >> lane & 1);
    std::memcpy(value.data + value.bytes, warp.row(part) + lane, each);
    std::memset(value.state + value.bytes, defined ? kWritten : 0, each);
    value.bytes += each;
  }
  return value;
}

/// Data and states, 32 bytes each, that live as long as the transfer.
Reached keep(Transfer &transfer, const Value &value) {
  transfer.values = std::make_shared<uint8_t[]>(64);
  std::memcpy(transfer.values.get(), value.data, 32);
  std::memcpy(transfer.values.get() + 32, value.state, 32);
  return {transfer.values.get(), transfer.values.get() + 32};
}

/// aux: bytes of an element; aux2: the reduction's function, or null.
void storeLane(const BulkCaller &caller, uint64_t to, uint64_t mbarrier) {
  SharedPlace target = placeOfShared(caller.warp.block, Space::Shared, to);
  SharedPlace signal =
      placeOfShared(caller.warp.block, Space::Shared, mbarrier);
  if (!target.block || target.block != signal.block) {
    caller.report(Kind::IllegalInstruction, to,
                  "destination and mbarrier must lie in the shared memory of "
                  "one block of the cluster");
    return;
  }
  MbarrierAt at = findMbarrier(caller.warp, caller.inst, caller.lane,
                               Space::Shared, mbarrier);
  if (!at)
    return;
  auto each = static_cast<unsigned>(caller.inst.aux);
  Value value = valueOf(caller.warp, caller.inst.op(1), caller.lane, each);
  Transfer transfer;
  transfer.reduction = {reinterpret_cast<Reduce>(caller.inst.aux2), each};
  Piece piece;
  piece.bytes = value.bytes;
  piece.from = keep(transfer, value);
  piece.to =
      caller.reach(Space::Shared, to, value.bytes, value.bytes,
                   transfer.reduction.apply ? Access::Atomic : Access::Write,
                   BulkCaller::epochOf(at));
  if (piece.to)
    transfer.pieces.push_back(piece);
  startForMbarrier(caller, at, std::move(transfer), value.bytes);
}

Step store(Warp &warp, const Inst &inst) {
  uint64_t to[kLanes], mbarrier[kLanes];
  warp.addresses(inst, inst.op(0), to);
  warp.addresses(inst, inst.op(2), mbarrier);
  forLanes(warp.mask, [&](unsigned lane) {
    storeLane({warp, inst, lane}, to[lane], mbarrier[lane]);
  });
  return Step::Next;
}

Handler selectStore(const Match &match, Inst &inst) {
  unsigned expected = match.has("v4") ? 4 : match.has("v2") ? 2 : 1;
  const Operand &value = inst.op(1);
  unsigned found = value.kind == Operand::Vector ? value.count : 1;
  if (found != expected)
    throw PtxError(inst.line, 0,
                   format("expected %u values, found %u", expected, found));
  inst.aux = bitsOf(match.type()) / 8;
  inst.aux2 = 0;
  return store;
}

Handler selectReduce(const Match &match, Inst &inst) {
  constexpr const char *kNames[] = {"add", "min", "max", "inc",
                                    "dec", "and", "or",  "xor"};
  int op = match.which({"add", "min", "max", "inc", "dec", "and", "or", "xor"});
  Reduction reduction = reductionOf(kNames[op], match.mods.back());
  inst.aux = reduction.bytes;
  inst.aux2 = reinterpret_cast<uint64_t>(reduction.apply);
  return store;
}

#define TX ".shared::cluster.mbarrier::complete_tx::bytes"

const Registration kForms({
    {"st.async{.weak}" TX "{.v2|.v4}"
     "<.b32|.b64|.u32|.u64|.s32|.s64|.f32|.f64>",
     "[t],t*,[b64]", Class::Async, selectStore},
    {"red.async.relaxed.cluster" TX "<.inc|.dec>.u32", "[t],t,[b64]",
     Class::Async, selectReduce},
    {"red.async.relaxed.cluster" TX "<.min|.max><.u32|.s32>", "[t],t,[b64]",
     Class::Async, selectReduce},
    {"red.async.relaxed.cluster" TX ".add<.u32|.s32|.u64>", "[t],t,[b64]",
     Class::Async, selectReduce},
    {"red.async.relaxed.cluster" TX "<.and|.or|.xor>.b32", "[t],t,[b64]",
     Class::Async, selectReduce},
});

} // namespace
