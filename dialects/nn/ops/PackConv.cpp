#include "dialects/nn/Convolution.h"
#include "dialects/nn/NN.h"

using namespace tw;
using namespace tw::nn;

LogicalResult PackConvOp::inferResults(ShapeBuilder &shapes,
                                       SmallVectorImpl<ResultShape> &results) {
  if (ShapeBuilder::rank(getWeight()) != 4)
    return emitOpError("expected a weight of rank 4, found ")
           << getWeight().getType();
  Dims d = shapes.dims(getWeight());
  Dim group = shapes.constant(getGroup()), width = shapes.constant(getWidth());
  Dim panels = shapes.ceilDiv(shapes.floorDiv(d[0], group), width);
  results.push_back({{shapes.mul(panels, group), d[2], d[3], d[1], width},
                     ShapeBuilder::elementType(getWeight())});
  return success();
}

/// `at` is [panel, i, j, c, lane].
static Value packedElement(OpBuilder &b, Location loc, PackConvOp op,
                           Value weight, ValueRange at) {
  ShapeBuilder s(b, loc);
  Dim perGroup = s.floorDiv(s.dim(weight, 0), s.constant(op.getGroup()));
  Dim width = s.constant(op.getWidth()), panels = s.ceilDiv(perGroup, width);
  SmallVector<Value> place =
      delinearize(s, at[0], {s.constant(op.getGroup()), panels});
  Dim column = s.add(s.mul(place[1], width), at[4]);
  Value inside = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::slt,
                                       s.value(column), s.value(perGroup));
  Dim safe = s.min(column, s.sub(perGroup, s.constant(1)));
  Value output = s.value(s.add(s.mul(place[0], perGroup), safe));
  Value element = extract(b, loc, weight, {output, at[3], at[1], at[2]});
  Value zero = constantLike(b, loc, element.getType(), 0.0);
  return arith::SelectOp::create(b, loc, inside, element, zero);
}

FailureOr<SmallVector<Value>> PackConvOp::decomposeOperation(OpBuilder &b) {
  Value weight = signless(b, getLoc(), getWeight());
  Value packed = generate(b, getLoc(), resultDims(b, *this),
                          ShapeBuilder::elementType(weight),
                          [&](OpBuilder &n, Location l, ValueRange at) {
                            return packedElement(n, l, *this, weight, at);
                          });
  return SmallVector<Value>{asResult(b, *this, 0, packed)};
}
