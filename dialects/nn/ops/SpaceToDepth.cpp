#include "dialects/nn/Expr.h"
#include "dialects/nn/NN.h"

using namespace tw;
using namespace tw::nn;

LogicalResult
SpaceToDepthOp::inferResults(ShapeBuilder &shapes,
                             SmallVectorImpl<ResultShape> &results) {
  int64_t block = getBlocksize();
  Dims dims = shapes.dims(getInput());
  if (dims.size() != 4 || block < 1)
    return emitOpError("expected 4 dims and a positive 'blocksize', found ")
           << describe(dims) << " and " << block;
  Dim size = shapes.constant(block);
  dims[1] = shapes.mul(dims[1], shapes.mul(size, size));
  dims[2] = shapes.floorDiv(dims[2], size);
  dims[3] = shapes.floorDiv(dims[3], size);
  results.push_back({dims, ShapeBuilder::elementType(getInput())});
  return success();
}

/// Channel (place in the block, c) of pixel (y, x) is that place of channel c.
FailureOr<SmallVector<Value>> SpaceToDepthOp::decomposeOperation(OpBuilder &b) {
  ShapeBuilder shapes(b, getLoc());
  Value source = signless(b, getLoc(), getInput());
  Value channels = shapes.value(shapes.dim(source, 1));
  double size = getBlocksize();
  Value result = generate(
      b, getLoc(), resultDims(b, *this), ShapeBuilder::elementType(source),
      [&](OpBuilder &n, Location l, ValueRange at) -> Value {
        Expr c(n, l, at[1]), y(n, l, at[2]), x(n, l, at[3]);
        Expr place = c / c.with(channels);
        return extract(n, l, source,
                       {at[0], c % c.with(channels), y * size + place / size,
                        x * size + place % place.constant(size)});
      });
  return SmallVector<Value>{asResult(b, *this, 0, result)};
}
