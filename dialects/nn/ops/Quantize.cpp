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

namespace {
/// How scales and zero points lie along x.
struct Parameters {
  Parameters(Operation *op, int64_t axis, int64_t blockSize)
      : blockSize(blockSize) {
    int64_t rank = ShapeBuilder::rank(op->getOperand(0));
    this->axis = rank == 1 ? 0 : axis < 0 ? axis + rank : axis;
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

/// body(x's element, its scale, its zero point or null), over x.
static Value mapQuantized(
    OpBuilder &b, Operation *op, const Parameters &parameters,
    llvm::function_ref<Value(OpBuilder &, Location, Value, Value, Value)>
        body) {
  Location loc = op->getLoc();
  Value x = signless(b, loc, op->getOperand(0)), scale = op->getOperand(1);
  Value zero =
      op->getNumOperands() > 2 ? signless(b, loc, op->getOperand(2)) : Value();
  Type element = signless(ShapeBuilder::elementType(op->getResult(0)));
  ShapeBuilder shapes(b, loc);
  return elementwise(
      b, loc, x, shapes.dims(x), element,
      [&](OpBuilder &n, Location l, ValueRange args) {
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

/// `x` minus its zero point, exact, as type `element`; a zero point of one
/// number per row of a matrix product's first operand stands upright.
static FailureOr<Value> centred(OnnxNode &node, Value x, Value zero,
                                bool isPerRow, Type element) {
  NamedAttribute to = node.attribute("to", TypeAttr::get(element));
  auto wide = node.build<CastOp>({x}, {to});
  if (failed(wide) || !zero)
    return wide;
  auto offset = node.build<CastOp>({zero}, {to});
  if (failed(offset))
    return failure();
  auto type = cast<RankedTensorType>(offset->getType());
  if (isPerRow && type.getRank() == 1 && type.getDimSize(0) != 1)
    offset = node.build<UnsqueezeOp>({*offset, node.constant({1})});
  if (failed(offset))
    return failure();
  return node.build<SubOp>({*wide, *offset});
}

static FailureOr<Value> centredProduct(OnnxNode &node, Value a, Value aZero,
                                       Value b, Value bZero, Type element) {
  auto left = centred(node, a, aZero, true, element);
  auto right = centred(node, b, bZero, false, element);
  if (failed(left) || failed(right))
    return failure();
  return node.build<MatmulOp>({*left, *right});
}

static FailureOr<Value> asF32(OnnxNode &node, Value x) {
  return node.build<CastOp>(
      {x}, {node.attribute("to", TypeAttr::get(node.builder.getF32Type()))});
}

/// The factor from the integer product to the quantized result.
static FailureOr<Value> productScale(OnnxNode &node) {
  auto a = asF32(node, node.input(1)), b = asF32(node, node.input(4)),
       y = asF32(node, node.input(6));
  if (failed(a) || failed(b) || failed(y))
    return failure();
  auto aType = cast<RankedTensorType>(a->getType());
  if (aType.getRank() == 1 && aType.getDimSize(0) != 1)
    a = node.build<UnsqueezeOp>({*a, node.constant({1})});
  if (failed(a))
    return failure();
  auto both = node.build<MulOp>({*a, *b});
  if (failed(both))
    return failure();
  return node.build<DivOp>({*both, *y});
}

/// quantize((a - a_zero) @ (b - b_zero) * (a_scale * b_scale / y_scale)).
static FailureOr<SmallVector<Value>> importQLinearMatMul(OnnxNode &node) {
  auto product =
      centredProduct(node, node.input(0), node.input(2), node.input(3),
                     node.input(5), node.builder.getF32Type());
  auto scale = productScale(node);
  if (failed(product) || failed(scale))
    return failure();
  auto scaled = node.build<MulOp>({*product, *scale});
  if (failed(scaled))
    return failure();
  Value one = node.scalar(node.builder.getF32Type(), 1);
  node.inputs = {*scaled, one, node.input(7)};
  return node.importAs<QuantizeLinearOp>();
}

FailureOr<SmallVector<Value>> QuantizeLinearOp::importOnnx(OnnxNode &node) {
  if (node.type == "QLinearMatMul")
    return importQLinearMatMul(node);
  dropDefaults(node);
  return node.importAs<QuantizeLinearOp>();
}

FailureOr<SmallVector<Value>> DequantizeLinearOp::importOnnx(OnnxNode &node) {
  if (node.type == "MatMulInteger") {
    auto product =
        centredProduct(node, node.input(0), node.input(2), node.input(1),
                       node.input(3), node.builder.getI32Type());
    if (failed(product))
      return failure();
    return SmallVector<Value>{*product};
  }
  dropDefaults(node);
  return node.importAs<DequantizeLinearOp>();
}
