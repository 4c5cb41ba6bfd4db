#include "passes/Passes.h"

#include "dialects/rt/RT.h"

#include "mlir/Interfaces/SideEffectInterfaces.h"

using namespace tw;

namespace tw {
#define GEN_PASS_DEF_HOISTSHAPEARITHMETIC
#include "passes/Passes.h.inc"
} // namespace tw

namespace {

bool isScalar(Type type) { return type.isIntOrIndexOrFloat(); }

/// Pure arithmetic on scalars, or a dim of a function argument.
bool isShapeArithmetic(Operation *op) {
  if (op->getNumRegions() || !isPure(op) ||
      !llvm::all_of(op->getResultTypes(), isScalar))
    return false;
  if (isa<tensor::DimOp>(op))
    return isa<BlockArgument>(op->getOperand(0));
  return llvm::all_of(op->getOperandTypes(), isScalar);
}

/// Checks come before what they protect.
bool isCheck(Operation *op) { return isa<rt::CheckOp>(op); }

struct HoistShapeArithmeticPass
    : tw::impl::HoistShapeArithmeticBase<HoistShapeArithmeticPass> {
  void runOnOperation() override {
    Block &entry = getOperation().getBody().front();
    Operation *rest = nullptr;
    auto isEarly = [&](Value v) {
      Operation *producer = v.getDefiningOp();
      return !producer || !rest || producer->isBeforeInBlock(rest);
    };
    for (Operation &op : llvm::make_early_inc_range(entry)) {
      bool hoist = (isShapeArithmetic(&op) || isCheck(&op)) &&
                   llvm::all_of(op.getOperands(), isEarly);
      if (hoist && rest)
        op.moveBefore(rest);
      else if (!hoist && !rest)
        rest = &op;
    }
  }
};

} // namespace
