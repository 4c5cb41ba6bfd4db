#include "dialects/nn/Expr.h"
#include "dialects/nn/Index.h"
#include "dialects/nn/NN.h"

using namespace tw;
using namespace tw::nn;

LogicalResult
CountNonZeroOp::inferResults(ShapeBuilder &shapes,
                             SmallVectorImpl<ResultShape> &results) {
  results.push_back({{}, shapes.builder().getI64Type()});
  return success();
}

FailureOr<SmallVector<Value>> CountNonZeroOp::decomposeOperation(OpBuilder &b) {
  Location loc = getLoc();
  Value source = signless(b, loc, getInput());
  Type element = ShapeBuilder::elementType(getInput());
  SmallVector<int64_t> axes =
      llvm::to_vector(llvm::seq<int64_t>(ShapeBuilder::rank(source)));
  Value zero = constantLikeInt(b, loc, b.getI64Type(), 0);
  Value count =
      reduce(b, loc, source, axes, /*keepDims=*/false, zero,
             [&](OpBuilder &n, Location l, Value x, Value total) -> Value {
               Value isSet = convertScalar(n, l, x, element, n.getI1Type());
               Value one = arith::ExtUIOp::create(n, l, n.getI64Type(), isSet);
               return arith::AddIOp::create(n, l, total, one);
             });
  return SmallVector<Value>{asResult(b, *this, 0, count)};
}
