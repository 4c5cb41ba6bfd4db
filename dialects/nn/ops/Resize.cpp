#include "dialects/nn/Expr.h"
#include "dialects/nn/Index.h"
#include "dialects/nn/NN.h"

#include "mlir/IR/Matchers.h"
#include "llvm/ADT/StringExtras.h"

using namespace tw;
using namespace tw::nn;

namespace {

/// One axis that is resized.
struct Axis {
  int64_t dim;
  /// result size / input size, of type f32.
  Value scale;
  /// The scale where it is known and whole.
  std::optional<int64_t> factor;
  Dim in, out;
  /// The part of the input that is looked at (tf_crop_and_resize), else null.
  Value roiStart, roiEnd;
};
using Axes = SmallVector<Axis>;

/// Finds the axes of a resize and their sizes.
class AxisFinder {
public:
  AxisFinder(ResizeOp op, ShapeBuilder &shapes)
      : op(op), shapes(shapes), b(shapes.builder()), loc(op.getLoc()) {}

  FailureOr<Axes> run() {
    int64_t rank = ShapeBuilder::rank(op.getX());
    auto dims = attributeAxes(op, op.getAxes(), rank);
    if (failed(dims))
      return failure();
    for (int64_t d : *dims)
      axes.push_back({d, {}, {}, shapes.dim(op.getX(), d), {}, {}, {}});
    bool bySize = isGiven(op.getSizes());
    if (bySize == isGiven(op.getScales()))
      return op.emitOpError("expected either 'scales' or 'sizes', found ")
             << (bySize ? "both" : "none");
    if (failed(bySize ? readSizes() : readScales()) || failed(readRoi()))
      return failure();
    return axes;
  }

private:
  LogicalResult checkCount(StringRef name, size_t found, size_t expected) {
    if (found == expected)
      return success();
    return op.emitOpError("operand '")
           << name << "': expected " << expected << " values, found " << found;
  }

  Expr number(Value v) { return {b, loc, v}; }
  Expr number(Dim d, Type type) {
    return number(shapes.value(d)).toFloat(type);
  }

  LogicalResult readSizes() {
    FailureOr<Dims> sizes = hostElements(op, shapes, op.getSizes(), "sizes");
    if (failed(sizes) ||
        failed(checkCount("sizes", sizes->size(), axes.size())))
      return failure();
    for (auto [axis, size] : llvm::zip_equal(axes, *sizes))
      axis.out = size;
    if (op.getKeepAspectRatioPolicy() != "stretch")
      return keepAspectRatio();
    for (Axis &axis : axes)
      setScale(axis, number(axis.out, b.getF32Type()) /
                         number(axis.in, b.getF32Type()));
    return success();
  }

  /// One scale for all axes: the smallest or the largest that `sizes` asks for.
  LogicalResult keepAspectRatio() {
    bool smallest = op.getKeepAspectRatioPolicy() == "not_larger";
    std::optional<Expr> scale;
    for (Axis &axis : axes) {
      Expr own =
          number(axis.out, b.getF64Type()) / number(axis.in, b.getF64Type());
      if (scale)
        own = smallest ? min(*scale, own) : max(*scale, own);
      scale = own;
    }
    for (Axis &axis : axes) {
      axis.out = asDim(*scale * number(axis.in, b.getF64Type()) + 0.5);
      setScale(axis, scale->toFloat(b.getF32Type()));
    }
    return success();
  }

  LogicalResult readScales() {
    auto scales =
        floatElements(op, shapes, op.getScales(), b.getF32Type(), "scales");
    if (failed(scales) ||
        failed(checkCount("scales", scales->size(), axes.size())))
      return failure();
    for (auto [axis, scale] : llvm::zip_equal(axes, *scales)) {
      setScale(axis, number(scale));
      axis.out = axis.factor
                     ? shapes.mul(axis.in, shapes.constant(*axis.factor))
                     : asDim(number(scale).toFloat(b.getF64Type()) *
                             number(axis.in, b.getF64Type()));
    }
    return success();
  }

  LogicalResult readRoi() {
    if (op.getCoordinateTransformationMode() != "tf_crop_and_resize")
      return success();
    if (!isGiven(op.getRoi()))
      return op.emitOpError("expected 'roi' with tf_crop_and_resize");
    auto roi = floatElements(op, shapes, op.getRoi(), b.getF32Type(), "roi");
    if (failed(roi) || failed(checkCount("roi", roi->size(), 2 * axes.size())))
      return failure();
    for (auto [i, axis] : llvm::enumerate(axes)) {
      axis.roiStart = (*roi)[i];
      axis.roiEnd = (*roi)[axes.size() + i];
    }
    return success();
  }

