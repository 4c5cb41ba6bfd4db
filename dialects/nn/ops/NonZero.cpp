#include "dialects/nn/Index.h"
#include "dialects/nn/NN.h"
#include "dialects/tile/Tile.h"

using namespace tw;
using namespace tw::nn;

LogicalResult NonZeroOp::inferResults(ShapeBuilder &shapes,
                                      SmallVectorImpl<ResultShape> &results) {
  auto count = hostElements(*this, shapes, getCount(), "count");
  if (failed(count))
    return failure();
  Dim rank = shapes.constant(ShapeBuilder::rank(getInput()));
  results.push_back({{rank, count->front()}, shapes.builder().getI64Type()});
  return success();
}

/// Flags, then the positions of those that are set, then an index per dim.
FailureOr<SmallVector<Value>> NonZeroOp::decomposeOperation(OpBuilder &b) {
  Location loc = getLoc();
  ShapeBuilder shapes(b, loc);
  Value source = signless(b, loc, getInput());
  Type element = ShapeBuilder::elementType(getInput());
  Dims sizes = shapes.dims(source), dims = resultDims(b, *this);
  if (sizes.empty())
    sizes.push_back(shapes.constant(1)); // There is no row to compute then.
  Value flat = reshaped(b, loc, source, {shapes.product(sizes)});
  Value flags =
      elementwise(b, loc, flat, shapes.dims(flat), b.getI1Type(),
                  [&](OpBuilder &n, Location l, ValueRange x) {
                    return convertScalar(n, l, x[0], element, n.getI1Type());
                  });
  Value empty = emptyTensor(b, loc, dims[1], b.getI64Type());
  Value positions =
      tile::CompactOp::create(b, loc, TypeRange(empty.getType()), flags, empty)
          .getResults()[0];
  Value result = generate(
      b, loc, dims, b.getI64Type(),
      [&](OpBuilder &n, Location l, ValueRange at) -> Value {
        ShapeBuilder inner(n, l);
        Value position =
            toIndex(n, l, extract(n, l, positions, at[1]), n.getI64Type());
        SmallVector<Value> indices =
            delinearize(inner, getAsOpFoldResult(position), sizes);
        Dim index =
            pick(inner, getAsOpFoldResult(indices), getAsOpFoldResult(at[0]));
        return fromIndex(n, l, inner.value(index), n.getI64Type());
      });
  return SmallVector<Value>{asResult(b, *this, 0, result)};
}

static FailureOr<Value> positionsOf(OnnxNode &node, Value tensor) {
  FailureOr<Value> count = node.build<CountNonZeroOp>({tensor});
  if (failed(count))
    return failure();
  return node.build<NonZeroOp>({tensor, *count});
}

/// Compress: data gathered at the positions of the condition, of which what is
/// longer than the data is left out.
static FailureOr<SmallVector<Value>> importCompress(OnnxNode &node) {
  Value data = node.input(0), condition = node.input(1);
  if (!node.integer("axis")) {
    FailureOr<Value> flat = node.build<ReshapeOp>({data, node.constant(-1)});
    if (failed(flat))
      return failure();
    data = *flat;
  }
  int64_t axis = node.integer("axis").value_or(0);
  auto size = cast<RankedTensorType>(data.getType());
  int64_t from = axis < 0 ? axis + size.getRank() : axis;
  if (from < 0 || from >= size.getRank())
    return node.error() << "attribute 'axis': expected a dim of " << size
                        << ", found " << axis;
  Builder &b = node.builder;
  auto dims = node.build<ShapeOp>(
      {data}, {node.attribute("start", b.getI64IntegerAttr(from)),
               node.attribute("end", b.getI64IntegerAttr(from + 1))});
  if (failed(dims))
    return failure();
  auto relevant = node.build<SliceOp>(
      {condition, node.constant(0), *dims, Value(), Value()});
  if (failed(relevant))
    return failure();
  auto positions = positionsOf(node, *relevant);
  if (failed(positions))
    return failure();
  auto list = node.build<ReshapeOp>({*positions, node.constant(-1)});
  if (failed(list))
    return failure();
  auto result = node.build<GatherOp>(
      {data, *list}, {node.attribute("axis", b.getI64IntegerAttr(from))});
  if (failed(result))
    return failure();
  return SmallVector<Value>{*result};
}

FailureOr<SmallVector<Value>> NonZeroOp::importOnnx(OnnxNode &node) {
  if (node.type == "Compress")
    return importCompress(node);
  FailureOr<Value> positions = positionsOf(node, node.input(0));
  if (failed(positions))
    return failure();
  return SmallVector<Value>{*positions};
}
