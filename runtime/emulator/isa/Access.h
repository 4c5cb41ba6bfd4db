// What instructions that access memory have in common.
#pragma once

#include "runtime/emulator/Launch.h"

namespace tw::emu {

/// The state space of an instruction, from its modifiers or from the name in
/// its address. Throws PtxError where a name lies in another space.
Space memorySpace(const Match &match, const Operand &address);

/// Counts bytes, sectors and bank conflicts of one warp-wide access by the
/// lanes of w.mask.
void countAccess(Warp &w, Space space, const uint64_t *address, unsigned bytes,
                 Access access);

/// A strong read of the addresses: with `acquire`, or at the next fence, the
/// lanes see what was published there.
void observe(Warp &w, const Inst &inst, const uint64_t *address, uint32_t lanes,
             bool acquire);
/// A strong write: hands on what the lanes have done (with `release`) or what
/// they had done at their last fence.
void publish(Warp &w, const Inst &inst, const uint64_t *address, uint32_t lanes,
             bool release);
/// A fence that orders: what was observed is seen, what was done may be
/// published.
void fence(Warp &w, uint32_t lanes);

} // namespace tw::emu
