// Lanes that see each other: shuffles, votes, matches, reductions.
#include "runtime/emulator/isa/Pick.h"

#include <algorithm>

using namespace tw::emu;

/// Waits for the members of a mask operand; their lanes are then in w.mask.
static bool gatherMembers(Warp &w, const Inst &inst, const Operand &mask) {
  w.demand(inst, mask, "the member mask in");
  return w.gather(inst, uint32_t(w.row(mask)[std::countr_zero(w.mask)]));
}

// Shuffles. -------------------------------------------------------------------

namespace {
enum ShuffleMode : uint64_t { Up, Down, Butterfly, Index };
}

/// Lane whose value lane `l` gets, and whether that lane is in range.
static std::pair<int, bool> shuffleSource(uint64_t mode, unsigned l, uint32_t b,
                                          uint32_t c) {
  int clamp = int(c & 31), segment = int(c >> 8 & 31), by = int(b & 31);
  int lowest = int(l) & segment, highest = lowest | (clamp & ~segment);
  int from = int(l);
  bool inRange = false;
  switch (mode) {
  case Up:
    from = int(l) - by;
    inRange = from >= highest;
    break;
  case Down:
    from = int(l) + by;
    inRange = from <= highest;
    break;
  case Butterfly:
    from = int(l) ^ by;
    inRange = from <= highest;
    break;
  default:
    from = lowest | (by & ~segment);
    inRange = from <= highest;
  }
  return {inRange ? from : int(l), inRange};
}

/// shfl.sync d|p, a, b, c, members. Values of lanes that do not take part are
/// undefined.
static Step shuffle(Warp &w, const Inst &inst) {
  if (!gatherMembers(w, inst, inst.op(5)))
    return Step::Wait;
  const uint64_t *a = w.row(inst.op(2)), *b = w.row(inst.op(3)),
                 *c = w.row(inst.op(4));
  uint32_t undef = w.undefOf(inst.op(2));
  uint32_t control = w.undefOf(inst.op(3)) | w.undefOf(inst.op(4));
  uint64_t out[kLanes] = {};
  uint32_t ranges = 0, bad = control;
  forLanes(w.mask, [&](unsigned l) {
    auto [from, inRange] =
        shuffleSource(inst.aux, l, uint32_t(b[l]), uint32_t(c[l]));
    out[l] = a[from];
    ranges |= uint32_t(inRange) << l;
    bool there = w.mask >> from & 1;
    bad |= uint32_t(!there || (undef >> from & 1)) << l;
  });
  w.put(inst.op(0), out);
  w.define(inst, inst.op(0), bad);
  w.putPred(inst.op(1), ranges);
  w.definePred(inst.op(1), control);
  return Step::Next;
}

static Handler selectShuffle(const Match &match, Inst &inst) {
  inst.aux = uint64_t(match.which({"up", "down", "bfly", "idx"}));
  return shuffle;
}

// Votes. ----------------------------------------------------------------------

namespace {
enum Vote : uint64_t { All, Any, Uni, Ballot };
}

static Step vote(Warp &w, const Inst &inst) {
  const Operand &pred = inst.op(1);
  if (!gatherMembers(w, inst, inst.op(2)))
    return Step::Wait;
  w.demand(inst, pred, "the predicate");
  uint32_t holds = w.holds(pred) & w.mask;
  if (inst.aux == Ballot) {
    uint64_t out[kLanes];
    fill(out, holds);
    w.put(inst.op(0), out);
    w.define(inst, inst.op(0), 0);
    return Step::Next;
  }
  bool answer = inst.aux == All   ? holds == w.mask
                : inst.aux == Any ? holds != 0
                                  : holds == w.mask || !holds;
  w.putPred(inst.op(0), answer ? kAllLanes : 0);
  w.definePred(inst.op(0), 0);
  return Step::Next;
}

static Handler selectVote(const Match &match, Inst &inst) {
  inst.aux = uint64_t(match.which({"all", "any", "uni", "ballot"}));
  return vote;
}

/// Lanes of the mask that hold the same value, for each lane.
static void sameValue(const Warp &w, const uint64_t *a, uint64_t *out) {
  forLanes(w.mask, [&](unsigned l) {
    uint32_t same = 0;
    forLanes(w.mask, [&](unsigned k) { same |= uint32_t(a[k] == a[l]) << k; });
    out[l] = same;
  });
}

