#include "dialects/nn/Window.h"

using namespace tw;
using namespace tw::nn;

static std::optional<SmallVector<int64_t>> allKnown(ArrayRef<Dim> dims) {
  SmallVector<int64_t> values;
  for (Dim d : dims) {
    auto k = ShapeBuilder::known(d);
    if (!k)
      return std::nullopt;
    values.push_back(*k);
  }
  return values;
}

std::optional<SmallVector<int64_t>> Window::staticPads() const {
  Dims all(before);
  all.append(after);
  return allKnown(all);
}

std::optional<SmallVector<int64_t>> Window::staticKernel() const {
  return allKnown(kernel);
}

Dims tw::nn::constantDims(ShapeBuilder &shapes, ArrayRef<int64_t> values) {
  return llvm::map_to_vector(values,
                             [&](int64_t v) { return shapes.constant(v); });
}

/// An attribute of one value per spatial dim, all at least `least`; `absent`
/// where it is not given.
static FailureOr<SmallVector<int64_t>>
spatialAttr(Operation *op, StringRef name,
            std::optional<ArrayRef<int64_t>> values, size_t count,
            int64_t absent, int64_t least) {
  if (!values)
    return SmallVector<int64_t>(count, absent);
  if (values->size() != count)
    return op->emitOpError("attribute '")
           << name << "': expected " << count << " values, found "
           << values->size();
  for (int64_t v : *values)
    if (v < least)
      return op->emitOpError("attribute '")
             << name << "': expected values of at least " << least << ", found "
             << v;
  return SmallVector<int64_t>(*values);
}

namespace {
/// One spatial dim while its window is resolved.
struct DimRule {
  ShapeBuilder &s;
  Dim input, kernel;
  int64_t stride, dilation;

  /// From the first to the last input element that one window spans.
  Dim span() {
    return s.add(s.mul(s.sub(kernel, s.constant(1)), s.constant(dilation)),
                 s.constant(1));
  }

  /// `constant` terms are added first, so that "same" convolutions keep the
  /// very dim that they read.
  Dim output(int64_t pads, bool ceilMode) {
    Dim k = span(), slack;
    int64_t extra = ceilMode ? stride - 1 : 0;
    if (auto known = ShapeBuilder::known(k))
      slack = s.add(input, s.constant(pads - *known + extra + stride));
    else
      slack = s.sub(s.add(input, s.constant(pads + extra + stride)), k);
    return s.floorDiv(slack, s.constant(stride));
  }

  /// With ceil_mode a last window that would start in the end padding is
  /// dropped.
  Dim dropLast(Dim out, int64_t before) {
    Dim fitting =
        s.ceilDiv(s.add(input, s.constant(before)), s.constant(stride));
    return s.min(out, fitting);
  }

  Dim totalSamePadding(Dim out) {
    Dim needed =
        s.add(s.mul(s.sub(out, s.constant(1)), s.constant(stride)), span());
    if (stride == 1)
      return s.sub(span(), s.constant(1));
    return s.max(s.sub(needed, input), s.constant(0));
  }
};
} // namespace

static LogicalResult checkFits(Operation *op, const Window &w, unsigned i) {
  auto out = ShapeBuilder::known(w.output[i]);
  if (!out || *out >= 0)
    return success();
  return op->emitOpError("attribute 'kernel_shape': expected a window that "
                         "fits the padded input of size ")
         << describe(w.input[i]) << ", found " << describe(w.kernel[i])
         << " along spatial dim " << i;
}

static void resolveSame(Window &w, DimRule rule, bool lower) {
  ShapeBuilder &s = rule.s;
  Dim out = s.ceilDiv(rule.input, s.constant(rule.stride));
  Dim total = rule.totalSamePadding(out);
  Dim half = s.floorDiv(total, s.constant(2)), rest = s.sub(total, half);
  w.before.push_back(lower ? rest : half);
  w.after.push_back(lower ? half : rest);
  w.output.push_back(out);
}

static void resolveExplicit(Window &w, DimRule rule, int64_t before,
                            int64_t after, bool ceilMode) {
  ShapeBuilder &s = rule.s;
  Dim out = rule.output(before + after, ceilMode);
  w.before.push_back(s.constant(before));
  w.after.push_back(s.constant(after));
  w.output.push_back(ceilMode ? rule.dropLast(out, before) : out);
}

