// cp.async: copies of 4, 8 or 16 bytes from global to shared memory that a
// thread groups and waits for. The bytes move at the wait, as late as allowed.
#include "runtime/emulator/CopyGroups.h"
#include "runtime/emulator/Mbarrier.h"
#include "runtime/emulator/Proxy.h"

#include <bit>
#include <cstring>
#include <set>

using namespace tw::emu;

namespace {

struct LaneCopy {
  Reached to, from;
  unsigned bytes, taken;

  void finish() {
    std::memset(to.data, 0, bytes);
    std::memset(to.state, kWritten, bytes);
    for (unsigned i = 0; i < taken; ++i) {
      to.data[i] = from.data[i];
      to.state[i] = from.state[i] & kWritten;
    }
  }
  void abandon() {}
};

using Groups = CopyGroups<LaneCopy>;

Groups &groupsOf(Warp &warp) {
  Groups &groups = warp.part<Groups>();
  if (!groups.isOpen()) {
    groups.open(warp, "cp.async", false);
    warp.block.cluster.part<ProxyFences>().generic.push_back(
        groups.writeEpoch(0).actor());
  }
  return groups;
}

enum Operands : uint64_t { kNone, kSize, kIgnore };

struct Request {
  uint64_t to, from;
  unsigned bytes, taken;
};

/// Both ends are checked now, as the group's accesses; the bytes at the
/// destination are nobody's until the wait.
void startLane(Warp &warp, const Inst &inst, unsigned lane,
               const Request &request) {
  Groups &groups = groupsOf(warp);
  Accessor by = warp.accessor(inst, lane);
  by.epoch = groups.writeEpoch(lane);
  Origin origin = warp.origin(inst, lane);
  LaneCopy copy = {{}, {}, request.bytes, request.taken};
  if (request.taken)
    copy.from =
        warp.launch.reach(origin, &warp.block, Space::Global, request.from,
                          request.taken, request.bytes, Access::Read, by);
  copy.to = warp.launch.reach(origin, &warp.block, Space::Shared, request.to,
                              request.bytes, request.bytes, Access::Write, by);
  if (!copy.to)
    return;
  if (!copy.from)
    copy.taken = 0;
  for (unsigned i = 0; i < request.bytes; ++i)
    copy.to.state[i] = (copy.to.state[i] & ~kWritten) | kAsyncWrite;
  groups.add(lane, copy);
}

void count(Warp &warp, const std::vector<Request> &requests) {
  std::set<uint64_t> sectors;
  for (const Request &request : requests)
    if (request.taken) {
      warp.launch.counters.globalReadBytes += request.taken;
      warp.launch.counters.asyncBytes += request.taken;
      sectors.insert(request.from / 32);
    }
  warp.launch.counters.globalReadSectors += sectors.size();
}

Step copy(Warp &warp, const Inst &inst) {
  uint64_t to[kLanes], from[kLanes];
  warp.addresses(inst, inst.op(0), to);
  warp.addresses(inst, inst.op(1), from);
  unsigned bytes = static_cast<unsigned>(warp.row(inst.op(2))[0]);
  if (inst.aux != kNone)
    warp.demand(inst, inst.op(3), "the source size");
  std::vector<Request> requests;
  forLanes(warp.mask, [&](unsigned lane) {
    unsigned taken = bytes;
    if (inst.aux == kSize)
      taken = static_cast<unsigned>(warp.row(inst.op(3))[lane]);
    else if (inst.aux == kIgnore && warp.holds(inst.op(3)) >> lane & 1)
      taken = 0;
    if (taken > bytes) {
      warp.report(
          Kind::IllegalInstruction, inst, lane, from[lane],
          format("a source size of %u for a copy of %u bytes", taken, bytes));
      taken = bytes;
    }
    requests.push_back({to[lane], from[lane], bytes, taken});
    startLane(warp, inst, lane, requests.back());
  });
  count(warp, requests);
  return Step::Next;
}

Step commit(Warp &warp, const Inst &) {
  groupsOf(warp).commit(warp.mask);
  return Step::Next;
}

Step wait(Warp &warp, const Inst &inst) {
  Groups &groups = groupsOf(warp);
  bool all = !inst.count;
  if (all)
    groups.commit(warp.mask);
  groups.wait(warp, all ? 0 : static_cast<uint32_t>(warp.row(inst.op(0))[0]),
              false);
  return Step::Next;
}

/// The barriers learn of the copies that each lane has started so far, at some
/// later time. Without .noinc the arrival is one that nobody has counted on.
Step arriveOnMbarrier(Warp &warp, const Inst &inst) {
  uint64_t addresses[kLanes];
  warp.addresses(inst, inst.op(0), addresses);
  Groups &groups = groupsOf(warp);
  Space space = inst.aux2 & 1 ? Space::Generic : Space::Shared;
  std::map<Mbarrier *, std::pair<MbarrierAt, uint32_t>> arriving;
  forLanes(warp.mask, [&](unsigned lane) {
    MbarrierAt at = findMbarrier(warp, inst, lane, space, addresses[lane]);
    if (!at)
      return;
    at.barrier->pending += inst.aux ? 0 : 1;
    arriving[at.barrier].first = at;
    arriving[at.barrier].second |= 1u << lane;
  });
  Times until = groups.mark(warp.mask);
  for (auto &[barrier, arrival] : arriving) {
    auto [at, lanes] = arrival;
    Clock clock = groups.knowing(warp, lanes, until, false);
    warp.block.cluster.post([&groups, at, lanes, until, clock] {
      groups.finish(lanes, until);
      arriveLater(at, static_cast<uint32_t>(std::popcount(lanes)), clock);
    });
  }
  return Step::Next;
}

/// The fourth operand is a size, a predicate, or the cache policy.
Handler selectCopy(const Match &match, Inst &inst) {
  const Operand &fourth = inst.op(3);
  bool policy = match.has("L2::cache_hint") &&
                (fourth.kind == Operand::None || fourth.bits == 64);
  inst.aux = fourth.kind == Operand::None || policy ? kNone
             : fourth.kind == Operand::Pred         ? kIgnore
                                                    : kSize;
  return copy;
}

Handler selectArrive(const Match &match, Inst &inst) {
  inst.aux = match.has("noinc");
  inst.aux2 = match.which({"shared", "shared::cta"}) < 0;
  return arriveOnMbarrier;
}

template <Handler kHandler>
Handler select(const Match &, Inst &) {
  return kHandler;
}

#define HINTS "{.L2::cache_hint}{.L2::64B|.L2::128B|.L2::256B}"
#define PLACES "<.shared|.shared::cta>.global"

const Registration kForms({
    {"cp.async<.ca|.cg>" PLACES HINTS, "[b32],[b32],b32,r?,b64?", Class::Async,
     selectCopy},
    {"cp.async.commit_group", "", Class::Async, select<commit>},
    {"cp.async.wait_group", "b32", Class::Async, select<wait>},
    {"cp.async.wait_all", "", Class::Async, select<wait>},
    {"cp.async.mbarrier.arrive{.noinc}{.shared|.shared::cta}.b64", "[b64]",
     Class::Async, selectArrive},
});

} // namespace
