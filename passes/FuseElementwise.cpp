#include "passes/Passes.h"
#include "passes/ScalarCost.h"

#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Matchers.h"

using namespace tw;

namespace tw {
#define GEN_PASS_DEF_FUSEELEMENTWISE
#include "passes/Passes.h.inc"
} // namespace tw

namespace {

/// Bodies up to this cost are computed again rather than kept in memory.
constexpr int64_t kCheap = 6;

bool usedOnlyBy(Operation *producer, Operation *consumer) {
  return llvm::all_of(producer->getUsers(),
                      [&](Operation *user) { return user == consumer; });
}

/// Whether the body of the operand's producer should be computed inside the
/// op that reads it. Nothing expensive is computed twice.
bool shouldFuse(OpOperand &operand) {
  auto consumer = cast<linalg::GenericOp>(operand.getOwner());
  auto producer = operand.get().getDefiningOp<linalg::GenericOp>();
  if (!producer || !linalg::areElementwiseOpsFusable(&operand))
    return false;
  bool once = consumer.getMatchingIndexingMap(&operand).isPermutation() &&
              usedOnlyBy(producer, consumer);
  return once || scalarCost(producer.getBody()) <= kCheap;
}

/// A producer with other users stays for them.
void splitOff(RewriterBase &rewriter, OpOperand &operand) {
  Operation *consumer = operand.getOwner();
  auto result = cast<OpResult>(operand.get());
  if (usedOnlyBy(result.getOwner(), consumer))
    return;
  rewriter.setInsertionPoint(consumer);
  Operation *copy = rewriter.clone(*result.getOwner());
  for (OpOperand &other : consumer->getOpOperands())
    if (other.get() == result)
      other.set(copy->getResult(result.getResultNumber()));
}

/// Fuses one producer into `consumer`; the fused op, or null.
linalg::GenericOp fuseInto(RewriterBase &rewriter, linalg::GenericOp consumer) {
  for (OpOperand *operand : consumer.getDpsInputOperands()) {
    if (!shouldFuse(*operand))
      continue;
    splitOff(rewriter, *operand);
    Operation *producer = operand->get().getDefiningOp();
    rewriter.setInsertionPoint(consumer);
    auto fused = linalg::fuseElementwiseOps(rewriter, operand);
    if (failed(fused))
      continue;
    for (OpResult result : consumer->getResults())
      rewriter.replaceAllUsesWith(result, fused->replacements.lookup(result));
    rewriter.eraseOp(consumer);
    if (producer->use_empty())
      rewriter.eraseOp(producer);
    return cast<linalg::GenericOp>(fused->fusedOp);
  }
  return nullptr;
}

/// extract(elementwise(x...), at) => body(extract(x, map(at))...): what is
/// gathered from need not be in memory.
struct InlineExtract : OpRewritePattern<tensor::ExtractOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(tensor::ExtractOp op,
                                PatternRewriter &rewriter) const override {
    auto producer = op.getTensor().getDefiningOp<linalg::GenericOp>();
    if (!producer || !isInlinable(producer))
      return failure();
    auto number = cast<OpResult>(op.getTensor()).getResultNumber();
    AffineMap out =
        producer.getMatchingIndexingMap(producer.getDpsInitOperand(number));
    if (!out.isIdentity())
      return failure();
    rewriter.replaceOp(op, inlineBody(op, producer, number, rewriter));
    return success();
  }

  static bool isInlinable(linalg::GenericOp producer) {
    return producer.getNumParallelLoops() == producer.getNumLoops() &&
           scalarCost(producer.getBody()) <= kCheap &&
           llvm::none_of(producer.getRegionOutputArgs(),
                         [](Value v) { return !v.use_empty(); });
  }

  /// What the producer's body reads of `input` at loop indices `at`.
  static Value inputElement(PatternRewriter &rewriter, Location loc,
                            linalg::GenericOp producer, OpOperand &input,
                            ArrayRef<OpFoldResult> at) {
    if (!isa<TensorType>(input.get().getType()))
      return input.get();
    SmallVector<OpFoldResult> indices =
        affine::makeComposedFoldedMultiResultAffineApply(
            rewriter, loc, producer.getMatchingIndexingMap(&input), at);
    return tensor::ExtractOp::create(
        rewriter, loc, input.get(),
        getValueOrCreateConstantIndexOp(rewriter, loc, indices));
  }

  static Value inlineBody(tensor::ExtractOp op, linalg::GenericOp producer,
                          unsigned number, PatternRewriter &rewriter) {
    Location loc = op.getLoc();
    SmallVector<OpFoldResult> at = getAsOpFoldResult(op.getIndices());
    IRMapping mapping;
    for (OpOperand *input : producer.getDpsInputOperands())
      mapping.map(producer.getMatchingBlockArgument(input),
                  inputElement(rewriter, loc, producer, *input, at));
    for (Operation &inner : producer.getBody()->without_terminator()) {
      if (auto index = dyn_cast<linalg::IndexOp>(inner))
        mapping.map(index.getResult(), op.getIndices()[index.getDim()]);
      else
        rewriter.clone(inner, mapping);
    }
    return mapping.lookupOrDefault(
        producer.getBody()->getTerminator()->getOperand(number));
  }
};

/// extract(cast(x), at) => extract(x, at)
struct ExtractOfCast : OpRewritePattern<tensor::ExtractOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(tensor::ExtractOp op,
                                PatternRewriter &rewriter) const override {
    auto cast = op.getTensor().getDefiningOp<tensor::CastOp>();
    if (!cast)
      return failure();
    rewriter.modifyOpInPlace(
        op, [&] { op.getTensorMutable().assign(cast.getSource()); });
    return success();
  }
};

LogicalResult simplify(Operation *function) {
  MLIRContext *context = function->getContext();
  RewritePatternSet patterns(context);
  patterns.add<InlineExtract, ExtractOfCast>(context);
  linalg::populateLinalgNamedOpsGeneralizationPatterns(patterns);
  linalg::populateElementwiseOpsFusionPatterns(
      patterns, [](OpOperand *) { return false; });
  linalg::populateEraseUnusedOperandsAndResultsPatterns(patterns);
  tensor::EmptyOp::getCanonicalizationPatterns(patterns, context);
  tensor::CastOp::getCanonicalizationPatterns(patterns, context);
  tensor::ExtractOp::getCanonicalizationPatterns(patterns, context);
  return applyPatternsGreedily(function, std::move(patterns));
}

struct FuseElementwisePass
    : tw::impl::FuseElementwiseBase<FuseElementwisePass> {
  void runOnOperation() override {
    if (failed(simplify(getOperation())))
      return signalPassFailure();
    IRRewriter rewriter(&getContext());
    SmallVector<linalg::GenericOp> generics;
    getOperation().walk([&](linalg::GenericOp op) { generics.push_back(op); });
    // Consumers last: a producer has absorbed its own producers before it is
    // looked at as one.
    for (size_t i = 0; i < generics.size(); ++i) {
      linalg::GenericOp op = generics[i];
      while (linalg::GenericOp fused = fuseInto(rewriter, op))
        op = fused;
    }
    if (failed(simplify(getOperation())))
      signalPassFailure();
  }
};

} // namespace
