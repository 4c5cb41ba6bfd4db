#include "dialects/nn/Index.h"
#include "dialects/nn/NN.h"

using namespace tw;
using namespace tw::nn;

/// The number of components that turn, where it is known.
static std::optional<int64_t> turningSize(RotaryEmbeddingOp op,
                                          ShapeBuilder &shapes) {
  if (op.getRotaryDim() > 0)
    return static_cast<int64_t>(op.getRotaryDim());
  return ShapeBuilder::known(shapes.dim(op.getX(), -1));
}

LogicalResult
RotaryEmbeddingOp::inferResults(ShapeBuilder &shapes,
                                SmallVectorImpl<ResultShape> &results) {
  if (ShapeBuilder::rank(getX()) != 4)
    return emitOpError("expected an input of rank 4, found ")
           << getX().getType();
  auto size = ShapeBuilder::known(shapes.dim(getX(), 3));
  auto turning = turningSize(*this, shapes);
  if (turning && (*turning % 2 || (size && *turning > *size)))
    return emitOpError("attribute 'rotary_embedding_dim': expected an even "
                       "number up to ")
           << size.value_or(0) << ", found " << *turning;
  int64_t rank = getPositionIds() ? 2 : 3;
  for (Value cache : {getCos(), getSin()}) {
    if (ShapeBuilder::rank(cache) != rank)
      return emitOpError("caches: expected rank ")
             << rank << ", found " << cache.getType();
    auto pairs = ShapeBuilder::known(shapes.dim(cache, -1));
    if (pairs && turning && *pairs * 2 != *turning)
      return emitOpError("caches: expected ")
             << *turning / 2 << " columns, found " << *pairs;
  }
  results.push_back({shapes.dims(getX()), ShapeBuilder::elementType(getX())});
  return success();
}

namespace {
/// One result element.
struct Rotation {
  RotaryEmbeddingOp op;
  OpBuilder &b;
  Location loc;
  ValueRange at;
  Dim turning;

  Value index(int64_t value) {
    return arith::ConstantIndexOp::create(b, loc, value);
  }

  /// The row of the caches, and the batch where they have one.
  SmallVector<Value> row() {
    Value length = at[op.getLengthFirst() ? 1 : 2];
    if (!op.getPositionIds())
      return {at[0], length};
    Value ids = op.getPositionIds();
    bool isFirst = ShapeBuilder::rank(ids) == 1;
    SmallVector<Value> place{at[0], length};
    if (isFirst)
      place = {index(0)};
    Value id = toIndex(b, loc, extract(b, loc, ids, place),
                       ShapeBuilder::elementType(ids));
    if (isFirst)
      id = arith::AddIOp::create(b, loc, id, length);
    ShapeBuilder shapes(b, loc);
    Dim last = shapes.sub(shapes.dim(op.getCos(), 0), shapes.constant(1));
    return {shapes.value(
        clamp(shapes, getAsOpFoldResult(id), shapes.constant(0), last))};
  }

  Scalar read(Value tensor, ValueRange place) {
    Value x = extract(b, loc, tensor, place);
    if (isNarrowFloat(x.getType()))
      x = arith::ExtFOp::create(b, loc, b.getF32Type(), x);
    return Scalar(b, loc, x);
  }

  Value compute() {
    ShapeBuilder shapes(b, loc);
    Dim d = getAsOpFoldResult(at[3]), two = shapes.constant(2),
        one = shapes.constant(1);
    Dim half = shapes.floorDiv(turning, two);
    bool pairs = op.getInterleaved() != 0;
    Dim isLow =
        pairs ? shapes.isEqual(
                    shapes.sub(d, shapes.mul(shapes.floorDiv(d, two), two)),
                    shapes.constant(0))
              : shapes.isLess(d, half);
    Dim step = pairs ? one : half;
    Dim other = shapes.select(isLow, shapes.add(d, step), shapes.sub(d, step));
    Dim angle = pairs ? shapes.floorDiv(d, two)
                      : shapes.select(isLow, d, shapes.sub(d, half));
    Dim turns = shapes.isLess(d, turning);
    SmallVector<Value> cache = row(), partner(at);
    cache.push_back(
        shapes.value(shapes.select(turns, angle, shapes.constant(0))));
    partner[3] = shapes.value(shapes.select(turns, other, d));
    Scalar x = read(op.getX(), at), y = read(op.getX(), partner);
    Scalar c = read(op.getCos(), cache), s = read(op.getSin(), cache);
    Scalar low = Scalar(b, loc, shapes.value(isLow));
    Scalar turned = x * c + select(low, -y, y) * s;
    return select(Scalar(b, loc, shapes.value(turns)), turned, x);
  }
};
} // namespace

FailureOr<SmallVector<Value>>
RotaryEmbeddingOp::decomposeOperation(OpBuilder &b) {
  Type element = ShapeBuilder::elementType(getX());
  ShapeBuilder shapes(b, getLoc());
  Dim turning = getRotaryDim() > 0
                    ? shapes.constant(static_cast<int64_t>(getRotaryDim()))
                    : shapes.dim(getX(), 3);
  Value result =
      generate(b, getLoc(), resultDims(b, *this), element,
               [&](OpBuilder &n, Location l, ValueRange at) -> Value {
                 Value y = Rotation{*this, n, l, at, turning}.compute();
                 if (y.getType() != element)
                   y = arith::TruncFOp::create(n, l, element, y);
                 return y;
               });
  return SmallVector<Value>{asResult(b, *this, 0, result)};
}

/// com.microsoft has the positions second, and heads that follow from the
/// caches where their number is not given.
FailureOr<SmallVector<Value>> RotaryEmbeddingOp::importOnnx(OnnxNode &node) {
  OpBuilder &b = node.builder;
  node.inputs.resize(4);
  if (node.domain == "com.microsoft") {
    node.inputs = {node.input(0), node.input(2), node.input(3), node.input(1)};
    node.take("is_packed_batching");
    Attribute scale = node.take("scale");
    if (scale && scale != b.getF32FloatAttr(1))
      return node.error() << "attribute 'scale': expected 1, found another";
  }
  if (Attribute size = node.take("rotary_embedding_dim"))
    node.attributes.set("rotary_dim", size);
  int64_t heads = node.integer("num_heads").value_or(0);
  node.take("num_heads");
  if (ShapeBuilder::rank(node.input(0)) == 4)
    return node.importAs<RotaryEmbeddingOp>();
  auto pairs =
      cast<RankedTensorType>(node.input(1).getType()).getShape().back();
  if (heads < 1 && ShapedType::isDynamic(pairs))
    return node.error() << "attribute 'num_heads': expected the number of "
                           "heads, which an input of rank 3 needs, found none";
  int64_t size = heads < 1 ? 2 * pairs : -1;
  auto split = node.build<ReshapeOp>(
      {node.input(0), node.constant({0, 0, heads < 1 ? -1 : heads, size})});
  if (failed(split))
    return failure();
  node.inputs[0] = *split;
  node.attributes.set("length_first", b.getUnitAttr());
  auto turned = node.importAs<RotaryEmbeddingOp>();
  if (failed(turned))
    return failure();
  auto joined =
      node.build<ReshapeOp>({turned->front(), node.constant({0, 0, -1})});
  if (failed(joined))
    return failure();
  return SmallVector<Value>{*joined};
}
