#include "dialects/nn/NN.h"

using namespace tw;
using namespace tw::nn;

LogicalResult LrnOp::inferResults(ShapeBuilder &shapes,
                                  SmallVectorImpl<ResultShape> &results) {
  if (ShapeBuilder::rank(getX()) < 2)
    return emitOpError("expected an input of rank 2 or more, found ")
           << getX().getType();
  if (static_cast<int64_t>(getSize()) < 1)
    return emitOpError("attribute 'size': expected at least 1, found ")
           << static_cast<int64_t>(getSize());
  results.push_back({shapes.dims(getX()), ShapeBuilder::elementType(getX())});
  return success();
}

/// The square of the element `offset` channels further; 0 outside.
static Scalar nearSquare(OpBuilder &b, Location loc, Value x, ValueRange at,
                         int64_t offset, Value channels) {
  Value zero = arith::ConstantIndexOp::create(b, loc, 0);
  Value channel = arith::AddIOp::create(
      b, loc, at[1], arith::ConstantIndexOp::create(b, loc, offset));
  // One unsigned comparison sees both ends.
  Value isInside = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ult,
                                         channel, channels);
  SmallVector<Value> from(at);
  from[1] = arith::SelectOp::create(b, loc, isInside, channel, zero);
  Value element = extract(b, loc, x, from);
  Type type = element.getType();
  Scalar value(b, loc, castScalar(b, loc, element, type, wideElement(type)));
  return select(value.with(isInside), value * value, value.like(0));
}

/// sum ^ -beta; by square roots for the usual beta.
static Scalar normalizer(Scalar sum, double beta) {
  if (beta == 0.75) {
    Scalar root = sqrt(sum);
    return 1.0 / (root * sqrt(root));
  }
  return pow(sum, sum.like(-beta));
}

FailureOr<SmallVector<Value>> LrnOp::decomposeOperation(OpBuilder &b) {
  Location loc = getLoc();
  ShapeBuilder shapes(b, loc);
  int64_t size = getSize();
  Value channels = shapes.value(shapes.dim(getX(), 1));
  double alpha = getAlpha().convertToDouble() / size,
         beta = getBeta().convertToDouble(), bias = getBias().convertToDouble();
  Type element = ShapeBuilder::elementType(getX());
  Value result = generate(
      b, loc, shapes.dims(getX()), element,
      [&](OpBuilder &n, Location l, ValueRange at) -> Value {
        int64_t first = -((size - 1) / 2);
        Scalar sum = nearSquare(n, l, getX(), at, first, channels);
        for (int64_t i = 1; i < size; ++i)
          sum = sum + nearSquare(n, l, getX(), at, first + i, channels);
        Value value = extract(n, l, getX(), at);
        Scalar x =
            sum.with(castScalar(n, l, value, element, wideElement(element)));
        Value y = x * normalizer(sum * alpha + bias, beta);
        return castScalar(n, l, y, wideElement(element), element);
      });
  return SmallVector<Value>{asResult(b, *this, 0, result)};
}
