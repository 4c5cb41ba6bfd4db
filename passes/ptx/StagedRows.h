// Rows of a matrix in global memory on their way to shared memory.
#pragma once

#include "passes/ptx/ProductTile.h"
#include "passes/ptx/ThreadEmitter.h"

namespace tw {

/// Rows at a distance of `stride` elements (i64), of which the first `columns`
/// (i32) exist.
struct GlobalRows {
  Value pointer, stride, columns;
  Type element;
  Value isAligned; ///< i1: every row starts at a multiple of 16 bytes
};

/// A block's threads start copying rows `first` (i64) and on to `memory`. Rows
/// from `count` (i32) on and columns that do not exist are zero.
void copyRows(ThreadEmitter &e, const GlobalRows &from, Value first,
              Value count, const StagedOperand &to, Value memory, Value thread,
              int64_t threads);

} // namespace tw
