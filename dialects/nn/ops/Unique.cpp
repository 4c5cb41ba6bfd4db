#include "dialects/nn/Expr.h"
#include "dialects/nn/Index.h"
#include "dialects/nn/NN.h"

using namespace tw;
using namespace tw::nn;

LogicalResult UniqueOp::inferResults(ShapeBuilder &shapes,
                                     SmallVectorImpl<ResultShape> &results) {
  auto count = hostElements(*this, shapes, getCount(), "count");
  if (failed(count))
    return failure();
  Dims dims{count->front()};
  if (getAxis()) {
    dims = shapes.dims(getX());
    auto axis = normalizeAxis(*this, *getAxis(), dims.size());
    if (failed(axis))
      return failure();
    dims[*axis] = count->front();
  }
  Type i64 = shapes.builder().getI64Type();
  results.push_back({dims, ShapeBuilder::elementType(getX())});
  results.push_back({{count->front()}, i64});
  results.push_back({shapes.dims(getRanks()), i64});
  results.push_back({{count->front()}, i64});
  return success();
}

/// Y with every slice written at its rank; equal slices overwrite each other.
static Value placeSlices(UniqueOp op, OpBuilder &b) {
  Location loc = op.getLoc();
  Value source = signless(b, loc, op.getX());
  Dims sizes = ShapeBuilder(b, loc).dims(source);
  auto place = [&](OpBuilder &n, Location l, ValueRange at, ValueRange state) {
    ShapeBuilder shapes(n, l);
    SmallVector<Value> to(at);
    auto rank = [&](Value i) {
      return Expr::read(n, l, op.getRanks(), i).toIndex();
    };
    if (!op.getAxis()) {
      to.assign({rank(shapes.value(linearize(shapes, at, sizes)))});
    } else {
      int64_t axis = *normalizeAxis(op, *op.getAxis(), sizes.size());
      to[axis] = rank(at[axis]);
    }
    return SmallVector<Value>{tensor::InsertOp::create(
        n, l, extract(n, l, source, at), state[0], to)};
  };
  return loopNest(b, loc, sizes, emptyResult(b, op, 0), place).front();
}

/// Where each slice first occurs (walking backward, so that the first one is
/// written last) and how often.
static SmallVector<Value> countSlices(UniqueOp op, OpBuilder &b) {
  Location loc = op.getLoc();
  ShapeBuilder shapes(b, loc);
  Value total = shapes.value(shapes.dim(op.getRanks(), 0));
  Value zero = constantLikeInt(b, loc, b.getI64Type(), 0);
  Value counts = filledByLoop(b, loc, resultDims(b, op, 3), zero);
  return loop(b, loc, total, {emptyResult(b, op, 1), counts},
              [&](OpBuilder &n, Location l, Value i, ValueRange state) {
                Expr at = Expr(n, l, total) - 1.0 - Expr(n, l, i);
                Value rank =
                    Expr::read(n, l, op.getRanks(), at.value()).toIndex();
                Value index = fromIndex(n, l, at, n.getI64Type());
                Value count = Expr::read(n, l, state[1], rank) + 1.0;
                return SmallVector<Value>{
                    tensor::InsertOp::create(n, l, index, state[0], rank),
                    tensor::InsertOp::create(n, l, count, state[1], rank)};
              });
}

FailureOr<SmallVector<Value>> UniqueOp::decomposeOperation(OpBuilder &b) {
  SmallVector<Value> tables = countSlices(*this, b);
  SmallVector<Value> results{placeSlices(*this, b), tables[0],
                             copied(b, getLoc(), getRanks()), tables[1]};
  for (auto [i, result] : llvm::enumerate(results))
    result = asResult(b, *this, i, result);
  return results;
}

FailureOr<SmallVector<Value>> UniqueOp::importOnnx(OnnxNode &node) {
  Value x = node.input(0);
  SmallVector<NamedAttribute> all(node.attributes.begin(),
                                  node.attributes.end());
  auto ranked = node.build(RankUniqueOp::getOperationName(), x, all);
  if (failed(ranked))
    return failure();
  node.take("sorted");
  SmallVector<NamedAttribute> axis(node.attributes.begin(),
                                   node.attributes.end());
  return node.build(UniqueOp::getOperationName(),
                    {x, (*ranked)[0], (*ranked)[1]}, axis);
}
