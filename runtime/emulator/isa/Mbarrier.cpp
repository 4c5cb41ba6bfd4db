#include "runtime/emulator/Mbarrier.h"

#include <cstring>

using namespace tw::emu;

namespace {

/// The barriers of a block by address.
struct Mbarriers {
  std::map<uint64_t, Mbarrier> at;
};

void completeIfDone(Cluster &cluster, Mbarrier &barrier) {
  if (barrier.pending || barrier.tx)
    return;
  barrier.released.join(barrier.gathering);
  barrier.released.raise(barrier.actor, barrier.time);
  ++barrier.time;
  ++barrier.phase;
  barrier.pending = barrier.expected;
  cluster.notify();
}

} // namespace

SharedPlace tw::emu::placeOfShared(Block &block, Space space,
                                   uint64_t address) {
  if (space == Space::Generic)
    space = spaceOf(address, address);
  if (space != Space::Shared)
    return {};
  if (address < kSharedStride)
    return {&block, address};
  uint64_t rank = address / kSharedStride - 1;
  if (rank >= block.cluster.blocks.size())
    return {};
  return {block.cluster.blocks[rank].get(), address % kSharedStride};
}

Mbarrier *tw::emu::mbarrierAt(Block &block, uint64_t address) {
  auto &all = block.part<Mbarriers>().at;
  auto found = all.find(address);
  return found == all.end() || !found->second.valid ? nullptr : &found->second;
}

/// What the bytes of a valid barrier hold.
static uint64_t tagOf(uint64_t address) {
  return 0x9e3779b97f4a7c15 * (address + 1);
}

MbarrierAt tw::emu::findMbarrier(Warp &warp, const Inst &inst, unsigned lane,
                                 Space space, uint64_t address) {
  SharedPlace place = placeOfShared(warp.block, space, address);
  Reached reached =
      warp.reach(inst, lane, space, address, 8, Access::Atomic, true);
  if (!reached)
    return {};
  Mbarrier *barrier =
      place.block ? mbarrierAt(*place.block, place.address) : nullptr;
  if (!barrier) {
    warp.report(Kind::IllegalInstruction, inst, lane, address,
                format("no mbarrier has been initialised at 0x%llx",
                       static_cast<unsigned long long>(address)));
    return {};
  }
  uint64_t tag = tagOf(place.address);
  if (std::memcmp(reached.data, &tag, sizeof tag) != 0) {
    warp.report(Kind::IllegalInstruction, inst, lane, address,
                format("the mbarrier at 0x%llx has been overwritten by "
                       "something that is no mbarrier instruction",
                       static_cast<unsigned long long>(address)));
    std::memcpy(reached.data, &tag, sizeof tag);
  }
  return {place.block, place.address, barrier};
}

void tw::emu::arrive(Warp &warp, const Inst &inst, unsigned lane,
                     const MbarrierAt &at, uint32_t count, const Clock *clock) {
  Mbarrier &barrier = *at.barrier;
  if (count > barrier.pending) {
    warp.report(Kind::IllegalInstruction, inst, lane, at.address,
                format("%u arrivals at %s", count, describe(at).c_str()));
    return;
  }
  if (clock)
    barrier.gathering.join(*clock);
  barrier.pending -= count;
  completeIfDone(at.block->cluster, barrier);
}

void tw::emu::arriveLater(const MbarrierAt &at, uint32_t count,
                          const Clock &clock) {
  Mbarrier &barrier = *at.barrier;
  barrier.gathering.join(clock);
  barrier.pending -= std::min(barrier.pending, count);
  completeIfDone(at.block->cluster, barrier);
}

void tw::emu::expectBytes(Warp &warp, const Inst &inst, unsigned lane,
                          const MbarrierAt &at, int64_t bytes) {
  Mbarrier &barrier = *at.barrier;
  barrier.tx += bytes;
  if (barrier.tx > kMbarrierMaximum || barrier.tx < -int64_t{kMbarrierMaximum})
    warp.report(
        Kind::IllegalInstruction, inst, lane, at.address,
        format("the tx-count of %s is beyond 2^20 - 1", describe(at).c_str()));
}

