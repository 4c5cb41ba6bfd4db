#include "passes/ptx/ProductTile.h"

using namespace tw;

/// Fewer tiles than this leave a large device idle.
static constexpr int64_t kFewTiles = 128;

static bool isAtMost(Dim d, int64_t limit) {
  auto known = ShapeBuilder::known(d);
  return known && *known <= limit;
}

static bool hasFewTiles(Dim batch, Dim m, Dim n, const ProductTile &tile) {
  auto count = ShapeBuilder::known(batch), rows = ShapeBuilder::known(m),
       columns = ShapeBuilder::known(n);
  return count && rows && columns &&
         *count * llvm::divideCeil(*rows, tile.rows) *
                 llvm::divideCeil(*columns, tile.columns) <
             kFewTiles;
}

ProductTile ProductTile::choose(bool usesMma, Dim batch, Dim m, Dim n) {
  ProductTile tile{128,    128, usesMma ? 64 : 16, 3, usesMma ? 128 : 256,
                   usesMma};
  if (isAtMost(m, 64) || hasFewTiles(batch, m, n, tile))
    tile.rows = 64;
  if (isAtMost(n, 64) || hasFewTiles(batch, m, n, tile))
    tile.columns = 64;
  // Strides that are known at run time only take registers, too: half as many
  // results for each thread.
  if (usesMma && !(ShapeBuilder::known(m) && ShapeBuilder::known(n)))
    tile.threads = 256;
  return tile;
}
