// How a block of threads computes its part of attention.
#pragma once

#include "dialects/tile/Images.h"
#include "dialects/tile/Tile.h"
#include "passes/ptx/ProductTile.h"

namespace tw {

/// Whether the operand called `name` is [batch, length, heads, components].
bool isInterleaved(tile::AttentionOp op, StringRef name);

/// A block has `rows` queries of one head, and takes `keys` keys and their
/// values per step: scores are a product of depth `size`, results one of depth
/// `keys`. `size` and `values` are padded; a block computes `values` components
/// of each result.
struct AttentionTile {
  int64_t rows, keys, size, values;
  int64_t threads;
  Type element;
  /// What lies in shared memory. Probabilities are there between the products
  /// of fused multiply-adds only.
  StagedOperand q, k, v, p;
  int64_t bytes = 0;

  /// The tile for an op on tensors or buffers. Depends on its type only.
  static AttentionTile choose(tile::AttentionOp op);
  /// The same for sm_90a's schedule, where it pays: 64 rows for each of two
  /// warpgroups; nothing lies in shared memory as StagedOperand says.
  static std::optional<AttentionTile> chooseHopper(tile::AttentionOp op);

  /// Whether the scale is part of the exponent: nothing but the softmax is done
  /// to scores, and a rounding more than f32 needs does not show.
  bool foldsScale = false;
  /// Differences of scores times this are powers of two.
  float exponent = 0;

  bool usesMma() const { return !element.isF32(); }
  ProductTile scores() const { return product(keys, size); }
  ProductTile results() const { return product(values, keys); }
  /// Elements between rows of results in shared memory, as f32.
  int64_t resultPitch() const { return values + 8; }

private:
  void describe(tile::AttentionOp op);
  ProductTile product(int64_t columns, int64_t depth) const;
  void layOut();
};

} // namespace tw
