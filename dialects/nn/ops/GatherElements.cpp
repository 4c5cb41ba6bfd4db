#include "dialects/nn/Index.h"
#include "dialects/nn/NN.h"

using namespace tw;
using namespace tw::nn;

LogicalResult
GatherElementsOp::inferResults(ShapeBuilder &shapes,
                               SmallVectorImpl<ResultShape> &results) {
  int64_t rank = ShapeBuilder::rank(getData());
  if (ShapeBuilder::rank(getIndices()) != rank)
    return emitOpError("operand 'indices': expected rank ")
           << rank << ", found " << ShapeBuilder::rank(getIndices());
  if (failed(normalizeAxis(*this, getAxis(), rank)))
    return failure();
  results.push_back(
      {shapes.dims(getIndices()), ShapeBuilder::elementType(getData())});
  return success();
}

FailureOr<SmallVector<Value>>
GatherElementsOp::decomposeOperation(OpBuilder &b) {
  Location loc = getLoc();
  Value source = signless(b, loc, getData());
  Value indices = signless(b, loc, getIndices());
  int64_t axis = *normalizeAxis(*this, getAxis(), ShapeBuilder::rank(source));
  Type indexType = ShapeBuilder::elementType(getIndices());
  Dim size = ShapeBuilder(b, loc).dim(source, axis);
  Value result =
      generate(b, loc, resultDims(b, *this), ShapeBuilder::elementType(source),
               [&](OpBuilder &n, Location l, ValueRange at) {
                 SmallVector<Value> from(at);
                 from[axis] = safeIndex(n, l, extract(n, l, indices, at),
                                        indexType, size);
                 return extract(n, l, source, from);
               });
  return SmallVector<Value>{asResult(b, *this, 0, result)};
}