  void setScale(Axis &axis, Expr scale) {
    axis.scale = scale;
    FloatAttr known;
    if (matchPattern(axis.scale, m_Constant(&known)))
      if (double value = known.getValueAsDouble();
          value >= 1 && value == std::floor(value))
        axis.factor = static_cast<int64_t>(value);
  }

  /// A size, rounded toward 0.
  Dim asDim(Expr size) { return getAsOpFoldResult(size.toIndex().value()); }

  ResizeOp op;
  ShapeBuilder &shapes;
  OpBuilder &b;
  Location loc;
  Axes axes;
};

/// Computes one result element.
class Sampler {
public:
  Sampler(ResizeOp op, Value source, ArrayRef<Axis> axes, OpBuilder &b,
          Location loc, ValueRange at)
      : op(op), source(source), axes(axes), at(at), indices(at),
        element(ShapeBuilder::elementType(op.getX())), b(&b), loc(loc) {
    numeric = element.isF64() ? element : b.getF32Type();
  }

  Value run() {
    if (op.getMode() == "nearest")
      return orExtrapolated(nearest());
    auto isSampled = [&](const Axis &axis) { return !isUntouched(axis); };
    isUnrolled = !op.getAntialias() &&
                 llvm::count_if(axes, isSampled) <= (isCubic() ? 2 : 4);
    Expr value = sample(0);
    return orExtrapolated(toElement(value));
  }

private:
  bool isCubic() { return op.getMode() == "cubic"; }
  StringRef mode() { return op.getCoordinateTransformationMode(); }
  Expr scalar(Value v) { return {*b, loc, v}; }
  Expr scalar(Dim d) { return scalar(ShapeBuilder(*b, loc).value(d)); }
  Type f32() { return b->getF32Type(); }
  Expr size(const Axis &axis) { return scalar(axis.in).toFloat(f32()); }

  /// Where in the input, of pixels with whole coordinates, result index `at` of
  /// the axis lies.
  Expr coordinate(const Axis &axis) {
    Expr x = scalar(at[axis.dim]).toFloat(f32()), scale = scalar(axis.scale);
    if (mode() == "align_corners")
      return alignCorners(axis, x);
    if (mode() == "asymmetric")
      return x / scale;
    if (mode() == "tf_half_pixel_for_nn")
      return (x + 0.5) / scale;
    if (mode() == "tf_crop_and_resize")
      return crop(axis, x);
    Expr halfPixel = (x + 0.5) / scale - 0.5;
    if (mode() == "pytorch_half_pixel")
      return select(scale * size(axis) == 1.0, x.constant(-0.5), halfPixel);
    if (mode() == "half_pixel_symmetric")
      return halfPixel + symmetricOffset(axis);
    return halfPixel;
  }

  /// x * (in - 1) / (out - 1), with the size that the scale asks for.
  Expr alignCorners(const Axis &axis, Expr x) {
    Expr out = scalar(axis.scale) * size(axis), zero = x.constant(0);
    return select(out == 1.0, zero, x * (size(axis) - 1.0) / (out - 1.0));
  }

  Expr crop(const Axis &axis, Expr x) {
    Expr start = scalar(axis.roiStart), end = scalar(axis.roiEnd);
    Expr out = scalar(axis.scale) * size(axis), last = size(axis) - 1.0;
    Expr span = (end - start) * last;
    return select(out == 1.0, span / 2.0, x * span / (out - 1.0)) +
           start * last;
  }

  /// Centres the input on a result whose size was rounded.
  Expr symmetricOffset(const Axis &axis) {
    Expr out = scalar(axis.out).toFloat(f32());
    Expr adjustment = out / (scalar(axis.scale) * size(axis));
    return size(axis) / 2.0 * (adjustment.constant(1) - adjustment);
  }

  Expr inside(const Axis &axis, Expr index) {
    return clamp(index, index.constant(0), scalar(axis.in) - 1.0);
  }

