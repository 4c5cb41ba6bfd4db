#include "dialects/tile/Lines.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

using namespace tw;
using namespace tw::tile;

static Dim sizeOf(OpBuilder &b, Location loc, Value buffer, int64_t i) {
  if (auto expand = buffer.getDefiningOp<memref::ExpandShapeOp>())
    return expand.getMixedOutputShape()[i];
  if (auto view = buffer.getDefiningOp<memref::ReinterpretCastOp>())
    return view.getMixedSizes()[i];
  if (auto cast = buffer.getDefiningOp<memref::CastOp>())
    return sizeOf(b, loc, cast.getSource(), i);
  if (auto alloc = buffer.getDefiningOp<memref::AllocOp>())
    return alloc.getMixedSizes()[i];
  return memref::getMixedSize(b, loc, buffer, i);
}

Lines tw::tile::linesOf(OpBuilder &b, Location loc, Value buffer) {
  auto type = cast<MemRefType>(buffer.getType());
  Dims sizes;
  for (int64_t i = 0; i < 3; ++i)
    sizes.push_back(type.isDynamicDim(i)
                        ? sizeOf(b, loc, buffer, i)
                        : Dim(b.getIndexAttr(type.getDimSize(i))));
  return {sizes[0], sizes[1], sizes[2]};
}

bool tw::tile::isHostKnown(Dim size) {
  SmallVector<Value> values;
  if (auto value = dyn_cast<Value>(size))
    values.push_back(value);
  while (!values.empty()) {
    Operation *op = values.pop_back_val().getDefiningOp();
    if (!op || isa<memref::DimOp>(op))
      continue;
    if (!isMemoryEffectFree(op) || op->getNumRegions())
      return false;
    llvm::append_range(values, op->getOperands());
  }
  return true;
}

Value tw::tile::scanNeutral(OpBuilder &b, Location loc, StringRef kind,
                            Type type) {
  int64_t number = kind == "mul" ? 1 : 0;
  if (isa<FloatType>(type))
    return arith::ConstantOp::create(b, loc, b.getFloatAttr(type, number));
  return arith::ConstantOp::create(b, loc, b.getIntegerAttr(type, number));
}

Value tw::tile::scanStep(OpBuilder &b, Location loc, StringRef kind, Value x,
                         Value y) {
  bool isFloat = isa<FloatType>(x.getType());
  if (kind == "mul")
    return isFloat ? arith::MulFOp::create(b, loc, x, y).getResult()
                   : arith::MulIOp::create(b, loc, x, y).getResult();
  return isFloat ? arith::AddFOp::create(b, loc, x, y).getResult()
                 : arith::AddIOp::create(b, loc, x, y).getResult();
}

namespace {

/// Integer arithmetic on the bits of one value.
struct Bits {
  Bits(OpBuilder &b, Location loc, unsigned width)
      : b(b), loc(loc), width(width), type(b.getIntegerType(width)) {}

  Value number(const APInt &value) const {
    return arith::ConstantOp::create(b, loc, b.getIntegerAttr(type, value));
  }
  Value flipped(Value x, const APInt &bits) const {
    return arith::XOrIOp::create(b, loc, x, number(bits));
  }

  /// Signed bits in unsigned order.
  Value ofSigned(Value x) const {
    return flipped(x, APInt::getSignMask(width));
  }

  /// Negative floats grow downwards: all their bits are turned around. NaNs
  /// are what lies above infinity, and -0 becomes 0 before.
  Value ofFloat(Value x) const {
    Value bits = arith::BitcastOp::create(b, loc, type, x);
    Value zero = number(APInt::getZero(width));
    auto is = [&](arith::CmpFPredicate how, Value other) -> Value {
      return arith::CmpFOp::create(b, loc, how, x, other);
    };
    Value floatZero =
        arith::ConstantOp::create(b, loc, b.getZeroAttr(x.getType()));
    bits = arith::SelectOp::create(
        b, loc, is(arith::CmpFPredicate::OEQ, floatZero), zero, bits);
    Value isNegative =
        arith::CmpIOp::create(b, loc, arith::CmpIPredicate::slt, bits, zero);
    Value ordered = arith::SelectOp::create(
        b, loc, isNegative, flipped(bits, APInt::getAllOnes(width)),
        ofSigned(bits));
    return arith::SelectOp::create(b, loc, is(arith::CmpFPredicate::UNO, x),
                                   number(APInt::getAllOnes(width)), ordered);
  }

  OpBuilder &b;
  Location loc;
  unsigned width;
  Type type;
};

} // namespace

Value tw::tile::sortKey(OpBuilder &b, Location loc, Value value,
                        bool isUnsigned, bool isDescending) {
  Type type = value.getType();
  unsigned width = type.getIntOrFloatBitWidth();
  Bits bits(b, loc, width);
  Value key = isa<FloatType>(type)       ? bits.ofFloat(value)
              : isUnsigned || width == 1 ? value
                                         : bits.ofSigned(value);
  return isDescending ? bits.flipped(key, APInt::getAllOnes(width)) : key;
}
