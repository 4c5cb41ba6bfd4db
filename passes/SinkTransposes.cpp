#include "passes/Passes.h"

#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace tw;

namespace tw {
#define GEN_PASS_DEF_SINKTRANSPOSES
#include "passes/Passes.h.inc"
} // namespace tw

namespace {

/// Transposing these costs nothing at run time.
bool isFree(Value v) {
  auto type = dyn_cast<RankedTensorType>(v.getType());
  Operation *producer = v.getDefiningOp();
  bool isVector =
      type && type.hasStaticShape() &&
      llvm::count_if(type.getShape(), [](int64_t d) { return d != 1; }) <= 1;
  return isVector || isa_and_nonnull<nn::ConstantOp, nn::WeightOp>(producer);
}

nn::TransposeOp transposeOf(Value v) {
  return v.getDefiningOp<nn::TransposeOp>();
}

/// The permutation that most is gained from, or nothing.
std::optional<SmallVector<int64_t>> profitable(TransposeOpInterface op) {
  SmallVector<Value> operands = op.getTransposableOperands();
  for (Value candidate : operands) {
    nn::TransposeOp transpose = transposeOf(candidate);
    if (!transpose)
      continue;
    SmallVector<int64_t> perm = transpose.getPermutation();
    int64_t lost = 0, gained = 0;
    for (Value operand : operands) {
      nn::TransposeOp other = transposeOf(operand);
      if (other && other.getPermutation() == perm)
        ++lost;
      else if (!isFree(operand))
        ++gained;
    }
    if (gained < lost)
      return perm;
  }
  return std::nullopt;
}

struct SinkPattern : OpInterfaceRewritePattern<TransposeOpInterface> {
  using OpInterfaceRewritePattern::OpInterfaceRewritePattern;
  LogicalResult matchAndRewrite(TransposeOpInterface op,
                                PatternRewriter &rewriter) const override {
    auto perm = profitable(op);
    if (!perm)
      return failure();
    auto results = op.sinkTranspose(rewriter, *perm);
    if (failed(results))
      return failure();
    SmallVector<Value> replacements;
    for (Value result : *results)
      replacements.push_back(
          nn::transposed(rewriter, op.getLoc(), result, *perm));
    rewriter.replaceOp(op, replacements);
    return success();
  }
};

struct SinkTransposesPass : tw::impl::SinkTransposesBase<SinkTransposesPass> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<SinkPattern>(&getContext());
    nn::TransposeOp::getCanonicalizationPatterns(patterns, &getContext());
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace
