#include "dialects/nn/Index.h"
#include "dialects/nn/NN.h"

using namespace tw;
using namespace tw::nn;

LogicalResult GatherNdOp::inferResults(ShapeBuilder &shapes,
                                       SmallVectorImpl<ResultShape> &results) {
  Dims data = shapes.dims(getData()), indices = shapes.dims(getIndices());
  int64_t batch = getBatchDims(), rank = data.size();
  if (batch < 0 || batch >= std::min<int64_t>(rank, indices.size()))
    return emitOpError("attribute 'batch_dims': expected a value below the "
                       "ranks of data and indices, found ")
           << batch;
  auto depth = ShapeBuilder::known(indices.back());
  if (!depth || *depth < 1 || *depth > rank - batch)
    return emitOpError("operand 'indices': expected a last dim of known size "
                       "from 1 to ")
           << rank - batch << ", found " << getIndices().getType();
  Dims dims(indices.begin(), indices.end() - 1);
  dims.append(data.begin() + batch + *depth, data.end());
  results.push_back({dims, ShapeBuilder::elementType(getData())});
  return success();
}

/// result[b, i, k] = data[b, indices[b, i, :], k] for index tuples b, i, k.
FailureOr<SmallVector<Value>> GatherNdOp::decomposeOperation(OpBuilder &b) {
  Location loc = getLoc();
  Value source = signless(b, loc, getData());
  Value indices = signless(b, loc, getIndices());
  Type indexType = ShapeBuilder::elementType(getIndices());
  Dims sizes = ShapeBuilder(b, loc).dims(source);
  int64_t outer = ShapeBuilder::rank(indices) - 1, batch = getBatchDims();
  int64_t depth = cast<RankedTensorType>(indices.getType()).getDimSize(outer);
  Value result =
      generate(b, loc, resultDims(b, *this), ShapeBuilder::elementType(source),
               [&](OpBuilder &n, Location l, ValueRange at) {
                 SmallVector<Value> from(at.take_front(batch));
                 SmallVector<Value> tuple(at.take_front(outer));
                 tuple.emplace_back();
                 for (int64_t i = 0; i < depth; ++i) {
                   tuple.back() = arith::ConstantIndexOp::create(n, l, i);
                   Value position = extract(n, l, indices, tuple);
                   from.push_back(
                       safeIndex(n, l, position, indexType, sizes[batch + i]));
                 }
                 llvm::append_range(from, at.drop_front(outer));
                 return extract(n, l, source, from);
               });
  return SmallVector<Value>{asResult(b, *this, 0, result)};
}
