#include "passes/Passes.h"
#include "passes/ScalarCost.h"

#include "mlir/Dialect/Tensor/Transforms/Transforms.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace tw;

namespace tw {
#define GEN_PASS_DEF_SINKCONCATS
#include "passes/Passes.h.inc"
} // namespace tw

namespace {

/// Bodies up to this cost are computed for each slice that is taken.
constexpr int64_t kCheap = 6;

bool isPointwise(linalg::LinalgOp op) {
  return op.hasPureTensorSemantics() &&
         op.getNumParallelLoops() == op.getNumLoops();
}

Value castTo(OpBuilder &b, Type type, Value value) {
  return value.getType() == type
             ? value
             : tensor::CastOp::create(b, value.getLoc(), type, value);
}

/// Upstream takes a tile of size 0 for one that is not to be made.
bool isNothing(Dim size) { return ShapeBuilder::known(size) == 0; }

/// Where each part begins, and how long it is.
struct Places {
  Places(OpBuilder &b, tensor::ConcatOp concat) {
    ShapeBuilder shapes(b, concat.getLoc());
    Dim offset = shapes.constant(0);
    for (Value part : concat.getInputs()) {
      offsets.push_back(offset);
      sizes.push_back(shapes.dim(part, concat.getDim()));
      offset = shapes.add(offset, sizes.back());
    }
  }
  Dims offsets, sizes;
};

/// slice(f(x)) => f(slice(x))
struct HoistSlice : OpRewritePattern<tensor::ExtractSliceOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(tensor::ExtractSliceOp op,
                                PatternRewriter &rewriter) const override {
    auto producer = op.getSource().getDefiningOp<linalg::LinalgOp>();
    if (!producer || !isPointwise(producer) || producer->getNumResults() != 1 ||
        op.getDroppedDims().any() || !isWorthwhile(producer) ||
        llvm::any_of(op.getMixedSizes(), isNothing))
      return failure();
    Value result =
        op.hasUnitStride() ? tile(op, rewriter) : slice(producer, op, rewriter);
    if (!result)
      return failure();
    rewriter.replaceOp(op, castTo(rewriter, op.getType(), result));
    return success();
  }

private:
  static bool isWorthwhile(linalg::LinalgOp producer) {
    return producer->hasOneUse() || scalarCost(producer.getBlock()) <= kCheap;
  }

  static Value tile(tensor::ExtractSliceOp op, PatternRewriter &rewriter) {
    auto tiled = tensor::replaceExtractSliceWithTiledProducer(
        rewriter, op, cast<OpResult>(op.getSource()));
    return succeeded(tiled) ? tiled->tiledValues.front() : Value();
  }

  /// Some elements at a distance are no tile: all operands are sliced alike.
  static Value slice(linalg::LinalgOp producer, tensor::ExtractSliceOp op,
                     PatternRewriter &rewriter) {
    SmallVector<AffineMap> maps = producer.getIndexingMapsArray();
    if (producer.hasIndexSemantics() || !maps.back().isPermutation() ||
        !llvm::all_of(
            maps, [](AffineMap map) { return map.isProjectedPermutation(); }))
      return {};
    SmallVector<Value> operands;
    for (auto [operand, map] : llvm::zip_equal(producer->getOperands(), maps)) {
      SmallVector<OpFoldResult> offsets, sizes, strides;
      for (AffineExpr loop : map.getResults()) {
        unsigned at = *maps.back().getResultPosition(loop);
        offsets.push_back(op.getMixedOffsets()[at]);
        sizes.push_back(op.getMixedSizes()[at]);
        strides.push_back(op.getMixedStrides()[at]);
      }
      if (isa<TensorType>(operand.getType()))
        operands.push_back(tensor::ExtractSliceOp::create(
            rewriter, op.getLoc(), operand, offsets, sizes, strides));
      else
        operands.push_back(operand);
    }
    return clone(rewriter, producer, operands.back().getType(), operands)
        ->getResult(0);
  }
};

/// concat(a, b)[of a] => a[...]
struct SliceOfConcat : OpRewritePattern<tensor::ExtractSliceOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(tensor::ExtractSliceOp op,
                                PatternRewriter &rewriter) const override {
    auto concat = op.getSource().getDefiningOp<tensor::ConcatOp>();
    if (!concat || !op.hasUnitStride())
      return failure();
    uint64_t axis = concat.getDim();
    auto begin = getConstantIntValue(op.getMixedOffsets()[axis]),
         size = getConstantIntValue(op.getMixedSizes()[axis]);
    if (!begin || !size)
      return failure();
    int64_t start = 0;
    for (Value part : concat.getInputs()) {
      int64_t length = cast<RankedTensorType>(part.getType()).getDimSize(axis);
      if (ShapedType::isDynamic(length))
        return failure();
      if (*begin >= start && *begin + *size <= start + length) {
        SmallVector<OpFoldResult> offsets = op.getMixedOffsets();
        offsets[axis] = rewriter.getIndexAttr(*begin - start);
        rewriter.replaceOpWithNewOp<tensor::ExtractSliceOp>(
            op, op.getType(), part, offsets, op.getMixedSizes(),
            op.getMixedStrides());
        return success();
      }
      start += length;
    }
    return failure();
  }
};

