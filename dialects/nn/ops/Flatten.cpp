#include "dialects/nn/Index.h"
#include "dialects/nn/NN.h"

using namespace tw;
using namespace tw::nn;

LogicalResult FlattenOp::inferResults(ShapeBuilder &shapes,
                                      SmallVectorImpl<ResultShape> &results) {
  int64_t rank = ShapeBuilder::rank(getInput());
  int64_t given = getAxis(), axis = given < 0 ? given + rank : given;
  if (axis < 0 || axis > rank)
    return emitOpError("attribute 'axis': expected a value in [")
           << -rank << ", " << rank << "], found " << given;
  Dims dims = shapes.dims(getInput());
  ArrayRef<OpFoldResult> all(dims);
  results.push_back({{shapes.product(all.take_front(axis)),
                      shapes.product(all.drop_front(axis))},
                     ShapeBuilder::elementType(getInput())});
  return success();
}

FailureOr<SmallVector<Value>> FlattenOp::decomposeOperation(OpBuilder &b) {
  return decomposeView(*this, b);
}