static Step matchAny(Warp &w, const Inst &inst) {
  if (!gatherMembers(w, inst, inst.op(2)))
    return Step::Wait;
  w.demand(inst, inst.op(1), "the value");
  uint64_t out[kLanes] = {};
  sameValue(w, w.row(inst.op(1)), out);
  w.put(inst.op(0), out);
  w.define(inst, inst.op(0), 0);
  return Step::Next;
}

static Step matchAll(Warp &w, const Inst &inst) {
  if (!gatherMembers(w, inst, inst.op(3)))
    return Step::Wait;
  w.demand(inst, inst.op(2), "the value");
  uint64_t same[kLanes] = {};
  sameValue(w, w.row(inst.op(2)), same);
  bool all = same[std::countr_zero(w.mask)] == w.mask;
  uint64_t out[kLanes];
  fill(out, all ? w.mask : 0);
  w.put(inst.op(0), out);
  w.define(inst, inst.op(0), 0);
  w.putPred(inst.op(1), all ? kAllLanes : 0);
  w.definePred(inst.op(1), 0);
  return Step::Next;
}

static Step activeMask(Warp &w, const Inst &inst) {
  uint64_t out[kLanes];
  fill(out, w.mask);
  w.put(inst.op(0), out);
  w.define(inst, inst.op(0), 0);
  return Step::Next;
}

/// elect.sync d|p, members: one of the members leads.
static Step elect(Warp &w, const Inst &inst) {
  if (!gatherMembers(w, inst, inst.op(2)))
    return Step::Wait;
  unsigned leader = unsigned(std::countr_zero(w.mask));
  uint64_t out[kLanes];
  fill(out, leader);
  w.put(inst.op(0), out);
  w.define(inst, inst.op(0), 0);
  w.putPred(inst.op(1), 1u << leader);
  w.definePred(inst.op(1), 0);
  return Step::Next;
}

// Reductions. -----------------------------------------------------------------

template <class T>
static T reduceTwo(uint64_t op, T a, T b) {
  switch (op) {
  case 0:
    return wrapAdd(a, b);
  case 1:
    return std::min(a, b);
  case 2:
    return std::max(a, b);
  case 3:
    return a & b;
  case 4:
    return a | b;
  default:
    return a ^ b;
  }
}

template <class T>
static Step redux(Warp &w, const Inst &inst) {
  if (!gatherMembers(w, inst, inst.op(2)))
    return Step::Wait;
  const uint64_t *a = w.row(inst.op(1));
  uint32_t bad = w.undefOf(inst.op(1)) & w.mask;
  unsigned first = unsigned(std::countr_zero(w.mask));
  T sum = T(a[first]);
  forLanes(w.mask & (w.mask - 1),
           [&](unsigned l) { sum = reduceTwo(inst.aux, sum, T(a[l])); });
  uint64_t out[kLanes];
  fill(out, toRow(sum));
  w.put(inst.op(0), out);
  w.define(inst, inst.op(0), bad ? kAllLanes : 0);
  return Step::Next;
}

static Handler selectRedux(const Match &match, Inst &inst) {
  inst.aux = uint64_t(match.which({"add", "min", "max", "and", "or", "xor"}));
  return match.type() == Type::S32 ? redux<int32_t> : redux<uint32_t>;
}

static const Registration kForms({
    {"shfl.sync<.up|.down|.bfly|.idx>.b32", "=t|p,t,b32,b32,b32", Class::Warp,
     selectShuffle},
    {"vote.sync<.all|.any|.uni>.pred", "=p,p,b32", Class::Warp, selectVote},
    {"vote.sync.ballot.b32", "=b32,p,b32", Class::Warp, selectVote},
    {"match.any.sync<.b32|.b64>", "=b32,t,b32", Class::Warp, always<matchAny>},
    {"match.all.sync<.b32|.b64>", "=b32|p,t,b32", Class::Warp,
     always<matchAll>},
    {"activemask.b32", "=b32", Class::Warp, always<activeMask>},
    {"elect.sync", "=b32|p,b32", Class::Warp, always<elect>},
    {"redux.sync<.add|.min|.max><.u32|.s32>", "=t,t,b32", Class::Warp,
     selectRedux},
    {"redux.sync<.and|.or|.xor>.b32", "=t,t,b32", Class::Warp, selectRedux},
});
