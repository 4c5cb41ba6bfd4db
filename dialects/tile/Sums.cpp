#include "dialects/tile/Sums.h"

#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace tw;
using namespace tw::tile;

Value SumBuilder::index(int64_t value) {
  return arith::ConstantIndexOp::create(b, loc, value);
}
Value SumBuilder::inAllLanes(Value scalar) {
  if (lanes == 1)
    return scalar;
  auto type = VectorType::get(lanes, scalar.getType());
  return vector::BroadcastOp::create(b, loc, type, scalar);
}
Value SumBuilder::constant(TypedAttr number) {
  return inAllLanes(arith::ConstantOp::create(b, loc, number));
}
Value SumBuilder::add(Value x, Value y) {
  return b.createOrFold<arith::AddIOp>(loc, x, y);
}
Value SumBuilder::mul(Value x, Value y) {
  return b.createOrFold<arith::MulIOp>(loc, x, y);
}
Value SumBuilder::div(Value x, int64_t y) {
  return b.createOrFold<arith::DivUIOp>(loc, x, index(y));
}
Value SumBuilder::rem(Value x, int64_t y) {
  return b.createOrFold<arith::RemUIOp>(loc, x, index(y));
}

Value SumBuilder::size(Value buffer, int64_t dim) {
  auto type = cast<MemRefType>(buffer.getType());
  if (dim < 0)
    dim += type.getRank();
  if (!type.isDynamicDim(dim))
    return index(type.getDimSize(dim));
  return memref::DimOp::create(b, loc, buffer, dim);
}

Value SumBuilder::isInside(Value x, Value end) {
  return arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ult, x, end);
}
Value SumBuilder::both(Value x, Value y) {
  return arith::AndIOp::create(b, loc, x, y);
}

static Value loadAsIs(SumBuilder &s, Value buffer, ValueRange at) {
  if (s.lanes == 1)
    return memref::LoadOp::create(s.b, s.loc, buffer, at);
  Type element = cast<MemRefType>(buffer.getType()).getElementType();
  int64_t bytes = s.lanes * element.getIntOrFloatBitWidth() / 8;
  return vector::LoadOp::create(s.b, s.loc, VectorType::get(s.lanes, element),
                                buffer, at, /*nontemporal=*/false,
                                llvm::MaybeAlign(bytes));
}

Value SumBuilder::load(Value buffer, ValueRange at, Type type,
                       bool isUnsigned) {
  Value element = loadAsIs(*this, buffer, at);
  if (getElementTypeOrSelf(element.getType()) == type)
    return element;
  if (lanes > 1)
    type = VectorType::get(lanes, type);
  bool isInteger = isa<IntegerType>(getElementTypeOrSelf(type));
  if (isInteger && isUnsigned)
    return arith::ExtUIOp::create(b, loc, type, element);
  if (isInteger)
    return arith::ExtSIOp::create(b, loc, type, element);
  return arith::ExtFOp::create(b, loc, type, element);
}

Value SumBuilder::multiplyAdd(Value x, Value y, Value sum) {
  if (isa<FloatType>(getElementTypeOrSelf(sum.getType())))
    return math::FmaOp::create(b, loc, x, y, sum);
  return arith::AddIOp::create(b, loc, arith::MulIOp::create(b, loc, x, y),
                               sum);
}

Value SumBuilder::loop(Value end, Value init,
                       llvm::function_ref<Value(Value, Value)> body) {
  auto op = scf::ForOp::create(
      b, loc, index(0), end, index(1), init,
      [&](OpBuilder &, Location, Value i, ValueRange carried) {
        scf::YieldOp::create(b, loc, body(i, carried[0]));
      });
  return op.getResult(0);
}

Value SumBuilder::guarded(Value condition, Value otherwise,
                          llvm::function_ref<Value()> body) {
  auto op = scf::IfOp::create(
      b, loc, condition,
      [&](OpBuilder &, Location) { scf::YieldOp::create(b, loc, body()); },
      [&](OpBuilder &, Location) { scf::YieldOp::create(b, loc, otherwise); });
  return op.getResult(0);
}

/// `at * stride + tap * dilation - pad`; wraps around where that is negative,
/// which is then outside as an unsigned number.
static Value tapPosition(SumBuilder &s, const Window &window, unsigned dim,
                         Value at, Value tap) {
  Value start = s.add(s.mul(at, s.index(window.strides[dim])),
                      s.index(-window.pads[dim]));
  return s.add(start, s.mul(tap, s.index(window.dilations[dim])));
}

Value tw::tile::foldWindow(
    SumBuilder &s, Value image, const Window &window, ValueRange at,
    Value height, Value width, Value init,
    llvm::function_ref<Value(Value, Value, Value, Value, Value)> body) {
  return s.loop(height, init, [&](Value i, Value carried) {
    Value y = tapPosition(s, window, 0, at[1], i);
    Value inRows = s.isInside(y, s.size(image, 1));
    return s.loop(width, carried, [&](Value j, Value inner) {
      Value x = tapPosition(s, window, 1, at[2], j);
      Value isInside = s.both(inRows, s.isInside(x, s.size(image, 2)));
      return s.guarded(isInside, inner,
                       [&] { return body(y, x, i, j, inner); });
    });
  });
}
