#include "dialects/nn/Convolution.h"
#include "dialects/nn/NN.h"

using namespace tw;
using namespace tw::nn;

LogicalResult
PackDepthwiseOp::inferResults(ShapeBuilder &shapes,
                              SmallVectorImpl<ResultShape> &results) {
  if (ShapeBuilder::rank(getWeight()) != 4)
    return emitOpError("expected a weight of rank 4, found ")
           << getWeight().getType();
  Dims d = shapes.dims(getWeight());
  Dim lanes = shapes.constant(getLanes());
  results.push_back(
      {{d[2], d[3], shapes.mul(shapes.ceilDiv(d[0], lanes), lanes)},
       ShapeBuilder::elementType(getWeight())});
  return success();
}

FailureOr<SmallVector<Value>>
PackDepthwiseOp::decomposeOperation(OpBuilder &b) {
  Value weight = signless(b, getLoc(), getWeight());
  auto element = [&](OpBuilder &n, Location l, ValueRange at) -> Value {
    ShapeBuilder s(n, l);
    Dim channels = s.dim(weight, 0), zero = s.constant(0);
    Value inside = arith::CmpIOp::create(n, l, arith::CmpIPredicate::slt, at[2],
                                         s.value(channels));
    Value safe = s.value(s.min(at[2], s.sub(channels, s.constant(1))));
    Value read = extract(n, l, weight, {safe, s.value(zero), at[0], at[1]});
    return arith::SelectOp::create(n, l, inside, read,
                                   constantLike(n, l, read.getType(), 0.0));
  };
  Value packed = generate(b, getLoc(), resultDims(b, *this),
                          ShapeBuilder::elementType(weight), element);
  return SmallVector<Value>{asResult(b, *this, 0, packed)};
}