  /// Whole scales, where every element is repeated: no float arithmetic.
  bool isRepeat(const Axis &axis) {
    bool centred =
        mode() == "half_pixel" && op.getNearestMode() == "round_prefer_floor";
    bool floored = mode() == "asymmetric" && op.getNearestMode() == "floor";
    return axis.factor && (centred || floored || *axis.factor == 1) &&
           mode() != "tf_crop_and_resize" && mode() != "tf_half_pixel_for_nn";
  }

  Expr nearestIndex(const Axis &axis) {
    if (isRepeat(axis)) {
      Expr factor = scalar(at[axis.dim]).constant(*axis.factor);
      return scalar(
          b->createOrFold<arith::DivUIOp>(loc, at[axis.dim], factor.value()));
    }
    Expr x = coordinate(axis);
    StringRef rounding = op.getNearestMode();
    if (rounding == "floor")
      x = floor(x);
    else if (rounding == "ceil")
      x = ceil(x);
    else if (rounding == "round_prefer_ceil")
      x = floor(x + 0.5);
    else
      x = ceil(x - 0.5);
    return inside(axis, x.toIndex());
  }

  Value nearest() {
    for (const Axis &axis : axes)
      indices[axis.dim] = nearestIndex(axis);
    return extract(*b, loc, source, indices);
  }

  /// The weight of an element at a distance from the sampled place.
  Expr kernel(Expr distance) {
    Expr d = abs(distance), zero = d.constant(0);
    if (!isCubic())
      return max(d.constant(1) - d, zero);
    double a = op.getCubicCoeffA().convertToFloat();
    Expr near = ((d * (a + 2)) - (a + 3)) * d * d + 1.0;
    Expr far = ((d * a - 5 * a) * d + 8 * a) * d - 4 * a;
    return select(d <= 1.0, near, select(d < 2.0, far, zero));
  }

  /// The elements that one axis' sample is made of.
  struct Window {
    const Axis &axis;
    Expr place, start, count, shrink;
    std::optional<Expr> total;
  };

  Window window(const Axis &axis) {
    Expr x = coordinate(axis), one = x.constant(1);
    double support = isCubic() ? 2 : 1;
    Expr shrink = op.getAntialias() ? min(scalar(axis.scale), one) : one;
    Expr half = ceil(one.constant(support) / shrink).toIndex();
    Window w{axis,       x,      ceil(x).toIndex() - half,
             half * 2.0, shrink, std::nullopt};
    if (op.getAntialias() || op.getExcludeOutside())
      w.total = overTaps(w, [&](Expr tap) { return weight(w, tap); });
    return w;
  }

  Expr weight(const Window &w, Expr tap) {
    Expr position = w.start + tap;
    Expr value = kernel((position.toFloat(f32()) - w.place) * w.shrink);
    if (!op.getExcludeOutside())
      return value;
    Expr isInside = both(position >= 0.0, position < scalar(w.axis.in));
    return select(isInside, value, value.constant(0));
  }

  /// The sum of `term` over the window, in a loop or written out.
  Expr overTaps(const Window &w, llvm::function_ref<Expr(Expr)> term) {
    if (isUnrolled) {
      Expr total = term(w.start.constant(0));
      for (int64_t i = 1; i < (isCubic() ? 4 : 2); ++i)
        total = total + term(w.start.constant(i));
      return total;
    }
    Expr zero = scalar(constantLike(*b, loc, f32(), 0));
    return sum(zero, w.count, [&](OpBuilder &, Location, Value tap) {
      return term(scalar(tap));
    });
  }

  /// The weighted sum along axis `level` and the ones after it.
  Expr sample(size_t level) {
    if (level == axes.size())
      return elementHere();
    const Axis &axis = axes[level];
    if (isUntouched(axis))
      return sample(level + 1);
    Window w = window(axis);
    Expr total = overTaps(w, [&](Expr tap) {
      indices[axis.dim] = inside(axis, w.start + tap);
      Expr factor = weight(w, tap).toFloat(numeric);
      return sample(level + 1) * factor;
    });
    indices[axis.dim] = at[axis.dim];
    return w.total ? total / w.total->toFloat(numeric) : total;
  }

  Expr elementHere() {
    Value value = extract(*b, loc, source, indices);
    return scalar(convertScalar(*b, loc, value, element, numeric));
  }

  bool isUntouched(const Axis &axis) {
    return axis.factor == 1 && mode() != "tf_crop_and_resize" &&
           ShapeBuilder::equal(axis.in, axis.out);
  }

