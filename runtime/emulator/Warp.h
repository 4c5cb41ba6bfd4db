// A warp: 32 lanes that run one function, perhaps in several splits (groups of
// lanes at different places). Handlers see the lanes of the split that runs.
#pragma once

#include "runtime/emulator/Findings.h"
#include "runtime/emulator/Memory.h"
#include "runtime/emulator/Parts.h"
#include "runtime/emulator/Program.h"

#include <bit>

namespace tw::emu {

class Block;
class Cluster;
class Launch;

/// Registers of one call. A row is 32 lanes of 64 bits; narrower values are
/// zero-extended. Lanes whose value nobody has written are marked.
struct Frame {
  const Function *function = nullptr;
  std::vector<uint64_t> rows;
  std::vector<uint32_t> undef;
  /// Lanes that an asynchronous instruction will write: any access is a
  /// finding until `Warp::settle`.
  std::vector<uint32_t> pending;
  /// Line of the instruction that brought an undefined value; 0 if the register
  /// was never written.
  std::vector<uint32_t> undefLine;
  /// The number of wgmma.fences before each row was last written.
  std::vector<uint32_t> stamps;
  std::vector<uint32_t> preds, predUndef;
  /// [lane][function->paramBytes], and the states of the bytes.
  std::vector<uint8_t> params, paramState;
  uint64_t localBase = 0, localEnd = 0;
  /// Where the caller goes on, and its frame.
  Frame *caller = nullptr;
  const Inst *call = nullptr;
};

/// Where lanes that parted meet again.
struct Join {
  uint32_t pc = kNowhere;
  Frame *frame = nullptr;
  uint32_t expected = 0, arrived = 0;
  int32_t parent = -1;
  bool used = false;
  /// The frame of the call that ends here, or null.
  Frame *ends = nullptr;
};

using Describe = std::string (*)(Warp &warp, const Inst &inst);

/// Lanes at one place.
struct Split {
  uint32_t pc = 0;
  uint32_t mask = 0;
  int32_t join = -1;
  uint32_t joinPc = kNowhere;
  Frame *frame = nullptr;
  /// How far an instruction that waits has come; 0 when it begins.
  uint32_t stage = 0;
  /// A number that the waiting instruction keeps.
  uint64_t ticket = 0;
  bool blocked = false;
  /// The wait ends by itself when nothing else can run.
  bool timed = false;
  /// Lanes that wait for others at an instruction with a member mask.
  uint32_t waiting = 0;
  /// Tells an instruction that waits with a time limit that nothing else can
  /// run: give up waiting.
  bool expired = false;
  /// The cluster's event count when it blocked.
  uint64_t since = 0;
  Describe why = nullptr;
};

enum class Access : uint8_t { Read, Write, Atomic };

/// Calls f(lane) for each lane of the mask.
template <class F>
inline void forLanes(uint32_t mask, F &&f) {
  for (; mask; mask &= mask - 1)
    f(unsigned(std::countr_zero(mask)));
}

/// Bytes that may be accessed: all checks are done.
struct Reached {
  uint8_t *data = nullptr, *state = nullptr;
  explicit operator bool() const { return data; }
  /// Whether somebody has written all of the bytes.
  bool written(unsigned bytes) const {
    uint8_t all = kWritten;
    for (unsigned i = 0; i < bytes; ++i)
      all &= state[i];
    return all & kWritten;
  }
};

class Warp : public Parts {
public:
  Warp(Block &block, uint32_t index, uint32_t lanes);
  Warp(const Warp &) = delete;

  Block &block;
  Launch &launch;
  const uint32_t index;
  /// Lanes that exist, and those that have not exited.
  uint32_t exist, live;

  // What handlers use. ------------------------------------------------------

  /// The lanes that execute the instruction.
  uint32_t mask = 0;
  /// The carry flags of add.cc and its like.
  uint32_t carry = 0;

  const uint64_t *row(const Operand &o) const { return rows + o.row * kLanes; }
  uint64_t *row(const Operand &o) { return rows + o.row * kLanes; }
  uint32_t &pred(const Operand &o) { return preds[o.row]; }
  /// Lanes where the predicate, negated if its operand is, holds.
  uint32_t holds(const Operand &o) const {
    return o.negate ? ~preds[o.row] : preds[o.row];
  }
  uint32_t undefOf(const Operand &o) const {
    return o.kind == Operand::Pred ? predUndef[o.row] : undef[o.row];
  }
  /// After writing o's row for the lanes of `mask`: `bad` of them are undefined
  /// because a source was. Handlers that write rows must call it.
  void define(const Inst &inst, const Operand &o, uint32_t bad) {
    bad &= mask;
    if (bad)
      tell(inst, o, bad);
    undef[o.row] = (undef[o.row] & ~mask) | bad;
    stamps[o.row] = fences;
  }
  /// wgmma.fence: whether a register has been written since the last one.
  void fenceRegisters() { ++fences; }
  bool isFenced(const Operand &o) const { return stamps[o.row] != fences; }
  void markFenced(const Operand &o) { stamps[o.row] = 0; }
  void definePred(const Operand &o, uint32_t bad) {
    predUndef[o.row] = (predUndef[o.row] & ~mask) | (bad & mask);
  }
  /// Writes `value` to the lanes of `mask`.
  void put(const Operand &o, const uint64_t *value);
  void putPred(const Operand &o, uint32_t value) {
    preds[o.row] = (preds[o.row] & ~mask) | (value & mask);
  }
  /// Reports lanes of `mask` whose value is undefined; `what` completes "the
  /// … is undefined". False if there are any.
  bool demand(const Inst &inst, const Operand &o, const char *what);

