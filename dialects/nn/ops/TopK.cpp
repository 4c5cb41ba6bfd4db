#include "dialects/nn/NN.h"
#include "dialects/tile/Tile.h"

using namespace tw;
using namespace tw::nn;

LogicalResult TopKOp::inferResults(ShapeBuilder &shapes,
                                   SmallVectorImpl<ResultShape> &results) {
  Dims dims = shapes.dims(getX());
  auto axis = normalizeAxis(*this, getAxis(), dims.size());
  if (failed(axis))
    return failure();
  auto count = shapes.elements(getK());
  if (!count || count->size() != 1)
    return emitOpError("input 'k': expected one integer, found ")
           << getK().getType();
  auto wanted = ShapeBuilder::known(count->front()),
       size = ShapeBuilder::known(dims[*axis]);
  if (wanted && (*wanted < 0 || (size && *wanted > *size)))
    return emitOpError("input 'k': expected at most the axis's size ")
           << (size ? std::to_string(*size) : "?") << ", found " << *wanted;
  dims[*axis] = count->front();
  results.push_back({dims, ShapeBuilder::elementType(getX())});
  results.push_back({dims, IntegerType::get(getContext(), 64)});
  return success();
}

/// [what is before the axis, the axis, what is after it].
static Dims linesAlong(ShapeBuilder &shapes, ArrayRef<OpFoldResult> dims,
                       int64_t axis) {
  return {shapes.product(dims.take_front(axis)), dims[axis],
          shapes.product(dims.drop_front(axis + 1))};
}

FailureOr<SmallVector<Value>> TopKOp::decomposeOperation(OpBuilder &b) {
  Location loc = getLoc();
  ShapeBuilder shapes(b, loc);
  Value x = signless(b, loc, getX());
  int64_t axis = *normalizeAxis(*this, getAxis(), ShapeBuilder::rank(x));
  Dims from = linesAlong(shapes, shapes.dims(x), axis);
  Dims dims = resultDims(b, *this), to = linesAlong(shapes, dims, axis);
  Type element = ShapeBuilder::elementType(getX());
  Value values = emptyTensor(b, loc, to, signless(element)),
        places = emptyTensor(b, loc, to, b.getI64Type());
  auto sort = tile::SortOp::create(
      b, loc, TypeRange{values.getType(), places.getType()},
      reshaped(b, loc, x, from), values, places, getLargest() != 0,
      element.isUnsignedInteger());
  SmallVector<Value> results;
  for (auto [i, result] : llvm::enumerate(sort.getResults()))
    results.push_back(asResult(b, *this, i, reshaped(b, loc, result, dims)));
  return results;
}
