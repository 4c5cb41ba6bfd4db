#include "dialects/nn/Expr.h"
#include "dialects/nn/Index.h"
#include "dialects/nn/NN.h"

using namespace tw;
using namespace tw::nn;

LogicalResult
NonMaxSuppressionOp::inferResults(ShapeBuilder &shapes,
                                  SmallVectorImpl<ResultShape> &results) {
  auto count = hostElements(*this, shapes, getCount(), "count");
  if (failed(count))
    return failure();
  results.push_back(
      {{count->front(), shapes.constant(3)}, shapes.builder().getI64Type()});
  return success();
}

/// One row for each index in `order` that is not -1.
FailureOr<SmallVector<Value>>
NonMaxSuppressionOp::decomposeOperation(OpBuilder &b) {
  Location loc = getLoc();
  ShapeBuilder shapes(b, loc);
  Dims sizes = shapes.dims(getOrder());
  Value rows = shapes.value(resultDims(b, *this)[0]);
  Value zero = shapes.value(shapes.constant(0));
  auto visit = [&](OpBuilder &n, Location l, ValueRange at, ValueRange state) {
    Expr box = Expr::read(n, l, getOrder(), at), row(n, l, state[1]);
    Expr isThere = both(box >= 0.0, row < row.with(rows));
    return when(isThere, state, [&](OpBuilder &m, Location k) {
      Value table = state[0];
      Type i64 = m.getI64Type();
      Value entries[] = {fromIndex(m, k, at[0], i64),
                         fromIndex(m, k, at[1], i64), box};
      for (auto [column, entry] : llvm::enumerate(entries)) {
        Value c = arith::ConstantIndexOp::create(m, k, column);
        table =
            tensor::InsertOp::create(m, k, entry, table, ValueRange{row, c});
      }
      return SmallVector<Value>{table, row + 1.0};
    });
  };
  Value result =
      loopNest(b, loc, sizes, {emptyResult(b, *this), zero}, visit)[0];
  return SmallVector<Value>{asResult(b, *this, 0, result)};
}

FailureOr<SmallVector<Value>> NonMaxSuppressionOp::importOnnx(OnnxNode &node) {
  SmallVector<Value> inputs = node.inputs;
  inputs.resize(5);
  SmallVector<NamedAttribute> attrs;
  if (Attribute centre = node.attributes.get("center_point_box"))
    attrs.push_back(node.attribute("center_point_box", centre));
  auto chosen = node.build(SelectBoxesOp::getOperationName(), inputs, attrs);
  if (failed(chosen))
    return failure();
  auto rows = node.build<NonMaxSuppressionOp>({(*chosen)[0], (*chosen)[1]});
  if (failed(rows))
    return failure();
  return SmallVector<Value>{*rows};
}
