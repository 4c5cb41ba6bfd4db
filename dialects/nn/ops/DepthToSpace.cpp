#include "dialects/nn/Expr.h"
#include "dialects/nn/NN.h"

using namespace tw;
using namespace tw::nn;

LogicalResult
DepthToSpaceOp::inferResults(ShapeBuilder &shapes,
                             SmallVectorImpl<ResultShape> &results) {
  int64_t block = getBlocksize();
  if (getMode() != "DCR" && getMode() != "CRD")
    return emitOpError("attribute 'mode': expected DCR or CRD, found ")
           << getMode();
  Dims dims = shapes.dims(getInput());
  if (dims.size() != 4 || block < 1)
    return emitOpError("expected 4 dims and a positive 'blocksize', found ")
           << describe(dims) << " and " << block;
  Dim size = shapes.constant(block);
  dims[1] = shapes.floorDiv(dims[1], shapes.mul(size, size));
  dims[2] = shapes.mul(dims[2], size);
  dims[3] = shapes.mul(dims[3], size);
  results.push_back({dims, ShapeBuilder::elementType(getInput())});
  return success();
}

/// Pixel (y, x) of channel c is at (y / size, x / size) of the channel that c
/// and the place in the block give.
FailureOr<SmallVector<Value>> DepthToSpaceOp::decomposeOperation(OpBuilder &b) {
  ShapeBuilder shapes(b, getLoc());
  Value source = signless(b, getLoc(), getInput());
  Dims dims = resultDims(b, *this);
  Value channels = shapes.value(dims[1]);
  double size = getBlocksize();
  Value result = generate(
      b, getLoc(), dims, ShapeBuilder::elementType(source),
      [&](OpBuilder &n, Location l, ValueRange at) -> Value {
        Expr c(n, l, at[1]), y(n, l, at[2]), x(n, l, at[3]);
        Expr place = y % y.constant(size) * size + x % x.constant(size);
        Expr channel = getMode() == "DCR" ? place * c.with(channels) + c
                                          : c * (size * size) + place;
        return extract(n, l, source, {at[0], channel, y / size, x / size});
      });
  return SmallVector<Value>{asResult(b, *this, 0, result)};
}
