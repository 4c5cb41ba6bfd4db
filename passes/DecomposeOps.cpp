#include "passes/Passes.h"

using namespace tw;

namespace tw {
#define GEN_PASS_DEF_DECOMPOSEOPS
#include "passes/Passes.h.inc"
} // namespace tw

namespace {

Type signlessTensor(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  if (!tensor)
    return type;
  return RankedTensorType::get(tensor.getShape(),
                               nn::signless(tensor.getElementType()));
}

/// Memory has signless elements: arguments and results change their type, and
/// casts keep what uses them as it was.
void makeSignless(func::FuncOp function) {
  Block &entry = function.front();
  OpBuilder b = OpBuilder::atBlockBegin(&entry);
  for (BlockArgument argument : entry.getArguments()) {
    Type type = argument.getType();
    if (signlessTensor(type) == type)
      continue;
    argument.setType(signlessTensor(type));
    auto cast = tensor::BitcastOp::create(b, argument.getLoc(), type, argument);
    argument.replaceAllUsesExcept(cast, cast);
  }
  Operation *terminator = entry.getTerminator();
  b.setInsertionPoint(terminator);
  for (OpOperand &operand : terminator->getOpOperands()) {
    Type type = signlessTensor(operand.get().getType());
    if (type != operand.get().getType())
      operand.set(tensor::BitcastOp::create(b, terminator->getLoc(), type,
                                            operand.get()));
  }
  function.setType(b.getFunctionType(entry.getArgumentTypes(),
                                     terminator->getOperandTypes()));
}

/// nn.constant => arith.constant, whose elements are signless.
void lowerConstant(nn::ConstantOp op) {
  OpBuilder b(op);
  auto type = cast<RankedTensorType>(op.getType());
  auto wanted = cast<RankedTensorType>(signlessTensor(type));
  auto value = cast<DenseElementsAttr>(op.getValue());
  if (wanted != type)
    value = value.bitcast(wanted.getElementType());
  Value constant = arith::ConstantOp::create(b, op.getLoc(), value);
  if (wanted != type)
    constant = tensor::BitcastOp::create(b, op.getLoc(), type, constant);
  op.replaceAllUsesWith(constant);
  op.erase();
}

LogicalResult decompose(Operation *op) {
  OpBuilder b(op);
  auto values = cast<linalg::AggregatedOpInterface>(op).decomposeOperation(b);
  if (failed(values))
    return op->emitOpError("cannot be decomposed inside a kernel");
  op->replaceAllUsesWith(*values);
  op->erase();
  return success();
}

struct DecomposeOpsPass : tw::impl::DecomposeOpsBase<DecomposeOpsPass> {
  void runOnOperation() override {
    makeSignless(getOperation());
    getOperation().walk([](nn::ConstantOp op) { lowerConstant(op); });
    // A decomposition may hold ops that are decomposed in turn.
    for (;;) {
      SmallVector<Operation *> ops;
      getOperation().walk(
          [&](linalg::AggregatedOpInterface op) { ops.push_back(op); });
      if (ops.empty())
        return;
      for (Operation *op : ops)
        if (failed(decompose(op)))
          return signalPassFailure();
    }
  }
};

} // namespace
