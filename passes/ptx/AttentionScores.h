// What becomes of scores before the softmax: scale, softcap, bias, masks.
#pragma once

#include "dialects/tile/Images.h"
#include "dialects/tile/Tile.h"
#include "passes/ptx/AttentionTile.h"
#include "passes/ptx/ProductSums.h"

namespace tw {

/// Where a block of queries stands: all i32, but batch and head i64.
struct QueryBlock {
  int64_t height; ///< how many queries it may have
  Value batch, head;
  Value firstRow;
  Value place;            ///< the key at which the first row stands
  Value firstKey, endKey; ///< the keys that some row sees

  /// Places are clamped to this; no tensor is as long.
  static constexpr int64_t kFar = 1 << 30;
};

/// 2^(exponent * (x - y)), exactly 1 where they are equal.
Value powerOf(ThreadEmitter &e, Value x, Value y, float exponent);
/// 1 / sum, or 0 or NaN for the sum of a row that sees nothing.
Value reciprocalOf(ThreadEmitter &e, Value sum, bool isNanIfDead);

class AttentionScores {
public:
  /// `sums`: of a step, as a thread has them.
  AttentionScores(ThreadEmitter &e, tile::AttentionOp op,
                  const QueryBlock &block, ProductFragment &sums,
                  const AttentionTile &tile);

  /// Whether a step has keys that some row does not see, as far as the caller
  /// knows.
  enum class Cut { Unknown, Always, Never };

  /// The scores for the step that begins at `key` from products of queries and
  /// keys. What is not to be seen is -infinity.
  SmallVector<Value> finish(ValueRange products, Value key,
                            Cut isCut = Cut::Unknown);

private:
  struct Extra {
    std::optional<GlobalView> view;
    Value pointer; ///< of the batch and head
    bool isPerQuery = false;
    Type element;
  };

  Extra prepare(Value buffer);
  Value load(const Extra &extra, Value row, Value key);
  Value capped(Value score);
  Value biased(Value score, Value row, Value key);
  Value masked(Value score, Value row, Value key);
  Value mayBeCut(Value key);
  SmallVector<Value> cut(ValueRange scores, Value key);
  Value number(float value);

  ThreadEmitter &e;
  tile::AttentionOp op;
  const QueryBlock &block;
  ProductFragment &sums;
  const AttentionTile &tile;
  SmallVector<Value> rows, columns;
  Extra bias, mask;
};

} // namespace tw
