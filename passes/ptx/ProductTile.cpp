#include "passes/ptx/ProductTile.h"

using namespace tw;

/// Fewer tiles than this leave a large device idle.
static constexpr int64_t kFewTiles = 128;

static bool isAtMost(Dim d, int64_t limit) {
  auto known = ShapeBuilder::known(d);
  return known && *known <= limit;
}

/// Of the depth that a block has at least, where several share a tile's.
static constexpr int64_t kSplitDepth = 256, kMostSplits = 16;

static std::optional<int64_t> countTiles(Dim batch, Dim m, Dim n,
                                         const ProductTile &tile) {
  auto count = ShapeBuilder::known(batch), rows = ShapeBuilder::known(m),
       columns = ShapeBuilder::known(n);
  if (!count || !rows || !columns)
    return std::nullopt;
  return *count * llvm::divideCeil(*rows, tile.rows) *
         llvm::divideCeil(*columns, tile.columns);
}

static bool hasFewTiles(Dim batch, Dim m, Dim n, const ProductTile &tile) {
  auto count = countTiles(batch, m, n, tile);
  return count && *count < kFewTiles;
}

int64_t tw::chooseSplits(const ProductTile &tile, Dim batch, Dim m, Dim n,
                         int64_t steps) {
  auto count = countTiles(batch, m, n, tile);
  if (!count || *count <= 0)
    return 1;
  int64_t splits = std::min(
      {kFewTiles / *count, kMostSplits, steps * tile.depth / kSplitDepth});
  if (splits < 2)
    return 1;
  // As many as have something to do.
  return llvm::divideCeil(steps, llvm::divideCeil(steps, splits));
}

/// Of a row in a stage.
static constexpr int64_t kMmaRowBytes = 128, kFmaRowBytes = 64;

/// A few rows: the right side is what takes the time, and need not wait for
/// rows that are not there.
void ProductTile::makeLow() {
  rows = 16;
  if (usesMma) {
    warpRows = 1;
    threads = 128;
  } else {
    depth *= 4; // every thread has something to copy
  }
}

ProductTile ProductTile::choose(bool usesMma, int64_t elementBytes, Dim batch,
                                Dim m, Dim n) {
  int64_t depth = (usesMma ? kMmaRowBytes : kFmaRowBytes) / elementBytes;
  ProductTile tile{128, 128, depth, 3, usesMma ? 128 : 256, usesMma};
  if (isAtMost(m, 64) || hasFewTiles(batch, m, n, tile))
    tile.rows = 64;
  if (isAtMost(n, 64) || hasFewTiles(batch, m, n, tile))
    tile.columns = 64;
  // Strides that are known at run time only take registers, too: half as many
  // results for each thread.
  if (usesMma && !(ShapeBuilder::known(m) && ShapeBuilder::known(n)))
    tile.threads = 256;
  if (isAtMost(m, 16))
    tile.makeLow();
  return tile;
}

ProductTile ProductTile::chooseHopper(Dim batch, Dim m, Dim n) {
  // A warpgroup copies, two multiply.
  ProductTile tile{128, 256, 64, 4, 3 * 128, true};
  auto count = countTiles(batch, m, n, tile);
  if (!count || *count < kFewTiles)
    tile.columns = 128;
  bool isFew = hasFewTiles(batch, m, n, tile);
  if (isAtMost(m, 64) || isFew)
    tile.rows = 64;
  if (isAtMost(n, 64) || isFew)
    tile.columns = 64;
  // Of less than 128 x 128 twice as many fit.
  if (tile.rows + tile.columns < 256)
    tile.stages = 8;
  return tile;
}

ProductTile ProductTile::forWarpgroups() const {
  ProductTile tile = *this;
  tile.usesWgmma = true;
  tile.threads = 2 * rows;
  // One is read, one is next, and two are on their way.
  tile.stages = 4;
  return tile;
}
