#include "dialects/interfaces/PackTarget.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

using namespace tw;

int64_t PackTarget::lanes(Type element) const {
  return vectorBytes * 8 / element.getIntOrFloatBitWidth();
}

/// 32 registers: 24 accumulators. 16 registers: 12.
static constexpr RegisterTile kWideTiles[] = {{8, 3}, {6, 4}, {12, 2}, {14, 1}};
static constexpr RegisterTile kNarrowTiles[] = {{6, 2}, {4, 3}, {10, 1}};

ArrayRef<RegisterTile> PackTarget::registerTiles() const {
  if (registers >= 32)
    return kWideTiles;
  return kNarrowTiles;
}

/// Loads and broadcasts per multiply-add: what a tile loses against the first.
static double costPerColumn(RegisterTile tile) {
  return 1.0 + 0.4 * (1.0 / tile.rows + 1.0 / tile.vectors);
}

RegisterTile PackTarget::registerTile(std::optional<int64_t> columns,
                                      Type accumulator) const {
  ArrayRef<RegisterTile> tiles = registerTiles();
  // Narrow, so that little is wasted; low, so that the addresses of rows whose
  // distance is not known stay in registers.
  if (!columns)
    return {std::min<int64_t>(8, registerTileOfWidth(2).rows), 2};
  auto cost = [&](RegisterTile tile) {
    int64_t width = tile.vectors * lanes(accumulator);
    return llvm::alignTo(*columns, width) * costPerColumn(tile);
  };
  return *std::min_element(
      tiles.begin(), tiles.end(),
      [&](RegisterTile x, RegisterTile y) { return cost(x) < cost(y); });
}

int64_t PackTarget::panelWidth(int64_t columns, Type accumulator) const {
  if (panelColumns)
    return std::clamp<int64_t>(llvm::PowerOf2Ceil(columns), 16, panelColumns);
  return registerTile(columns, accumulator).vectors * lanes(accumulator);
}

RegisterTile PackTarget::registerTileOfWidth(int64_t vectors) const {
  for (RegisterTile tile : registerTiles())
    if (tile.vectors == vectors)
      return tile;
  int64_t room = registers - vectors - 1;
  return {std::max<int64_t>(1, room / vectors), vectors};
}