/// f(concat(a, b), c) => concat(f(a, slice(c)), f(b, slice(c)))
struct SinkConcat : OpInterfaceRewritePattern<linalg::LinalgOp> {
  using OpInterfaceRewritePattern::OpInterfaceRewritePattern;
  LogicalResult matchAndRewrite(linalg::LinalgOp op,
                                PatternRewriter &rewriter) const override {
    if (!isPointwise(op) || op->getNumResults() != 1)
      return failure();
    for (OpOperand *input : op.getDpsInputOperands())
      if (auto concat = input->get().getDefiningOp<tensor::ConcatOp>())
        if (auto loop = loopAlong(op, *input, concat.getDim()))
          return sink(op, *input, concat, *loop, rewriter);
    return failure();
  }

private:
  /// The loop that alone walks along `axis` of an operand, all of whose other
  /// dims it needs whole.
  static std::optional<unsigned> loopAlong(linalg::LinalgOp op,
                                           OpOperand &input, uint64_t axis) {
    AffineMap map = op.getMatchingIndexingMap(&input);
    if (!map.isProjectedPermutation())
      return std::nullopt;
    return cast<AffineDimExpr>(map.getResult(axis)).getPosition();
  }

  static LogicalResult sink(linalg::LinalgOp op, OpOperand &input,
                            tensor::ConcatOp concat, unsigned loop,
                            PatternRewriter &rewriter) {
    AffineMap out = op.getMatchingIndexingMap(op.getDpsInitOperand(0));
    auto axis =
        out.getResultPosition(getAffineDimExpr(loop, rewriter.getContext()));
    if (!axis || !out.isPermutation() || hasNothing(op, rewriter))
      return failure();
    Places places(rewriter, concat);
    SmallVector<Value> results;
    for (auto [part, offset, size] :
         llvm::zip_equal(concat.getInputs(), places.offsets, places.sizes))
      if (!isNothing(size))
        results.push_back(
            partOf(op, input, part, loop, offset, size, rewriter));
    Value joined =
        tensor::ConcatOp::create(rewriter, op.getLoc(), *axis, results);
    rewriter.replaceOp(op,
                       castTo(rewriter, op->getResult(0).getType(), joined));
    return success();
  }

  static bool hasNothing(linalg::LinalgOp op, PatternRewriter &rewriter) {
    auto tiling = cast<TilingInterface>(op.getOperation());
    return llvm::any_of(
        tiling.getIterationDomain(rewriter),
        [](const Range &range) { return isNothing(range.size); });
  }

  /// The op for `part` in place of the operand that it is a part of.
  static Value partOf(linalg::LinalgOp op, OpOperand &input, Value part,
                      unsigned loop, Dim offset, Dim size,
                      PatternRewriter &rewriter) {
    SmallVector<OpFoldResult> offsets, sizes;
    auto tiling = cast<TilingInterface>(op.getOperation());
    for (Range range : tiling.getIterationDomain(rewriter)) {
      offsets.push_back(range.offset);
      sizes.push_back(range.size);
    }
    offsets[loop] = offset;
    sizes[loop] = size;
    auto tiled = *tiling.getTiledImplementation(rewriter, offsets, sizes);
    OpOperand &own =
        tiled.tiledOps.front()->getOpOperand(input.getOperandNumber());
    own.set(castTo(rewriter, own.get().getType(), part));
    return tiled.tiledValues.front();
  }
};

/// Whether FormDestinations computes the parts in their places.
bool isResult(Value value) {
  return llvm::all_of(value.getUsers(), [](Operation *user) {
    if (isa<func::ReturnOp>(user))
      return true;
    return isa<tensor::ConcatOp, tensor::CastOp, tensor::ExpandShapeOp,
               tensor::CollapseShapeOp, tensor::BitcastOp>(user) &&
           isResult(user->getResult(0));
  });
}

/// What is left in the middle of a kernel is put together in memory.
struct CopyParts : OpRewritePattern<tensor::ConcatOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(tensor::ConcatOp op,
                                PatternRewriter &rewriter) const override {
    if (isResult(op))
      return failure();
    FailureOr<SmallVector<Value>> parts = op.decomposeOperation(rewriter);
    if (failed(parts))
      return failure();
    rewriter.replaceOp(op, castTo(rewriter, op.getType(), parts->front()));
    return success();
  }
};

struct SinkConcatsPass : tw::impl::SinkConcatsBase<SinkConcatsPass> {
  void runOnOperation() override {
    MLIRContext *context = &getContext();
    RewritePatternSet sinking(context), copying(context);
    sinking.add<HoistSlice, SliceOfConcat, SinkConcat>(context);
    tensor::populateFoldTensorEmptyPatterns(sinking);
    tensor::populateMergeConsecutiveInsertExtractSlicePatterns(sinking);
    tensor::CastOp::getCanonicalizationPatterns(sinking, context);
    copying.add<CopyParts>(context);
    if (failed(applyPatternsGreedily(getOperation(), std::move(sinking))) ||
        failed(applyPatternsGreedily(getOperation(), std::move(copying))))
      signalPassFailure();
  }
};

} // namespace
