#include "passes/ptx/ProductSums.h"

#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace tw;

namespace {

constexpr int64_t kSide = 16; ///< of the square of threads
constexpr int64_t kLanes = 4; ///< of a 16-byte vector

/// A thread has rows at a distance of kSide, and columns in groups of four or
/// at that distance too: what a warp reads of shared memory at once lies in
/// different banks.
class FmaSums : public ProductSums {
public:
  FmaSums(ThreadEmitter &e, const ProductTile &tile, const Stage &stage,
          Value thread)
      : ProductSums(e, tile, stage, thread), height(tile.rows / kSide),
        width(tile.columns / kSide),
        vector(VectorType::get(kLanes, e.b.getF32Type())),
        x(e.rem(thread, kSide)), y(e.div(thread, kSide)) {}

  SmallVector<Value> zeros() override {
    return SmallVector<Value>(height * width, e.zero(e.b.getF32Type()));
  }

  SmallVector<Value> add(Value memory, ValueRange sums) override {
    return e.loop(e.i32(0), e.i32(tile.depth), kLanes, sums,
                  [&](Value k, ValueRange carried) {
                    SmallVector<Value> next(carried);
                    addFour(memory, k, next);
                    return next;
                  });
  }

  void store(ValueRange sums, Value memory, int64_t pitch) override {
    for (int64_t i = 0; i < height; ++i) {
      Value start = e.mul(e.add(y, i * kSide), pitch);
      for (int64_t j = 0; j < width; ++j) {
        Value offset = e.mul(e.add(start, column(j)), sizeof(float));
        e.store(sums[i * width + j], at(memory, offset));
      }
    }
  }

  SmallVector<Value> rows() override {
    SmallVector<Value> result;
    for (int64_t i = 0; i < height; ++i)
      result.push_back(e.add(y, i * kSide));
    return result;
  }
  SmallVector<Value> columns() override {
    SmallVector<Value> result;
    for (int64_t j = 0; j < width; ++j)
      result.push_back(column(j));
    return result;
  }
  int64_t place(int64_t i, int64_t j) const override { return i * width + j; }
  int64_t sharers() const override { return kSide; }

private:
  Value column(int64_t j) {
    if (!stage.rightAlongColumns)
      return e.add(x, j * kSide);
    return e.add(e.mul(x, kLanes), j / kLanes * kLanes * kSide + j % kLanes);
  }

  Value loadFour(Value memory, const StagedOperand &operand, Value row,
                 Value column) {
    Value offset =
        e.add(e.mul(row, operand.pitch()), e.mul(column, sizeof(float)));
    return e.load(at(memory, e.add(offset, operand.offset)), vector,
                  StagedOperand::kChunk);
  }

  Value lane(Value four, int64_t i) {
    return vector::ExtractOp::create(e.b, e.loc, four, i);
  }

  /// Steps k .. k + 3.
  void addFour(Value memory, Value k, MutableArrayRef<Value> sums) {
    SmallVector<Value> left;
    for (int64_t i = 0; i < height; ++i)
      left.push_back(loadFour(memory, stage.left, e.add(y, i * kSide), k));
    SmallVector<Value> right;
    if (!stage.rightAlongColumns)
      for (int64_t j = 0; j < width; ++j)
        right.push_back(loadFour(memory, stage.right, column(j), k));
    for (int64_t step = 0; step < kLanes; ++step) {
      SmallVector<Value> row = rightRow(memory, e.add(k, step), step, right);
      for (int64_t i = 0; i < height; ++i)
        for (int64_t j = 0; j < width; ++j) {
          Value &sum = sums[i * width + j];
          sum =
              math::FmaOp::create(e.b, e.loc, lane(left[i], step), row[j], sum);
        }
    }
  }

  /// The thread's columns of the right side at depth k.
  SmallVector<Value> rightRow(Value memory, Value k, int64_t step,
                              ArrayRef<Value> alongDepth) {
    SmallVector<Value> row;
    for (Value four : alongDepth)
      row.push_back(lane(four, step));
    if (!alongDepth.empty())
      return row;
    for (int64_t j = 0; j < width; j += kLanes) {
      Value four = loadFour(memory, stage.right, k, column(j));
      for (int64_t i = 0; i < kLanes; ++i)
        row.push_back(lane(four, i));
    }
    return row;
  }

  int64_t height, width;
  VectorType vector;
  Value x, y;
};

} // namespace

std::unique_ptr<ProductSums> tw::fmaSums(ThreadEmitter &e,
                                         const ProductTile &tile,
                                         const Stage &stage, Value thread) {
  return std::make_unique<FmaSums>(e, tile, stage, thread);
}
