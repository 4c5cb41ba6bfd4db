#include "dialects/nn/NN.h"

using namespace tw;
using namespace tw::nn;

LogicalResult ShapeOp::inferResults(ShapeBuilder &shapes,
                                    SmallVectorImpl<ResultShape> &results) {
  int64_t rank = ShapeBuilder::rank(getData());
  auto position = [&](int64_t at) {
    return std::clamp<int64_t>(at < 0 ? at + rank : at, 0, rank);
  };
  int64_t start = position(getStart());
  int64_t end = position(getEnd().value_or(rank));
  Dims dims = shapes.dims(getData()), chosen;
  for (int64_t i = start; i < end; ++i)
    chosen.push_back(dims[i]);
  Dim count = shapes.constant(chosen.size());
  results.push_back({{count}, shapes.builder().getI64Type(), chosen});
  return success();
}

FailureOr<SmallVector<Value>> ShapeOp::decomposeOperation(OpBuilder &b) {
  return decomposeHostElements(*this, b);
}
