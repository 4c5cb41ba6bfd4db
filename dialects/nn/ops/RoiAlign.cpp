#include "dialects/nn/Expr.h"
#include "dialects/nn/Index.h"
#include "dialects/nn/NN.h"

using namespace tw;
using namespace tw::nn;

LogicalResult RoiAlignOp::inferResults(ShapeBuilder &shapes,
                                       SmallVectorImpl<ResultShape> &results) {
  if (getMode() != "avg" && getMode() != "max")
    return emitOpError("attribute 'mode': expected avg or max, found ")
           << getMode();
  Dims x = shapes.dims(getX()), rois = shapes.dims(getRois());
  if (x.size() != 4 || rois.size() != 2)
    return emitOpError("expected X of 4 dims and rois of 2, found ")
           << describe(x) << " and " << describe(rois);
  results.push_back({{rois[0], x[1], shapes.constant(getOutputHeight()),
                      shapes.constant(getOutputWidth())},
                     ShapeBuilder::elementType(getX())});
  return success();
}

namespace {

/// One axis of a region: `start` of the result pixel, `step` between samples.
struct Side {
  Expr start, step, count, size;
};

/// Two neighbours and their weights.
struct Between {
  Expr low, high, lowWeight, highWeight;
};

/// Computes one result element, in f32 (f64 for f64).
class RoiSampler {
public:
  RoiSampler(RoiAlignOp op, Value source, OpBuilder &b, Location loc,
             ValueRange at)
      : op(op), source(source), b(b), loc(loc), at(at),
        element(ShapeBuilder::elementType(op.getX())) {
    numeric = element.isF64() ? element : Type(b.getF32Type());
    Dim images = ShapeBuilder(b, loc).dim(source, 0);
    Value image = extract(b, loc, op.getBatchIndices(), at[0]);
    batch = safeIndex(b, loc, image,
                      ShapeBuilder::elementType(op.getBatchIndices()), images);
  }

  Value run() {
    Side y = side(1, 2, op.getOutputHeight());
    Side x = side(0, 3, op.getOutputWidth());
    bool isMean = op.getMode() == "avg";
    Value start = constantLike(
        b, loc, numeric, isMean ? 0 : -std::numeric_limits<double>::infinity());
    SmallVector<OpFoldResult> counts{y.count.value(), x.count.value()};
    Expr total = scalar(
        loopNest(b, loc, counts, start,
                 [&](OpBuilder &, Location, ValueRange i, ValueRange state) {
                   Expr so = scalar(state[0]), here = sample(y, x, i);
                   return SmallVector<Value>{isMean ? so + here
                                                    : max(so, here)};
                 })
            .front());
    Expr samples = (y.count * x.count).toFloat(numeric);
    Expr none = samples == 0.0, zero = total.constant(0);
    total = select(none, zero, isMean ? total / samples : total);
    return convertScalar(b, loc, total, numeric, element);
  }

private:
  Expr scalar(Value v) { return {b, loc, v}; }

  Expr corner(unsigned i) {
    Value column = arith::ConstantIndexOp::create(b, loc, i);
    bool isHalfPixel = op.getCoordinateTransformationMode() == "half_pixel";
    Expr value = Expr::read(b, loc, op.getRois(), {at[0], column});
    return value.toFloat(numeric) * op.getSpatialScale().convertToDouble() -
           (isHalfPixel ? 0.5 : 0.0);
  }

  /// The region's extent along the dim at `dim` of X; `first` is its column in
  /// rois.
  Side side(unsigned first, unsigned dim, int64_t pixels) {
    Expr start = corner(first), extent = corner(first + 2) - start;
    if (op.getCoordinateTransformationMode() != "half_pixel")
      extent = max(extent, extent.constant(1));
    Expr pixel = extent / static_cast<double>(pixels);
    int64_t ratio = op.getSamplingRatio();
    Expr count =
        ratio > 0 ? scalar(at[0]).constant(ratio) : ceil(pixel).toIndex();
    Expr size = scalar(
        ShapeBuilder(b, loc).value(ShapeBuilder(b, loc).dim(source, dim)));
    Expr step = pixel / count.toFloat(numeric);
    start = start + scalar(at[dim]).toFloat(numeric) * pixel;
    return {start, step, count, size};
  }

  /// What sample i of a side lies between; nothing is read outside.
  Between between(const Side &side, Value i, std::optional<Expr> &isOutside) {
    Expr place = side.start + (scalar(i).toFloat(numeric) + 0.5) * side.step;
    Expr size = side.size.toFloat(numeric);
    Expr outside = either(place<-1.0, place> size);
    isOutside = isOutside ? either(*isOutside, outside) : outside;
    place = clamp(place, place.constant(0), size - 1.0);
    Expr low = floor(place).toIndex();
    Expr high = min(low + 1.0, side.size - 1.0);
    Expr rest = place - floor(place);
    return {low, high, rest.constant(1) - rest, rest};
  }

  Expr pixel(Value y, Value x) {
    Value value = extract(b, loc, source, {batch, at[1], y, x});
    return scalar(convertScalar(b, loc, value, element, numeric));
  }

  Expr sample(const Side &ySide, const Side &xSide, ValueRange i) {
    std::optional<Expr> isOutside;
    Between y = between(ySide, i[0], isOutside);
    Between x = between(xSide, i[1], isOutside);
    Expr a = pixel(y.low, x.low) * (y.lowWeight * x.lowWeight);
    Expr c = pixel(y.low, x.high) * (y.lowWeight * x.highWeight);
    Expr d = pixel(y.high, x.low) * (y.highWeight * x.lowWeight);
    Expr e = pixel(y.high, x.high) * (y.highWeight * x.highWeight);
    Expr value =
        op.getMode() == "avg" ? a + c + d + e : max(max(a, c), max(d, e));
    return select(*isOutside, value.constant(0), value);
  }

  RoiAlignOp op;
  Value source;
  OpBuilder &b;
  Location loc;
  ValueRange at;
  Type element, numeric;
  Value batch;
};

} // namespace

FailureOr<SmallVector<Value>> RoiAlignOp::decomposeOperation(OpBuilder &b) {
  Value source = signless(b, getLoc(), getX());
  Value result = generate(b, getLoc(), resultDims(b, *this),
                          ShapeBuilder::elementType(source),
                          [&](OpBuilder &n, Location l, ValueRange at) {
                            return RoiSampler(*this, source, n, l, at).run();
                          });
  return SmallVector<Value>{asResult(b, *this, 0, result)};
}

/// Opset 10 had no half pixels.
FailureOr<SmallVector<Value>> RoiAlignOp::importOnnx(OnnxNode &node) {
  if (node.since < 16)
    node.attributes.set("coordinate_transformation_mode",
                        node.builder.getStringAttr("output_half_pixel"));
  return node.importAs<RoiAlignOp>();
}
