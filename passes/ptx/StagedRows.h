// Rows of a matrix in global memory on their way to shared memory.
#pragma once

#include "passes/ptx/ProductTile.h"
#include "passes/ptx/ThreadEmitter.h"

namespace tw {

/// Rows that lie in pages of `size`: row i in page table[i / size], pages at a
/// distance of `stride` elements (i64). Numbers beyond the `count` pages that
/// there are (i64) mean the last one.
struct RowPages {
  Value table, stride, count;
  Type element; ///< of the table
  int64_t size;
};

/// Rows at a distance of `stride` elements (i64), of which the first `columns`
/// (i32) exist.
struct GlobalRows {
  Value pointer, stride, columns;
  Type element;
  Value isAligned; ///< i1: every row starts at a multiple of 16 bytes
  std::optional<RowPages> pages = std::nullopt;

  /// The pointer moved by a number of rows (i64), which are not in pages.
  void skip(ThreadEmitter &e, Value rows) {
    pointer = e.at(pointer, element, e.mul(rows, stride));
  }
};

/// A block's threads start copying rows `first` (i64) and on to `memory`. Rows
/// from `count` (i32) on and columns that do not exist are zero.
void copyRows(ThreadEmitter &e, const GlobalRows &from, Value first,
              Value count, const StagedOperand &to, Value memory, Value thread,
              int64_t threads);

} // namespace tw
