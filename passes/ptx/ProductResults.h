// From a tile's sums in shared memory to the product's results, whatever
// computed the sums.
#pragma once

#include "passes/ptx/ProductSource.h"

namespace tw {

class ProductResults {
public:
  /// On the op's level, before any blocks.
  ProductResults(OpBuilder &b, EpilogueOpInterface op, ProductSource &source);

  /// Where there are few tiles and the depth is long, several blocks have a
  /// part of a tile's depth each, and write sums that are not finished.
  void split(const ProductTile &tile);
  /// (Matrices and parts of the depth, tiles of rows, tiles of columns.)
  Dims trips(const ProductTile &tile);
  /// Behind the blocks: the partial sums of each element, added in their order,
  /// and its epilogue.
  void addPartials();

  /// Inside of a block, whose place among the trips is `at`: enters the source.
  void enter(ThreadEmitter &e, const ProductTile &tile, ValueRange at);
  /// The first step of the block's part of the depth and how many it has (i32).
  std::pair<Value, Value> steps();

  /// Sums, of 32 bits, between the starts of the tile's rows in shared memory:
  /// rows start in different banks.
  static int64_t pitch(const ProductTile &tile);
  static int64_t bytes(const ProductTile &tile) {
    return tile.rows * pitch(tile) * 4;
  }
  /// Finishes and stores the sums that lie at `memory`; this is thread number
  /// `thread` of `threads` that do.
  void store(Value memory, Value thread, int64_t threads);

private:
  void storeFour(const GlobalView &init, Value row, Value column);
  void storeVector(const GlobalView &init, Value to, SmallVector<Value> at,
                   Value row, Value column);
  void storeSingly(const GlobalView &init, SmallVector<Value> at, Value left,
                   Value row, Value column);
  Value sumAt(Value row, Value column);
  Value finish(Value value, ValueRange at);
  Value isAligned(Value pointer, int64_t bytes);

  OpBuilder &b;
  EpilogueOpInterface op;
  ProductSource &source;
  Type sum;
  ShapeBuilder shapes;
  Value rowCount, columnCount;
  Value result; ///< where blocks write
  /// Blocks that share a tile's depth, and the steps of each.
  int64_t splits = 1, perSplit = 0;
  // Of the block that is being written:
  ThreadEmitter *e = nullptr;
  ProductTile tile;
  Value part, firstRow, firstColumn, memory;
};

/// Whether a buffer's innermost elements are neighbours in memory.
bool hasRows(Value buffer);

} // namespace tw
