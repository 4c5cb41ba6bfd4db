#include "runtime/emulator/Warp.h"

#include "runtime/emulator/Launch.h"

#include <algorithm>
#include <cstring>

using namespace tw::emu;

/// Local address 0 is no variable's.
constexpr uint64_t kLocalBase = 256;

Warp::Warp(Block &block, uint32_t index, uint32_t lanes)
    : block(block), launch(block.launch), index(index),
      exist(lanes >= kLanes ? kAllLanes : (1u << lanes) - 1), live(exist) {
  self = block.cluster.base() + block.rank * launch.warpsPerBlock + index;
  seen = Clock(block.cluster.base(), kActorsPerCluster);
}

void Warp::start(const Function &entry) {
  Split split;
  split.mask = exist;
  split.frame = open(entry, nullptr, nullptr);
  splits.push_back(split);
}

// Frames. ---------------------------------------------------------------------

/// A frame's rows as they are before the first instruction.
static void fillFrame(Frame &frame, const Function &function) {
  frame.rows.assign(size_t(function.rows) * kLanes, 0);
  frame.undef.assign(function.rows, kAllLanes);
  frame.pending.assign(function.rows, 0);
  frame.undefLine.assign(function.rows, 0);
  frame.stamps.assign(function.rows, 0);
  frame.preds.assign(function.preds, 0);
  frame.predUndef.assign(function.preds, kAllLanes);
  for (const ConstantRow &constant : function.constants) {
    std::fill_n(&frame.rows[constant.row * kLanes], kLanes, constant.value);
    frame.undef[constant.row] = 0;
  }
  for (uint32_t pred : function.truePreds) {
    frame.preds[pred] = kAllLanes;
    frame.predUndef[pred] = 0;
  }
  frame.params.assign(function.paramBytes * kLanes, 0);
  frame.paramState.assign(frame.params.size(), 0);
}

void Warp::growLocal(uint64_t bytes) {
  if (bytes <= localCapacity)
    return;
  uint64_t capacity = std::max(bytes, localCapacity * 2);
  std::vector<uint8_t> data(capacity * kLanes), state(capacity * kLanes);
  for (unsigned lane = 0; lane < kLanes && localCapacity; ++lane) {
    std::memcpy(&data[lane * capacity], &local[lane * localCapacity],
                localCapacity);
    std::memcpy(&state[lane * capacity], &localState[lane * localCapacity],
                localCapacity);
  }
  local = std::move(data);
  localState = std::move(state);
  localCapacity = capacity;
}

Frame *Warp::open(const Function &function, Frame *caller, const Inst *call) {
  if (spare.empty())
    spare.push_back(std::make_unique<Frame>());
  frames.push_back(std::move(spare.back()));
  spare.pop_back();
  Frame &opened = *frames.back();
  fillFrame(opened, function);
  opened.function = &function;
  opened.caller = caller;
  opened.call = call;
  opened.localBase = caller ? caller->localEnd : kLocalBase;
  opened.localBase = (opened.localBase + 127) / 128 * 128;
  opened.localEnd = opened.localBase + function.localBytes;
  growLocal(opened.localEnd);
  for (const SpecialRow &special : function.specials) {
    fillSpecial(Special(special.special), &opened.rows[special.row * kLanes]);
    opened.undef[special.row] = 0;
  }
  for (const auto &[row, offset] : function.localAddresses) {
    std::fill_n(&opened.rows[row * kLanes], kLanes, opened.localBase + offset);
    opened.undef[row] = 0;
  }
  return &opened;
}

void Warp::close(Frame *closed) {
  auto found =
      std::find_if(frames.begin(), frames.end(),
                   [&](const auto &owned) { return owned.get() == closed; });
  for (unsigned lane = 0; lane < kLanes; ++lane)
    std::fill_n(localState.begin() + lane * localCapacity + closed->localBase,
                closed->localEnd - closed->localBase, 0);
  spare.push_back(std::move(*found));
  frames.erase(found);
}

void Warp::fillSpecial(Special special, uint64_t *out) const {
  const auto &grid = launch.grid, &dim = launch.blockDim;
  const uint32_t *cluster = launch.clusterDim;
  for (unsigned lane = 0; lane < kLanes; ++lane) {
    uint32_t thread = index * kLanes + lane;
    uint32_t tid[3] = {thread % dim[0], thread / dim[0] % dim[1],
                       thread / dim[0] / dim[1]};
    uint32_t axis = uint32_t(special) % 4;
    switch (special) {
    case Special::Tid... Special::TidZ:
      out[lane] = tid[axis];
      break;
    case Special::Ntid... Special::NtidZ:
      out[lane] = dim[axis];
      break;
    case Special::Ctaid... Special::CtaidZ:
      out[lane] = block.id[axis];
      break;
    case Special::Nctaid... Special::NctaidZ:
      out[lane] = grid[axis];
      break;
    case Special::ClusterId... Special::ClusterIdZ:
      out[lane] = block.id[axis] / cluster[axis];
      break;
    case Special::NclusterId... Special::NclusterIdZ:
      out[lane] = grid[axis] / cluster[axis];
      break;
    case Special::ClusterCtaid... Special::ClusterCtaidZ:
      out[lane] = block.id[axis] % cluster[axis];
      break;
    case Special::ClusterNctaid... Special::ClusterNctaidZ:
      out[lane] = cluster[axis];
      break;
    default:
      out[lane] = scalarSpecial(special, lane);
    }
  }
}

