#include "dialects/nn/Expr.h"
#include "dialects/nn/Index.h"
#include "dialects/nn/NN.h"

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

/// Writes the position `at` into column `column`.
static Value writeColumn(OpBuilder &b, Location loc, Value table, ValueRange at,
                         Value column) {
  for (auto [row, index] : llvm::enumerate(at)) {
    Value r = arith::ConstantIndexOp::create(b, loc, row);
    Value value = fromIndex(b, loc, index, b.getI64Type());
    table =
        tensor::InsertOp::create(b, loc, value, table, ValueRange{r, column});
  }
  return table;
}

/// Walks over the input with the number of positions found so far.
FailureOr<SmallVector<Value>> NonZeroOp::decomposeOperation(OpBuilder &b) {
  Location loc = getLoc();
  ShapeBuilder shapes(b, loc);
  Value source = signless(b, loc, getInput());
  Type element = ShapeBuilder::elementType(getInput());
  Value table = emptyResult(b, *this);
  Value size = shapes.value(resultDims(b, *this)[1]);
  Value zero = shapes.value(shapes.constant(0));
  auto visit = [&](OpBuilder &n, Location l, ValueRange at, ValueRange state) {
    Value x = extract(n, l, source, at);
    Expr found(n, l, state[1]);
    Expr isSet = found.with(convertScalar(n, l, x, element, n.getI1Type()));
    return when(both(isSet, found < found.with(size)), state,
                [&](OpBuilder &m, Location k) {
                  return SmallVector<Value>{
                      writeColumn(m, k, state[0], at, found), found + 1.0};
                });
  };
  Value result = loopNest(b, loc, shapes.dims(source), {table, zero}, visit)[0];
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
