#include "dialects/nn/NN.h"

using namespace tw;
using namespace tw::nn;

Type QuantizeLinearOp::target() {
  if (getZeroPoint())
    return ShapeBuilder::elementType(getZeroPoint());
  return getOutputDtype().value_or(
      IntegerType::get(getContext(), 8, IntegerType::Unsigned));
}

Type DequantizeLinearOp::target() {
  return getOutputDtype().value_or(ShapeBuilder::elementType(getScale()));
}

LogicalResult tw::nn::inferQuantization(Operation *op, int64_t axis,
                                        int64_t blockSize, Type target,
                                        ShapeBuilder &shapes,
                                        SmallVectorImpl<ResultShape> &results) {
  Value x = op->getOperand(0), scale = op->getOperand(1);
  int64_t rank = ShapeBuilder::rank(x), scaleRank = ShapeBuilder::rank(scale);
  bool isBlocked = scaleRank > 1;
  if (isBlocked && (scaleRank != rank || blockSize < 1))
    return op->emitOpError("input 'scale': expected a scalar, a vector, or "
                           "with 'block_size' rank ")
           << rank << ", found " << scale.getType();
  bool usesAxis = isBlocked || (scaleRank == 1 && rank > 1);
  if (usesAxis && failed(normalizeAxis(op, axis, rank)))
    return failure();
  results.push_back({shapes.dims(x), target});
  return success();
}

SmallVector<Value> tw::nn::transposableParameters(Operation *op) {
  SmallVector<Value> operands{op->getOperand(0)};
  for (Value parameter : op->getOperands().drop_front())
    if (ShapeBuilder::rank(parameter) > 1)
      operands.push_back(parameter);
  return operands;
}

namespace {
/// How scales and zero points lie along x.
struct Parameters {
  Parameters(Operation *op, int64_t axis, int64_t blockSize)
      : blockSize(blockSize) {
    int64_t rank = ShapeBuilder::rank(op->getOperand(0));
    this->axis = rank == 1 ? 0 : axis < 0 ? axis + rank : axis;
  }

  /// Whether `parameter` broadcasts to x, as operands of elementwise ops do.
  bool broadcasts(Value parameter, Value x) const {
    auto type = cast<RankedTensorType>(parameter.getType());
    int64_t rank = ShapeBuilder::rank(x);
    return type.getRank() == 0 ||
           (type.getRank() == 1 && rank > 0 && !type.isDynamicDim(0) &&
            (type.getDimSize(0) == 1 || axis == rank - 1));
  }

  /// The element of `parameter` that belongs to x's element `at`.
  Value read(OpBuilder &b, Location loc, Value parameter, ValueRange at) const {
    auto type = cast<RankedTensorType>(parameter.getType());
    SmallVector<Value> from;
    if (type.getRank() == 1)
      from.push_back(type.getDimSize(0) == 1
                         ? Value(arith::ConstantIndexOp::create(b, loc, 0))
                         : at[axis]);
    if (type.getRank() > 1) {
      ShapeBuilder shapes(b, loc);
      from.assign(at.begin(), at.end());
      from[axis] = shapes.value(shapes.floorDiv(getAsOpFoldResult(at[axis]),
                                                shapes.constant(blockSize)));
    }
    return extract(b, loc, parameter, from);
  }

  int64_t axis, blockSize;
};
} // namespace

/// body(x's element, its scale, its zero point or null), over x. Parameters
/// that broadcast are operands like x: the loop may then join the product that
/// makes x. Others are read where they are.
static Value mapQuantized(
    OpBuilder &b, Operation *op, const Parameters &parameters,
    llvm::function_ref<Value(OpBuilder &, Location, Value, Value, Value)>
        body) {
  Location loc = op->getLoc();
  Value x = signless(b, loc, op->getOperand(0)), scale = op->getOperand(1);
  Value zero =
      op->getNumOperands() > 2 ? signless(b, loc, op->getOperand(2)) : Value();
  bool asOperands = parameters.broadcasts(scale, x) &&
                    (!zero || parameters.broadcasts(zero, x));
  SmallVector<Value> inputs{x};
  if (asOperands)
    inputs.push_back(scale);
  if (asOperands && zero)
    inputs.push_back(zero);
  Type element = signless(ShapeBuilder::elementType(op->getResult(0)));
  ShapeBuilder shapes(b, loc);
  return elementwise(
      b, loc, inputs, shapes.dims(x), element,
      [&](OpBuilder &n, Location l, ValueRange args) {
        if (asOperands)
          return body(n, l, args[0], args[1], zero ? args[2] : Value());
        SmallVector<Value> at;
        for (int64_t i = 0, rank = ShapeBuilder::rank(x); i < rank; ++i)
          at.push_back(linalg::IndexOp::create(n, l, i));
        return body(n, l, args[0], parameters.read(n, l, scale, at),
                    zero ? parameters.read(n, l, zero, at) : Value());
      });
}

