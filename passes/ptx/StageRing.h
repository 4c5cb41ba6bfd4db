// What blocks for sm_90a have in common: one warpgroup copies into a ring of
// stages in shared memory, two compute from it.
#pragma once

#include "passes/ptx/HopperEmitter.h"

namespace tw {

namespace hopper {
constexpr int64_t kWarp = 32, kGroup = 128;
/// Warpgroups that compute, and the rows that each has.
constexpr int64_t kConsumers = 2, kRows = 64;
/// Registers of a thread: 64,512 in all, as many as a block has at its start.
constexpr int64_t kCopying = 40, kComputing = 232;
/// The barrier of the warpgroups that compute, before and after results are
/// handed over.
constexpr int64_t kHandOver = 1;
} // namespace hopper

/// Step t uses stage t % stages. Each stage has two barriers: its copies have
/// arrived, and nobody reads it any more.
class StageRing {
public:
  /// In `memory`, stages from `offset` and barriers from `barriers` on, in
  /// bytes.
  StageRing(HopperEmitter &e, Value memory, int64_t offset, int64_t stageBytes,
            int64_t stages, int64_t barriers)
      : e(e), memory(memory), offset(offset), stageBytes(stageBytes),
        stages(stages), barriers(barriers) {}

  static int64_t barrierBytes(int64_t stages) { return 16 * stages; }
  /// By one thread.
  void initBarriers();

  Value number(Value t) { return e.rem(t, stages); }
  Value stage(Value t);
  /// The one thread that copies waits until the stage is free. The barrier is
  /// returned that a stage's bytes of copies complete.
  Value startCopies(Value t);
  void waitForCopies(Value t);
  /// The warps that compute, each by its first lane, do not read step t's stage
  /// any more; where `condition` (i1) holds, if there is one.
  void release(Value t, Value thread, Value condition = {});

private:
  Value at(Value offset) { return e.at(memory, e.b.getI8Type(), offset); }
  Value full(Value t) { return at(e.add(e.mul(number(t), 8), barriers)); }
  Value empty(Value t) {
    return at(e.add(e.mul(number(t), 8), barriers + 8 * stages));
  }
  /// How often its stage had been used before step t.
  Value round(Value t) { return e.div(t, stages); }

  HopperEmitter &e;
  Value memory;
  int64_t offset, stageBytes, stages, barriers;
};

} // namespace tw
