#include "dialects/nn/Expr.h"
#include "dialects/nn/NN.h"

using namespace tw;
using namespace tw::nn;

LogicalResult EyeLikeOp::inferResults(ShapeBuilder &shapes,
                                      SmallVectorImpl<ResultShape> &results) {
  if (ShapeBuilder::rank(getInput()) != 2)
    return emitOpError("operand 'input': expected 2 dims, found ")
           << getInput().getType();
  results.push_back(
      {shapes.dims(getInput()),
       getDtype().value_or(ShapeBuilder::elementType(getInput()))});
  return success();
}

FailureOr<SmallVector<Value>> EyeLikeOp::decomposeOperation(OpBuilder &b) {
  auto type = cast<RankedTensorType>(getOutput().getType());
  Type element = signless(type.getElementType());
  Value result =
      generate(b, getLoc(), resultDims(b, *this), element,
               [&](OpBuilder &n, Location l, ValueRange at) -> Value {
                 Expr row(n, l, at[0]), column(n, l, at[1]);
                 int64_t k = getK();
                 return select(row + static_cast<double>(k) == column,
                               row.with(constantLikeInt(n, l, element, 1)),
                               row.with(constantLikeInt(n, l, element, 0)));
               });
  return SmallVector<Value>{asResult(b, *this, 0, result)};
}
