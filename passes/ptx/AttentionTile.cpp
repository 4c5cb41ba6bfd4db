#include "passes/ptx/AttentionTile.h"

#include "llvm/Support/MathExtras.h"

using namespace tw;

namespace {
/// What a block may take of shared memory on every device.
constexpr int64_t kSharedBytes = 160 << 10;
/// Two blocks of that size fit on the device at once.
constexpr int64_t kSharedByTwo = 80 << 10;
/// More components of results than this do not fit in a block's registers.
constexpr int64_t kMaxValues = 256;

/// Queries of a block at most. Two tiles of tensor-core products above each
/// other read keys and values once, where there are registers for them and
/// queries for most of the rows.
int64_t mostRows(tile::AttentionOp op, const AttentionTile &tile) {
  int64_t length = tile::dimOf(op.getQ(), isInterleaved(op, "q") ? 1 : 2);
  bool isTall = tile.usesMma() && tile.size <= 128 && tile.values <= 128;
  if (length < 0)
    return isTall ? 128 : 64;
  if (isTall && llvm::alignTo(length, 128) == llvm::alignTo(length, 64))
    return 128;
  return std::clamp<int64_t>(llvm::PowerOf2Ceil(length), 16, 64);
}
} // namespace

bool tw::isInterleaved(tile::AttentionOp op, StringRef name) {
  return llvm::is_contained(op.getInterleaved().getAsValueRange<StringAttr>(),
                            name);
}

ProductTile AttentionTile::product(int64_t columns, int64_t depth) const {
  ProductTile tile{rows, columns, depth, 1, threads, usesMma()};
  tile.warpRows = threads / 32;
  return tile;
}

void AttentionTile::layOut() {
  int64_t width = element.getIntOrFloatBitWidth() / 8;
  bytes = 0;
  auto place = [&](int64_t height, int64_t columns) {
    StagedOperand staged{height,
                         columns,
                         width,
                         /*isSwizzled=*/false,
                         /*padding=*/1,
                         bytes};
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

void AttentionTile::describe(tile::AttentionOp op) {
  element = cast<ShapedType>(op.getQ().getType()).getElementType();
  float scale = op.getScale().convertToFloat();
  foldsScale = usesMma() && scale > 0 && !op.getBias() && !op.getMask() &&
               op.getSoftcap().convertToFloat() <= 0;
  exponent = (foldsScale ? scale : 1) * llvm::numbers::log2ef;
}

AttentionTile AttentionTile::choose(tile::AttentionOp op) {
  AttentionTile tile{};
  tile.describe(op);
  int64_t step = tile.usesMma() ? 16 : 4, panel = tile.usesMma() ? 16 : 64;
  tile.size = llvm::alignTo(tile::dimOf(op.getQ(), 3), step);
  tile.values = std::min<int64_t>(
      kMaxValues, llvm::alignTo(tile::dimOf(op.getV(), 3), panel));
  int64_t most = mostRows(op, tile);
  constexpr std::tuple<int64_t, int64_t, int64_t> kChoices[] = {
      {128, 64, kSharedByTwo}, {64, 64, kSharedByTwo}, {64, 32, kSharedBytes},
      {32, 32, kSharedBytes},  {32, 16, kSharedBytes}, {16, 16, kSharedBytes}};
  for (auto [rows, keys, limit] : kChoices) {
    tile.rows = std::min(rows, most);
    // Tall blocks of large heads have no registers for more scores.
    bool isFull = tile.rows > 64 && (std::max(tile.size, tile.values) > 64 ||
                                     op.getBias() || op.getMask());
    tile.keys = isFull ? 32 : keys;
    tile.threads = tile.usesMma() ? std::min<int64_t>(2 * tile.rows, 128) : 256;
    tile.layOut();
    if (tile.bytes <= limit)
      break;
  }
  return tile;
}

/// Whether a bias or mask is known to end before the keys do.
static bool endsBeforeKeys(tile::AttentionOp op, Value extra) {
  if (!extra)
    return false;
  int64_t columns = tile::dimOf(extra, 3),
          keys = tile::dimOf(op.getK(), isInterleaved(op, "k") ? 1 : 2);
  return columns > 1 && keys >= 0 && columns < keys;
}

/// Keys beyond a batch's length, and sequences without padding, are for blocks
/// that copy row by row: boxes would bring what others left there, NaN
/// included. Few queries leave a warpgroup without work.
std::optional<AttentionTile> AttentionTile::chooseHopper(tile::AttentionOp op) {
  AttentionTile tile{};
  tile.describe(op);
  tile.rows = 128;
  tile.threads = 256;
  tile.size = llvm::alignTo(tile::dimOf(op.getQ(), 3), 64);
  tile.values = llvm::alignTo(tile::dimOf(op.getV(), 3), 8);
  int64_t length = tile::dimOf(op.getQ(), isInterleaved(op, "q") ? 1 : 2);
  if (!tile.usesMma() || op.getLengths() || op.getQueryStarts() ||
      endsBeforeKeys(op, op.getBias()) || endsBeforeKeys(op, op.getMask()) ||
      std::max(tile.size, tile.values) > 256 || (length >= 0 && length <= 64))
    return std::nullopt;
  // As many keys as registers and shared memory hold.
  int64_t largest = std::max(tile.size, tile.values);
  tile.keys = largest <= 128 ? 128 : largest <= 192 ? 96 : 64;
  return tile;
}
