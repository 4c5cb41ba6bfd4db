#include "passes/ptx/AttentionTile.h"

using namespace tw;

namespace {
/// What a block may take of shared memory on every device.
constexpr int64_t kSharedBytes = 160 << 10;
/// Two blocks of that size fit on the device at once.
constexpr int64_t kSharedByTwo = 80 << 10;
/// More components of results than this do not fit in a block's registers.
constexpr int64_t kMaxValues = 256;

int64_t queryLength(tile::AttentionOp op) {
  bool interleaved = llvm::is_contained(
      op.getInterleaved().getAsValueRange<StringAttr>(), "q");
  return tile::dimOf(op.getQ(), interleaved ? 1 : 2);
}
} // namespace

ProductTile AttentionTile::product(int64_t columns, int64_t depth) const {
  ProductTile tile{rows, columns, depth, 1, threads, usesMma()};
  tile.warpRows = threads / 32;
  return tile;
}

void AttentionTile::layOut() {
  int64_t width = element.getIntOrFloatBitWidth() / 8;
  bytes = 0;
  auto place = [&](int64_t height, int64_t columns) {
    StagedOperand staged{height, columns, width, /*isSwizzled=*/false, bytes};
    bytes = llvm::alignTo(bytes + staged.bytes(), 128);
    return staged;
  };
  q = place(rows, size);
  k = place(keys, size);
  v = place(keys, values);
  if (!usesMma())
    p = place(rows, keys);
  bytes = std::max<int64_t>(bytes, rows * resultPitch() * sizeof(float));
}

AttentionTile AttentionTile::choose(tile::AttentionOp op) {
  AttentionTile tile{};
  tile.element = cast<ShapedType>(op.getQ().getType()).getElementType();
  int64_t step = tile.usesMma() ? 16 : 4, panel = tile.usesMma() ? 16 : 64;
  tile.size = llvm::alignTo(tile::dimOf(op.getQ(), 3), step);
  tile.values = std::min<int64_t>(
      kMaxValues, llvm::alignTo(tile::dimOf(op.getV(), 3), panel));
  int64_t length = queryLength(op);
  int64_t most = length < 0 || length > 32 ? 64 : length > 16 ? 32 : 16;
  constexpr std::tuple<int64_t, int64_t, int64_t> kChoices[] = {
      {64, 64, kSharedByTwo},
      {64, 32, kSharedBytes},
      {32, 32, kSharedBytes},
      {32, 16, kSharedBytes},
      {16, 16, kSharedBytes}};
  for (auto [rows, keys, limit] : kChoices) {
    tile.rows = std::min(rows, most);
    tile.keys = keys;
    tile.threads = tile.usesMma() ? tile.rows * 2 : 256;
    tile.layOut();
    if (tile.bytes <= limit)
      break;
  }
  return tile;
}