uint64_t Warp::scalarSpecial(Special special, unsigned lane) const {
  uint32_t bit = 1u << lane;
  switch (special) {
  case Special::LaneId:
    return lane;
  case Special::WarpId:
    return index;
  case Special::NwarpId:
    return launch.warpsPerBlock;
  case Special::SmId:
    return block.linear % launch.kProcessors;
  case Special::NsmId:
    return launch.kProcessors;
  case Special::GridId:
    return launch.number;
  case Special::ClusterCtaRank:
    return block.rank;
  case Special::ClusterNctaRank:
    return launch.blocksPerCluster;
  case Special::IsExplicitCluster:
    return launch.explicitCluster;
  case Special::LaneMaskEq:
    return bit;
  case Special::LaneMaskLt:
    return bit - 1;
  case Special::LaneMaskLe:
    return bit | (bit - 1);
  case Special::LaneMaskGt:
    return ~(bit | (bit - 1));
  case Special::LaneMaskGe:
    return ~(bit - 1);
  case Special::DynamicSharedSize:
    return launch.dynamicShared;
  case Special::TotalSharedSize:
    return launch.sharedBytes;
  case Special::Clock:
    return block.cluster.executed & 0xffffffff;
  case Special::ClockHi:
    return block.cluster.executed >> 32;
  case Special::Clock64:
  case Special::GlobalTimer:
    return block.cluster.executed;
  default:
    return 0;
  }
}

void Warp::refresh(const Operand &o, Special special) {
  fillSpecial(special, row(o));
}

// Values. ---------------------------------------------------------------------

void Warp::put(const Operand &o, const uint64_t *value) {
  uint64_t *out = row(o);
  if (mask == kAllLanes) {
    std::memcpy(out, value, kLanes * sizeof *value);
    return;
  }
  for (unsigned lane = 0; lane < kLanes; ++lane)
    out[lane] = mask >> lane & 1 ? value[lane] : out[lane];
}

void Warp::tell(const Inst &inst, const Operand &o, uint32_t bad) {
  // Where the value came from: the first undefined source's line, or this
  // instruction's own if it has read memory.
  uint32_t line = inst.line;
  for (unsigned n = 1; n < inst.count; ++n) {
    const Operand &source = inst.op(n);
    if (source.kind == Operand::Reg && undef[source.row] & bad)
      line = frame->undefLine[source.row];
  }
  frame->undefLine[o.row] = line;
}

bool Warp::demand(const Inst &inst, const Operand &o, const char *what) {
  uint32_t bad = undefOf(o) & mask;
  if (!bad || !launch.checkUndef || o.constant)
    return true;
  unsigned lane = std::countr_zero(bad);
  std::string from = ": no instruction has written it";
  if (o.kind != Operand::Pred && frame->undefLine[o.row])
    from = format(": line %u brings it from memory that nobody has written",
                  frame->undefLine[o.row]);
  const std::string &name = o.kind == Operand::Pred
                                ? frame->function->predNames[o.row]
                                : frame->function->rowNames[o.row];
  report(Kind::Uninitialised, inst, lane, 0,
         format("%s %s is undefined", what, name.c_str()) + from);
  return false;
}

void Warp::pend(const Operand &o) {
  pendingRows += std::popcount(mask & ~frame->pending[o.row]);
  frame->pending[o.row] |= mask;
}

void Warp::settle(const Operand &o) {
  pendingRows -= std::popcount(frame->pending[o.row]);
  frame->pending[o.row] = 0;
}

void Warp::checkPending(const Inst &inst) {
  if (pendingTouched)
    return pendingTouched(*this, inst);
  auto look = [&](const Operand &o) {
    if (o.kind != Operand::Reg && o.kind != Operand::Address)
      return;
    if (uint32_t bad = frame->pending[o.row] & mask)
      report(Kind::AsyncNotWaited, inst, std::countr_zero(bad), 0,
             format("register %s belongs to an asynchronous instruction that "
                    "has not been waited for",
                    frame->function->rowNames[o.row].c_str()));
  };
  for (unsigned n = 0; n < inst.count; ++n) {
    look(inst.op(n));
    for (unsigned i = 0;
         inst.op(n).kind == Operand::Vector && i < inst.op(n).count; ++i)
      look(inst.op(n).elements[i]);
  }
}

