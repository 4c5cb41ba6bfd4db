#include "passes/ptx/GroupFragment.h"
#include "passes/ptx/HopperEmitter.h"

using namespace tw;

namespace {

constexpr int64_t kGroup = 128;
/// Rows of a warpgroup's product, and its depth.
constexpr int64_t kRows = 64, kDepth = 16;

/// Each warpgroup has 64 rows of the tile and all columns. Operands are read
/// where they were staged, one step's products while the next one's copies
/// arrive.
class WgmmaSums : public ProductSums {
public:
  WgmmaSums(ThreadEmitter &emitter, const ProductTile &tile, const Stage &stage,
            Value thread, bool hasSteps)
      : ProductSums(emitter, tile, stage, thread),
        hopper(emitter.b, emitter.loc), hasSteps(hasSteps),
        group(e.div(thread, kGroup)),
        fragment(e, e.rem(thread, kGroup), e.mul(group, kRows), tile.columns) {}

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
    fragment.store(sums, memory, pitch);
  }
  SmallVector<Value> rows() override { return fragment.rows(); }
  SmallVector<Value> columns() override { return fragment.columns(); }
  int64_t place(int64_t i, int64_t j) const override {
    return fragment.place(i, j);
  }
  int64_t sharers() const override { return fragment.sharers(); }

private:
  HopperEmitter hopper;
  bool hasSteps;
  Value group, isLater;
  GroupFragment fragment;
};

} // namespace

std::unique_ptr<ProductSums> tw::wgmmaSums(ThreadEmitter &e,
                                           const ProductTile &tile,
                                           const Stage &stage, Value thread,
                                           bool hasSteps) {
  return std::make_unique<WgmmaSums>(e, tile, stage, thread, hasSteps);
}
