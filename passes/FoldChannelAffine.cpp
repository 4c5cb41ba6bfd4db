#include "passes/Passes.h"

#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace tw;

namespace tw {
#define GEN_PASS_DEF_FOLDCHANNELAFFINE
#include "passes/Passes.h.inc"
} // namespace tw

namespace {

/// `v` as a vector of one element per channel, where it is one: [C, 1, ...] or
/// [1, C, 1, ...] against `type`'s dim 1.
Value channelVector(OpBuilder &b, Value v, RankedTensorType type) {
  auto own = dyn_cast<RankedTensorType>(v.getType());
  if (!own || !own.hasStaticShape() || type.getRank() < 2 ||
      type.isDynamicDim(1) || own.getRank() > type.getRank())
    return {};
  int64_t channels = type.getDimSize(1),
          channelDim = own.getRank() - type.getRank() + 1;
  if (own.getNumElements() != channels || channelDim < 0 ||
      own.getDimSize(channelDim) != channels)
    return {};
  Value shape = nn::shapeTensor(b, v.getLoc(), {b.getIndexAttr(channels)});
  return nn::ReshapeOp::create(
      b, v.getLoc(), own.clone(ArrayRef<int64_t>{channels}), v, shape);
}

/// mul(conv(x, w), s) => conv(x, w * s) and add(conv(x, w), t) => conv(x, w) +
/// t
template <typename OpT, bool isFactor>
struct FoldPattern : OpRewritePattern<OpT> {
  using OpRewritePattern<OpT>::OpRewritePattern;
  LogicalResult matchAndRewrite(OpT op,
                                PatternRewriter &rewriter) const override {
    auto type = dyn_cast<RankedTensorType>(op.getResult().getType());
    // Other types would round, or wrap, differently.
    if (!type || !type.getElementType().isF32())
      return failure();
    for (unsigned i : {0u, 1u}) {
      auto linear =
          op->getOperand(i).template getDefiningOp<ChannelAffineOpInterface>();
      Value other = op->getOperand(1 - i);
      if (!linear || !linear->hasOneUse() ||
          linear->getResult(0).getType() != type ||
          !nn::isWeightComputation(other))
        continue;
      Value vector = channelVector(rewriter, other, type);
      if (!vector)
        continue;
      rewriter.setInsertionPoint(op);
      auto folded = linear.foldChannelAffine(
          rewriter, isFactor ? vector : Value(), isFactor ? Value() : vector);
      if (failed(folded))
        continue;
      rewriter.replaceOp(op, *folded);
      return success();
    }
    return failure();
  }
};

struct FoldChannelAffinePass
    : tw::impl::FoldChannelAffineBase<FoldChannelAffinePass> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<FoldPattern<nn::MulOp, true>, FoldPattern<nn::AddOp, false>>(
        &getContext());
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace
