#include "passes/Passes.h"
#include "passes/ptx/Points.h"

#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/IR/IRMapping.h"

using namespace tw;

namespace tw {
#define GEN_PASS_DEF_FORMPOINTS
#include "passes/Passes.h.inc"
} // namespace tw

scf::ForallOp tw::createPoints(OpBuilder &b, Location loc,
                               ArrayRef<OpFoldResult> sizes) {
  auto points =
      scf::ForallOp::create(b, loc, sizes, ValueRange(), std::nullopt);
  points->setAttr(kPointsAttr, b.getUnitAttr());
  b.setInsertionPoint(points.getTerminator());
  return points;
}

namespace {

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
        formPoints(b, onBuffers);
      else if (failed(formElements(b, cast<EpilogueOpInterface>(op))))
        return signalPassFailure();
      op->erase();
    }
  }
};

} // namespace
