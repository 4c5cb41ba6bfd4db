#include "dialects/nn/Expr.h"
#include "dialects/nn/Index.h"
#include "dialects/nn/NN.h"
#include "dialects/tile/Tile.h"

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

/// The positions in `order` whose entries are not -1.
static Value chosenPositions(NonMaxSuppressionOp op, OpBuilder &b, Dim rows) {
  Location loc = op.getLoc();
  ShapeBuilder shapes(b, loc);
  Dim total = shapes.product(shapes.dims(op.getOrder()));
  Value flat = reshaped(b, loc, op.getOrder(), total);
  Value flags = elementwise(b, loc, flat, total, b.getI1Type(),
                            [](OpBuilder &n, Location l, ValueRange box) {
                              return (Expr(n, l, box[0]) >= 0.0).value();
                            });
  Value empty = emptyTensor(b, loc, rows, b.getI64Type());
  return tile::CompactOp::create(b, loc, TypeRange(empty.getType()), flags,
                                 empty)
      .getResults()[0];
}

/// One row for each of them: batch, class and entry.
FailureOr<SmallVector<Value>>
NonMaxSuppressionOp::decomposeOperation(OpBuilder &b) {
  Location loc = getLoc();
  Dims sizes = ShapeBuilder(b, loc).dims(getOrder()),
       dims = resultDims(b, *this);
  Value positions = chosenPositions(*this, b, dims[0]);
  Value result = generate(
      b, loc, dims, b.getI64Type(),
      [&](OpBuilder &n, Location l, ValueRange at) -> Value {
        ShapeBuilder shapes(n, l);
        Value position =
            toIndex(n, l, extract(n, l, positions, at[0]), n.getI64Type());
        SmallVector<Value> place =
            delinearize(shapes, getAsOpFoldResult(position), sizes);
        Value box =
            toIndex(n, l, extract(n, l, getOrder(), place), n.getI64Type());
        Dim entry =
            pick(shapes, {place[0], place[1], box}, getAsOpFoldResult(at[1]));
        return fromIndex(n, l, shapes.value(entry), n.getI64Type());
      });
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
