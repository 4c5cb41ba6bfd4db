#include "dialects/nn/Expr.h"
#include "dialects/nn/Index.h"
#include "dialects/nn/NN.h"

using namespace tw;
using namespace tw::nn;

LogicalResult ScatterNdOp::inferResults(ShapeBuilder &shapes,
                                        SmallVectorImpl<ResultShape> &results) {
  if (failed(checkReduction(*this, getReduction())))
    return failure();
  int64_t rank = ShapeBuilder::rank(getData());
  int64_t outer = ShapeBuilder::rank(getIndices()) - 1;
  auto depth = outer < 0 ? std::nullopt
                         : ShapeBuilder::known(shapes.dim(getIndices(), -1));
  if (!depth || *depth < 1 || *depth > rank)
    return emitOpError("operand 'indices': expected a last dim of known size "
                       "from 1 to ")
           << rank << ", found " << getIndices().getType();
  if (int64_t expected = outer + rank - *depth;
      ShapeBuilder::rank(getUpdates()) != expected)
    return emitOpError("operand 'updates': expected rank ")
           << expected << ", found " << ShapeBuilder::rank(getUpdates());
  results.push_back(
      {shapes.dims(getData()), ShapeBuilder::elementType(getData())});
  return success();
}

namespace {
/// Where an update goes, and whether that is inside the data.
struct Target {
  SmallVector<Value> at;
  Value isInside;
};
} // namespace

/// Reads the index tuple at `outer`.
static Target readTarget(OpBuilder &b, Location loc, Value indices,
                         ValueRange outer, ArrayRef<OpFoldResult> sizes) {
  ShapeBuilder shapes(b, loc);
  Target target;
  SmallVector<Value> tuple(outer);
  tuple.emplace_back();
  int64_t depth =
      cast<RankedTensorType>(indices.getType()).getDimSize(outer.size());
  for (int64_t i = 0; i < depth; ++i) {
    tuple.back() = arith::ConstantIndexOp::create(b, loc, i);
    Expr index = Expr::read(b, loc, indices, tuple).toIndex();
    Expr size = index.with(shapes.value(sizes[i]));
    index = select(index < 0.0, index + size, index);
    Expr isInside = both(index >= 0.0, index < size);
    target.at.push_back(index);
    target.isInside = target.isInside
                          ? both(index.with(target.isInside), isInside).value()
                          : isInside.value();
  }
  return target;
}

FailureOr<SmallVector<Value>> ScatterNdOp::decomposeOperation(OpBuilder &b) {
  Location loc = getLoc();
  ShapeBuilder shapes(b, loc);
  Value data = signless(b, loc, getData()),
        indices = signless(b, loc, getIndices()),
        updates = signless(b, loc, getUpdates());
  Type element = ShapeBuilder::elementType(getData());
  Dims sizes = shapes.dims(data);
  int64_t outer = ShapeBuilder::rank(indices) - 1;
  auto update = [&](OpBuilder &n, Location l, ValueRange at, ValueRange state) {
    Target target = readTarget(n, l, indices, at.take_front(outer), sizes);
    llvm::append_range(target.at, at.drop_front(outer));
    Expr isInside(n, l, target.isInside);
    return when(isInside, state, [&](OpBuilder &m, Location k) {
      Value value = combine(m, k, getReduction(), element,
                            extract(m, k, state[0], target.at),
                            extract(m, k, updates, at));
      return SmallVector<Value>{
          tensor::InsertOp::create(m, k, value, state[0], target.at)};
    });
  };
  Value result =
      loopNest(b, loc, shapes.dims(updates), copied(b, loc, data), update)
          .front();
  return SmallVector<Value>{asResult(b, *this, 0, result)};
}
