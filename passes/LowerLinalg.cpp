#include "passes/Passes.h"

#include "mlir/IR/IRMapping.h"

using namespace tw;

namespace tw {
#define GEN_PASS_DEF_LOWERLINALG
#include "passes/Passes.h.inc"
} // namespace tw

namespace {

bool isStoredAlong(linalg::LinalgOp op, unsigned loop) {
  return llvm::any_of(op.getDpsInitsMutable(), [&](OpOperand &init) {
    return op.getMatchingIndexingMap(&init).isFunctionOfDim(loop);
  });
}

/// How many of an op's innermost loops are reductions into one element.
unsigned trailingReductions(linalg::LinalgOp op) {
  auto iterators = op.getIteratorTypesArray();
  unsigned first = iterators.size();
  while (first > 0 && iterators[first - 1] == utils::IteratorType::reduction &&
         !isStoredAlong(op, first - 1))
    --first;
  return iterators.size() - first;
}

/// Sums may be taken in any order, the same one on every run.
void allowReassociation(Block &body) {
  auto flags = arith::FastMathFlags::reassoc | arith::FastMathFlags::contract;
  for (Operation &op : body) {
    auto isAccumulator = [&](Value v) {
      auto argument = dyn_cast<BlockArgument>(v);
      return argument && argument.getOwner() == &body;
    };
    if (isa<arith::AddFOp, arith::MulFOp>(op) &&
        llvm::any_of(op.getOperands(), isAccumulator))
      cast<arith::ArithFastMathInterface>(op)->setAttr(
          "fastmath", arith::FastMathFlagsAttr::get(op.getContext(), flags));
  }
}

/// Writes one op's loops. Innermost reductions carry their results in
/// registers.
class LoopWriter {
public:
  LoopWriter(linalg::LinalgOp op, RewriterBase &b)
      : op(op), b(b), loc(op.getLoc()),
        split(op.getNumLoops() - trailingReductions(op)) {}

  void run() {
    b.setInsertionPoint(op);
    SmallVector<Range> ranges = op.createLoopRanges(b, loc);
    zero = arith::ConstantIndexOp::create(b, loc, 0);
    one = arith::ConstantIndexOp::create(b, loc, 1);
    for (const Range &range : ranges)
      sizes.push_back(getValueOrCreateConstantIndexOp(b, loc, range.size));
    for (unsigned d = 0; d < split; ++d) {
      auto loop = scf::ForOp::create(b, loc, zero, sizes[d], one);
      indices.push_back(loop.getInductionVar());
      b.setInsertionPointToStart(loop.getBody());
    }
    SmallVector<Value> results;
    for (OpOperand &init : op.getDpsInitsMutable())
      results.push_back(load(init));
    results = reduce(results);
    for (auto [init, result] :
         llvm::zip_equal(op.getDpsInitsMutable(), results))
      memref::StoreOp::create(b, loc, result, init.get(), place(init));
    b.eraseOp(op);
  }

private:
  SmallVector<Value> place(OpOperand &operand) {
    AffineMap map = op.getMatchingIndexingMap(&operand);
    // Results do not depend on the loops that are reduced.
    SmallVector<Value> all(indices);
    all.resize(op.getNumLoops(), zero);
    SmallVector<OpFoldResult> at =
        affine::makeComposedFoldedMultiResultAffineApply(
            b, loc, map, getAsOpFoldResult(all));
    return getValueOrCreateConstantIndexOp(b, loc, at);
  }

  Value load(OpOperand &operand) {
    if (!isa<MemRefType>(operand.get().getType()))
      return operand.get();
    return memref::LoadOp::create(b, loc, operand.get(), place(operand));
  }

  /// The loops that are left, innermost last, around the body.
  SmallVector<Value> reduce(ValueRange accumulators) {
    if (indices.size() == op.getNumLoops())
      return body(accumulators);
    auto loop = scf::ForOp::create(b, loc, zero, sizes[indices.size()], one,
                                   accumulators);
    indices.push_back(loop.getInductionVar());
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(loop.getBody());
    SmallVector<Value> inner = reduce(loop.getRegionIterArgs());
    scf::YieldOp::create(b, loc, inner);
    indices.pop_back();
    return loop.getResults();
  }

  SmallVector<Value> body(ValueRange accumulators) {
    IRMapping mapping;
    for (OpOperand *input : op.getDpsInputOperands())
      mapping.map(op.getMatchingBlockArgument(input), load(*input));
    for (auto [argument, value] :
         llvm::zip_equal(op.getRegionOutputArgs(), accumulators))
      mapping.map(argument, value);
    for (Operation &inner : op.getBlock()->without_terminator()) {
      if (auto index = dyn_cast<linalg::IndexOp>(inner))
        mapping.map(index.getResult(), indices[index.getDim()]);
      else
        b.clone(inner, mapping);
    }
    SmallVector<Value> results;
    for (Value v : op.getBlock()->getTerminator()->getOperands())
      results.push_back(mapping.lookupOrDefault(v));
    return results;
  }

  linalg::LinalgOp op;
  RewriterBase &b;
  Location loc;
  unsigned split;
  Value zero, one;
  SmallVector<Value> sizes, indices;
};

struct LowerLinalgPass : tw::impl::LowerLinalgBase<LowerLinalgPass> {
  void runOnOperation() override {
    IRRewriter rewriter(&getContext());
    SmallVector<linalg::LinalgOp> ops;
    getOperation().walk([&](linalg::LinalgOp op) { ops.push_back(op); });
    for (linalg::LinalgOp op : ops)
      if (failed(lower(rewriter, op)))
        return signalPassFailure();
  }

  static LogicalResult lower(IRRewriter &rewriter, linalg::LinalgOp op) {
    if (!op.hasPureBufferSemantics())
      return op.emitOpError("is not on buffers");
    if (trailingReductions(op)) {
      allowReassociation(*op.getBlock());
      LoopWriter(op, rewriter).run();
      return success();
    }
    rewriter.setInsertionPoint(op);
    if (failed(linalg::linalgOpToLoops(rewriter, op)))
      return op.emitOpError("has no loops");
    rewriter.eraseOp(op);
    return success();
  }
};

} // namespace
