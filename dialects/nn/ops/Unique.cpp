#include "dialects/nn/Expr.h"
#include "dialects/nn/Groups.h"
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

/// tensor[i] as an index.
static Value indexAt(OpBuilder &b, Location loc, Value tensor, Value i) {
  return toIndex(b, loc, extract(b, loc, tensor, i), b.getI64Type());
}

/// Y: the slices where groups begin.
static Value takeSlices(UniqueOp op, OpBuilder &b, Value firsts) {
  Location loc = op.getLoc();
  Value source = signless(b, loc, op.getX());
  Dims sizes = ShapeBuilder(b, loc).dims(source);
  return generate(
      b, loc, resultDims(b, op, 0), ShapeBuilder::elementType(source),
      [&](OpBuilder &n, Location l, ValueRange at) {
        ShapeBuilder shapes(n, l);
        SmallVector<Value> from(at);
        if (op.getAxis()) {
          int64_t axis = *normalizeAxis(op, *op.getAxis(), sizes.size());
          from[axis] = indexAt(n, l, firsts, at[axis]);
        } else {
          Value first = indexAt(n, l, firsts, at[0]);
          from = delinearize(shapes, getAsOpFoldResult(first), sizes);
        }
        return extract(n, l, source, from);
      });
}

static Value copyOf(OpBuilder &b, Location loc, Value tensor) {
  return elementwise(b, loc, tensor, ShapeBuilder(b, loc).dims(tensor),
                     ShapeBuilder::elementType(tensor),
                     [](OpBuilder &, Location, ValueRange x) { return x[0]; });
}

/// How many slices there are from where a group begins to where the next does.
static Value countSlices(UniqueOp op, OpBuilder &b, const Groups &groups,
                         Value starts) {
  Location loc = op.getLoc();
  ShapeBuilder shapes(b, loc);
  Dims dims = resultDims(b, op, 3);
  Value total = shapes.value(groups.size), last = shapes.value(dims[0]);
  return generate(b, loc, dims, b.getI64Type(),
                  [&](OpBuilder &n, Location l, ValueRange at) -> Value {
                    Expr i(n, l, at[0]), end(n, l, total);
                    Expr next = min(i + 1.0, i.with(last) - 1.0);
                    Expr after =
                        select(i + 1.0 < i.with(last),
                               i.with(indexAt(n, l, starts, next)), end);
                    Expr count = after - i.with(indexAt(n, l, starts, i));
                    return fromIndex(n, l, count, n.getI64Type());
                  });
}

/// Slices sorted by rank: of each group the first one comes first.
FailureOr<SmallVector<Value>> UniqueOp::decomposeOperation(OpBuilder &b) {
  Location loc = getLoc();
  Groups groups(b, loc, getRanks(), /*isUnsigned=*/false);
  Value starts = groups.starts();
  Value firsts = generate(b, loc, resultDims(b, *this, 1), b.getI64Type(),
                          [&](OpBuilder &n, Location l, ValueRange at) {
                            return extract(n, l, groups.places,
                                           indexAt(n, l, starts, at[0]));
                          });
  SmallVector<Value> results{takeSlices(*this, b, firsts), firsts,
                             copyOf(b, loc, getRanks()),
                             countSlices(*this, b, groups, starts)};
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