/// round(quotient) + zero, as integer type `target`, which it does not leave.
static Value toInteger(OpBuilder &b, Location loc, Scalar quotient,
                       std::optional<Scalar> zero, Type target) {
  unsigned width = target.getIntOrFloatBitWidth();
  bool isUnsigned = target.isUnsignedInteger();
  double lowest = isUnsigned ? 0 : -std::ldexp(1, width - 1);
  double highest = std::ldexp(1, isUnsigned ? width : width - 1) - 1;
  Scalar rounded = quotient.make<math::RoundEvenOp>(Value(quotient));
  if (zero)
    rounded = rounded + *zero;
  Scalar inside =
      atMost(atLeast(rounded, rounded.like(lowest)), rounded.like(highest));
  return castScalar(b, loc, inside, inside.type(), target);
}

FailureOr<SmallVector<Value>>
QuantizeLinearOp::decomposeOperation(OpBuilder &b) {
  Type from = ShapeBuilder::elementType(getX()), to = target(),
       scaleType = ShapeBuilder::elementType(getScale()), f32 = b.getF32Type();
  bool saturates = getSaturate();
  Value result = mapQuantized(
      b, *this, Parameters(*this, getAxis(), getBlockSize()),
      [&](OpBuilder &n, Location l, Value x, Value scale, Value zero) {
        Scalar value(n, l, castScalar(n, l, x, from, f32));
        Scalar quotient =
            value / value.with(castScalar(n, l, scale, scaleType, f32));
        std::optional<Scalar> offset;
        if (zero)
          offset = value.with(castScalar(n, l, zero, to, f32));
        if (isa<IntegerType>(to))
          return toInteger(n, l, quotient, offset, to);
        Scalar sum = offset ? quotient + *offset : quotient;
        return castScalar(n, l, sum, f32, to, {saturates});
      });
  return SmallVector<Value>{asResult(b, *this, 0, result)};
}

FailureOr<SmallVector<Value>>
DequantizeLinearOp::decomposeOperation(OpBuilder &b) {
  Type from = ShapeBuilder::elementType(getX()),
       scaleType = ShapeBuilder::elementType(getScale()), f32 = b.getF32Type();
  // Integers subtract exactly in i32.
  Type exact = isa<IntegerType>(from) ? Type(b.getI32Type()) : f32;
  Type to = target();
  Value result = mapQuantized(
      b, *this, Parameters(*this, getAxis(), getBlockSize()),
      [&](OpBuilder &n, Location l, Value x, Value scale, Value zero) {
        Scalar value(n, l, castScalar(n, l, x, from, exact));
        if (zero)
          value = value - value.with(castScalar(n, l, zero, from, exact));
        Scalar number = value.with(castScalar(n, l, value, exact, f32));
        Value product =
            number * number.with(castScalar(n, l, scale, scaleType, f32));
        return castScalar(n, l, product, f32, to);
      });
  return SmallVector<Value>{asResult(b, *this, 0, result)};
}

/// In the newest form, 0 stands for no type.
static void dropDefaults(OnnxNode &node) {
  if (node.integer("output_dtype") == 0)
    node.take("output_dtype");
  node.take("precision");
}

FailureOr<SmallVector<Value>> QuantizeLinearOp::importOnnx(OnnxNode &node) {
  dropDefaults(node);
  return node.importAs<QuantizeLinearOp>();
}

FailureOr<SmallVector<Value>> DequantizeLinearOp::importOnnx(OnnxNode &node) {
  dropDefaults(node);
  return node.importAs<DequantizeLinearOp>();
}
