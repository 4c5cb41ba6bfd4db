#include "dialects/interfaces/DimAlgebra.h"
#include "passes/Passes.h"

#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace tw;

namespace tw {
#define GEN_PASS_DEF_SIMPLIFYDIMS
#include "passes/Passes.h.inc"
} // namespace tw

namespace {

bool isSizeType(Type type) { return type.isIndex() || type.isInteger(64); }

struct SimplifySelect : OpRewritePattern<arith::SelectOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(arith::SelectOp op,
                                PatternRewriter &rewriter) const override {
    if (!isSizeType(op.getType()))
      return failure();
    OpFoldResult simpler =
        simplerSelect(op.getCondition(), getAsOpFoldResult(op.getTrueValue()),
                      getAsOpFoldResult(op.getFalseValue()));
    if (!simpler)
      return failure();
    rewriter.replaceOp(op, op.getFalseValue());
    return success();
  }
};

struct SimplifyCompare : OpRewritePattern<arith::CmpIOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(arith::CmpIOp op,
                                PatternRewriter &rewriter) const override {
    if (!isSizeType(op.getLhs().getType()))
      return failure();
    auto result =
        knownComparison(op.getPredicate(), getAsOpFoldResult(op.getLhs()),
                        getAsOpFoldResult(op.getRhs()));
    if (!result)
      return failure();
    rewriter.replaceOpWithNewOp<arith::ConstantOp>(
        op, rewriter.getBoolAttr(*result));
    return success();
  }
};

/// max(n, 0) => n
struct SimplifyMax : OpRewritePattern<arith::MaxSIOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(arith::MaxSIOp op,
                                PatternRewriter &rewriter) const override {
    auto limit = getConstantIntValue(op.getRhs());
    if (!isSizeType(op.getType()) || !limit || *limit > 0 ||
        !isSurelyNonNegative(op.getLhs()))
      return failure();
    rewriter.replaceOp(op, op.getLhs());
    return success();
  }
};

struct SimplifyDimsPass : tw::impl::SimplifyDimsBase<SimplifyDimsPass> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<SimplifySelect, SimplifyCompare, SimplifyMax>(&getContext());
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace
