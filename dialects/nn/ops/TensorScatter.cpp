#include "dialects/nn/Expr.h"
#include "dialects/nn/Index.h"
#include "dialects/nn/NN.h"

using namespace tw;
using namespace tw::nn;

LogicalResult
TensorScatterOp::inferResults(ShapeBuilder &shapes,
                              SmallVectorImpl<ResultShape> &results) {
  if (getMode() != "linear" && getMode() != "circular")
    return emitOpError("attribute 'mode': expected linear or circular, found ")
           << getMode();
  int64_t rank = ShapeBuilder::rank(getPastCache());
  if (ShapeBuilder::rank(getUpdate()) != rank)
    return emitOpError("operand 'update': expected rank ")
           << rank << ", found " << ShapeBuilder::rank(getUpdate());
  if (failed(normalizeAxis(*this, getAxis(), rank)))
    return failure();
  results.push_back(
      {shapes.dims(getPastCache()), ShapeBuilder::elementType(getPastCache())});
  return success();
}

FailureOr<SmallVector<Value>>
TensorScatterOp::decomposeOperation(OpBuilder &b) {
  Location loc = getLoc();
  ShapeBuilder shapes(b, loc);
  Value past = signless(b, loc, getPastCache()),
        update = signless(b, loc, getUpdate());
  int64_t axis = *normalizeAxis(*this, getAxis(), ShapeBuilder::rank(past));
  Value length = shapes.value(shapes.dim(past, axis));
  Value count = shapes.value(shapes.dim(update, axis));
  Value result = generate(
      b, loc, resultDims(b, *this), ShapeBuilder::elementType(past),
      [&](OpBuilder &n, Location l, ValueRange at) -> Value {
        Expr offset(n, l, at[axis]);
        if (getWriteIndices())
          offset = offset -
                   Expr::read(n, l, getWriteIndices(), at.front()).toIndex();
        if (getMode() == "circular")
          offset = select(offset < 0.0, offset + offset.with(length), offset);
        Expr isNew = both(offset >= 0.0, offset < offset.with(count));
        Expr last = offset.with(count) - 1.0;
        SmallVector<Value> from(at);
        from[axis] = clamp(offset, offset.constant(0), last);
        return select(isNew, Expr::read(n, l, update, from),
                      Expr::read(n, l, past, at));
      });
  return SmallVector<Value>{asResult(b, *this, 0, result)};
}