  /// Fills a timer's row with the time now.
  void refresh(const Operand &o, Special special);

  /// Marks rows as written by something asynchronous, or settles them.
  void pend(const Operand &o);
  void settle(const Operand &o);

  /// Where `bytes` at `address` of `space` lie for a lane, after every check
  /// (bounds, alignment, asynchronous owners, races); null after a report.
  Reached reach(const Inst &inst, unsigned lane, Space space, uint64_t address,
                unsigned bytes, Access access, bool strong = false,
                const void *written = nullptr);
  /// The same for all lanes of `mask` at once, which is quicker: `out` of lanes
  /// with a finding is null. `written`: what each lane writes, or null; it is
  /// written by the time of the return.
  void reachAll(const Inst &inst, Space space, const uint64_t *address,
                unsigned bytes, Access access, bool strong,
                const uint8_t (*written)[32], Reached *out);
  /// The addresses of an operand's lanes; reports undefined ones.
  void addresses(const Inst &inst, const Operand &o, uint64_t *out);

  void report(Kind kind, const Inst &inst, unsigned lane, uint64_t address,
              const std::string &text);
  Origin origin(const Inst &inst, unsigned lane) const;

  /// For instructions whose threads must all be there (.aligned): reports when
  /// lanes of the warp that have not exited are elsewhere.
  bool converged(const Inst &inst, Kind kind = Kind::DivergentSync);
  /// For instructions with a member mask: true once all members that have not
  /// exited are at this instruction; `mask` is then all of them. While false,
  /// return Step::Wait.
  bool gather(const Inst &inst, uint32_t members);

  /// The split that runs: `stage`, `ticket` and `expired` are for handlers.
  Split &split() { return splits[current]; }
  /// Blocks the split: it runs its instruction again after the cluster's next
  /// event. `why` tells what it waits for, in a deadlock's report.
  /// With `timed`, it does not wait for ever: see Split::expired.
  Step wait(Describe why, bool timed = false);

  /// Moves the lanes of `mask`, which are some of the split's, to `target`.
  Step branch(const Inst &inst, uint32_t target);
  /// Each lane to its own.
  Step branch(const Inst &inst, const uint32_t *targets);
  Step call(const Inst &inst, const Function &callee);
  Step ret(const Inst &inst);
  Step exit(const Inst &inst);

  // Happens-before. ---------------------------------------------------------

  Actor actor() const { return self; }
  Accessor accessor(const Inst &inst, unsigned lane, bool strong = false) const;
  /// What the lanes of `lanes` have done and seen so far, and a tick of the
  /// warp's clock, so that what they do next is not part of it.
  Clock release(uint32_t lanes);
  void acquire(uint32_t lanes, const Clock &clock);
  /// bar.warp.sync: orders the lanes' accesses among themselves.
  void synchronise(uint32_t lanes);

  // What the scheduler uses. ------------------------------------------------

  void start(const Function &entry);
  /// Runs a split for at most `budget` instructions.
  void run(size_t which, unsigned budget);
  std::vector<Split> splits;
  size_t current = 0;
  /// Pending rows are looked for only while there are some.
  uint32_t pendingRows = 0;
  /// Who knows better what an instruction may do to pending rows; or null.
  void (*pendingTouched)(Warp &warp, const Inst &inst) = nullptr;

  uint64_t *rows = nullptr;
  uint32_t *preds = nullptr, *undef = nullptr, *predUndef = nullptr;
  uint32_t *stamps = nullptr;
  Frame *frame = nullptr;

  // Local memory: [lane][localCapacity].
  uint64_t localCapacity = 0;
  std::vector<uint8_t> local, localState;

private:
  Frame *open(const Function &function, Frame *caller, const Inst *call);
  void close(Frame *frame);
  void growLocal(uint64_t bytes);
  void fillSpecial(Special special, uint64_t *out) const;
  uint64_t scalarSpecial(Special special, unsigned lane) const;
  void tell(const Inst &inst, const Operand &o, uint32_t bad);
  Reached reachLocal(const Inst &inst, unsigned lane, uint64_t address,
                     unsigned bytes);
  void enter(Frame *frame);
  bool runOne();
  uint32_t guarded(const Inst &inst, uint32_t lanes);
  void finish(Split &split);
  void remove(size_t which);
  bool arrive(size_t which);
  Split resumed(int32_t join);
  void leave(uint32_t lanes);
  int32_t newJoin(uint32_t pc, uint32_t lanes, int32_t parent);
  Split partWay(const Inst &inst);
  void checkPending(const Inst &inst);
  const Clock &seenBy(unsigned lane) const {
    return laneSeen[lane] ? *laneSeen[lane] : seen;
  }

  std::vector<Join> joins;
  std::vector<std::unique_ptr<Frame>> frames, spare;
  std::vector<size_t> gathered;
  Actor self = 0;
  uint32_t now = 1;
  uint32_t fences = 1; ///< wgmma.fences so far, and one
  Clock seen;
  std::unique_ptr<Clock> laneSeen[kLanes];
  bool lanesDiffer = false;
};

} // namespace tw::emu
