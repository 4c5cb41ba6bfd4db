// From a block's results in registers to memory.
#pragma once

#include "passes/ptx/AttentionInputs.h"
#include "passes/ptx/RunningSoftmax.h"

#include <functional>

namespace tw {

struct AttentionResults {
  ThreadEmitter &e;
  const AttentionTile &tile;
  const AttentionInputs &inputs;
  ProductFragment &fragment;
  /// Shared memory, which nobody uses any more; the block's threads that have
  /// results, and which of them this is.
  Value memory, thread;
  int64_t threads;
  /// A barrier of these threads.
  std::function<void()> barrier;

  /// Stores results divided by their sums.
  void finish(SmallVector<Value> results, const RunningSoftmax &softmax,
              bool isNanIfDead);
  /// Stores results as they are.
  void store(ValueRange results, const GlobalRows &to);

private:
  void storeFour(const GlobalRows &to, Value row, Value column);
};

} // namespace tw
