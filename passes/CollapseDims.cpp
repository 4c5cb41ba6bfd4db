#include "passes/Passes.h"

#include "mlir/Dialect/MemRef/Transforms/Transforms.h"
#include "mlir/Dialect/Tensor/Transforms/Transforms.h"

using namespace tw;

namespace tw {
#define GEN_PASS_DEF_COLLAPSEDIMS
#include "passes/Passes.h.inc"
} // namespace tw

namespace {

/// Which neighbouring loops (d, d + 1) of each op may become one.
class Collapsing {
public:
  explicit Collapsing(ArrayRef<linalg::GenericOp> ops) {
    for (linalg::GenericOp op : ops)
      for (unsigned d = 0; d + 1 < op.getNumLoops(); ++d)
        joined[{op, d}] = joinsInside(op, d);
    while (propagate(ops))
      ;
  }

  SmallVector<ReassociationIndices> groups(linalg::GenericOp op) {
    SmallVector<ReassociationIndices> result;
    for (unsigned d = 0; d + 1 < op.getNumLoops(); ++d) {
      if (!joined[{op, d}])
        continue;
      if (result.empty() || result.back().back() != static_cast<int64_t>(d))
        result.push_back({static_cast<int64_t>(d)});
      result.back().push_back(d + 1);
    }
    return result;
  }

private:
  /// The op's own conditions: the loops are of one kind, no index of theirs is
  /// computed with, and each operand walks through both in order or neither.
  static bool joinsInside(linalg::GenericOp op, unsigned d) {
    auto iterators = op.getIteratorTypesArray();
    if (iterators[d] != iterators[d + 1])
      return false;
    auto uses = [&](linalg::IndexOp index) {
      return index.getDim() == d || index.getDim() == d + 1
                 ? WalkResult::interrupt()
                 : WalkResult::advance();
    };
    if (op.getBody()->walk(uses).wasInterrupted())
      return false;
    return llvm::all_of(op->getOpOperands(), [&](OpOperand &operand) {
      AffineMap map = op.getMatchingIndexingMap(&operand);
      auto slice = operand.get().getDefiningOp<tensor::ExtractSliceOp>();
      if (auto p = position(map, d))
        return !slice || isContiguous(slice, *p);
      return !(map.isFunctionOfDim(d) || map.isFunctionOfDim(d + 1));
    });
  }

  /// Whether dims p and p + 1 of a slice lie in its source as one dim would: it
  /// has all of what lies between two neighbours in p.
  static bool isContiguous(tensor::ExtractSliceOp slice, unsigned p) {
    llvm::SmallBitVector dropped = slice.getDroppedDims();
    SmallVector<int64_t> kept;
    for (int64_t d = 0; d < slice.getSourceType().getRank(); ++d)
      if (!dropped.test(d))
        kept.push_back(d);
    auto isWhole = [&](int64_t d) {
      OpFoldResult size = slice.getMixedSizes()[d];
      Value source = slice.getSource();
      if (!slice.getSourceType().isDynamicDim(d))
        return getConstantIntValue(size) == slice.getSourceType().getDimSize(d);
      Value known = annotatedDim(source, d);
      return known && dyn_cast<Value>(size) == known;
    };
    // What is dropped behind the last dim lies between its elements.
    bool isLast = p + 2 == kept.size();
    int64_t end = isLast ? slice.getSourceType().getRank() : kept[p + 1] + 1;
    return slice.getStaticStrides()[kept[p]] == 1 &&
           llvm::all_of(llvm::seq(kept[p] + 1, end), isWhole);
  }

  /// Where a map has loops d and d + 1 side by side.
  static std::optional<unsigned> position(AffineMap map, unsigned d) {
    MLIRContext *context = map.getContext();
    for (unsigned p = 0; p + 1 < map.getNumResults(); ++p)
      if (map.getResult(p) == getAffineDimExpr(d, context) &&
          map.getResult(p + 1) == getAffineDimExpr(d + 1, context))
        return p;
    return std::nullopt;
  }

