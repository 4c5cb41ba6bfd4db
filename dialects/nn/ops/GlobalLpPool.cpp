#include "dialects/nn/NN.h"
#include "dialects/nn/Pooling.h"

using namespace tw;
using namespace tw::nn;

LogicalResult
GlobalLpPoolOp::inferResults(ShapeBuilder &shapes,
                             SmallVectorImpl<ResultShape> &results) {
  return inferGlobalPool(*this, getX(), /*channelsLast=*/false, shapes,
                         results);
}

FailureOr<SmallVector<Value>> GlobalLpPoolOp::decomposeOperation(OpBuilder &b) {
  Location loc = getLoc();
  Value input = signless(b, loc, getX());
  Type element = ShapeBuilder::elementType(input), sum = sumType(element);
  auto add = [&](OpBuilder &n, Location l, Value x, Value acc) {
    Value wide = convertScalar(n, l, x, element, sum);
    return addScalars(n, l, acc, absolutePower(n, l, wide, getP()));
  };
  Value total = reduce(b, loc, input, spatialAxes(input, false),
                       /*keepDims=*/true, constantLike(b, loc, sum, 0.0), add);
  auto root = [&](OpBuilder &n, Location l, ValueRange args) {
    return convertScalar(n, l, rootOf(n, l, args[0], getP()), sum, element);
  };
  Value result =
      elementwise(b, loc, total, resultDims(b, *this), element, root);
  return SmallVector<Value>{asResult(b, *this, 0, result)};
}
