// How the ops that lead to one result of a kernel are split into tiles.
#pragma once

#include "dialects/nn/NN.h"

namespace tw {

/// Which loops of `root` may be split: those along which every op that feeds it
/// is split alike, or is cheap enough to be computed again for each tile.
class TilingPlan {
public:
  explicit TilingPlan(linalg::GenericOp root);

  linalg::GenericOp root() const { return rootOp; }
  /// False where some op cannot be computed tile by tile.
  bool isTileable() const { return tileable; }
  bool isTiled(unsigned loop) const { return tiledLoops[loop]; }
  /// Root first, producers after their consumers.
  ArrayRef<linalg::GenericOp> ops() const { return order; }
  /// The loop of `op` that walks with the root's `loop`, or nothing.
  std::optional<unsigned> loopOf(linalg::GenericOp op, unsigned loop) const;
  /// True if different tiles compute different parts of `op`.
  bool isPartitioned(linalg::GenericOp op) const;

private:
  struct Place {
    /// For each loop of the root: the op's loop, kNone or kUnseen.
    SmallVector<int64_t> loops;
  };
  static constexpr int64_t kNone = -1, kUnseen = -2;

  void sort();
  bool canBeSliced(linalg::GenericOp op) const;
  void place(linalg::GenericOp consumer, OpOperand &operand,
             linalg::GenericOp producer);
  int64_t producerLoop(AffineMap in, AffineMap out, int64_t loop,
                       unsigned rootLoop);
  void requireCheap(linalg::GenericOp op, const Place &place);

  linalg::GenericOp rootOp;
  SmallVector<linalg::GenericOp> order;
  DenseMap<Operation *, Place> places;
  SmallVector<bool> tiledLoops;
  bool tileable = true;
};

struct TileSizes {
  /// One per loop of the root; 0 leaves a loop whole.
  Dims sizes;
  /// One thread's time for one tile, in nanoseconds.
  Dim cost;
};

/// Sizes for tiles whose temporaries stay in the first-level cache. They
/// depend on shapes only, never on the number of threads.
TileSizes chooseTileSizes(ShapeBuilder &shapes, const TilingPlan &plan);

} // namespace tw
