#include "passes/ptx/LaneSums.h"

#include "mlir/Analysis/SliceAnalysis.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/IRMapping.h"

using namespace tw;

static constexpr int64_t kWarp = 32;

Operation *tw::sumCombiner(linalg::LinalgOp op) {
  SmallVector<Operation *> ops;
  if (op.getNumDpsInits() != 1 ||
      !matchReduction(op.getRegionOutputArgs(), 0, ops) || ops.size() != 1 ||
      ops[0]->getNumOperands() != 2 || !arith::getNeutralElement(ops[0]))
    return nullptr;
  return ops[0];
}

Value tw::combineSums(OpBuilder &b, Operation *combiner, Value x, Value y) {
  IRMapping mapping;
  mapping.map(combiner->getOperand(0), x);
  mapping.map(combiner->getOperand(1), y);
  return b.clone(*combiner, mapping)->getResult(0);
}

static Value exchange(OpBuilder &b, Location loc, Value word,
                      NVVM::ShflKind kind, Value which) {
  auto number = [&](int64_t n) -> Value {
    return arith::ConstantIntOp::create(b, loc, n, 32);
  };
  // Where a warp's lanes end: in the direction that values come from.
  Value end = number(kind == NVVM::ShflKind::up ? 0 : kWarp - 1);
  return NVVM::ShflOp::create(
      b, loc, word.getType(), number(-1), word, which, end,
      NVVM::ShflKindAttr::get(b.getContext(), kind), UnitAttr());
}

static Value exchangeHalves(OpBuilder &b, Location loc, Value own,
                            NVVM::ShflKind kind, Value which) {
  Type i32 = b.getI32Type(), type = own.getType();
  Value half = arith::ConstantIntOp::create(b, loc, 32, 64);
  Value high = arith::TruncIOp::create(
      b, loc, i32, arith::ShRUIOp::create(b, loc, own, half));
  Value low = arith::TruncIOp::create(b, loc, i32, own);
  high =
      arith::ExtUIOp::create(b, loc, type, exchange(b, loc, high, kind, which));
  low =
      arith::ExtUIOp::create(b, loc, type, exchange(b, loc, low, kind, which));
  return arith::OrIOp::create(b, loc, arith::ShLIOp::create(b, loc, high, half),
                              low);
}

Value tw::fromLane(OpBuilder &b, Location loc, Value own, NVVM::ShflKind kind,
                   Value which) {
  Type type = own.getType(), i32 = b.getI32Type();
  unsigned bits = type.getIntOrFloatBitWidth();
  auto integer = b.getIntegerType(bits);
  if (integer != type)
    own = arith::BitcastOp::create(b, loc, integer, own);
  Value result;
  if (bits > 32) {
    result = exchangeHalves(b, loc, own, kind, which);
  } else {
    Value word = bits < 32 ? arith::ExtUIOp::create(b, loc, i32, own) : own;
    result = exchange(b, loc, word, kind, which);
    if (bits < 32)
      result = arith::TruncIOp::create(b, loc, integer, result);
  }
  return integer != type ? arith::BitcastOp::create(b, loc, type, result)
                         : result;
}

Value tw::sumOverLanes(OpBuilder &b, Location loc, Operation *combiner,
                       Value own, int64_t lanes) {
  for (int64_t distance = lanes / 2; distance; distance /= 2) {
    Value which = arith::ConstantIntOp::create(b, loc, distance, 32);
    own = combineSums(b, combiner, own,
                      fromLane(b, loc, own, NVVM::ShflKind::bfly, which));
  }
  return own;
}
