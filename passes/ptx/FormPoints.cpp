#include "passes/Passes.h"
#include "passes/ptx/Points.h"

#include "mlir/Dialect/LLVMIR/NVVMDialect.h"

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

/// A heavy op, one element per point or several neighbours.
LogicalResult formElements(OpBuilder &b, EpilogueOpInterface op) {
  FailureOr<bool> formed = formNeighbours(b, op);
  if (failed(formed) || *formed)
    return formed;
  Location loc = op.getLoc();
  Value init = op.getDpsInits()[0];
  auto points = createPoints(b, loc, memref::getMixedSizes(b, loc, init));
  SmallVector<Value> at(points.getInductionVars());
  return storeElement(b, op, at);
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
