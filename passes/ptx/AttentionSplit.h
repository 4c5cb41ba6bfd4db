// Keys shared by several blocks: each leaves what it has in the workspace, and
// a launch after them merges it.
#pragma once

#include "passes/ptx/AttentionTile.h"
#include "passes/ptx/ThreadEmitter.h"

namespace tw {

/// Dims of an operand called `name`: batch, heads, length, components.
Dims headSizes(OpBuilder &b, tile::AttentionOp op, Value buffer,
               StringRef name);

class AttentionSplit {
public:
  /// At the op: how many blocks share the keys of a block of queries. Follows
  /// from sizes only, so that results are the same on every device.
  AttentionSplit(OpBuilder &b, tile::AttentionOp op, const AttentionTile &tile);

  Dim count() const { return number; }
  /// False where it is known that every block has all of its keys.
  bool isPossible() const { return partials != nullptr; }
  /// i1.
  Value isSplit() const { return condition; }
  /// At the op: i1, or null where it is known that every block has all keys.
  Value isWhole(OpBuilder &b) const;
  /// f32 [count, batch, heads, length, ...]: the components of results that are
  /// not divided by the sum, the maximum, the sum.
  Value memory() const { return partials; }
  int64_t maximumAt() const { return components; }
  int64_t sumAt() const { return components + 1; }

  /// After the blocks: result = sum(2^(exponent * (maximum - largest)) parts).
  /// Scores are multiplied with `exponent` to be powers of two.
  void merge(OpBuilder &b, float exponent);

private:
  tile::AttentionOp op;
  Location loc;
  Dims sizes; ///< of the result
  Dim number;
  Value condition, partials;
  int64_t components = 0; ///< padded
};

} // namespace tw
