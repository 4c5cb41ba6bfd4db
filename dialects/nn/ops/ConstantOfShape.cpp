#include "dialects/nn/Index.h"
#include "dialects/nn/NN.h"

using namespace tw;
using namespace tw::nn;

static Type elementOf(ConstantOfShapeOp op) {
  if (auto value = op.getValue())
    return value->getElementType();
  return Float32Type::get(op.getContext());
}

LogicalResult
ConstantOfShapeOp::inferResults(ShapeBuilder &shapes,
                                SmallVectorImpl<ResultShape> &results) {
  if (getValue() && getValue()->getNumElements() != 1)
    return emitOpError("attribute 'value': expected one element, found ")
           << getValue()->getNumElements();
  FailureOr<Dims> dims = hostElements(*this, shapes, getInput(), "input");
  if (failed(dims))
    return failure();
  results.push_back({*dims, elementOf(*this)});
  return success();
}

FailureOr<SmallVector<Value>>
ConstantOfShapeOp::decomposeOperation(OpBuilder &b) {
  Value scalar = scalarOf(b, getLoc(), getValue().value_or(ElementsAttr()),
                          elementOf(*this));
  Value result = filled(b, getLoc(), resultDims(b, *this), scalar);
  return SmallVector<Value>{asResult(b, *this, 0, result)};
}
