#include "dialects/nn/Convolution.h"
#include "dialects/nn/NN.h"

using namespace tw;
using namespace tw::nn;

static Convolution convolution(ConvNhwcOp op) {
  return {op,
          op.getX(),
          op.getW(),
          op.getB(),
          static_cast<int64_t>(op.getGroup()),
          /*channelsLast=*/true,
          {{}, "NOTSET", op.getStrides(), op.getDilations(), op.getPads()}};
}

LogicalResult ConvNhwcOp::inferResults(ShapeBuilder &shapes,
                                       SmallVectorImpl<ResultShape> &results) {
  return inferConvolution(convolution(*this), shapes, results);
}

FailureOr<SmallVector<Value>> ConvNhwcOp::decomposeOperation(OpBuilder &b) {
  return decomposeConvolution(convolution(*this), b);
}
