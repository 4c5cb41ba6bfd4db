// setmaxnreg: warps of a block give registers back and take them.
#include "runtime/emulator/Launch.h"

using namespace tw::emu;

namespace {

constexpr uint32_t kRegistersOfBlock = 65536;

/// Registers of a thread when the kernel starts, or 0 if the compiler cannot
/// know them, and ignores setmaxnreg.
uint32_t registersAtStart(const Launch &launch) {
  const Limits &limits = launch.entry->limits;
  if (limits.maxRegisters)
    return limits.maxRegisters;
  bool bounded = limits.requiredThreads[0] || limits.maxThreads[0];
  if (!bounded || !limits.minBlocks)
    return 0;
  uint32_t each = kRegistersOfBlock / launch.threads / limits.minBlocks;
  return std::min(each, 255u) / 8 * 8;
}

/// Registers that warps of the block have given back.
struct RegisterPool {
  uint32_t free = 0;
};

struct WarpRegisters {
  uint32_t each = 0;
};

std::string describeRegisters(Warp &warp, const Inst &inst) {
  return format("%u registers a thread: the block's other warps have given "
                "back %u a thread of a warp",
                static_cast<uint32_t>(warp.row(inst.op(0))[0]),
                warp.block.part<RegisterPool>().free / kLanes);
}

/// aux: increase.
Step setRegisters(Warp &warp, const Inst &inst) {
  warp.converged(inst);
  auto wanted = static_cast<uint32_t>(warp.row(inst.op(0))[0]);
  auto complain = [&](const std::string &text) {
    warp.report(Kind::IllegalInstruction, inst,
                static_cast<unsigned>(std::countr_zero(warp.mask)), 0, text);
    return Step::Next;
  };
  uint32_t start = registersAtStart(warp.launch);
  if (!start)
    return complain("it is ignored: the entry has neither .maxnreg nor bounds "
                    "of its threads with .minnctapersm");
  if (wanted < 24 || wanted > 256 || wanted % 8)
    return complain(format("%u registers; it must be 24 to 256 by 8", wanted));
  uint32_t &each = warp.part<WarpRegisters>().each;
  uint32_t &free = warp.block.part<RegisterPool>().free;
  if (!each)
    each = start;
  bool increase = inst.aux;
  if (increase ? wanted < each : wanted > each)
    return complain(format("%s to %u registers from %u",
                           increase ? "an increase" : "a decrease", wanted,
                           each));
  uint32_t change = (increase ? wanted - each : each - wanted) * kLanes;
  if (increase && change > free)
    return warp.wait(describeRegisters);
  free = increase ? free - change : free + change;
  each = wanted;
  warp.block.cluster.notify();
  return Step::Next;
}

const Registration kForms({
    {"setmaxnreg<.inc|.dec>.sync.aligned.u32", "b32", Class::Other,
     [](const Match &match, Inst &inst) -> Handler {
       inst.aux = match.has("inc");
       return setRegisters;
     }},
});

} // namespace
