#include "passes/Passes.h"

using namespace tw;

namespace tw {
#define GEN_PASS_DEF_WIDENBOOLS
#include "passes/Passes.h.inc"
} // namespace tw

namespace {

bool isNarrow(Type type) {
  auto integer = dyn_cast<IntegerType>(type);
  return integer && integer.getWidth() < 8;
}

Type widened(Type type) {
  auto memref = dyn_cast<MemRefType>(type);
  if (!memref || !isNarrow(memref.getElementType()))
    return type;
  return MemRefType::Builder(memref).setElementType(
      IntegerType::get(type.getContext(), 8));
}

void widenTypes(Operation *op) {
  for (Value result : op->getResults())
    if (!isa<memref::LoadOp>(op))
      result.setType(widened(result.getType()));
  for (Region &region : op->getRegions())
    for (Block &block : region)
      for (BlockArgument argument : block.getArguments())
        argument.setType(widened(argument.getType()));
  if (auto function = dyn_cast<func::FuncOp>(op))
    if (!function.isExternal())
      function.setType(FunctionType::get(op->getContext(),
                                         function.front().getArgumentTypes(),
                                         function.getResultTypes()));
}

void widenGlobal(memref::GlobalOp op) {
  auto type = widened(op.getType());
  if (type == op.getType())
    return;
  op.setType(cast<MemRefType>(type));
  auto narrow = dyn_cast_or_null<DenseElementsAttr>(
      op.getInitialValue().value_or(Attribute()));
  if (narrow)
    op.setInitialValueAttr(
        narrow.mapValues(IntegerType::get(op.getContext(), 8),
                         [](const APInt &v) { return v.zext(8); }));
}

/// load : i1  =>  trunci(load : i8)
void widenLoad(memref::LoadOp op) {
  Type narrow = op.getType();
  if (!isNarrow(narrow))
    return;
  OpBuilder b(op->getContext());
  b.setInsertionPointAfter(op);
  op.getResult().setType(b.getI8Type());
  auto value = arith::TruncIOp::create(b, op.getLoc(), narrow, op.getResult());
  op.getResult().replaceAllUsesExcept(value, value);
}

/// store x : i1  =>  store extui(x) : i8
void widenStore(memref::StoreOp op) {
  if (!isNarrow(op.getValue().getType()))
    return;
  OpBuilder b(op);
  op.getValueMutable().assign(
      arith::ExtUIOp::create(b, op.getLoc(), b.getI8Type(), op.getValue()));
}

struct WidenBoolsPass : tw::impl::WidenBoolsBase<WidenBoolsPass> {
  void runOnOperation() override {
    getOperation().walk([](memref::GlobalOp op) { widenGlobal(op); });
    getOperation().walk([](Operation *op) { widenTypes(op); });
    getOperation().walk([](memref::LoadOp op) { widenLoad(op); });
    getOperation().walk([](memref::StoreOp op) { widenStore(op); });
  }
};

} // namespace
