#include "dialects/nn/Index.h"
#include "dialects/nn/NN.h"

#include "mlir/IR/Matchers.h"

using namespace tw;
using namespace tw::nn;

/// The scalar in a tensor of rank 0 or of one element.
static Value scalarIn(OpBuilder &b, Location loc, Value tensor) {
  DenseElementsAttr constant;
  if (matchPattern(tensor, m_Constant(&constant)))
    return scalarOf(b, loc, constant, constant.getElementType());
  if (auto from = tensor.getDefiningOp<tensor::FromElementsOp>())
    return from.getElements().front();
  Value zero = arith::ConstantIndexOp::create(b, loc, 0);
  SmallVector<Value> at(ShapeBuilder::rank(tensor), zero);
  return extract(b, loc, signless(b, loc, tensor), at);
}

static std::optional<double> constantIn(Value tensor) {
  DenseFPElementsAttr attr;
  if (!matchPattern(tensor, m_Constant(&attr)))
    return std::nullopt;
  APFloat value = *attr.value_begin<APFloat>();
  bool losesInfo = false;
  value.convert(APFloat::IEEEdouble(), APFloat::rmNearestTiesToEven,
                &losesInfo);
  return value.convertToDouble();
}

/// ceil((limit - start) / delta) in double precision.
static Dim floatCount(RangeOp op, ShapeBuilder &shapes) {
  OpBuilder &b = shapes.builder();
  auto start = constantIn(op.getStart()), limit = constantIn(op.getLimit()),
       step = constantIn(op.getDelta());
  if (start && limit && step)
    return shapes.constant(std::ceil((*limit - *start) / *step));
  Location loc = op.getLoc();
  Type f64 = b.getF64Type(), i64 = b.getI64Type();
  auto scalar = [&](Value tensor) {
    return convertScalar(b, loc, scalarIn(b, loc, tensor),
                         ShapeBuilder::elementType(tensor), f64);
  };
  Value span = b.createOrFold<arith::SubFOp>(loc, scalar(op.getLimit()),
                                             scalar(op.getStart()));
  Value steps = b.createOrFold<arith::DivFOp>(loc, span, scalar(op.getDelta()));
  Value whole = b.createOrFold<arith::FPToSIOp>(loc, i64, steps);
  Value back = b.createOrFold<arith::SIToFPOp>(loc, f64, whole);
  Value hasRest = b.createOrFold<arith::CmpFOp>(loc, arith::CmpFPredicate::OLT,
                                                back, steps);
  Value rest = b.createOrFold<arith::ExtUIOp>(loc, i64, hasRest);
  Value count = b.createOrFold<arith::AddIOp>(loc, whole, rest);
  return getAsOpFoldResult(
      b.createOrFold<arith::IndexCastOp>(loc, b.getIndexType(), count));
}

static FailureOr<Dim> integerCount(RangeOp op, ShapeBuilder &shapes) {
  auto start = hostElements(op, shapes, op.getStart(), "start");
  auto limit = hostElements(op, shapes, op.getLimit(), "limit");
  auto delta = hostElements(op, shapes, op.getDelta(), "delta");
  if (failed(start) || failed(limit) || failed(delta))
    return failure();
  Dim step = delta->front(), zero = shapes.constant(0);
  if (ShapeBuilder::known(step) == 0)
    return op.emitOpError("operand 'delta': expected a value that is not 0, "
                          "found 0");
  step = shapes.select(shapes.isEqual(step, zero), shapes.constant(1), step);
  return shapes.ceilDiv(shapes.sub(limit->front(), start->front()), step);
}

LogicalResult RangeOp::inferResults(ShapeBuilder &shapes,
                                    SmallVectorImpl<ResultShape> &results) {
  Type element = ShapeBuilder::elementType(getStart());
  for (Value operand : getOperands()) {
    auto type = cast<RankedTensorType>(operand.getType());
    if (!type.hasStaticShape() || type.getNumElements() != 1)
      return emitOpError("expected operands of one element, found ") << type;
  }
  FailureOr<Dim> count = isa<FloatType>(element)
                             ? FailureOr<Dim>(floatCount(*this, shapes))
                             : integerCount(*this, shapes);
  if (failed(count))
    return failure();
  results.push_back({{shapes.max(*count, shapes.constant(0))}, element});
  return success();
}

/// result[i] = start + i * delta, in f32 where the elements are narrower
/// floats.
FailureOr<SmallVector<Value>> RangeOp::decomposeOperation(OpBuilder &b) {
  Location loc = getLoc();
  Type element = ShapeBuilder::elementType(getStart());
  bool isFloat = isa<FloatType>(element);
  Type wide = element;
  if (isFloat && element.getIntOrFloatBitWidth() < 32)
    wide = b.getF32Type();
  Value start =
      convertScalar(b, loc, scalarIn(b, loc, getStart()), element, wide);
  Value delta =
      convertScalar(b, loc, scalarIn(b, loc, getDelta()), element, wide);
  Value result = generate(
      b, loc, resultDims(b, *this), signless(element),
      [&](OpBuilder &n, Location l, ValueRange at) -> Value {
        Type i64 = n.getI64Type();
        Value i = convertScalar(n, l, fromIndex(n, l, at[0], i64), i64, wide);
        if (!isFloat)
          return arith::AddIOp::create(n, l, start,
                                       arith::MulIOp::create(n, l, i, delta));
        Value value = arith::AddFOp::create(
            n, l, start, arith::MulFOp::create(n, l, i, delta));
        return convertScalar(n, l, value, wide, element);
      });
  return SmallVector<Value>{asResult(b, *this, 0, result)};
}