// Reports. --------------------------------------------------------------------

Origin Warp::origin(const Inst &inst, unsigned lane) const {
  Origin origin;
  origin.line = inst.line;
  const auto &dim = launch.blockDim;
  uint32_t thread = index * kLanes + lane;
  std::copy_n(block.id, 3, origin.block);
  origin.thread[0] = thread % dim[0];
  origin.thread[1] = thread / dim[0] % dim[1];
  origin.thread[2] = thread / dim[0] / dim[1];
  return origin;
}

void Warp::report(Kind kind, const Inst &inst, unsigned lane, uint64_t address,
                  const std::string &text) {
  launch.report(kind, origin(inst, lane), address,
                std::string(inst.opcode) + ": " + text);
}

// Memory. ---------------------------------------------------------------------

void Warp::addresses(const Inst &inst, const Operand &o, uint64_t *out) {
  const uint64_t *base = row(o);
  bool narrow = o.bits == 32;
  for (unsigned lane = 0; lane < kLanes; ++lane)
    out[lane] = narrow ? uint32_t(base[lane] + o.offset)
                       : base[lane] + uint64_t(o.offset);
  if (undef[o.row] & mask)
    demand(inst, o, "the address in");
}

Reached Warp::reachLocal(const Inst &inst, unsigned lane, uint64_t address,
                         unsigned bytes) {
  if (address < kLocalBase || address + bytes > frame->localEnd ||
      address + bytes < address) {
    report(Kind::OutOfBounds, inst, lane, address,
           format("%u bytes at local address 0x%llx; the thread's local memory "
                  "is 0x%llx to 0x%llx",
                  bytes, (unsigned long long)address,
                  (unsigned long long)kLocalBase,
                  (unsigned long long)frame->localEnd));
    return {};
  }
  uint64_t at = lane * localCapacity + address;
  return {&local[at], &localState[at]};
}

Reached Warp::reach(const Inst &inst, unsigned lane, Space space,
                    uint64_t address, unsigned bytes, Access access,
                    bool strong, const void *written) {
  if (space == Space::Generic)
    space = spaceOf(address, address);
  if (address & (bytes - 1)) {
    report(Kind::Misaligned, inst, lane, address,
           format("address 0x%llx is not a multiple of %u",
                  (unsigned long long)address, bytes));
    return {};
  }
  if (space == Space::Local)
    return reachLocal(inst, lane, address, bytes);
  Caller by{this, &inst, lane, &block, accessor(inst, lane, strong), {}};
  return launch.reach(by, space, address, bytes, access, written);
}

void Warp::reachAll(const Inst &inst, Space space, const uint64_t *address,
                    unsigned bytes, Access access, bool strong,
                    const uint8_t (*written)[32], Reached *out) {
  bool plain =
      space == Space::Global || space == Space::Shared || space == Space::Const;
  if (plain && !lanesDiffer &&
      launch.reachLanes(*this, inst, space, address, bytes, access,
                        accessor(inst, 0, strong), written, out))
    return;
  forLanes(mask, [&](unsigned lane) {
    out[lane] = reach(inst, lane, space, address[lane], bytes, access, strong,
                      written ? written[lane] : nullptr);
    if (written && out[lane])
      std::memcpy(out[lane].data, written[lane], bytes);
  });
}

// Happens-before. -------------------------------------------------------------

Accessor Warp::accessor(const Inst &inst, unsigned lane, bool strong) const {
  return {Epoch(self, lane, now, strong), &seenBy(lane), inst.line};
}

Clock Warp::release(uint32_t lanes) {
  Clock out = seen;
  bool all = (lanes & live) == live;
  forLanes(lanes, [&](unsigned lane) {
    if (laneSeen[lane])
      out.join(*laneSeen[lane]);
    if (!all)
      out.raiseLane(self, lane, now);
  });
  if (all)
    out.raise(self, now);
  ++now;
  return out;
}

void Warp::acquire(uint32_t lanes, const Clock &clock) {
  if (clock.empty())
    return;
  bool all = (lanes & live) == live;
  if (all)
    seen.join(clock);
  forLanes(all ? kAllLanes : lanes, [&](unsigned lane) {
    if (!laneSeen[lane] && !all) {
      laneSeen[lane] = std::make_unique<Clock>(seen);
      lanesDiffer = true;
    }
    if (laneSeen[lane])
      laneSeen[lane]->join(clock);
  });
}

void Warp::synchronise(uint32_t lanes) {
  lanes &= live;
  Clock together = release(lanes);
  if (lanes != live) {
    acquire(lanes, together);
    return;
  }
  seen = std::move(together);
  lanesDiffer = false;
  for (std::unique_ptr<Clock> &lane : laneSeen)
    lane.reset();
}
