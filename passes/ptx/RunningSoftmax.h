// A softmax over columns that come step by step, in the registers of the
// threads that have the scores.
#pragma once

#include "passes/ptx/AttentionTile.h"
#include "passes/ptx/ProductSums.h"

namespace tw {

/// The largest score of each of a thread's rows, and the sum of its own
/// columns' powers.
struct RunningSoftmax {
  SmallVector<Value> maxima, sums;

  /// Before the first column. The maximum is finite, so that a row which sees
  /// nothing has a sum of 0 and no NaN; and so is its product with the
  /// exponent.
  static RunningSoftmax start(ThreadEmitter &e, const AttentionTile &tile,
                              size_t rows);

  /// Scores become powers; returns, for each row, what earlier results are
  /// multiplied with.
  SmallVector<Value> add(ThreadEmitter &e, const AttentionTile &tile,
                         ProductFragment &fragment,
                         SmallVectorImpl<Value> &scores);
  /// The sums of all columns, once they have all come.
  void addUp(ThreadEmitter &e, ProductFragment &fragment);
};

} // namespace tw
