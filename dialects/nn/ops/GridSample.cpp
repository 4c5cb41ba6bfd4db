#include "dialects/nn/Expr.h"
#include "dialects/nn/Index.h"
#include "dialects/nn/NN.h"

using namespace tw;
using namespace tw::nn;

LogicalResult
GridSampleOp::inferResults(ShapeBuilder &shapes,
                           SmallVectorImpl<ResultShape> &results) {
  if (!llvm::is_contained({"linear", "nearest", "cubic"}, getMode()))
    return emitOpError("attribute 'mode': expected linear, nearest or cubic, "
                       "found ")
           << getMode();
  if (!llvm::is_contained({"zeros", "border", "reflection"}, getPaddingMode()))
    return emitOpError("attribute 'padding_mode': expected zeros, border or "
                       "reflection, found ")
           << getPaddingMode();
  Dims x = shapes.dims(getX()), grid = shapes.dims(getGrid());
  if (grid.size() != x.size() || x.size() < 3)
    return emitOpError("expected X and grid of one rank, 3 or more, found ")
           << describe(x) << " and " << describe(grid);
  Dims dims{x[0], x[1]};
  dims.append(grid.begin() + 1, grid.end() - 1);
  results.push_back({dims, ShapeBuilder::elementType(getX())});
  return success();
}

namespace {

/// Computes one result element. Dims are those after batch and channel.
class GridSampler {
public:
  GridSampler(GridSampleOp op, Value source, Value grid,
              ArrayRef<OpFoldResult> sizes, OpBuilder &b, Location loc,
              ValueRange at)
      : op(op), source(source), at(at), b(b), loc(loc),
        element(ShapeBuilder::elementType(op.getX())) {
    numeric = element.isF64() ? element : Type(b.getF32Type());
    for (auto [d, size] : llvm::enumerate(sizes)) {
      lengths.push_back(scalar(ShapeBuilder(b, loc).value(size)));
      places.push_back(place(grid, d, sizes.size()));
    }
  }

  Value run() {
    indices.assign(at.take_front(2).begin(), at.take_front(2).end());
    Expr value = sample(0);
    return convertScalar(b, loc, value, numeric, element);
  }

private:
  Expr scalar(Value v) { return {b, loc, v}; }
  Expr length(size_t d) { return lengths[d].toFloat(b.getF32Type()); }
  Expr low(size_t d) {
    return length(d).constant(op.getAlignCorners() ? 0 : -0.5);
  }
  Expr high(size_t d) { return length(d) - (op.getAlignCorners() ? 1.0 : 0.5); }

  /// Where in the input the grid points along dim `d`, which is last in the
  /// grid's order.
  Expr place(Value grid, size_t d, size_t rank) {
    SmallVector<Value> from{at[0]};
    llvm::append_range(from, at.drop_front(2));
    from.push_back(arith::ConstantIndexOp::create(b, loc, rank - 1 - d));
    Expr n = Expr::read(b, loc, grid, from).toFloat(b.getF32Type()) + 1.0;
    Expr x = op.getAlignCorners() ? n / 2.0 * (length(d) - 1.0)
                                  : (n * length(d) - 1.0) / 2.0;
    if (op.getMode() == "nearest")
      x = scalar(math::RoundEvenOp::create(b, loc, x.value()));
    return padded(d, x);
  }

  /// A place outside moved inside, unless padding is zeros. NaN is 0.
  Expr padded(size_t d, Expr x) {
    Expr outside = either(x<low(d), x> high(d));
    if (op.getPaddingMode() == "border")
      return select(outside, clamp(x, x.constant(0), length(d) - 1.0), x);
    if (op.getPaddingMode() == "reflection")
      return select(outside, reflected(d, x), x);
    // What is far outside must not overflow as an index.
    return clamp(x, x.constant(-4), length(d) + 4.0);
  }

  /// x mirrored at the borders until it is within them.
  Expr reflected(size_t d, Expr x) {
    Expr range = high(d) - low(d), isBelow = x < low(d);
    Expr beyond = select(isBelow, low(d) - x, x - high(d));
    Expr turns = floor(beyond / range), rest = beyond - turns * range;
    Expr isEven = turns - floor(turns / 2.0) * 2.0 == 0.0;
    Expr fromLow = low(d) + rest, fromHigh = high(d) - rest;
    return select(isBelow, select(isEven, fromLow, fromHigh),
                  select(isEven, fromHigh, fromLow));
  }

  Expr weight(Expr distance) {
    Expr x = abs(distance);
    if (op.getMode() == "linear")
      return max(x.constant(1) - x, x.constant(0));
    constexpr double a = -0.75;
    Expr near = ((x * (a + 2)) - (a + 3)) * x * x + 1.0;
    Expr far = ((x * a - 5 * a) * x + 8 * a) * x - 4 * a;
    return select(x <= 1.0, near, select(x < 2.0, far, x.constant(0)));
  }

  /// The element at whole position `x` of dim `d` and what follows, or 0.
  Expr pixel(size_t d, Expr x) {
    Expr inside = x;
    if (op.getPaddingMode() == "reflection")
      inside = select(either(x<low(d), x> high(d)), reflected(d, x), x);
    Expr index = inside.toIndex(), last = lengths[d] - 1.0;
    index = clamp(index, index.constant(0), last);
    indices.push_back(index);
    Expr value = sample(d + 1);
    indices.pop_back();
    if (op.getPaddingMode() != "zeros")
      return value;
    Expr isInside = both(x >= 0.0, x <= length(d) - 1.0);
    return select(isInside, value, value.constant(0));
  }

  Expr sample(size_t d) {
    if (d == places.size())
      return scalar(convertScalar(b, loc, extract(b, loc, source, indices),
                                  element, numeric));
    if (op.getMode() == "nearest")
      return pixel(d, places[d]);
    bool isCubic = op.getMode() == "cubic";
    Expr first = floor(places[d]);
    std::optional<Expr> total;
    for (int64_t i = isCubic ? -1 : 0; i <= (isCubic ? 2 : 1); ++i) {
      Expr x = first + static_cast<double>(i);
      Expr term = pixel(d, x) * weight(x - places[d]).toFloat(numeric);
      total = total ? *total + term : term;
    }
    return *total;
  }

  GridSampleOp op;
  Value source;
  ValueRange at;
  OpBuilder &b;
  Location loc;
  Type element, numeric;
  SmallVector<Expr> lengths, places;
  SmallVector<Value> indices;
};

} // namespace

FailureOr<SmallVector<Value>> GridSampleOp::decomposeOperation(OpBuilder &b) {
  Value source = signless(b, getLoc(), getX());
  Dims sizes = ShapeBuilder(b, getLoc()).dims(source);
  ArrayRef<OpFoldResult> spatial = ArrayRef(sizes).drop_front(2);
  Value result = generate(
      b, getLoc(), resultDims(b, *this), ShapeBuilder::elementType(source),
      [&](OpBuilder &n, Location l, ValueRange at) {
        return GridSampler(*this, source, getGrid(), spatial, n, l, at).run();
      });
  return SmallVector<Value>{asResult(b, *this, 0, result)};
}

/// Opset 16 called the modes bilinear and bicubic.
FailureOr<SmallVector<Value>> GridSampleOp::importOnnx(OnnxNode &node) {
  StringRef mode = node.string("mode");
  if (mode.consume_front("bi"))
    node.attributes.set("mode", node.builder.getStringAttr(mode));
  return node.importAs<GridSampleOp>();
}