void tw::emu::completeBytes(const MbarrierAt &at, int64_t bytes) {
  at.barrier->tx -= bytes;
  completeIfDone(at.block->cluster, *at.barrier);
}

std::string tw::emu::describe(const MbarrierAt &at) {
  const Mbarrier &barrier = *at.barrier;
  return format("phase %llu (parity %u) of the mbarrier at 0x%llx of block "
                "(%u,%u,%u): %u of %u arrivals missing, tx-count %lld",
                static_cast<unsigned long long>(barrier.phase),
                static_cast<unsigned>(barrier.phase & 1),
                static_cast<unsigned long long>(at.address), at.block->id[0],
                at.block->id[1], at.block->id[2], barrier.pending,
                barrier.expected, static_cast<long long>(barrier.tx));
}

// Instructions. ---------------------------------------------------------------

namespace {

enum Flags : uint64_t {
  kGeneric = 1,
  kRelaxed = 2,
  kParity = 4,
  kNoComplete = 8,
  kDrop = 16,
  kExpect = 32,
  kCounted = 64,
  kComplete = 128,
  kTry = 256,
};

Space spaceOf(const Inst &inst) {
  return inst.aux & kGeneric ? Space::Generic : Space::Shared;
}

Step init(Warp &warp, const Inst &inst) {
  uint64_t addresses[kLanes];
  warp.addresses(inst, inst.op(0), addresses);
  warp.demand(inst, inst.op(1), "the count");
  forLanes(warp.mask, [&](unsigned lane) {
    uint64_t address = addresses[lane];
    uint32_t count = static_cast<uint32_t>(warp.row(inst.op(1))[lane]);
    SharedPlace place = placeOfShared(warp.block, spaceOf(inst), address);
    Reached reached =
        warp.reach(inst, lane, spaceOf(inst), address, 8, Access::Write);
    if (!reached)
      return;
    if (place.block != &warp.block || count == 0 || count > kMbarrierMaximum) {
      warp.report(Kind::IllegalInstruction, inst, lane, address,
                  format("a count of %u at 0x%llx: must be 1 to 2^20 - 1, in "
                         "the block's own shared memory",
                         count, static_cast<unsigned long long>(address)));
      return;
    }
    Mbarrier &barrier = warp.block.part<Mbarriers>().at[place.address];
    uint64_t tag = tagOf(place.address);
    if (barrier.valid && std::memcmp(reached.data, &tag, sizeof tag) == 0)
      warp.report(Kind::IllegalInstruction, inst, lane, address,
                  "an mbarrier lies there already; mbarrier.inval comes first");
    std::memcpy(reached.data, &tag, sizeof tag);
    std::memset(reached.state, kWritten, sizeof tag);
    // The actor of an earlier barrier at the address goes on with its times.
    if (!barrier.time) {
      barrier.actor = warp.block.cluster.newActor(
          format("a copy for the mbarrier at 0x%llx",
                 static_cast<unsigned long long>(place.address)));
      barrier.time = 1;
    }
    barrier.valid = true;
    barrier.initialised = warp.accessor(inst, lane).epoch;
    barrier.expected = barrier.pending = count;
    barrier.tx = 0;
    barrier.phase = 0;
    barrier.gathering.clear();
    barrier.released.clear();
  });
  return Step::Next;
}

Step inval(Warp &warp, const Inst &inst) {
  uint64_t addresses[kLanes];
  warp.addresses(inst, inst.op(0), addresses);
  forLanes(warp.mask, [&](unsigned lane) {
    MbarrierAt at =
        findMbarrier(warp, inst, lane, spaceOf(inst), addresses[lane]);
    Reached reached = warp.reach(inst, lane, spaceOf(inst), addresses[lane], 8,
                                 Access::Write);
    if (!at || !reached)
      return;
    at.barrier->valid = false;
    std::memset(reached.state, 0, 8); // the bytes are anybody's again
  });
  return Step::Next;
}

/// The state that an arrival returns: the phase, and what was pending.
uint64_t tokenOf(const Mbarrier &barrier) {
  return barrier.phase << 20 | barrier.pending;
}

/// One lane's arrive, arrive_drop, or either with expect_tx.
uint64_t arriveLane(Warp &warp, const Inst &inst, unsigned lane,
                    uint64_t address, uint32_t number, const Clock &clock) {
  MbarrierAt at = findMbarrier(warp, inst, lane, spaceOf(inst), address);
  if (!at)
    return 0;
  Mbarrier &barrier = *at.barrier;
  uint64_t token = tokenOf(barrier);
  uint32_t count = inst.aux & kCounted ? number : 1;
  if (inst.aux & kExpect)
    expectBytes(warp, inst, lane, at, number);
  if (count == 0 || (inst.aux & kNoComplete && count >= barrier.pending)) {
    warp.report(Kind::IllegalInstruction, inst, lane, address,
                format("a count of %u at %s%s", count, describe(at).c_str(),
                       count ? "; .noComplete must not complete it" : ""));
    return token;
  }
  if (inst.aux & kDrop)
    barrier.expected -= std::min(barrier.expected, count);
  arrive(warp, inst, lane, at, count, inst.aux & kRelaxed ? nullptr : &clock);
  return token;
}

Step arriveAll(Warp &warp, const Inst &inst) {
  uint64_t addresses[kLanes], tokens[kLanes] = {};
  warp.addresses(inst, inst.op(1), addresses);
  bool hasNumber = inst.aux & (kCounted | kExpect);
  if (hasNumber)
    warp.demand(inst, inst.op(2), "the count");
  Clock together = warp.release(warp.mask);
  forLanes(warp.mask, [&](unsigned lane) {
    uint32_t number =
        hasNumber ? static_cast<uint32_t>(warp.row(inst.op(2))[lane]) : 1;
    tokens[lane] =
        arriveLane(warp, inst, lane, addresses[lane], number, together);
  });
  warp.put(inst.op(0), tokens);
  warp.define(inst, inst.op(0), 0);
  return Step::Next;
}

Step changeBytes(Warp &warp, const Inst &inst) {
  uint64_t addresses[kLanes];
  warp.addresses(inst, inst.op(0), addresses);
  warp.demand(inst, inst.op(1), "the count");
  forLanes(warp.mask, [&](unsigned lane) {
    MbarrierAt at =
        findMbarrier(warp, inst, lane, spaceOf(inst), addresses[lane]);
    uint32_t bytes = static_cast<uint32_t>(warp.row(inst.op(1))[lane]);
    if (at && inst.aux & kComplete)
      completeBytes(at, bytes);
    else if (at)
      expectBytes(warp, inst, lane, at, bytes);
  });
  return Step::Next;
}

bool isOver(const Inst &inst, const Mbarrier &barrier, uint64_t state) {
  if (inst.aux & kParity)
    return (barrier.phase & 1) != (state & 1);
  return barrier.phase != state >> 20;
}

std::string describeWait(Warp &warp, const Inst &inst) {
  unsigned lane = static_cast<unsigned>(std::countr_zero(warp.mask));
  uint64_t addresses[kLanes];
  warp.addresses(inst, inst.op(1), addresses);
  SharedPlace place = placeOfShared(warp.block, spaceOf(inst), addresses[lane]);
  Mbarrier *barrier =
      place.block ? mbarrierAt(*place.block, place.address) : nullptr;
  return barrier ? describe({place.block, place.address, barrier})
                 : "an mbarrier that is no more";
}

/// The lanes whose phase is over; they see what the phase's arrivals hand on.
uint32_t finished(Warp &warp, const Inst &inst) {
  uint64_t addresses[kLanes];
  warp.addresses(inst, inst.op(1), addresses);
  uint32_t done = 0;
  std::map<Mbarrier *, uint32_t> observers;
  forLanes(warp.mask, [&](unsigned lane) {
    MbarrierAt at =
        findMbarrier(warp, inst, lane, spaceOf(inst), addresses[lane]);
    // A lane without a barrier goes on: it has been reported.
    if (at && !isOver(inst, *at.barrier, warp.row(inst.op(2))[lane]))
      return;
    done |= 1u << lane;
    if (at)
      observers[at.barrier] |= 1u << lane;
  });
  if (!(inst.aux & kRelaxed))
    for (auto [barrier, lanes] : observers)
      warp.acquire(lanes, barrier->released);
  return done;
}

/// test_wait and try_wait. When no lane's phase is over, try_wait blocks, and
/// now and then gives up at once, as it may. Blocking until something happens
/// is not seen by test_wait's loops either.
Step wait(Warp &warp, const Inst &inst) {
  warp.demand(inst, inst.op(2), "the phase");
  uint32_t done = finished(warp, inst);
  bool again = warp.split().stage;
  bool givesUp = warp.split().expired || (again && !(inst.aux & kTry)) ||
                 (!again && warp.launch.random.below(8) == 0);
  if (!done && !givesUp) {
    warp.split().stage = 1;
    return warp.wait(describeWait);
  }
  warp.putPred(inst.op(0), done);
  warp.definePred(inst.op(0), 0);
  return Step::Next;
}

Step pendingCount(Warp &warp, const Inst &inst) {
  uint64_t out[kLanes];
  for (unsigned lane = 0; lane < kLanes; ++lane)
    out[lane] = warp.row(inst.op(1))[lane] & kMbarrierMaximum;
  warp.put(inst.op(0), out);
  warp.define(inst, inst.op(0), warp.undefOf(inst.op(1)));
  return Step::Next;
}

uint64_t flagsOf(const Match &match) {
  uint64_t flags = 0;
  if (match.which({"shared", "shared::cta", "shared::cluster"}) < 0)
    flags |= kGeneric;
  constexpr std::pair<const char *, uint64_t> kMods[] = {
      {"relaxed", kRelaxed},       {"parity", kParity},
      {"noComplete", kNoComplete}, {"arrive_drop", kDrop},
      {"expect_tx", kExpect},      {"complete_tx", kComplete},
      {"try_wait", kTry}};
  for (auto [mod, flag] : kMods)
    flags |= match.has(mod) ? flag : 0;
  return flags;
}

Handler selectArrive(const Match &match, Inst &inst) {
  inst.aux = flagsOf(match);
  if (!(inst.aux & kExpect) && inst.op(2).kind != Operand::None)
    inst.aux |= kCounted;
  return arriveAll;
}

template <Handler kHandler>
Handler select(const Match &match, Inst &inst) {
  inst.aux = flagsOf(match);
  return kHandler;
}

#define SEM "{.release|.relaxed}{.cta|.cluster}"
#define ACQ "{.acquire|.relaxed}{.cta|.cluster}"
#define OWN "{.shared|.shared::cta}"
#define ANY "{.shared|.shared::cta|.shared::cluster}"

const Registration kForms({
    {"mbarrier.init" OWN ".b64", "[b64],b32", Class::Barrier, select<init>},
    {"mbarrier.inval" OWN ".b64", "[b64]", Class::Barrier, select<inval>},
    {"mbarrier<.arrive|.arrive_drop>" SEM ANY ".b64", "=b64,[b64],b32?",
     Class::Barrier, selectArrive},
    {"mbarrier<.arrive|.arrive_drop>.expect_tx" SEM ANY ".b64",
     "=b64,[b64],b32", Class::Barrier, selectArrive},
    {"mbarrier<.arrive|.arrive_drop>.noComplete{.release}{.cta}" OWN ".b64",
     "=b64,[b64],b32", Class::Barrier, selectArrive},
    {"mbarrier<.expect_tx|.complete_tx>{.relaxed}{.cta|.cluster}" ANY ".b64",
     "[b64],b32", Class::Barrier, select<changeBytes>},
    {"mbarrier<.test_wait|.try_wait>" ACQ OWN ".b64", "=p,[b64],b64,b32?",
     Class::Barrier, select<wait>},
    {"mbarrier<.test_wait|.try_wait>.parity" ACQ OWN ".b64",
     "=p,[b64],b32,b32?", Class::Barrier, select<wait>},
    {"mbarrier.pending_count.b64", "=b32,b64", Class::Barrier,
     select<pendingCount>},
});

} // namespace
