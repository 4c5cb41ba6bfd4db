// Clusters: addresses of other blocks' shared memory, and the cluster's
// barrier.
#include "runtime/emulator/Mbarrier.h"

using namespace tw::emu;

namespace {

/// How often each lane has arrived at the cluster's barrier, and waited.
struct ClusterArrivals {
  uint32_t arrived[kLanes] = {}, waited[kLanes] = {};
};

/// What the arrivals of a phase hand on, until nobody can ask any more.
struct ClusterPhases {
  std::map<uint32_t, Clock> released;
};

Step arrive(Warp &warp, const Inst &inst) {
  if (inst.aux2)
    warp.converged(inst, Kind::DivergentBarrier);
  auto &mine = warp.part<ClusterArrivals>();
  auto &phases = warp.block.cluster.part<ClusterPhases>().released;
  Clock clock = warp.release(warp.mask);
  forLanes(warp.mask, [&](unsigned lane) {
    if (mine.arrived[lane] != mine.waited[lane])
      warp.report(Kind::DivergentBarrier, inst, lane, 0,
                  "the thread has arrived already and has not waited since");
    uint32_t phase = ++mine.arrived[lane];
    if (!inst.aux)
      phases[phase].join(clock);
    phases.erase(phase - 2);
  });
  warp.block.cluster.notify();
  return Step::Next;
}

/// Threads of the cluster that have neither arrived in the phase nor exited.
unsigned missing(Cluster &cluster, uint32_t phase) {
  unsigned count = 0;
  for (const std::unique_ptr<Block> &block : cluster.blocks)
    for (const std::unique_ptr<Warp> &warp : block->warps)
      forLanes(warp->live, [&](unsigned lane) {
        count += warp->part<ClusterArrivals>().arrived[lane] < phase;
      });
  return count;
}

std::string describeWait(Warp &warp, const Inst &) {
  auto lane = static_cast<unsigned>(std::countr_zero(warp.split().mask));
  uint32_t phase = warp.part<ClusterArrivals>().arrived[lane];
  return format(
      "phase %u of the cluster's barrier: %u threads have not arrived", phase,
      missing(warp.block.cluster, phase));
}

Step wait(Warp &warp, const Inst &inst) {
  if (inst.aux2)
    warp.converged(inst, Kind::DivergentBarrier);
  auto &mine = warp.part<ClusterArrivals>();
  uint32_t phase = 0;
  forLanes(warp.mask, [&](unsigned lane) {
    if (mine.arrived[lane] == mine.waited[lane])
      warp.report(Kind::DivergentBarrier, inst, lane, 0,
                  "the thread waits without having arrived");
    phase = std::max(phase, mine.arrived[lane]);
  });
  if (missing(warp.block.cluster, phase))
    return warp.wait(describeWait);
  warp.acquire(warp.mask,
               warp.block.cluster.part<ClusterPhases>().released[phase]);
  forLanes(warp.mask,
           [&](unsigned lane) { mine.waited[lane] = mine.arrived[lane]; });
  return Step::Next;
}

/// aux: no release; aux2: all lanes of the warp must be there.
template <Handler kHandler>
Handler selectBarrier(const Match &match, Inst &inst) {
  inst.aux = match.has("relaxed");
  inst.aux2 = match.has("aligned");
  return kHandler;
}

/// The same place in the shared memory of another block. aux: the addresses are
/// shared ones, not generic.
Step mapAddress(Warp &warp, const Inst &inst) {
  const uint64_t *from = warp.row(inst.op(1)), *rank = warp.row(inst.op(2));
  uint64_t out[kLanes] = {};
  Space space = inst.aux ? Space::Shared : Space::Generic;
  forLanes(warp.mask, [&](unsigned lane) {
    SharedPlace place = placeOfShared(warp.block, space, from[lane]);
    auto target = static_cast<uint32_t>(rank[lane]);
    if (!place.block || target >= warp.block.cluster.blocks.size()) {
      warp.report(Kind::IllegalInstruction, inst, lane, from[lane],
                  format("no shared address, or rank %u in a cluster of %zu",
                         target, warp.block.cluster.blocks.size()));
      return;
    }
    out[lane] = (uint64_t{target} + 1) * kSharedStride + place.address +
                (inst.aux ? 0 : kSharedWindow);
  });
  warp.put(inst.op(0), out);
  warp.define(inst, inst.op(0),
              warp.undefOf(inst.op(1)) | warp.undefOf(inst.op(2)));
  return Step::Next;
}

Step rankOfAddress(Warp &warp, const Inst &inst) {
  const uint64_t *from = warp.row(inst.op(1));
  uint64_t out[kLanes] = {};
  Space space = inst.aux ? Space::Shared : Space::Generic;
  forLanes(warp.mask, [&](unsigned lane) {
    SharedPlace place = placeOfShared(warp.block, space, from[lane]);
    if (place.block)
      out[lane] = place.block->rank;
    else
      warp.report(Kind::IllegalInstruction, inst, lane, from[lane],
                  "this is no address of the cluster's shared memory");
  });
  warp.put(inst.op(0), out);
  warp.define(inst, inst.op(0), warp.undefOf(inst.op(1)));
  return Step::Next;
}

template <Handler kHandler>
Handler selectAddress(const Match &match, Inst &inst) {
  inst.aux = match.has("shared::cluster");
  return kHandler;
}

const Registration kForms({
    {"barrier.cluster.arrive{.release|.relaxed}{.aligned}", "", Class::Barrier,
     selectBarrier<arrive>},
    {"barrier.cluster.wait{.acquire}{.aligned}", "", Class::Barrier,
     selectBarrier<wait>},
    {"mapa{.shared::cluster}<.u32|.u64>", "=t,t,b32", Class::Integer,
     selectAddress<mapAddress>},
    {"getctarank{.shared::cluster}<.u32|.u64>", "=b32,t", Class::Integer,
     selectAddress<rankOfAddress>},
});

} // namespace
