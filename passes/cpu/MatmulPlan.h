// How a product on buffers is cut: what decides blocks and register tiles.
#pragma once

#include "dialects/tile/Tile.h"
#include "passes/cpu/CpuTarget.h"

namespace tw {

/// One `tile.matmul` on buffers. All arithmetic is built at the op.
struct MatmulPlan {
  MatmulPlan(OpBuilder &b, tile::MatmulOp op, const CpuTarget &target);

  tile::MatmulOp op;
  ShapeBuilder shapes;
  Dims batch;
  Dim rows, columns, depth;
  Type accumulator;
  int64_t lanes;     ///< of the accumulator's type in a vector
  RegisterTile tile; ///< the largest that is used
  Dim blockRows;     ///< rows of a block, at most
  Dim rowBlocks, panels;
  Dim nanoseconds; ///< one thread's time for a block
  /// The right side is brought into panels block by block.
  bool packsPanels;

  int64_t width() const { return tile.vectors * lanes; }
  /// Whether the last panel may have columns that are not real.
  bool hasColumnTail() const;
  /// The heights that balanced tiles of a block can have, ascending.
  SmallVector<int64_t> heights() const;
  /// Rows of a packed panel: depth, rounded up where it is filled by vectors.
  Dim panelRows();

private:
  void chooseTile(const CpuTarget &target);
  void chooseBlocks();
  void estimateTime();
};

/// Merges batch dims into rows where the right side is the same for all of
/// them, so that many small products become one. Returns the op to lower.
tile::MatmulOp collapseBatch(RewriterBase &rewriter, tile::MatmulOp op);

} // namespace tw
