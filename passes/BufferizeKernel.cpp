#include "passes/Passes.h"

#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Bufferization/Transforms/OneShotAnalysis.h"
#include "mlir/Dialect/Bufferization/Transforms/OneShotModuleBufferize.h"
#include "mlir/IR/Dominance.h"
#include "mlir/Transforms/CSE.h"

using namespace tw;

namespace tw {
#define GEN_PASS_DEF_BUFFERIZEKERNEL
#include "passes/Passes.h.inc"
} // namespace tw

namespace {

/// Copies are loops like any other, not calls.
LogicalResult copyByLinalg(OpBuilder &b, Location loc, Value from, Value to) {
  linalg::CopyOp::create(b, loc, from, to);
  return success();
}

/// copy(x, x) => nothing
struct EraseSelfCopy : OpRewritePattern<linalg::CopyOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(linalg::CopyOp op,
                                PatternRewriter &rewriter) const override {
    if (op.getInputs()[0] != op.getOutputs()[0])
      return failure();
    rewriter.eraseOp(op);
    return success();
  }
};

/// expand_shape(x) of sizes n x m => reinterpret_cast(x), where several sizes
/// that come from one are known at run time only: upstream expects one.
struct CastExpansions : OpRewritePattern<memref::ExpandShapeOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(memref::ExpandShapeOp op,
                                PatternRewriter &rewriter) const override {
    MemRefType type = op.getResultType();
    bool hasSeveral =
        llvm::any_of(op.getReassociationIndices(), [&](auto &group) {
          return llvm::count_if(group, [&](int64_t i) {
                   return type.isDynamicDim(i);
                 }) > 1;
        });
    if (!hasSeveral || !type.getLayout().isIdentity() ||
        !op.getSrcType().getLayout().isIdentity())
      return failure();
    ShapeBuilder shapes(rewriter, op.getLoc());
    Dims sizes = op.getMixedOutputShape(), strides(sizes.size());
    Dim stride = shapes.constant(1);
    for (size_t i = sizes.size(); i-- > 0;) {
      strides[i] = stride;
      stride = shapes.mul(stride, sizes[i]);
    }
    rewriter.replaceOpWithNewOp<memref::ReinterpretCastOp>(
        op, type, op.getSrc(), Dim(rewriter.getIndexAttr(0)), sizes, strides);
    return success();
  }
};

struct BufferizeKernelPass
    : tw::impl::BufferizeKernelBase<BufferizeKernelPass> {
  void runOnOperation() override {
    bufferization::OneShotBufferizationOptions options;
    options.memCpyFn = copyByLinalg;
    options.bufferizeFunctionBoundaries = true;
    options.setFunctionBoundaryTypeConversion(
        bufferization::LayoutMapOption::IdentityLayoutMap);
    options.unknownTypeConverterFn =
        [](TensorType type, Attribute space,
           const bufferization::BufferizationOptions &) -> BaseMemRefType {
      return bufferization::getMemRefTypeWithStaticIdentityLayout(type, space);
    };
    bufferization::BufferizationState state;
    if (failed(bufferization::runOneShotModuleBufferize(getOperation(), options,
                                                        state)))
      return signalPassFailure();
    // Equal subviews become one value, so that copies onto themselves show.
    IRRewriter rewriter(&getContext());
    DominanceInfo dominance;
    eliminateCommonSubExpressions(rewriter, dominance, getOperation());
    RewritePatternSet patterns(&getContext());
    patterns.add<EraseSelfCopy, CastExpansions>(&getContext());
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace
