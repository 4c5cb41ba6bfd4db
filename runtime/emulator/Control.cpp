// How a warp moves: splits, joins, calls and exits.
#include "runtime/emulator/Launch.h"

#include <algorithm>

using namespace tw::emu;

void Warp::enter(Frame *entered) {
  frame = entered;
  rows = frame->rows.data();
  preds = frame->preds.data();
  undef = frame->undef.data();
  stamps = frame->stamps.data();
  predUndef = frame->predUndef.data();
}

/// The lanes for which the instruction's guard holds.
uint32_t Warp::guarded(const Inst &inst, uint32_t lanes) {
  uint32_t holds = inst.guardNot ? ~preds[inst.guard] : preds[inst.guard];
  if (predUndef[inst.guard] & lanes) {
    Operand guard;
    guard.kind = Operand::Pred;
    guard.row = uint32_t(inst.guard);
    mask = lanes;
    demand(inst, guard, "the guard");
  }
  return lanes & holds;
}

void Warp::run(size_t which, unsigned budget) {
  current = which;
  splits[which].blocked = false;
  enter(splits[which].frame);
  while (budget-- && !launch.stopped)
    if (!runOne())
      return;
}

/// One instruction of the current split. False when the scheduler must choose
/// again.
bool Warp::runOne() {
  Split &split = splits[current];
  if (split.pc == split.joinPc)
    return arrive(current);
  const Inst &inst = split.frame->function->code[split.pc];
  mask = split.mask;
  if (inst.guard >= 0)
    mask = guarded(inst, split.mask);
  if (!mask) {
    ++split.pc;
    return true;
  }
  if (pendingRows)
    checkPending(inst);
  Counters &counters = launch.counters;
  if (!split.stage) {
    ++counters.instructions;
    ++counters.byClass[unsigned(inst.cls)];
    counters.laneInstructions += std::popcount(mask);
    counters.floatOps += inst.floatOps * std::popcount(mask);
  }
  ++block.cluster.executed;
  switch (inst.run(*this, inst)) {
  case Step::Next:
    finish(splits[current]);
    return true;
  case Step::Jump:
    if (current >= splits.size() || splits[current].blocked)
      return false;
    enter(splits[current].frame);
    return true;
  case Step::Wait:
    return false;
  }
  return false;
}

/// The instruction is done for the split and for those gathered with it.
void Warp::finish(Split &split) {
  ++split.pc;
  split.stage = 0;
  split.ticket = 0;
  split.expired = split.timed = false;
  for (size_t other : gathered) {
    ++splits[other].pc;
    splits[other].blocked = false;
    splits[other].waiting = 0;
    splits[other].stage = 0;
  }
  gathered.clear();
}

Step Warp::wait(Describe why, bool timed) {
  Split &split = splits[current];
  split.blocked = true;
  split.timed = timed;
  split.since = block.cluster.events;
  split.why = why;
  if (!split.stage)
    split.stage = 1;
  return Step::Wait;
}

void Warp::remove(size_t which) {
  splits[which] = splits.back();
  splits.pop_back();
}

int32_t Warp::newJoin(uint32_t pc, uint32_t lanes, int32_t parent) {
  size_t at = 0;
  while (at < joins.size() && joins[at].used)
    ++at;
  if (at == joins.size())
    joins.emplace_back();
  joins[at] = {};
  joins[at].pc = pc;
  joins[at].frame = frame;
  joins[at].expected = lanes;
  joins[at].parent = parent;
  joins[at].used = true;
  return int32_t(at);
}

/// The lanes of a complete join, where they go on. Frees the join.
Split Warp::resumed(int32_t at) {
  Join &join = joins[at];
  Split split;
  split.pc = join.pc;
  split.mask = join.arrived;
  split.frame = join.frame;
  split.join = join.parent;
  if (join.parent >= 0 && !joins[join.parent].ends)
    split.joinPc = joins[join.parent].pc;
  if (join.ends)
    close(join.ends);
  join.used = false;
  return split;
}

/// The split has come to its join. True if it goes on, as all lanes are there.
bool Warp::arrive(size_t which) {
  int32_t at = splits[which].join;
  Join &join = joins[at];
  join.arrived |= splits[which].mask;
  if (join.arrived != join.expected) {
    remove(which);
    return false;
  }
  splits[which] = resumed(at);
  enter(splits[which].frame);
  return true;
}

/// Nobody waits for lanes that have exited.
void Warp::leave(uint32_t lanes) {
  for (size_t at = 0; at < joins.size(); ++at) {
    Join &join = joins[at];
    if (!join.used || !(join.expected & lanes))
      continue;
    join.expected &= ~lanes;
    join.arrived &= ~lanes;
    if (!join.expected) {
      if (join.ends)
        close(join.ends);
      join.used = false;
    } else if (join.arrived == join.expected) {
      splits.push_back(resumed(int32_t(at)));
    }
  }
}