  /// The pair of loops that walk dims p, p + 1 of `map`, or nothing.
  static std::optional<unsigned> loopAt(AffineMap map, unsigned p) {
    auto first = dyn_cast<AffineDimExpr>(map.getResult(p));
    if (first && position(map, first.getPosition()) == p)
      return first.getPosition();
    return std::nullopt;
  }

  bool isJoined(linalg::GenericOp op, AffineMap map, unsigned p) {
    auto d = loopAt(map, p);
    return d && joined[{op, *d}];
  }

  bool separate(linalg::GenericOp op, AffineMap map, unsigned p) {
    bool &slot = joined[{op, *loopAt(map, p)}];
    bool changed = slot;
    slot = false;
    return changed;
  }

  /// Makes producers and consumers agree; true if something changed.
  bool propagate(ArrayRef<linalg::GenericOp> ops) {
    bool changed = false;
    for (linalg::GenericOp op : ops)
      for (OpOperand &operand : op->getOpOperands()) {
        auto producer = operand.get().getDefiningOp<linalg::GenericOp>();
        if (!producer)
          continue;
        AffineMap in = op.getMatchingIndexingMap(&operand),
                  out = producer.getIndexingMapMatchingResult(
                      cast<OpResult>(operand.get()));
        for (unsigned p = 0; p + 1 < in.getNumResults(); ++p) {
          bool inside = isJoined(op, in, p),
               outside = isJoined(producer, out, p);
          if (inside && !outside)
            changed |= separate(op, in, p);
          if (outside && !inside)
            changed |= separate(producer, out, p);
        }
      }
    return changed;
  }

  DenseMap<std::pair<Operation *, unsigned>, bool> joined;
};

LogicalResult simplify(Operation *function) {
  MLIRContext *context = function->getContext();
  RewritePatternSet patterns(context);
  tensor::populateFoldTensorEmptyPatterns(patterns);
  tensor::CollapseShapeOp::getCanonicalizationPatterns(patterns, context);
  tensor::ExpandShapeOp::getCanonicalizationPatterns(patterns, context);
  tensor::EmptyOp::getCanonicalizationPatterns(patterns, context);
  tensor::DimOp::getCanonicalizationPatterns(patterns, context);
  tensor::CastOp::getCanonicalizationPatterns(patterns, context);
  memref::populateResolveRankedShapedTypeResultDimsPatterns(patterns);
  return applyPatternsGreedily(function, std::move(patterns));
}

LogicalResult dropUnitDims(Operation *function) {
  MLIRContext *context = function->getContext();
  RewritePatternSet patterns(context);
  linalg::ControlDropUnitDims control;
  linalg::populateFoldUnitExtentDimsPatterns(patterns, control);
  linalg::populateFoldUnitExtentDimsCanonicalizationPatterns(patterns, control);
  return applyPatternsGreedily(function, std::move(patterns));
}

struct CollapseDimsPass : tw::impl::CollapseDimsBase<CollapseDimsPass> {
  void runOnOperation() override {
    if (failed(dropUnitDims(getOperation())) ||
        failed(simplify(getOperation())))
      return signalPassFailure();
    SmallVector<linalg::GenericOp> ops;
    getOperation().walk([&](linalg::GenericOp op) { ops.push_back(op); });
    Collapsing collapsing(ops);
    IRRewriter rewriter(&getContext());
    for (linalg::GenericOp op : ops)
      collapse(rewriter, op, collapsing.groups(op));
    if (failed(simplify(getOperation())))
      signalPassFailure();
  }

  static void collapse(RewriterBase &rewriter, linalg::GenericOp op,
                       ArrayRef<ReassociationIndices> groups) {
    if (groups.empty())
      return;
    rewriter.setInsertionPoint(op);
    auto result = linalg::collapseOpIterationDims(op, groups, rewriter);
    if (succeeded(result))
      rewriter.replaceOp(op, result->results);
  }
};

} // namespace
