// Instructions that change speed only, or that this machine has no use for.
#include "runtime/emulator/isa/Access.h"
#include "runtime/emulator/isa/Pick.h"

using namespace tw::emu;

static Step nothing(Warp &, const Inst &) { return Step::Next; }

/// A cache policy is a number that only loads and stores look at.
static Step createPolicy(Warp &w, const Inst &inst) {
  uint64_t out[kLanes] = {};
  w.put(inst.op(0), out);
  w.define(inst, inst.op(0), 0);
  return Step::Next;
}

/// After discard the bytes are undefined.
static Step discard(Warp &w, const Inst &inst) {
  constexpr unsigned kBytes = 128;
  uint64_t address[kLanes];
  w.addresses(inst, inst.op(0), address);
  forLanes(w.mask, [&](unsigned l) {
    Reached at = w.reach(inst, l, memorySpace({}, inst.op(0)), address[l],
                         kBytes, Access::Write);
    if (at)
      std::memset(at.state, 0, kBytes);
  });
  return Step::Next;
}

#define EVICT                                                                  \
  "<.L2::evict_last|.L2::evict_normal|.L2::evict_first|.L2::evict_unchanged>"

static const Registration kForms({
    {"prefetch{.global|.local}<.L1|.L2>", "[b32]", Class::Other,
     always<nothing>},
    {"prefetch.global<.L2::evict_last|.L2::evict_normal>", "[b32]",
     Class::Other, always<nothing>},
    {"prefetchu.L1", "[b32]", Class::Other, always<nothing>},
    {"applypriority{.global}.L2::evict_normal", "[b32],r", Class::Other,
     always<nothing>},
    {"discard{.global}.L2", "[b32],r", Class::Other, always<discard>},
    {"createpolicy.fractional" EVICT "{.L2::evict_first|.L2::evict_unchanged}"
     ".b64",
     "=b64,r?", Class::Other, always<createPolicy>},
    {"createpolicy.range{.global}" EVICT
     "{.L2::evict_first|.L2::evict_unchanged}.b64",
     "=b64,[b32],r,r", Class::Other, always<createPolicy>},
    {"createpolicy.cvt.L2.b64", "=b64,b64", Class::Other, always<createPolicy>},
});
