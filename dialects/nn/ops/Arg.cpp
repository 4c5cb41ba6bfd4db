#include "dialects/nn/NN.h"

using namespace tw;
using namespace tw::nn;

LogicalResult tw::nn::inferArg(Operation *op, int64_t axis, bool keepDims,
                               ShapeBuilder &shapes,
                               SmallVectorImpl<ResultShape> &results) {
  Dims dims = shapes.dims(op->getOperand(0));
  auto position = normalizeAxis(op, axis, dims.size());
  if (failed(position))
    return failure();
  dims[*position] = shapes.constant(1);
  if (!keepDims)
    dims.erase(dims.begin() + *position);
  results.push_back({dims, IntegerType::get(op->getContext(), 64)});
  return success();
}

Value tw::nn::rowPosition(OpBuilder &b, Location loc, ArrayRef<int64_t> axes,
                          ArrayRef<OpFoldResult> dims) {
  ShapeBuilder shapes(b, loc);
  Dim position = shapes.constant(0);
  for (int64_t axis : axes) {
    Value index = linalg::IndexOp::create(b, loc, axis);
    position =
        shapes.add(shapes.mul(position, dims[axis]), getAsOpFoldResult(index));
  }
  return arith::IndexCastOp::create(b, loc, b.getI64Type(),
                                    shapes.value(position));
}

/// Each element's position where it is (one of) the extreme ones, else a number
/// that loses against all positions.
static Value candidates(OpBuilder &b, Location loc, Value input, Type element,
                        Value extreme, ArrayRef<int64_t> axes, bool last) {
  Dims dims = ShapeBuilder(b, loc).dims(input);
  Type wide = signless(wideElement(element));
  return elementwise(
      b, loc, {input, extreme}, dims, b.getI64Type(),
      [&](OpBuilder &n, Location l, ValueRange x) -> Value {
        Scalar value(n, l, castScalar(n, l, x[0], signless(element), wide));
        Scalar isExtreme = value == value.with(x[1]);
        if (value.isFloat())
          isExtreme = isExtreme | isNan(value);
        Scalar position = value.with(rowPosition(n, l, axes, dims));
        return select(isExtreme, position,
                      last ? lowest(position) : highest(position));
      });
}

Value tw::nn::extremePosition(OpBuilder &b, Location loc, Value input,
                              Type element, ArrayRef<int64_t> axes,
                              bool keepDims, bool largest, bool last) {
  Value extreme =
      reduceAxes(b, loc, input, element, axes, true, wideElement(element),
                 largest ? maxReduction() : minReduction());
  Value places = candidates(b, loc, input, element, extreme, axes, last);
  Type i64 = b.getI64Type();
  return reduceAxes(b, loc, places, i64, axes, keepDims, i64,
                    last ? maxReduction() : minReduction());
}
