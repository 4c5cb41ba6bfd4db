#include "dialects/nn/NN.h"

using namespace tw;
using namespace tw::nn;

namespace {
/// Mean and 1 / sqrt(variance + epsilon) over axes, which are kept with size 1.
struct Statistics {
  Statistics(OpBuilder &b, Location loc, Value x, ArrayRef<int64_t> axes,
             double epsilon) {
    ShapeBuilder shapes(b, loc);
    mean = meanOf(b, loc, x, axes);
    Type wide = ShapeBuilder::elementType(mean);
    Value squares = mapReal(b, loc, {x, mean}, shapes.dims(x), wide,
                            [](ArrayRef<Scalar> v) {
                              Scalar d = v[0] - v[1];
                              return d * d;
                            });
    Value variance = meanOf(b, loc, squares, axes);
    invStdDev =
        mapReal(b, loc, variance, shapes.dims(variance), wide,
                [&](ArrayRef<Scalar> v) { return 1.0 / sqrt(v[0] + epsilon); });
  }

  Value mean, invStdDev;
};
} // namespace

/// (x - mean) * invStdDev * scale + bias; `bias` may be null. Both broadcast.
static Value normalized(OpBuilder &b, Location loc, Value x,
                        const Statistics &statistics, Value scale, Value bias) {
  SmallVector<Value> inputs{x, statistics.mean, statistics.invStdDev, scale};
  if (bias)
    inputs.push_back(bias);
  return mapReal(b, loc, inputs, ShapeBuilder(b, loc).dims(x),
                 ShapeBuilder::elementType(x), [&](ArrayRef<Scalar> v) {
                   Scalar y = (v[0] - v[1]) * v[2] * v[3];
                   return bias ? y + v[4] : y;
                 });
}

LogicalResult
LayerNormalizationOp::inferResults(ShapeBuilder &shapes,
                                   SmallVectorImpl<ResultShape> &results) {
  Dims dims = shapes.dims(getX());
  auto axis = normalizeAxis(*this, getAxis(), dims.size());
  if (failed(axis))
    return failure();
  Type element = ShapeBuilder::elementType(getX());
  Dims statistics(dims);
  for (size_t i = *axis; i < dims.size(); ++i)
    statistics[i] = shapes.constant(1);
  results.push_back({dims, element});
  for (int i = 0; i < 2; ++i)
    results.push_back({statistics, wideElement(element)});
  return success();
}

FailureOr<SmallVector<Value>>
LayerNormalizationOp::decomposeOperation(OpBuilder &b) {
  int64_t rank = ShapeBuilder::rank(getX());
  int64_t axis = *normalizeAxis(*this, getAxis(), rank);
  Statistics statistics(b, getLoc(), getX(), axesFrom(axis, rank),
                        getEpsilon().convertToDouble());
  Value y = normalized(b, getLoc(), getX(), statistics, getScale(), getBias());
  return SmallVector<Value>{asResult(b, *this, 0, y),
                            asResult(b, *this, 1, statistics.mean),
                            asResult(b, *this, 2, statistics.invStdDev)};
}

LogicalResult
InstanceNormalizationOp::inferResults(ShapeBuilder &shapes,
                                      SmallVectorImpl<ResultShape> &results) {
  if (ShapeBuilder::rank(getX()) < 2)
    return emitOpError("expected an input of rank 2 or more, found ")
           << getX().getType();
  results.push_back({shapes.dims(getX()), ShapeBuilder::elementType(getX())});
  return success();
}

/// A vector of channels that broadcasts against an input of `rank`.
static Value channelColumn(OpBuilder &b, Location loc, Value vector,
                           int64_t rank) {
  ReassociationIndices group{0};
  auto type = cast<RankedTensorType>(vector.getType());
  SmallVector<int64_t> sizes{type.getDimSize(0)};
  for (int64_t i = 2; i < rank; ++i) {
    group.push_back(i - 1);
    sizes.push_back(1);
  }
  if (sizes.size() == 1)
    return vector;
  return tensor::ExpandShapeOp::create(
      b, loc, RankedTensorType::get(sizes, type.getElementType()), vector,
      SmallVector<ReassociationIndices>{group});
}

FailureOr<SmallVector<Value>>
InstanceNormalizationOp::decomposeOperation(OpBuilder &b) {
  int64_t rank = ShapeBuilder::rank(getX());
  Statistics statistics(b, getLoc(), getX(), axesFrom(2, rank),
                        getEpsilon().convertToDouble());
  Value y = normalized(b, getLoc(), getX(), statistics,
                       channelColumn(b, getLoc(), getScale(), rank),
                       channelColumn(b, getLoc(), getBias(), rank));
  return SmallVector<Value>{asResult(b, *this, 0, y)};
}

LogicalResult
LpNormalizationOp::inferResults(ShapeBuilder &shapes,
                                SmallVectorImpl<ResultShape> &results) {
  if (failed(normalizeAxis(*this, getAxis(), ShapeBuilder::rank(getInput()))))
    return failure();
  if (getP() != 1 && getP() != 2)
    return emitOpError("attribute 'p': expected 1 or 2, found ")
           << static_cast<int64_t>(getP());
  results.push_back(
      {shapes.dims(getInput()), ShapeBuilder::elementType(getInput())});
  return success();
}

FailureOr<SmallVector<Value>>
LpNormalizationOp::decomposeOperation(OpBuilder &b) {
  Location loc = getLoc();
  Value x = getInput();
  ShapeBuilder shapes(b, loc);
  int64_t axis = *normalizeAxis(*this, getAxis(), ShapeBuilder::rank(x));
  Type element = ShapeBuilder::elementType(x), wide = wideElement(element);
  bool isAbsolute = getP() == 1;
  Reduction sum = sumReduction();
  sum.prepare = [=](Scalar v) { return isAbsolute ? abs(v) : v * v; };
  Value total = reduceAxes(b, loc, x, element, {axis}, true, wide, sum);
  Value y = mapReal(b, loc, {x, total}, shapes.dims(x), element,
                    [&](ArrayRef<Scalar> v) {
                      Scalar norm = isAbsolute ? v[1] : sqrt(v[1]);
                      return select(norm == 0.0, norm, v[0] / norm);
                    });
  return SmallVector<Value>{asResult(b, *this, 0, y)};
}
