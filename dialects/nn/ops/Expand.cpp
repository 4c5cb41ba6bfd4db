#include "dialects/nn/Index.h"
#include "dialects/nn/NN.h"

using namespace tw;
using namespace tw::nn;

LogicalResult ExpandOp::inferResults(ShapeBuilder &shapes,
                                     SmallVectorImpl<ResultShape> &results) {
  FailureOr<Dims> wanted = hostElements(*this, shapes, getShape(), "shape");
  if (failed(wanted))
    return failure();
  Dims dims = shapes.dims(getInput());
  FailureOr<Dims> joined = shapes.broadcast(dims, *wanted);
  if (failed(joined))
    return emitOpError("operand 'shape': expected one that ")
           << describe(dims) << " broadcasts with, found " << describe(*wanted);
  results.push_back({*joined, ShapeBuilder::elementType(getInput())});
  return success();
}

FailureOr<SmallVector<Value>> ExpandOp::decomposeOperation(OpBuilder &b) {
  Value source = signless(b, getLoc(), getInput());
  Value result = elementwise(
      b, getLoc(), source, resultDims(b, *this),
      ShapeBuilder::elementType(source),
      [](OpBuilder &, Location, ValueRange args) { return args[0]; });
  return SmallVector<Value>{asResult(b, *this, 0, result)};
}
