// Barriers of a block and of a warp, fences, and what only takes time.
#include "runtime/emulator/isa/Access.h"
#include "runtime/emulator/isa/Pick.h"

using namespace tw::emu;

namespace {
/// inst.aux of the barrier instructions.
constexpr uint64_t kAligned = 1, kArrive = 2, kReduce = 4, kAnd = 8, kOr = 16,
                   kPopc = 32, kNoCount = 64;

/// Operand numbers, which differ between the forms.
struct BarrierOperands {
  const Operand *number, *count, *pred;
};
} // namespace

static BarrierOperands operandsOf(const Inst &inst) {
  unsigned first = inst.aux & kReduce ? 1 : 0;
  if (inst.aux & kNoCount)
    return {&inst.op(first), nullptr, &inst.op(first + 1)};
  const Operand *count = first + 1 < inst.count ? &inst.op(first + 1) : nullptr;
  return {&inst.op(first), count,
          inst.aux & kReduce ? &inst.op(first + 2) : nullptr};
}

static uint32_t numberOf(Warp &w, const Inst &inst) {
  return uint32_t(w.row(*operandsOf(inst).number)[std::countr_zero(w.mask)]);
}

static std::string describeBarrier(Warp &w, const Inst &inst) {
  w.mask = w.split().mask;
  uint32_t number = numberOf(w, inst);
  const NamedBarrier &barrier = w.block.barriers[number];
  uint32_t expected =
      barrier.expected ? barrier.expected : w.block.liveThreads();
  return format("barrier %u has %u of %u threads", number, barrier.arrived,
                expected);
}

/// All have arrived: those who wait go on.
static void completeIfFull(Warp &w, NamedBarrier &barrier) {
  uint32_t expected =
      barrier.expected ? barrier.expected : w.block.liveThreads();
  if (barrier.arrived < expected)
    return;
  barrier.released = barrier.gathering;
  barrier.gathering.clear();
  barrier.lastCount = barrier.reduceCount;
  barrier.lastAnd = barrier.reduceAnd;
  barrier.lastOr = barrier.reduceOr;
  barrier.reduceCount = 0;
  barrier.reduceAnd = true;
  barrier.reduceOr = false;
  barrier.arrived = barrier.expected = 0;
  ++barrier.phase;
  w.block.cluster.notify();
}

/// The count of an instruction: 0 if it has none.
static bool countOf(Warp &w, const Inst &inst, uint32_t &count) {
  const Operand *o = operandsOf(inst).count;
  count = 0;
  if (!o || o->kind == Operand::None)
    return true;
  unsigned lane = std::countr_zero(w.mask);
  count = uint32_t(w.row(*o)[lane]);
  if (count && count % kLanes == 0)
    return true;
  w.report(Kind::DivergentBarrier, inst, lane, 0,
           format("the thread count %u is no positive multiple of 32", count));
  return false;
}

static void reduceInto(Warp &w, const Inst &inst, NamedBarrier &barrier) {
  const Operand &pred = *operandsOf(inst).pred;
  uint32_t holds = w.holds(pred) & w.mask;
  w.demand(inst, pred, "the predicate");
  barrier.reduceCount += unsigned(std::popcount(holds));
  barrier.reduceAnd &= holds == w.mask;
  barrier.reduceOr |= holds != 0;
}

static void arrive(Warp &w, const Inst &inst, NamedBarrier &barrier,
                   uint32_t count) {
  unsigned lane = std::countr_zero(w.mask);
  bool began = barrier.arrived;
  if (began && barrier.expected != count)
    w.report(Kind::DivergentBarrier, inst, lane, 0,
             format("barrier %u: this thread expects %u threads, others "
                    "expect %u (0: all of the block)",
                    numberOf(w, inst), count, barrier.expected));
  barrier.expected = count;
  // Aligned barriers count whole warps, lanes that do not exist included.
  barrier.arrived += inst.aux & kAligned || w.mask == w.live
                         ? kLanes
                         : unsigned(std::popcount(w.mask));
  if (inst.aux & kReduce)
    reduceInto(w, inst, barrier);
  barrier.gathering.join(w.release(w.mask));
  ++w.launch.counters.barriers;
}

static void giveReduced(Warp &w, const Inst &inst, NamedBarrier &barrier) {
  const Operand &to = inst.op(0);
  if (inst.aux & kPopc) {
    uint64_t out[kLanes];
    fill(out, barrier.lastCount);
    w.put(to, out);
    w.define(inst, to, 0);
    return;
  }
  bool holds = inst.aux & kAnd ? barrier.lastAnd : barrier.lastOr;
  w.putPred(to, holds ? kAllLanes : 0);
  w.definePred(to, 0);
}

