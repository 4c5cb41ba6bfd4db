#include "dialects/nn/NN.h"

using namespace tw;
using namespace tw::nn;

LogicalResult IdentityOp::inferResults(ShapeBuilder &shapes,
                                       SmallVectorImpl<ResultShape> &results) {
  results.push_back(
      {shapes.dims(getInput()), ShapeBuilder::elementType(getInput())});
  return success();
}

FailureOr<SmallVector<Value>> IdentityOp::decomposeOperation(OpBuilder &b) {
  return decomposeView(*this, b);
}
