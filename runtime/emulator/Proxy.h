// The async proxy: bulk copies and wgmma see what ordinary instructions wrote
// only after a fence.proxy.async between the write and them.
#pragma once

#include "runtime/emulator/Launch.h"

namespace tw::emu {

/// What the cluster's proxy fences have made visible so far, by space.
struct ProxyFences {
  Clock shared, global;
  /// Initialisations of mbarriers.
  Clock mbarriers;
  /// Asynchronous actors that write through the generic proxy (cp.async).
  std::vector<Actor> generic;
};

/// Reports bytes that were written through the generic proxy without a proxy
/// fence since. `space` is Shared (of `block`) or Global.
void demandProxyFence(Block &block, const Origin &origin, Space space,
                      uint64_t address, uint64_t bytes);

/// Reports an mbarrier that a bulk copy will complete although its
/// initialisation has not been made visible to the async proxy.
struct Mbarrier;
void demandMbarrierFence(Block &block, const Origin &origin, uint64_t address,
                         const Mbarrier &barrier);

} // namespace tw::emu
