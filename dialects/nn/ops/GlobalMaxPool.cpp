#include "dialects/nn/NN.h"
#include "dialects/nn/Pooling.h"

using namespace tw;
using namespace tw::nn;

LogicalResult
GlobalMaxPoolOp::inferResults(ShapeBuilder &shapes,
                              SmallVectorImpl<ResultShape> &results) {
  return inferGlobalPool(*this, getX(), getChannelsLast(), shapes, results);
}

FailureOr<SmallVector<Value>>
GlobalMaxPoolOp::decomposeOperation(OpBuilder &b) {
  if (auto images = poolWholeImages(*this, getX(), getChannelsLast(), b, "max"))
    return SmallVector<Value>{*images};
  Location loc = getLoc();
  Value input = signless(b, loc, getX());
  Value least = lowest(b, loc, ShapeBuilder::elementType(getX()));
  Value result =
      reduce(b, loc, input, spatialAxes(input, getChannelsLast()),
             /*keepDims=*/true, least,
             [&](OpBuilder &n, Location l, Value x, Value acc) -> Value {
               Value more =
                   isGreater(n, l, ShapeBuilder::elementType(getX()), x, acc);
               return arith::SelectOp::create(n, l, more, x, acc);
             });
  return SmallVector<Value>{asResult(b, *this, 0, result)};
}

LogicalResult GlobalMaxPoolOp::makeChannelsLast(RewriterBase &rewriter,
                                                bool gpu) {
  if (ShapeBuilder::rank(getX()) != 4)
    return failure();
  return wrapChannelsLast(*this, rewriter);
}
