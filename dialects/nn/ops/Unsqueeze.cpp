#include "dialects/nn/Index.h"
#include "dialects/nn/NN.h"

using namespace tw;
using namespace tw::nn;

LogicalResult UnsqueezeOp::inferResults(ShapeBuilder &shapes,
                                        SmallVectorImpl<ResultShape> &results) {
  auto count = shapes.elements(getAxes());
  if (!count)
    return hostElements(*this, shapes, getAxes(), "axes");
  Dims dims = shapes.dims(getData());
  int64_t rank = dims.size() + count->size();
  auto axes = axisElements(*this, shapes, getAxes(), 0, rank);
  if (failed(axes))
    return failure();
  Dim zero = shapes.constant(0), one = shapes.constant(1);
  Dims added =
      scatterByAxis(shapes, *axes, Dims(axes->size(), one), Dims(rank, zero));
  Dims result;
  Dim next = zero;
  for (Dim isNew : added) {
    Dim old = dims.empty() ? one : pick(shapes, dims, next);
    result.push_back(shapes.select(shapes.isEqual(isNew, one), one, old));
    next = shapes.add(next, shapes.sub(one, isNew));
  }
  results.push_back({result, ShapeBuilder::elementType(getData())});
  return success();
}

FailureOr<SmallVector<Value>> UnsqueezeOp::decomposeOperation(OpBuilder &b) {
  return decomposeView(*this, b);
}
