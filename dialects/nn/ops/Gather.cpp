#include "dialects/nn/Index.h"
#include "dialects/nn/NN.h"

using namespace tw;
using namespace tw::nn;

LogicalResult GatherOp::inferResults(ShapeBuilder &shapes,
                                     SmallVectorImpl<ResultShape> &results) {
  Dims data = shapes.dims(getData());
  auto axis = normalizeAxis(*this, getAxis(), data.size());
  if (failed(axis))
    return failure();
  Dims dims(data.begin(), data.begin() + *axis);
  llvm::append_range(dims, shapes.dims(getIndices()));
  dims.append(data.begin() + *axis + 1, data.end());
  results.push_back({dims, ShapeBuilder::elementType(getData())});
  return success();
}

/// result[i, j, k] = data[i, indices[j], k] for index tuples i, j, k.
FailureOr<SmallVector<Value>> GatherOp::decomposeOperation(OpBuilder &b) {
  Location loc = getLoc();
  Value source = signless(b, loc, getData());
  Value indices = signless(b, loc, getIndices());
  int64_t rank = ShapeBuilder::rank(source);
  int64_t axis = *normalizeAxis(*this, getAxis(), rank);
  int64_t chosenRank = ShapeBuilder::rank(indices);
  Dim size = ShapeBuilder(b, loc).dim(source, axis);
  Value result = generate(
      b, loc, resultDims(b, *this), ShapeBuilder::elementType(source),
      [&](OpBuilder &n, Location l, ValueRange at) {
        Value chosen = extract(n, l, indices, at.slice(axis, chosenRank));
        SmallVector<Value> from(at.take_front(axis));
        from.push_back(safeIndex(
            n, l, chosen, ShapeBuilder::elementType(getIndices()), size));
        llvm::append_range(from, at.drop_front(axis + chosenRank));
        return extract(n, l, source, from);
      });
  return SmallVector<Value>{asResult(b, *this, 0, result)};
}
