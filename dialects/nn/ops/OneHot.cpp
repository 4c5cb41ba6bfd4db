#include "dialects/nn/Expr.h"
#include "dialects/nn/Index.h"
#include "dialects/nn/NN.h"

using namespace tw;
using namespace tw::nn;

/// `depth` may be a float.
static FailureOr<Dim> depthOf(OneHotOp op, ShapeBuilder &shapes) {
  auto type = cast<RankedTensorType>(op.getDepth().getType());
  if (!type.hasStaticShape() || type.getNumElements() != 1)
    return op.emitOpError("operand 'depth': expected one element, found ")
           << type;
  if (isa<FloatType>(type.getElementType())) {
    SmallVector<Value> at(type.getRank(), shapes.value(shapes.constant(0)));
    Expr depth = Expr::read(shapes.builder(), op.getLoc(), op.getDepth(), at);
    return Dim(getAsOpFoldResult(depth.toIndex().value()));
  }
  auto elements = hostElements(op, shapes, op.getDepth(), "depth");
  if (failed(elements))
    return failure();
  return elements->front();
}

LogicalResult OneHotOp::inferResults(ShapeBuilder &shapes,
                                     SmallVectorImpl<ResultShape> &results) {
  Dims dims = shapes.dims(getIndices());
  auto axis = normalizeAxis(*this, getAxis(), dims.size() + 1);
  FailureOr<Dim> depth = depthOf(*this, shapes);
  if (failed(axis) || failed(depth))
    return failure();
  dims.insert(dims.begin() + *axis, *depth);
  results.push_back({dims, ShapeBuilder::elementType(getValues())});
  return success();
}

FailureOr<SmallVector<Value>> OneHotOp::decomposeOperation(OpBuilder &b) {
  Location loc = getLoc();
  ShapeBuilder shapes(b, loc);
  Value indices = signless(b, loc, getIndices()),
        values = signless(b, loc, getValues());
  Dims dims = resultDims(b, *this);
  int64_t axis = *normalizeAxis(*this, getAxis(), dims.size());
  Value depth = shapes.value(dims[axis]);
  Value off = extract(b, loc, values, shapes.value(shapes.constant(0))),
        on = extract(b, loc, values, shapes.value(shapes.constant(1)));
  Value result =
      generate(b, loc, dims, ShapeBuilder::elementType(values),
               [&](OpBuilder &n, Location l, ValueRange at) -> Value {
                 SmallVector<Value> from(at);
                 from.erase(from.begin() + axis);
                 Expr index = Expr::read(n, l, indices, from).toIndex();
                 index = select(index < 0.0, index + index.with(depth), index);
                 return select(index == index.with(at[axis]), index.with(on),
                               index.with(off));
               });
  return SmallVector<Value>{asResult(b, *this, 0, result)};
}
