// fence.proxy and fence.mbarrier_init, and what they are needed for.
#include "runtime/emulator/Proxy.h"

#include "runtime/emulator/Mbarrier.h"

#include <algorithm>

using namespace tw::emu;

void tw::emu::demandProxyFence(Block &block, const Origin &origin, Space space,
                               uint64_t address, uint64_t bytes) {
  Launch &launch = block.launch;
  Region *region =
      space == Space::Shared ? &block.shared : launch.memory->find(address);
  if (!launch.checkRaces || !region || !region->shadow ||
      region->epoch != launch.number)
    return;
  const ProxyFences &fences = block.cluster.part<ProxyFences>();
  const Clock &fenced = space == Space::Shared ? fences.shared : fences.global;
  for (uint64_t offset = address - region->base, end = offset + bytes;
       offset < end; offset += region->shadow->grain()) {
    Cell cell = region->shadow->cell(offset);
    if (!cell.write || fenced.covers(cell.write))
      continue;
    if (launch.isAsync(cell.write) &&
        std::ranges::find(fences.generic, cell.write.actor()) ==
            fences.generic.end())
      continue;
    if (!launch.findings->again(Kind::MissingProxyFence, origin.line))
      launch.report(
          Kind::MissingProxyFence, origin, region->base + offset,
          format("the async proxy reads %s address 0x%llx, which %s "
                 "wrote at line %u through the generic proxy: no "
                 "fence.proxy.async lies between",
                 spaceName(space),
                 static_cast<unsigned long long>(region->base + offset),
                 launch.who(cell.write).c_str(), cell.writeLine));
    return;
  }
}

void tw::emu::demandMbarrierFence(Block &block, const Origin &origin,
                                  uint64_t address, const Mbarrier &barrier) {
  const ProxyFences &fences = block.cluster.part<ProxyFences>();
  if (block.launch.checkRaces &&
      !fences.mbarriers.covers(barrier.initialised) &&
      !block.launch.findings->again(Kind::MissingProxyFence, origin.line))
    block.launch.report(Kind::MissingProxyFence, origin, address,
                        "the async proxy completes an mbarrier whose "
                        "initialisation it cannot see: neither "
                        "fence.mbarrier_init nor fence.proxy.async came after "
                        "mbarrier.init");
}

namespace {

enum Reach : uint64_t { kShared = 1, kGlobal = 2, kMbarriers = 4 };

/// The writes that the lanes have done or seen are visible from now on.
Step fence(Warp &warp, const Inst &inst) {
  ProxyFences &fences = warp.block.cluster.part<ProxyFences>();
  Clock clock = warp.release(warp.mask);
  if (inst.aux & kShared)
    fences.shared.join(clock);
  if (inst.aux & (kShared | kMbarriers))
    fences.mbarriers.join(clock);
  if (inst.aux & kGlobal)
    fences.global.join(clock);
  return Step::Next;
}

Step nothing(Warp &, const Inst &) { return Step::Next; }

Handler selectFence(const Match &match, Inst &inst) {
  if (match.has("mbarrier_init")) {
    inst.aux = kMbarriers;
    return fence;
  }
  bool shared = match.which({"shared::cta", "shared::cluster"}) >= 0;
  bool global = match.has("global");
  inst.aux = shared || global ? (shared ? kShared : 0) | (global ? kGlobal : 0)
                              : kShared | kGlobal;
  return fence;
}

Handler selectNothing(const Match &, Inst &) { return nothing; }

const Registration kForms({
    {"fence.proxy.async{.global|.shared::cta|.shared::cluster}", "",
     Class::Barrier, selectFence},
    // Tensor maps are read when they are used; aliases are one memory here.
    {"fence.proxy<.alias|.tensormap>", "", Class::Barrier, selectNothing},
    {"fence.proxy.tensormap::generic<.acquire|.release><.cta|.cluster|.gpu|"
     ".sys>",
     "[b64]?,b32", Class::Barrier, selectNothing},
    {"fence.mbarrier_init.release.cluster", "", Class::Barrier, selectFence},
});

} // namespace
