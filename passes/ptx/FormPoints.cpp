#include "passes/Passes.h"
#include "passes/ptx/Points.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/IR/IRMapping.h"

using namespace tw;

namespace tw {
#define GEN_PASS_DEF_FORMPOINTS
#include "passes/Passes.h.inc"
} // namespace tw

namespace {

scf::ForallOp createPoints(OpBuilder &b, Location loc,
                           ArrayRef<OpFoldResult> sizes) {
  auto points =
      scf::ForallOp::create(b, loc, sizes, ValueRange(), std::nullopt);
  points->setAttr(kPointsAttr, b.getUnitAttr());
  b.setInsertionPoint(points.getTerminator());
  return points;
}

/// One linalg op on buffers.
class LinalgFormer {
public:
  LinalgFormer(OpBuilder &b, linalg::LinalgOp op)
      : b(b), loc(op.getLoc()), op(op), at(op.getNumLoops()) {}

  void form() {
    SmallVector<Range> ranges = op.createLoopRanges(b, loc);
    SmallVector<unsigned> parallel, reduction;
    for (auto [i, type] : llvm::enumerate(op.getIteratorTypesArray()))
      (type == utils::IteratorType::parallel ? parallel : reduction)
          .push_back(i);
    Dims sizes;
    for (unsigned i : parallel)
      sizes.push_back(ranges[i].size);
    auto points = createPoints(b, loc, sizes);
    for (auto [i, index] : llvm::zip_equal(parallel, points.getInductionVars()))
      at[i] = index;
    for (unsigned i : reduction)
      at[i] = arith::ConstantIndexOp::create(b, loc, 0);
    storeResults(sums(ranges, reduction, initialValues()));
  }

private:
  SmallVector<Value> indices(OpOperand &operand) {
    SmallVector<Value> result;
    AffineMap map = op.getMatchingIndexingMap(&operand);
    for (AffineExpr e : map.getResults()) {
      auto single = AffineMap::get(map.getNumDims(), 0, e);
      result.push_back(getValueOrCreateConstantIndexOp(
          b, loc,
          affine::makeComposedFoldedAffineApply(b, loc, single,
                                                getAsOpFoldResult(at))));
    }
    return result;
  }

  Value load(OpOperand &operand) {
    if (!isa<MemRefType>(operand.get().getType()))
      return operand.get();
    return memref::LoadOp::create(b, loc, operand.get(), indices(operand));
  }

  /// What results hold before; null where that is not read.
  SmallVector<Value> initialValues() {
    SmallVector<Value> values;
    for (OpOperand &init : op.getDpsInitsMutable()) {
      bool isRead =
          op.getNumReductionLoops() || op.payloadUsesValueFromOperand(&init);
      values.push_back(isRead ? load(init) : Value());
    }
    return values;
  }

  /// Runs the body over all loops that are reduced, the sums in registers.
  SmallVector<Value> sums(ArrayRef<Range> ranges, ArrayRef<unsigned> loops,
                          SmallVector<Value> carried) {
    if (loops.empty())
      return body(carried);
    const Range &range = ranges[loops.front()];
    auto value = [&](OpFoldResult d) {
      return getValueOrCreateConstantIndexOp(b, loc, d);
    };
    auto loop = scf::ForOp::create(
        b, loc, value(range.offset), value(range.size), value(range.stride),
        carried, [&](OpBuilder &, Location, Value i, ValueRange inner) {
          at[loops.front()] = i;
          scf::YieldOp::create(
              b, loc,
              sums(ranges, loops.drop_front(), SmallVector<Value>(inner)));
        });
    return SmallVector<Value>(loop.getResults());
  }

  SmallVector<Value> body(ArrayRef<Value> carried) {
    IRMapping mapping;
    Block *block = op.getBlock();
    for (OpOperand *input : op.getDpsInputOperands())
      mapping.map(op.getMatchingBlockArgument(input), load(*input));
    for (auto [init, value] :
         llvm::zip_equal(op.getRegionOutputArgs(), carried))
      if (value)
        mapping.map(init, value);
    for (Operation &inner : block->without_terminator())
      if (auto index = dyn_cast<linalg::IndexOp>(inner))
        mapping.map(index.getResult(), at[index.getDim()]);
      else
        replaceIndices(b.clone(inner, mapping));
    SmallVector<Value> results;
    for (Value result : block->getTerminator()->getOperands())
      results.push_back(mapping.lookupOrDefault(result));
    return results;
  }

  void replaceIndices(Operation *clone) {
    clone->walk([&](linalg::IndexOp index) {
      index.replaceAllUsesWith(at[index.getDim()]);
      index.erase();
    });
  }

  void storeResults(ArrayRef<Value> values) {
    for (auto [init, value] : llvm::zip_equal(op.getDpsInitsMutable(), values))
      memref::StoreOp::create(b, loc, value, init.get(), indices(init));
  }

  OpBuilder &b;
  Location loc;
  linalg::LinalgOp op;
  SmallVector<Value> at; ///< per loop
};

/// Elements of extras, read where their maps say.
Value loadExtra(OpBuilder &b, Location loc, Value extra, AffineMap map,
                ValueRange at) {
  if (!isa<MemRefType>(extra.getType()))
    return extra;
  SmallVector<Value> indices;
  for (AffineExpr e : map.getResults()) {
    auto dim = dyn_cast<AffineDimExpr>(e);
    indices.push_back(dim ? at[dim.getPosition()]
                          : arith::ConstantIndexOp::create(b, loc, 0));
  }
  return memref::LoadOp::create(b, loc, extra, indices);
}

} // namespace

Value tw::finishElement(OpBuilder &b, EpilogueOpInterface op, Value sum,
                        ValueRange at) {
  Block &block = op.getEpilogue().front();
  IRMapping mapping;
  mapping.map(block.getArgument(0), sum);
  for (auto [i, extra, map] : llvm::enumerate(
           op.getExtras(), op.getExtraMaps().getAsValueRange<AffineMapAttr>()))
    mapping.map(block.getArgument(i + 1),
                loadExtra(b, op.getLoc(), extra, map, at));
  for (Operation &inner : block.without_terminator())
    b.clone(inner, mapping);
  return mapping.lookupOrDefault(block.getTerminator()->getOperand(0));
}

namespace {

/// A heavy op, one element per point.
LogicalResult formElements(OpBuilder &b, EpilogueOpInterface op) {
  Location loc = op.getLoc();
  Value init = op.getDpsInits()[0];
  auto points = createPoints(b, loc, memref::getMixedSizes(b, loc, init));
  SmallVector<Value> at(points.getInductionVars());
  FailureOr<Value> sum = op.buildSum(b, at);
  if (failed(sum))
    return op.emitOpError("is not computed element by element, which is all "
                          "that this target can do");
  memref::StoreOp::create(b, loc, finishElement(b, op, *sum, at), init, at);
  return success();
}

struct FormPointsPass : tw::impl::FormPointsBase<FormPointsPass> {
  void runOnOperation() override {
    SmallVector<Operation *> ops;
    getOperation().walk([&](Operation *op) {
      if (isa<linalg::LinalgOp, EpilogueOpInterface>(op))
        ops.push_back(op);
    });
    OpBuilder b(&getContext());
    for (Operation *op : ops) {
      b.setInsertionPoint(op);
      if (auto onBuffers = dyn_cast<linalg::LinalgOp>(op))
        LinalgFormer(b, onBuffers).form();
      else if (failed(formElements(b, cast<EpilogueOpInterface>(op))))
        return signalPassFailure();
      op->erase();
    }
  }
};

} // namespace
