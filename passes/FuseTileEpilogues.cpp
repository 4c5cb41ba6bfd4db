#include "dialects/tile/Epilogue.h"
#include "passes/Passes.h"

#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace tw;

namespace tw {
#define GEN_PASS_DEF_FUSETILEEPILOGUES
#include "passes/Passes.h.inc"
} // namespace tw

namespace {

struct FuseEpilogue : OpRewritePattern<linalg::GenericOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(linalg::GenericOp op,
                                PatternRewriter &rewriter) const override {
    return tile::fuseIntoEpilogue(rewriter, op);
  }
};

struct FuseTileEpiloguesPass
    : tw::impl::FuseTileEpiloguesBase<FuseTileEpiloguesPass> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<FuseEpilogue>(&getContext());
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace
