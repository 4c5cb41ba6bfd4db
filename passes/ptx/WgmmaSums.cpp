#include "passes/ptx/HopperEmitter.h"
#include "passes/ptx/ProductSums.h"

#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace tw;

namespace {

constexpr int64_t kWarp = 32, kGroup = 128;
/// Rows of a warpgroup's product, and its depth.
constexpr int64_t kRows = 64, kDepth = 16;

/// Each warpgroup has 64 rows of the tile and all columns; of each eight
/// columns a thread has two neighbours in one row and two eight rows below.
/// Operands are read where they were staged, one step's products while the next
/// one's copies arrive.
class WgmmaSums : public ProductSums {
public:
  WgmmaSums(ThreadEmitter &emitter, const ProductTile &tile, const Stage &stage,
            Value thread, bool hasSteps)
      : ProductSums(emitter, tile, stage, thread),
        hopper(emitter.b, emitter.loc), hasSteps(hasSteps) {
    Value warp = e.div(thread, kWarp), lane = e.rem(thread, kWarp);
    group = e.div(thread, kGroup);
    firstRow = e.add(e.mul(warp, kRows / 4), e.div(lane, 4));
    firstColumn = e.mul(e.rem(lane, 4), 2);
  }

  /// The first step does not read them.
  SmallVector<Value> zeros() override {
    Type single = e.b.getF32Type();
    Value zero =
        hasSteps ? LLVM::UndefOp::create(e.b, e.loc, single) : e.zero(single);
    return SmallVector<Value>(tile.columns / 2, zero);
  }

  int64_t unfinished() const override { return 1; }

  void beginStep(Value t) override {
    hopper.fenceProxy();
    isLater = e.b.createOrFold<arith::ExtUIOp>(e.loc, e.b.getI32Type(),
                                               e.isLess(e.i32(0), t));
  }

  SmallVector<Value> add(Value memory, ValueRange carried) override {
    MatrixLines lines,
        rightLines{128, stage.rightAlongColumns, stage.right.rows * 128};
    Value left = hopper.descriptor(
              at(memory, e.mul(group, kRows * stage.left.pitch())), lines),
          right = hopper.descriptor(at(memory, e.i32(stage.right.offset)),
                                    rightLines);
    SmallVector<Value> sums(carried);
    hopper.fenceProducts();
    for (int64_t k = 0; k < tile.depth / kDepth; ++k)
      sums = hopper.multiply(sums, hopper.advance(left, k * lines.stepBytes()),
                             hopper.advance(right, k * rightLines.stepBytes()),
                             k ? e.i32(1) : isLater, stage.element,
                             stage.rightAlongColumns);
    hopper.commitProducts();
    hopper.waitProducts(1);
    return sums;
  }

  SmallVector<Value> finish(ValueRange sums) override {
    return hopper.finishProducts(sums);
  }

  void store(ValueRange sums, Value memory, int64_t pitch) override {
    Type single = e.b.getF32Type();
    Value start =
        e.at(memory, single, e.add(e.mul(firstRow, pitch), firstColumn));
    for (size_t i = 0; i < sums.size(); i += 2) {
      Value two = vector::FromElementsOp::create(
          e.b, e.loc, VectorType::get(2, single), sums.slice(i, 2));
      int64_t below = i / 2 % 2 * 8, right = i / 4 * 8;
      e.store(two, e.at(start, single, below * pitch + right), 8);
    }
  }

  SmallVector<Value> rows() override { return {firstRow, e.add(firstRow, 8)}; }
  SmallVector<Value> columns() override {
    SmallVector<Value> result;
    for (int64_t j = 0; j < tile.columns / 4; ++j)
      result.push_back(e.add(firstColumn, j / 2 * 8 + j % 2));
    return result;
  }
  int64_t place(int64_t i, int64_t j) const override {
    return j / 2 * 4 + i * 2 + j % 2;
  }
  int64_t sharers() const override { return 4; }

private:
  HopperEmitter hopper;
  bool hasSteps;
  Value group, firstRow, firstColumn, isLater;
};

} // namespace

std::unique_ptr<ProductSums> tw::wgmmaSums(ThreadEmitter &e,
                                           const ProductTile &tile,
                                           const Stage &stage, Value thread,
                                           bool hasSteps) {
  return std::make_unique<WgmmaSums>(e, tile, stage, thread, hasSteps);
}
