#include "dialects/nn/Index.h"
#include "dialects/nn/NN.h"

using namespace tw;
using namespace tw::nn;

namespace {
/// What is added to each dim before its first and after its last element.
struct Margins {
  Dims before, after;
};
} // namespace

static FailureOr<Margins> findMargins(PadOp op, ShapeBuilder &shapes) {
  int64_t rank = ShapeBuilder::rank(op.getData());
  auto pads = hostElements(op, shapes, op.getPads(), "pads");
  auto axes = axisElements(op, shapes, op.getAxes(), rank, rank);
  if (failed(pads) || failed(axes))
    return failure();
  if (pads->size() != 2 * axes->size())
    return op.emitOpError("operand 'pads': expected ")
           << 2 * axes->size() << " values, found " << pads->size();
  ArrayRef<OpFoldResult> all(*pads);
  Dims zeros(rank, shapes.constant(0));
  return Margins{
      scatterByAxis(shapes, *axes, all.take_front(axes->size()), zeros),
      scatterByAxis(shapes, *axes, all.drop_front(axes->size()), zeros)};
}

LogicalResult PadOp::inferResults(ShapeBuilder &shapes,
                                  SmallVectorImpl<ResultShape> &results) {
  if (!llvm::is_contained({"constant", "reflect", "edge", "wrap"}, getMode()))
    return emitOpError("attribute 'mode': expected constant, reflect, edge or "
                       "wrap, found ")
           << getMode();
  FailureOr<Margins> margins = findMargins(*this, shapes);
  if (failed(margins))
    return failure();
  Dims dims = shapes.dims(getData());
  for (auto [d, before, after] :
       llvm::zip_equal(dims, margins->before, margins->after))
    d = shapes.max(shapes.constant(0),
                   shapes.add(shapes.add(d, before), after));
  results.push_back({dims, ShapeBuilder::elementType(getData())});
  return success();
}

static Value paddingScalar(PadOp op, OpBuilder &b) {
  Type element = signless(ShapeBuilder::elementType(op.getData()));
  if (!op.getConstantValue())
    return constantLikeInt(b, op.getLoc(), element, 0);
  Value tensor = signless(b, op.getLoc(), op.getConstantValue());
  Value zero = arith::ConstantIndexOp::create(b, op.getLoc(), 0);
  SmallVector<Value> at(ShapeBuilder::rank(tensor), zero);
  return extract(b, op.getLoc(), tensor, at);
}

/// x mod y, never negative.
static Dim modulo(ShapeBuilder &s, Dim x, Dim y) {
  Value r =
      arith::RemSIOp::create(s.builder(), s.location(), s.value(x), s.value(y));
  return wrapIndex(s, r, y);
}

/// The element that stands at `i` (which may be outside) of a dim of `size`.
static Dim sourceIndex(ShapeBuilder &s, StringRef mode, Dim i, Dim size) {
  Dim zero = s.constant(0), one = s.constant(1), last = s.sub(size, one);
  if (mode == "wrap")
    return modulo(s, i, s.max(size, one));
  if (mode != "reflect")
    return clamp(s, i, zero, last);
  Dim period = s.max(s.mul(last, s.constant(2)), one);
  Dim there = modulo(s, i, period);
  return s.min(there, s.sub(period, there));
}

namespace {
/// Where a result element comes from, and whether that is outside (null where
/// it surely is not).
struct Source {
  SmallVector<Value> indices;
  Value isOutside;
};
} // namespace

static Source findSource(PadOp op, ShapeBuilder &s, ValueRange at,
                         const Margins &margins, ArrayRef<OpFoldResult> sizes) {
  OpBuilder &b = s.builder();
  Source source;
  for (auto [i, before, after, size] :
       llvm::zip_equal(at, margins.before, margins.after, sizes)) {
    if (ShapeBuilder::known(before) == 0 && ShapeBuilder::known(after) == 0) {
      source.indices.push_back(i);
      continue;
    }
    Value there = s.value(s.sub(getAsOpFoldResult(i), before));
    Value inside = s.value(sourceIndex(s, op.getMode(), there, size));
    source.indices.push_back(inside);
    Value moved = arith::CmpIOp::create(
        b, s.location(), arith::CmpIPredicate::ne, there, inside);
    source.isOutside =
        source.isOutside
            ? arith::OrIOp::create(b, s.location(), source.isOutside, moved)
                  .getResult()
            : moved;
  }
  return source;
}

/// result[i] = data[source of i], or the padding where that is outside.
static Value padByElement(PadOp op, OpBuilder &b, Value source,
                          const Margins &margins) {
  Dims sizes = ShapeBuilder(b, op.getLoc()).dims(source);
  bool isConstant = op.getMode() == "constant";
  Value padding = isConstant ? paddingScalar(op, b) : Value();
  return generate(b, op.getLoc(), resultDims(b, op),
                  ShapeBuilder::elementType(source),
                  [&](OpBuilder &n, Location l, ValueRange at) {
                    ShapeBuilder s(n, l);
                    Source from = findSource(op, s, at, margins, sizes);
                    Value element = extract(n, l, source, from.indices);
                    if (!isConstant || !from.isOutside)
                      return element;
                    return choose(n, l, from.isOutside, padding, element);
                  });
}

/// Along one axis after the other: padding, what is there, padding.
static Value padByParts(PadOp op, OpBuilder &b, Value source,
                        const Margins &margins) {
  ShapeBuilder shapes(b, op.getLoc());
  Value padding = paddingScalar(op, b);
  Dims dims = shapes.dims(source);
  for (int64_t axis = ShapeBuilder::rank(source); axis-- > 0;) {
    SmallVector<Value> parts{source};
    Dim grown = dims[axis];
    auto add = [&](Dim size, bool isBefore) {
      grown = shapes.add(grown, size);
      dims[axis] = size;
      if (ShapeBuilder::known(size) != 0)
        parts.insert(isBefore ? parts.begin() : parts.end(),
                     filled(b, op.getLoc(), dims, padding));
    };
    add(margins.before[axis], true);
    add(margins.after[axis], false);
    dims[axis] = grown;
    source = concatenated(b, op.getLoc(), parts, axis);
  }
  return source;
}

/// By parts where nothing is taken away and sizes are known, so that what is
/// there is copied in whole rows.
FailureOr<SmallVector<Value>> PadOp::decomposeOperation(OpBuilder &b) {
  ShapeBuilder shapes(b, getLoc());
  Value source = signless(b, getLoc(), getData());
  Margins margins = *findMargins(*this, shapes);
  auto grows = [](Dim d) { return ShapeBuilder::known(d).value_or(-1) >= 0; };
  bool onlyGrows =
      llvm::all_of(margins.before, grows) && llvm::all_of(margins.after, grows);
  bool isStatic =
      cast<RankedTensorType>(getOutput().getType()).hasStaticShape();
  Value result = getMode() == "constant" && onlyGrows && isStatic
                     ? padByParts(*this, b, source, margins)
                     : padByElement(*this, b, source, margins);
  return SmallVector<Value>{asResult(b, *this, 0, result)};
}

FailureOr<SmallVector<Value>> PadOp::importOnnx(OnnxNode &node) {
  if (auto pads = node.integers("paddings")) {
    node.setInput(1, node.constant(*pads));
    node.take("paddings");
  }
  if (auto value = node.number("value")) {
    Type element = ShapeBuilder::elementType(node.input(0));
    node.setInput(2, node.scalar(element, *value));
    node.take("value");
  }
  return node.importAs<PadOp>();
}
