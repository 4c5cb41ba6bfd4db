#include "passes/ScalarCost.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;

static int64_t opCost(Operation &op) {
  if (op.hasTrait<OpTrait::IsTerminator>() || isa<arith::ConstantOp>(op))
    return 0;
  if (op.getNumRegions())
    return 200;
  if (isa<math::AbsFOp, math::AbsIOp, math::FmaOp, math::CopySignOp,
          math::FloorOp, math::CeilOp, math::RoundEvenOp, math::TruncOp>(op))
    return 1;
  if (isa<math::SqrtOp, math::RsqrtOp, arith::DivFOp>(op))
    return 6;
  if (isa<arith::DivSIOp, arith::DivUIOp, arith::RemSIOp, arith::RemUIOp,
          arith::RemFOp, arith::FloorDivSIOp, arith::CeilDivSIOp>(op))
    return op.getResult(0).getType().isIndex() ? 4 : 16;
  if (isa<math::MathDialect>(op.getDialect()))
    return 16;
  if (isa<tensor::ExtractOp>(op))
    return 3;
  return 1;
}

int64_t tw::scalarCost(Block *body) {
  int64_t cost = 0;
  for (Operation &op : *body)
    cost += opCost(op);
  return cost;
}
