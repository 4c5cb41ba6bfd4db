#include "dialects/nn/Expr.h"
#include "dialects/nn/Index.h"
#include "dialects/nn/NN.h"

using namespace tw;
using namespace tw::nn;

LogicalResult
ScatterElementsOp::inferResults(ShapeBuilder &shapes,
                                SmallVectorImpl<ResultShape> &results) {
  int64_t rank = ShapeBuilder::rank(getData());
  if (failed(checkReduction(*this, getReduction())) ||
      failed(normalizeAxis(*this, getAxis(), rank)))
    return failure();
  for (Value operand : {getIndices(), getUpdates()})
    if (ShapeBuilder::rank(operand) != rank)
      return emitOpError("expected data, indices and updates of one rank, "
                         "found ")
             << getOperandTypes();
  results.push_back(
      {shapes.dims(getData()), ShapeBuilder::elementType(getData())});
  return success();
}

FailureOr<SmallVector<Value>>
ScatterElementsOp::decomposeOperation(OpBuilder &b) {
  Location loc = getLoc();
  ShapeBuilder shapes(b, loc);
  Value data = signless(b, loc, getData()),
        indices = signless(b, loc, getIndices()),
        updates = signless(b, loc, getUpdates());
  Type element = ShapeBuilder::elementType(getData());
  int64_t axis = *normalizeAxis(*this, getAxis(), ShapeBuilder::rank(data));
  Value size = shapes.value(shapes.dim(data, axis));
  auto update = [&](OpBuilder &n, Location l, ValueRange at, ValueRange state) {
    Expr index = Expr::read(n, l, indices, at).toIndex();
    index = select(index < 0.0, index + index.with(size), index);
    Expr isInside = both(index >= 0.0, index < index.with(size));
    return when(isInside, state, [&](OpBuilder &m, Location k) {
      SmallVector<Value> to(at);
      to[axis] = index;
      Value value =
          combine(m, k, getReduction(), element, extract(m, k, state[0], to),
                  extract(m, k, updates, at));
      return SmallVector<Value>{
          tensor::InsertOp::create(m, k, value, state[0], to)};
    });
  };
  Value result =
      loopNest(b, loc, shapes.dims(indices), copied(b, loc, data), update)
          .front();
  return SmallVector<Value>{asResult(b, *this, 0, result)};
}
