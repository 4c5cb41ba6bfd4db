#include "dialects/nn/NN.h"

using namespace tw;
using namespace tw::nn;

LogicalResult SizeOp::inferResults(ShapeBuilder &shapes,
                                   SmallVectorImpl<ResultShape> &results) {
  Dim count = shapes.product(shapes.dims(getData()));
  results.push_back({{}, shapes.builder().getI64Type(), Dims{count}});
  return success();
}

FailureOr<SmallVector<Value>> SizeOp::decomposeOperation(OpBuilder &b) {
  return decomposeHostElements(*this, b);
}
