#include "dialects/nn/Expr.h"
#include "dialects/nn/NN.h"

using namespace tw;
using namespace tw::nn;

LogicalResult
ReverseSequenceOp::inferResults(ShapeBuilder &shapes,
                                SmallVectorImpl<ResultShape> &results) {
  int64_t batch = getBatchAxis(), time = getTimeAxis();
  if (batch + time != 1 || batch * time != 0)
    return emitOpError("attributes 'batch_axis' and 'time_axis': expected 0 "
                       "and 1 or 1 and 0, found ")
           << batch << " and " << time;
  if (ShapeBuilder::rank(getInput()) < 2)
    return emitOpError("operand 'input': expected 2 dims or more, found ")
           << getInput().getType();
  results.push_back(
      {shapes.dims(getInput()), ShapeBuilder::elementType(getInput())});
  return success();
}

FailureOr<SmallVector<Value>>
ReverseSequenceOp::decomposeOperation(OpBuilder &b) {
  Location loc = getLoc();
  ShapeBuilder shapes(b, loc);
  Value source = signless(b, loc, getInput());
  Value size = shapes.value(shapes.dim(source, getTimeAxis()));
  Value result = generate(
      b, loc, resultDims(b, *this), ShapeBuilder::elementType(source),
      [&](OpBuilder &n, Location l, ValueRange at) {
        Expr t(n, l, at[getTimeAxis()]);
        Expr length =
            Expr::read(n, l, getSequenceLens(), at[getBatchAxis()]).toIndex();
        length = min(length, t.with(size));
        SmallVector<Value> from(at);
        from[getTimeAxis()] = select(t < length, length - 1.0 - t, t);
        return extract(n, l, source, from);
      });
  return SmallVector<Value>{asResult(b, *this, 0, result)};
}