FailureOr<Window> tw::nn::resolveWindow(Operation *op, ShapeBuilder &shapes,
                                        ArrayRef<OpFoldResult> input,
                                        const WindowSpec &spec) {
  size_t n = input.size();
  if (spec.kernel.size() != n)
    return op->emitOpError("attribute 'kernel_shape': expected ")
           << n << " values, found " << spec.kernel.size();
  auto strides = spatialAttr(op, "strides", spec.strides, n, 1, 1);
  auto dilations = spatialAttr(op, "dilations", spec.dilations, n, 1, 1);
  auto pads = spatialAttr(op, "pads", spec.pads, 2 * n, 0, 0);
  if (failed(strides) || failed(dilations) || failed(pads))
    return failure();
  bool upper = spec.autoPad == "SAME_UPPER",
       lower = spec.autoPad == "SAME_LOWER";
  bool valid = spec.autoPad == "VALID";
  if (!upper && !lower && !valid && spec.autoPad != "NOTSET")
    return op->emitOpError("attribute 'auto_pad': expected NOTSET, SAME_UPPER, "
                           "SAME_LOWER or VALID, found ")
           << spec.autoPad;
  Window w{*strides, *dilations, spec.kernel, Dims(input), {}, {}, {}};
  for (size_t i = 0; i < n; ++i) {
    DimRule rule{shapes, input[i], spec.kernel[i], w.strides[i],
                 w.dilations[i]};
    if (upper || lower)
      resolveSame(w, rule, lower);
    else
      resolveExplicit(w, rule, valid ? 0 : (*pads)[i],
                      valid ? 0 : (*pads)[n + i], spec.ceilMode);
    if (failed(checkFits(op, w, i)))
      return failure();
  }
  return w;
}

static Value clampTo(OpBuilder &b, Location loc, Value index, Value size) {
  Value zero = arith::ConstantIndexOp::create(b, loc, 0),
        one = arith::ConstantIndexOp::create(b, loc, 1);
  Value last = arith::SubIOp::create(b, loc, size, one);
  Value low = arith::MaxSIOp::create(b, loc, index, zero);
  return arith::MinSIOp::create(b, loc, low, last);
}

WindowPoint tw::nn::windowPoint(OpBuilder &b, Location loc,
                                const Window &window, ValueRange at,
                                ValueRange tap) {
  ShapeBuilder s(b, loc);
  WindowPoint point;
  for (unsigned i = 0; i < window.rank(); ++i) {
    Dim from = s.mul(at[i], s.constant(window.strides[i]));
    Dim offset = s.mul(tap[i], s.constant(window.dilations[i]));
    Value position = s.value(s.sub(s.add(from, offset), window.before[i]));
    Value size = s.value(window.input[i]);
    Value inside = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ult,
                                         position, size);
    point.position.push_back(clampTo(b, loc, position, size));
    point.inside = point.inside
                       ? arith::AndIOp::create(b, loc, point.inside, inside)
                       : inside;
  }
  return point;
}

SmallVector<Value> tw::nn::reduceOver(
    OpBuilder &b, Location loc, ArrayRef<OpFoldResult> extents,
    ValueRange inits,
    llvm::function_ref<SmallVector<Value>(OpBuilder &, Location, ValueRange,
                                          ValueRange)>
        body) {
  ShapeBuilder s(b, loc);
  SmallVector<Value> lower(extents.size(), s.value(s.constant(0))), upper,
      step(extents.size(), s.value(s.constant(1)));
  for (Dim d : extents)
    upper.push_back(s.value(d));
  scf::LoopNest nest = scf::buildLoopNest(
      b, loc, lower, upper, step, inits,
      [&](OpBuilder &n, Location l, ValueRange ivs, ValueRange accs) {
        return scf::ValueVector(body(n, l, ivs, accs));
      });
  return SmallVector<Value>(nest.results);
}

Type tw::nn::sumType(Type element) {
  if (isa<FloatType>(element) && element.getIntOrFloatBitWidth() < 32)
    return Float32Type::get(element.getContext());
  return element;
}

Value tw::nn::addScalars(OpBuilder &b, Location loc, Value x, Value y) {
  if (isa<FloatType>(x.getType()))
    return arith::AddFOp::create(b, loc, x, y);
  return arith::AddIOp::create(b, loc, x, y);
}

Value tw::nn::mulScalars(OpBuilder &b, Location loc, Value x, Value y) {
  if (isa<FloatType>(x.getType()))
    return arith::MulFOp::create(b, loc, x, y);
  return arith::MulIOp::create(b, loc, x, y);
}

Value tw::nn::absolutePower(OpBuilder &b, Location loc, Value x, int64_t p) {
  if (p == 2)
    return arith::MulFOp::create(b, loc, x, x);
  Value size = math::AbsFOp::create(b, loc, x);
  if (p == 1)
    return size;
  Value exponent = constantLike(b, loc, x.getType(), static_cast<double>(p));
  return math::PowFOp::create(b, loc, size, exponent);
}

Value tw::nn::rootOf(OpBuilder &b, Location loc, Value x, int64_t p) {
  if (p == 1)
    return x;
  if (p == 2)
    return math::SqrtOp::create(b, loc, x);
  Value exponent =
      constantLike(b, loc, x.getType(), 1.0 / static_cast<double>(p));
  return math::PowFOp::create(b, loc, x, exponent);
}
