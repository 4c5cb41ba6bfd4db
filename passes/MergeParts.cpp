#include "passes/Passes.h"

#include "mlir/IR/IRMapping.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace tw;

namespace tw {
#define GEN_PASS_DEF_MERGEPARTS
#include "passes/Passes.h.inc"
} // namespace tw

namespace {

/// More results at once keep too many rows of memory under way.
constexpr size_t kMaxParts = 4;

/// Whether the concat alone reads what the op computes, element by element.
bool isPart(linalg::GenericOp op) {
  return op && op->getNumResults() == 1 && op.hasPureTensorSemantics() &&
         op.getNumParallelLoops() == op.getNumLoops() &&
         op->getResult(0).hasOneUse() &&
         op.getMatchingIndexingMap(op.getDpsInitOperand(0)).isIdentity() &&
         !op.payloadUsesValueFromOperand(op.getDpsInitOperand(0));
}

/// One op with the loops of `parts`, all their operands and all their results.
void merge(RewriterBase &rewriter, MutableArrayRef<linalg::GenericOp> parts) {
  SmallVector<Value> inputs, inits;
  SmallVector<AffineMap> maps, outputMaps;
  SmallVector<Type> types;
  SmallVector<Location> locations;
  Operation *last = parts.front();
  for (linalg::GenericOp part : parts) {
    for (OpOperand *input : part.getDpsInputOperands()) {
      inputs.push_back(input->get());
      maps.push_back(part.getMatchingIndexingMap(input));
    }
    inits.push_back(part.getDpsInits()[0]);
    outputMaps.push_back(
        part.getMatchingIndexingMap(part.getDpsInitOperand(0)));
    types.push_back(part->getResult(0).getType());
    locations.push_back(part.getLoc());
    last = last->isBeforeInBlock(part) ? part : last;
  }
  llvm::append_range(maps, outputMaps);
  rewriter.setInsertionPoint(last);
  auto merged = linalg::GenericOp::create(
      rewriter, rewriter.getFusedLoc(locations), types, inputs, inits, maps,
      parts.front().getIteratorTypesArray(),
      [&](OpBuilder &b, Location loc, ValueRange arguments) {
        SmallVector<Value> results;
        for (linalg::GenericOp part : parts) {
          IRMapping mapping;
          for (OpOperand *input : part.getDpsInputOperands()) {
            mapping.map(part.getMatchingBlockArgument(input),
                        arguments.front());
            arguments = arguments.drop_front();
          }
          for (Operation &op : part.getBody()->without_terminator())
            b.clone(op, mapping);
          results.push_back(mapping.lookupOrDefault(
              part.getBody()->getTerminator()->getOperand(0)));
        }
        linalg::YieldOp::create(b, loc, results);
      });
  for (auto [part, result] : llvm::zip_equal(parts, merged.getResults()))
    rewriter.replaceOp(part, result);
}

/// Merges what computes neighbouring parts of the same shape.
void mergeParts(RewriterBase &rewriter, tensor::ConcatOp concat) {
  // Sizes along other dims are the same, known or not.
  auto isSized = [&](Value part) {
    return !cast<RankedTensorType>(part.getType())
                .isDynamicDim(concat.getDim());
  };
  SmallVector<linalg::GenericOp> run;
  auto flush = [&] {
    if (run.size() > 1)
      merge(rewriter, run);
    run.clear();
  };
  for (Value input : SmallVector<Value>(concat.getInputs())) {
    auto part = input.getDefiningOp<linalg::GenericOp>();
    if (!isPart(part) || !isSized(input)) {
      flush();
      continue;
    }
    if (run.size() == kMaxParts ||
        (!run.empty() &&
         run.front()->getResultTypes() != part->getResultTypes()))
      flush();
    run.push_back(part);
  }
  flush();
}

struct MergePartsPass : tw::impl::MergePartsBase<MergePartsPass> {
  void runOnOperation() override {
    IRRewriter rewriter(&getContext());
    SmallVector<tensor::ConcatOp> concats;
    getOperation().walk([&](tensor::ConcatOp op) { concats.push_back(op); });
    for (tensor::ConcatOp concat : concats)
      mergeParts(rewriter, concat);
    // Operands that parts have in common.
    RewritePatternSet patterns(&getContext());
    linalg::populateEraseUnusedOperandsAndResultsPatterns(patterns);
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace
