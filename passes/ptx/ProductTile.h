// How a block of threads computes its part of a product.
#pragma once

#include "dialects/interfaces/ShapeBuilder.h"

namespace tw {

/// A tile of `rows` x `columns` results, summed in steps of `depth`, with
/// `stages` steps in shared memory at once.
struct ProductTile {
  int64_t rows, columns, depth, stages;
  int64_t threads;
  /// Tensor-core instructions, or fused multiply-adds in f32.
  bool usesMma;
  /// Of tensor-core products: warps above each other; the others are beside
  /// them.
  int64_t warpRows = 2;
  /// Products of warpgroups, 64 rows each, in place of those of warps.
  bool usesWgmma = false;

  /// The tile for a product of `m` x `n` results in `batch` matrices of
  /// elements of `elementBytes`. Depends on shapes only.
  static ProductTile choose(bool usesMma, int64_t elementBytes, Dim batch,
                            Dim m, Dim n);
  /// The same for tensor cores of sm_90a.
  static ProductTile chooseHopper(Dim batch, Dim m, Dim n);
  /// The same tile of 16-bit floats for warpgroups that copy and multiply.
  ProductTile forWarpgroups() const;

private:
  void makeLow();
};

/// How many blocks share the depth of a tile, `steps` steps: more than one
/// where there are few tiles and it is long. Depends on shapes only.
int64_t chooseSplits(const ProductTile &tile, Dim batch, Dim m, Dim n,
                     int64_t steps);

/// One operand's share of a stage: rows of elements that are contiguous in
/// global memory.
struct StagedOperand {
  int64_t rows, columns;
  int64_t elementBytes;
  /// Rows that ldmatrix reads are not padded: their 16-byte chunks are permuted
  /// within 128 bytes, so that eight rows' same chunks lie in different banks.
  bool isSwizzled;
  /// Of other rows, in chunks.
  int64_t padding = 1;
  /// From the start of a stage.
  int64_t offset = 0;
  /// Swizzled lines have 128 bytes; what is further to the right lies below.
  bool isCut = false;

  static constexpr int64_t kChunk = 16;
  int64_t perChunk() const { return kChunk / elementBytes; }
  int64_t chunks() const { return columns / perChunk(); }
  int64_t pitch() const {
    return columns * elementBytes + (isSwizzled ? 0 : padding * kChunk);
  }
  int64_t bytes() const { return rows * pitch(); }
};

} // namespace tw
