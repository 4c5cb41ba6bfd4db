#include "dialects/nn/NN.h"
#include "dialects/nn/Pooling.h"

using namespace tw;
using namespace tw::nn;

LogicalResult
GlobalAveragePoolOp::inferResults(ShapeBuilder &shapes,
                                  SmallVectorImpl<ResultShape> &results) {
  return inferGlobalPool(*this, getX(), getChannelsLast(), shapes, results);
}

FailureOr<SmallVector<Value>>
GlobalAveragePoolOp::decomposeOperation(OpBuilder &b) {
  if (auto images =
          poolWholeImages(*this, getX(), getChannelsLast(), b, "mean"))
    return SmallVector<Value>{*images};
  Location loc = getLoc();
  ShapeBuilder shapes(b, loc);
  Value input = signless(b, loc, getX());
  Type element = ShapeBuilder::elementType(input), sum = sumType(element);
  SmallVector<int64_t> axes = spatialAxes(input, getChannelsLast());
  Dim count = shapes.constant(1);
  for (int64_t axis : axes)
    count = shapes.mul(count, shapes.dim(input, axis));
  Value zero = constantLike(b, loc, sum, 0.0);
  Value total = reduce(b, loc, input, axes, /*keepDims=*/true, zero,
                       [&](OpBuilder &n, Location l, Value x, Value acc) {
                         return addScalars(
                             n, l, acc, convertScalar(n, l, x, element, sum));
                       });
  Value number =
      arith::IndexCastOp::create(b, loc, b.getI64Type(), shapes.value(count));
  number = arith::SIToFPOp::create(b, loc, sum, number);
  auto mean = [&](OpBuilder &n, Location l, ValueRange args) {
    Value quotient = arith::DivFOp::create(n, l, args[0], number);
    return convertScalar(n, l, quotient, sum, element);
  };
  Value result =
      elementwise(b, loc, total, resultDims(b, *this), element, mean);
  return SmallVector<Value>{asResult(b, *this, 0, result)};
}

LogicalResult GlobalAveragePoolOp::makeChannelsLast(RewriterBase &rewriter,
                                                    bool gpu) {
  if (ShapeBuilder::rank(getX()) != 4)
    return failure();
  return wrapChannelsLast(*this, rewriter);
}