  /// Integers: to nearest, within the type's range.
  Value toElement(Expr value) {
    auto integer = dyn_cast<IntegerType>(element);
    if (!integer)
      return convertScalar(*b, loc, value, numeric, element);
    bool isSigned = !integer.isUnsigned();
    int bits = integer.getWidth() - isSigned;
    Expr low = value.constant(isSigned ? -std::ldexp(1, bits) : 0);
    Expr high = value.constant(std::ldexp(1, bits) - 1);
    Value rounded = math::RoundEvenOp::create(*b, loc, value.value());
    return convertScalar(*b, loc, clamp(scalar(rounded), low, high), numeric,
                         element);
  }

  Value orExtrapolated(Value value) {
    if (mode() != "tf_crop_and_resize")
      return value;
    Value padding = constantLike(*b, loc, value.getType(),
                                 op.getExtrapolationValue().convertToFloat());
    Expr result = scalar(value);
    for (const Axis &axis : axes) {
      Expr x = coordinate(axis);
      Expr isOutside = either(x<0.0, x> size(axis) - 1.0);
      result = select(isOutside, scalar(padding), result);
    }
    return result;
  }

  ResizeOp op;
  Value source;
  ArrayRef<Axis> axes;
  ValueRange at;
  SmallVector<Value> indices;
  Type element, numeric;
  OpBuilder *b;
  Location loc;
  bool isUnrolled = true;
};

} // namespace

static LogicalResult checkChoice(ResizeOp op, StringRef name, StringRef value,
                                 ArrayRef<StringRef> choices) {
  if (llvm::is_contained(choices, value))
    return success();
  return op.emitOpError("attribute '")
         << name << "': expected " << llvm::join(choices, ", ") << "; found "
         << value;
}

static LogicalResult checkAttributes(ResizeOp op) {
  return success(
      succeeded(checkChoice(op, "mode", op.getMode(),
                            {"nearest", "linear", "cubic"})) &&
      succeeded(checkChoice(
          op, "nearest_mode", op.getNearestMode(),
          {"round_prefer_floor", "round_prefer_ceil", "floor", "ceil"})) &&
      succeeded(checkChoice(op, "keep_aspect_ratio_policy",
                            op.getKeepAspectRatioPolicy(),
                            {"stretch", "not_larger", "not_smaller"})) &&
      succeeded(
          checkChoice(op, "coordinate_transformation_mode",
                      op.getCoordinateTransformationMode(),
                      {"half_pixel", "half_pixel_symmetric",
                       "pytorch_half_pixel", "align_corners", "asymmetric",
                       "tf_crop_and_resize", "tf_half_pixel_for_nn"})));
}

LogicalResult ResizeOp::inferResults(ShapeBuilder &shapes,
                                     SmallVectorImpl<ResultShape> &results) {
  if (failed(checkAttributes(*this)))
    return failure();
  FailureOr<Axes> axes = AxisFinder(*this, shapes).run();
  if (failed(axes))
    return failure();
  Dims dims = shapes.dims(getX());
  for (const Axis &axis : *axes)
    dims[axis.dim] = axis.out;
  results.push_back({dims, ShapeBuilder::elementType(getX())});
  return success();
}

FailureOr<SmallVector<Value>> ResizeOp::decomposeOperation(OpBuilder &b) {
  ShapeBuilder shapes(b, getLoc());
  Axes axes = *AxisFinder(*this, shapes).run();
  Dims dims = resultDims(b, *this);
  for (Axis &axis : axes)
    axis.out = dims[axis.dim];
  Value source = signless(b, getLoc(), getX());
  Value result = generate(b, getLoc(), dims, ShapeBuilder::elementType(source),
                          [&](OpBuilder &n, Location l, ValueRange at) {
                            return Sampler(*this, source, axes, n, l, at).run();
                          });
  return SmallVector<Value>{asResult(b, *this, 0, result)};
}

FailureOr<SmallVector<Value>> ResizeOp::importOnnx(OnnxNode &node) {
  if (node.type == "Upsample" || node.since == 10) {
    node.setInput(2, node.input(1));
    node.setInput(1, Value());
    Builder &b = node.builder;
    node.attributes.set("coordinate_transformation_mode",
                        b.getStringAttr("asymmetric"));
    node.attributes.set("nearest_mode", b.getStringAttr("floor"));
  }
  return node.importAs<ResizeOp>();
}
