#include "passes/ptx/RowEmitter.h"

#include "llvm/Support/MathExtras.h"

using namespace tw;

namespace {

constexpr int64_t kWarp = 32;
constexpr int64_t kWideBytes = 16, kWideElements = 8;
/// Threads of a block whose warps have rows of their own.
constexpr int64_t kThreads = 128;
/// Of a block that has one row.
constexpr int64_t kBlocks[] = {128, 256, 512};
/// Registers for elements, of the 128 that each of 512 threads may have.
constexpr int64_t kRegisters = 64;
/// Elements that are enough to do for a thread, and most of them in a warp's.
constexpr int64_t kEnough = 16, kMostInWarp = 32;
/// Ops in a group whose code is not written out for many elements.
constexpr int64_t kLongCode = 60, kMostLong = 16;

int64_t widthOf(const RowGroup &group, int64_t length) {
  int64_t bytes = 1;
  for (linalg::LinalgOp op : group.getOps())
    for (OpOperand &operand : op->getOpOperands())
      if (group.isFull(operand, RowKind::Element)) {
        unsigned bits =
            getElementTypeOrSelf(operand.get()).getIntOrFloatBitWidth();
        bytes = std::max<int64_t>(bytes, bits / 8);
      }
  int64_t width = std::min(kWideBytes / bytes, kWideElements);
  return length ? std::min<int64_t>(width, llvm::bit_floor<uint64_t>(length))
                : width;
}

int64_t mostPerThread(const RowGroup &group) {
  int64_t ops = 0;
  for (linalg::LinalgOp op : group.getOps())
    ops += op.getBlock()->getOperations().size();
  int64_t most = kRegisters / group.countLive();
  return ops > kLongCode ? std::min(most, kMostLong) : most;
}

RowShape shapeOf(int64_t lanes, int64_t threads, int64_t width,
                 int64_t columns) {
  return {lanes, width,
          static_cast<int64_t>(llvm::divideCeil(columns, lanes * width)),
          threads};
}

/// Enough of a row at a time.
RowShape longShape(int64_t width, int64_t most) {
  int64_t threads = std::end(kBlocks)[-1];
  RowShape shape =
      shapeOf(threads, threads, width, threads * std::min(most, kEnough));
  shape.isLong = true;
  return shape;
}

} // namespace

RowShape tw::chooseRowShape(const RowGroup &group, int64_t length) {
  int64_t width = widthOf(group, length), most = mostPerThread(group);
  auto lanes =
      static_cast<int64_t>(llvm::PowerOf2Ceil(llvm::divideCeil(length, width)));
  RowShape byWarp = shapeOf(std::min(lanes, kWarp), kThreads, width, length);
  if (byWarp.perThread() <= std::min(most, kMostInWarp))
    return byWarp;
  for (int64_t threads : kBlocks) {
    RowShape byBlock = shapeOf(threads, threads, width, length);
    bool isLast = threads == std::end(kBlocks)[-1];
    if (byBlock.perThread() <= (isLast ? most : std::min(most, kEnough)))
      return byBlock;
  }
  return longShape(width, most);
}

SmallVector<RowShape> tw::chooseRowShapes(const RowGroup &group) {
  int64_t width = widthOf(group, 0);
  int64_t most =
      llvm::alignDown(std::min(mostPerThread(group), kMostInWarp), width);
  if (!most)
    return {longShape(1, 1)};
  int64_t threads = std::end(kBlocks)[-1];
  return {shapeOf(kWarp, kThreads, width, kWarp * most),
          shapeOf(threads, threads, width, threads * most),
          longShape(width, most)};
}