Step Warp::branch(const Inst &inst, uint32_t target) {
  uint32_t targets[kLanes];
  std::fill_n(targets, kLanes, target);
  if (mask != splits[current].mask)
    return branch(inst, targets);
  ++launch.counters.branches;
  splits[current].pc = target;
  splits[current].stage = 0;
  return Step::Jump;
}

Step Warp::branch(const Inst &inst, const uint32_t *targets) {
  Counters &counters = launch.counters;
  ++counters.branches;
  Split whole = splits[current];
  uint32_t rest = whole.mask, next = whole.pc + 1;
  std::vector<Split> ways;
  while (rest) {
    unsigned first = std::countr_zero(rest);
    Split way = whole;
    way.pc = mask >> first & 1 ? targets[first] : next;
    way.mask = 0;
    forLanes(rest, [&](unsigned lane) {
      uint32_t to = mask >> lane & 1 ? targets[lane] : next;
      way.mask |= uint32_t(to == way.pc) << lane;
    });
    rest &= ~way.mask;
    ways.push_back(way);
  }
  if (ways.size() > 1) {
    ++counters.divergentBranches;
    bool inside = whole.join >= 0 && whole.joinPc == inst.reconverge;
    if (inst.reconverge != kNowhere && !inside)
      for (int32_t join = newJoin(inst.reconverge, whole.mask, whole.join);
           Split &way : ways) {
        way.join = join;
        way.joinPc = inst.reconverge;
      }
  }
  splits[current] = ways[0];
  splits.insert(splits.end(), ways.begin() + 1, ways.end());
  return Step::Jump;
}

/// The lanes of `mask` as a split that ends where the instruction does; the
/// others of the current split, if any, are already there.
Split Warp::partWay(const Inst &inst) {
  Split &split = splits[current];
  Split part = split;
  part.mask = mask;
  if (mask == split.mask) {
    remove(current);
    return part;
  }
  uint32_t next = split.pc + 1;
  part.join = newJoin(next, split.mask, split.join);
  part.joinPc = next;
  split.mask &= ~mask;
  split.join = part.join;
  split.joinPc = split.pc = next;
  return part;
}

Step Warp::call(const Inst &inst, const Function &callee) {
  constexpr size_t kDeepest = 1000;
  if (frames.size() > kDeepest) {
    launch.stop(Kind::Limit, origin(inst, std::countr_zero(mask)), 0,
                "calls are nested too deep: the stack of a thread would be "
                "exhausted");
    return Step::Jump;
  }
  Split part = partWay(inst);
  int32_t join = newJoin(part.pc + 1, mask, part.join);
  Frame *opened = open(callee, part.frame, &inst);
  joins[join].ends = opened;
  part.frame = opened;
  part.join = join;
  part.joinPc = kNowhere;
  part.pc = 0;
  splits.push_back(part);
  return Step::Jump;
}

Step Warp::ret(const Inst &inst) {
  if (!frame->caller)
    return exit(inst);
  Split &split = splits[current];
  int32_t at = split.join;
  for (; at >= 0 && joins[at].ends != frame; at = joins[at].parent)
    joins[at].expected &= ~mask;
  joins[at].arrived |= mask;
  split.mask &= ~mask;
  ++split.pc;
  if (!split.mask)
    remove(current);
  if (joins[at].arrived == joins[at].expected)
    splits.push_back(resumed(at));
  return Step::Jump;
}

Step Warp::exit(const Inst &inst) {
  Split &split = splits[current];
  uint32_t lanes = mask;
  live &= ~lanes;
  split.mask &= ~lanes;
  ++split.pc;
  if (!split.mask)
    remove(current);
  leave(lanes);
  block.cluster.notify();
  return Step::Jump;
}

bool Warp::converged(const Inst &inst, Kind kind) {
  if (mask == live)
    return true;
  uint32_t missing = live & ~mask;
  report(kind, inst, std::countr_zero(mask), 0,
         format("all threads of the warp must execute it together; lanes "
                "0x%08x do, lanes 0x%08x are elsewhere",
                mask, missing));
  return false;
}

static std::string describeGather(Warp &warp, const Inst &inst) {
  return format("lanes 0x%08x wait for the other lanes of their member mask",
                warp.split().waiting);
}

bool Warp::gather(const Inst &inst, uint32_t members) {
  Split &split = splits[current];
  uint32_t all = mask, needed = members & live;
  if (uint32_t foreign = mask & ~members)
    report(Kind::DivergentSync, inst, std::countr_zero(foreign), 0,
           format("the thread is not in its own member mask 0x%08x", members));
  gathered.clear();
  for (size_t at = 0; at < splits.size() && (all & needed) != needed; ++at) {
    const Split &other = splits[at];
    if (at == current || !other.waiting || other.pc != split.pc ||
        other.frame != split.frame)
      continue;
    all |= other.waiting;
    gathered.push_back(at);
  }
  if ((all & needed) == needed) {
    mask = all;
    split.waiting = 0;
    return true;
  }
  gathered.clear();
  split.waiting = mask;
  wait(describeGather);
  return false;
}
