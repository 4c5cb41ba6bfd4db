#include "dialects/nn/NN.h"

using namespace tw;
using namespace tw::nn;

LogicalResult TriluOp::inferResults(ShapeBuilder &shapes,
                                    SmallVectorImpl<ResultShape> &results) {
  if (ShapeBuilder::rank(getInput()) < 2)
    return emitOpError("expected an input of rank 2 or more, found ")
           << getInput().getType();
  if (getK() && !shapes.elements(getK()))
    return emitOpError("input 'k': expected one integer, found ")
           << getK().getType();
  results.push_back(
      {shapes.dims(getInput()), ShapeBuilder::elementType(getInput())});
  return success();
}

FailureOr<SmallVector<Value>> TriluOp::decomposeOperation(OpBuilder &b) {
  Location loc = getLoc();
  ShapeBuilder shapes(b, loc);
  Value input = signless(b, loc, getInput());
  int64_t rank = ShapeBuilder::rank(input);
  Value diagonal = shapes.value(getK() ? shapes.elements(getK())->front()
                                       : shapes.constant(0));
  auto side =
      getUpper() ? arith::CmpIPredicate::sge : arith::CmpIPredicate::sle;
  Value result = elementwise(
      b, loc, input, shapes.dims(input), ShapeBuilder::elementType(input),
      [&](OpBuilder &n, Location l, ValueRange x) -> Value {
        Value row = linalg::IndexOp::create(n, l, rank - 2),
              column = linalg::IndexOp::create(n, l, rank - 1);
        Value above = arith::SubIOp::create(n, l, column, row);
        Value keep = arith::CmpIOp::create(n, l, side, above, diagonal);
        return arith::SelectOp::create(n, l, keep, x[0],
                                       constantLike(n, l, x[0].getType(), 0));
      });
  return SmallVector<Value>{asResult(b, *this, 0, result)};
}