static Step barrier(Warp &w, const Inst &inst) {
  uint32_t number = numberOf(w, inst);
  if (number >= std::size(w.block.barriers)) {
    w.launch.stop(Kind::IllegalInstruction,
                  w.origin(inst, std::countr_zero(w.mask)), 0,
                  format("there is no barrier %u", number));
    return Step::Next;
  }
  NamedBarrier &barrier = w.block.barriers[number];
  Split &split = w.split();
  if (!split.stage) {
    uint32_t count;
    if (inst.aux & kAligned)
      w.converged(inst, Kind::DivergentBarrier);
    if (!countOf(w, inst, count))
      return Step::Next;
    split.ticket = barrier.phase;
    arrive(w, inst, barrier, count);
  }
  // Here and not only on arrival: threads that exit are waited for no longer.
  if (barrier.phase == split.ticket)
    completeIfFull(w, barrier);
  if (inst.aux & kArrive)
    return Step::Next;
  if (barrier.phase == split.ticket)
    return w.wait(describeBarrier);
  w.acquire(w.mask, barrier.released);
  if (inst.aux & kReduce)
    giveReduced(w, inst, barrier);
  return Step::Next;
}

static Handler selectBarrier(const Match &match, Inst &inst) {
  bool isBar = inst.opcode.starts_with("bar.");
  inst.aux = (isBar || match.has("aligned") ? kAligned : 0) |
             (match.has("arrive") ? kArrive : 0) |
             (match.has("red") ? kReduce : 0) | (match.has("and") ? kAnd : 0) |
             (match.has("or") ? kOr : 0) | (match.has("popc") ? kPopc : 0);
  return barrier;
}

/// The reductions' count of threads may be left out in the middle.
static Handler selectReduceAll(const Match &match, Inst &inst) {
  selectBarrier(match, inst);
  inst.aux |= kNoCount;
  return barrier;
}

// Warps. ----------------------------------------------------------------------

static Step warpSync(Warp &w, const Inst &inst) {
  uint32_t members = uint32_t(w.row(inst.op(0))[std::countr_zero(w.mask)]);
  w.demand(inst, inst.op(0), "the member mask in");
  if (!w.gather(inst, members))
    return Step::Wait;
  w.synchronise(w.mask);
  return Step::Next;
}

// Fences. ---------------------------------------------------------------------

static Step orderingFence(Warp &w, const Inst &inst) {
  fence(w, w.mask);
  return Step::Next;
}

// Time. -----------------------------------------------------------------------

static Step nothing(Warp &, const Inst &) { return Step::Next; }

/// Lets others run first.
static Step nanosleep(Warp &w, const Inst &inst) {
  Split &split = w.split();
  if (split.stage)
    return Step::Next;
  w.demand(inst, inst.op(0), "the time");
  w.wait(nullptr, true);
  // Others' events need not end the wait: it ends by itself.
  split.since = 0;
  return Step::Wait;
}

#define LEVEL "<.cta|.cluster|.gpu|.sys>"

static const Registration kForms({
    {"bar{.cta}.sync", "u32,u32?", Class::Barrier, selectBarrier},
    {"bar{.cta}.arrive", "u32,u32", Class::Barrier, selectBarrier},
    {"barrier{.cta}.sync{.aligned}", "u32,u32?", Class::Barrier, selectBarrier},
    {"barrier{.cta}.arrive{.aligned}", "u32,u32", Class::Barrier,
     selectBarrier},
    {"bar{.cta}.red.popc.u32", "=u32,u32,u32,p", Class::Barrier, selectBarrier},
    {"bar{.cta}.red<.and|.or>.pred", "=p,u32,u32,p", Class::Barrier,
     selectBarrier},
    {"barrier{.cta}.red.popc{.aligned}.u32", "=u32,u32,u32,p", Class::Barrier,
     selectBarrier},
    {"barrier{.cta}.red<.and|.or>{.aligned}.pred", "=p,u32,u32,p",
     Class::Barrier, selectBarrier},
    {"bar{.cta}.red.popc.u32", "=u32,u32,p", Class::Barrier, selectReduceAll},
    {"bar{.cta}.red<.and|.or>.pred", "=p,u32,p", Class::Barrier,
     selectReduceAll},
    {"barrier{.cta}.red.popc{.aligned}.u32", "=u32,u32,p", Class::Barrier,
     selectReduceAll},
    {"barrier{.cta}.red<.and|.or>{.aligned}.pred", "=p,u32,p", Class::Barrier,
     selectReduceAll},
    {"bar.warp.sync", "u32", Class::Warp, always<warpSync>},
    {"membar<.cta|.gl|.sys>", "", Class::Barrier, always<orderingFence>},
    {"fence{.sc|.acq_rel|.acquire|.release}" LEVEL, "", Class::Barrier,
     always<orderingFence>},
    {"nanosleep.u32", "u32", Class::Other, always<nanosleep>},
    {"pmevent", "u32", Class::Other, always<nothing>},
    {"pmevent.mask", "u32", Class::Other, always<nothing>},
    {"griddepcontrol<.launch_dependents|.wait>", "", Class::Other,
     always<nothing>},
});
