#include "dialects/nn/Convolution.h"
#include "dialects/nn/NN.h"

using namespace tw;
using namespace tw::nn;

static FailureOr<SmallVector<int64_t>>
spatialValues(ConvTransposeOp op, StringRef name,
              std::optional<ArrayRef<int64_t>> values, size_t count,
              int64_t absent) {
  if (!values)
    return SmallVector<int64_t>(count, absent);
  if (values->size() == count)
    return SmallVector<int64_t>(*values);
  return op.emitOpError("attribute '") << name << "': expected " << count
                                       << " values, found " << values->size();
}

static LogicalResult checkOperands(ConvTransposeOp op, ShapeBuilder &s) {
  int64_t rank = ShapeBuilder::rank(op.getX());
  if (rank < 3 || ShapeBuilder::rank(op.getW()) != rank)
    return op.emitOpError("expected an input of rank 3 or more and a weight of "
                          "the same rank, found ")
           << op.getX().getType() << " and " << op.getW().getType();
  auto channels = ShapeBuilder::known(s.dim(op.getX(), 1));
  auto weight = ShapeBuilder::known(s.dim(op.getW(), 0));
  if (channels && weight && *channels != *weight)
    return op.emitOpError("expected an input of ")
           << *weight << " channels (the weight's dim 0), found " << *channels;
  auto group = static_cast<int64_t>(op.getGroup());
  if (group < 1 || (channels && *channels % group))
    return op.emitOpError(
               "attribute 'group': expected a divisor of the input's "
               "channels, found ")
           << group;
  return success();
}

namespace {
/// The attributes with their defaults.
struct Attributes {
  SmallVector<int64_t> strides, dilations, pads, outputPadding;
};
} // namespace

static FailureOr<Attributes> attributesOf(ConvTransposeOp op, size_t n) {
  auto strides = spatialValues(op, "strides", op.getStrides(), n, 1);
  auto dilations = spatialValues(op, "dilations", op.getDilations(), n, 1);
  auto pads = spatialValues(op, "pads", op.getPads(), 2 * n, 0);
  auto extra = spatialValues(op, "output_padding", op.getOutputPadding(), n, 0);
  if (failed(strides) || failed(dilations) || failed(pads) || failed(extra))
    return failure();
  if (llvm::any_of(*strides, [](int64_t v) { return v < 1; }))
    return op.emitOpError("attribute 'strides': expected positive values");
  return Attributes{*strides, *dilations, *pads, *extra};
}

/// The size along one dim before pads are taken off.
static Dim fullSize(ShapeBuilder &s, Dim input, Dim kernel, int64_t stride,
                    int64_t dilation, int64_t extra) {
  Dim spread = s.mul(s.sub(kernel, s.constant(1)), s.constant(dilation));
  Dim walked = s.mul(input, s.constant(stride));
  return s.add(walked, s.add(spread, s.constant(1 + extra - stride)));
}

/// The pads that make `full` have size `out`: the half rounded down comes first
/// with SAME_UPPER, last otherwise.
static void splitPads(ShapeBuilder &s, Window &w, Dim full, Dim out,
                      bool upper) {
  Dim total = s.max(s.sub(full, out), s.constant(0));
  Dim half = s.floorDiv(total, s.constant(2)), rest = s.sub(total, half);
  w.before.push_back(upper ? half : rest);
  w.after.push_back(upper ? rest : half);
  w.output.push_back(out);
}

/// The window in terms of the convolution that is transposed: `input` is what
/// is read, `output` what is written.
static FailureOr<Window> resolve(ConvTransposeOp op, ShapeBuilder &s) {
  size_t n = ShapeBuilder::rank(op.getX()) - 2;
  auto attrs = attributesOf(op, n);
  if (failed(checkOperands(op, s)) || failed(attrs))
    return failure();
  auto wanted = op.getOutputShape();
  if (wanted && wanted->size() == n + 2)
    wanted = wanted->drop_front(2);
  if (wanted && wanted->size() != n)
    return op.emitOpError("attribute 'output_shape': expected ")
           << n << " values, found " << wanted->size();
  Window w{attrs->strides,
           attrs->dilations,
           kernelDims(s, op.getW()),
           {},
           {},
           {},
           {}};
  bool upper = op.getAutoPad() == "SAME_UPPER";
  bool same = upper || op.getAutoPad() == "SAME_LOWER";
  for (size_t i = 0; i < n; ++i) {
    Dim input = s.dim(op.getX(), i + 2);
    w.input.push_back(input);
    Dim full = fullSize(s, input, w.kernel[i], w.strides[i], w.dilations[i],
                        attrs->outputPadding[i]);
    if (wanted || same) {
      Dim out = wanted ? s.constant((*wanted)[i])
                       : s.mul(input, s.constant(w.strides[i]));
      splitPads(s, w, full, out, upper);
      continue;
    }
    bool valid = op.getAutoPad() == "VALID";
    int64_t before = valid ? 0 : attrs->pads[i],
            after = valid ? 0 : attrs->pads[n + i];
    w.before.push_back(s.constant(before));
    w.after.push_back(s.constant(after));
    w.output.push_back(s.add(full, s.constant(-before - after)));
  }
  return w;
}

LogicalResult
ConvTransposeOp::inferResults(ShapeBuilder &shapes,
                              SmallVectorImpl<ResultShape> &results) {
  FailureOr<Window> window = resolve(*this, shapes);
  if (failed(window))
    return failure();
  Dim outputs = shapes.mul(shapes.dim(getW(), 1), shapes.constant(getGroup()));
  Dims dims{shapes.dim(getX(), 0), outputs};
  llvm::append_range(dims, window->output);
  results.push_back({std::move(dims), ShapeBuilder::elementType(getX())});
  return success();
}

/// The input position that reaches output `at` through window element `tap`:
/// (at + before - tap * dilation) / stride, where that divides.
static WindowPoint sourcePoint(OpBuilder &b, Location loc, const Window &w,
                               ValueRange at, ValueRange tap) {
  ShapeBuilder s(b, loc);
  WindowPoint point;
  Value zero = s.value(s.constant(0));
  auto both = [&](Value condition) {
    point.inside = point.inside
                       ? arith::AndIOp::create(b, loc, point.inside, condition)
                       : condition;
  };
  for (unsigned i = 0; i < w.rank(); ++i) {
    Dim reach = s.mul(tap[i], s.constant(w.dilations[i]));
    Value spread = s.value(s.sub(s.add(at[i], w.before[i]), reach));
    Value stride = s.value(s.constant(w.strides[i]));
    Value from = arith::FloorDivSIOp::create(b, loc, spread, stride);
    Value back = arith::MulIOp::create(b, loc, from, stride);
    both(arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq, back, spread));
    Value inside = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ult,
                                         from, s.value(w.input[i]));
    both(inside);
    point.position.push_back(
        arith::SelectOp::create(b, loc, inside, from, zero));
  }
  return point;
}

namespace {
/// One output element of the plain decomposition.
struct TransposedElement {
  int64_t groups;
  const Window &window;
  Value input, weight, bias;
  Type element, sum;

  Value widen(OpBuilder &b, Location loc, Value scalar) const {
    return convertScalar(b, loc, scalar, element, sum);
  }

  /// `first` is the group's first input channel, `output` the output channel
  /// within the group.
  Value product(OpBuilder &b, Location loc, ValueRange at, Value first,
                Value output, ValueRange ivs) const {
    WindowPoint point =
        sourcePoint(b, loc, window, at.drop_front(2), ivs.drop_front());
    Value channel = arith::AddIOp::create(b, loc, first, ivs[0]);
    SmallVector<Value> from{at[0], channel}, tap{channel, output};
    llvm::append_range(from, point.position);
    llvm::append_range(tap, ivs.drop_front());
    Value x = extract(b, loc, input, from);
    x = arith::SelectOp::create(b, loc, point.inside, x,
                                constantLike(b, loc, x.getType(), 0.0));
    return mulScalars(b, loc, widen(b, loc, x),
                      widen(b, loc, extract(b, loc, weight, tap)));
  }

  Value build(OpBuilder &b, Location loc, ValueRange at) const {
    ShapeBuilder s(b, loc);
    Dim perGroup = s.dim(weight, 1);
    Dim channels = s.floorDiv(s.dim(weight, 0), s.constant(groups));
    Dim group = groups == 1 ? s.constant(0) : s.floorDiv(at[1], perGroup);
    Value first = s.value(s.mul(group, channels));
    Value output = s.value(s.sub(at[1], s.mul(group, perGroup)));
    Dims extents{channels};
    llvm::append_range(extents, window.kernel);
    Value total = reduceOver(
        b, loc, extents, constantLike(b, loc, sum, 0.0),
        [&](OpBuilder &n, Location l, ValueRange ivs, ValueRange accs) {
          Value term = product(n, l, at, first, output, ivs);
          return SmallVector<Value>{addScalars(n, l, accs[0], term)};
        })[0];
    if (bias)
      total = addScalars(b, loc, total,
                         widen(b, loc, extract(b, loc, bias, at[1])));
    return convertScalar(b, loc, total, sum, element);
  }
};
} // namespace

FailureOr<SmallVector<Value>>
ConvTransposeOp::decomposeOperation(OpBuilder &b) {
  Location loc = getLoc();
  ShapeBuilder shapes(b, loc);
  FailureOr<Window> window = resolve(*this, shapes);
  if (failed(window))
    return failure();
  Type element = signless(ShapeBuilder::elementType(getX()));
  TransposedElement body{static_cast<int64_t>(getGroup()),
                         *window,
                         signless(b, loc, getX()),
                         signless(b, loc, getW()),
                         getB() ? signless(b, loc, getB()) : Value(),
                         element,
                         sumType(element)};
  Value result = generate(b, loc, resultDims(b, *this), element,
                          [&](OpBuilder &n, Location l, ValueRange at) {
                            return body.build(n, l, at);
                          });
  return SmallVector<Value>{asResult(b, *this, 0, result)};
}

/// [C, M, kh, kw] -> [kh * kw * M, C, 1, 1].
static Value pointwiseWeight(ShapeBuilder &s, Value weight) {
  OpBuilder &b = s.builder();
  auto type = cast<RankedTensorType>(weight.getType());
  ArrayRef<int64_t> d = type.getShape();
  Value turned =
      TransposeOp::create(b, s.location(), type.clone({d[2], d[3], d[1], d[0]}),
                          weight, b.getDenseI64ArrayAttr({2, 3, 1, 0}));
  return reshapeTo(s, turned,
                   constantDims(s, {d[1] * d[2] * d[3], d[0], 1, 1}));
}

/// [N, H, W, kh * kw * M] -> [N, H * kh, W * kw, M].
static Value spreadPixels(ShapeBuilder &s, Value image,
                          ArrayRef<int64_t> kernel, int64_t outputs) {
  OpBuilder &b = s.builder();
  Dims d = s.dims(image);
  Dim kh = s.constant(kernel[0]), kw = s.constant(kernel[1]),
      m = s.constant(outputs);
  Value apart = reshapeTo(s, image, {d[0], d[1], d[2], kh, kw, m});
  Dims turned{d[0], d[1], kh, d[2], kw, m};
  Type type = tensorType({turned, ShapeBuilder::elementType(image)});
  Value woven = TransposeOp::create(b, s.location(), type, apart,
                                    b.getDenseI64ArrayAttr({0, 1, 3, 2, 4, 5}));
  return reshapeTo(s, woven, {d[0], s.mul(d[1], kh), s.mul(d[2], kw), m});
}

/// Windows that neither overlap nor leave gaps are a matrix product per pixel
/// whose results are woven together.
LogicalResult ConvTransposeOp::makeChannelsLast(RewriterBase &rewriter,
                                                bool gpu) {
  ShapeBuilder s(rewriter, getLoc());
  auto weightType = cast<RankedTensorType>(getW().getType());
  Type element = ShapeBuilder::elementType(getX());
  if (!isImageType(element, gpu) || getGroup() != 1 ||
      ShapeBuilder::rank(getX()) != 4 || !weightType.hasStaticShape())
    return failure();
  FailureOr<Window> window = resolve(*this, s);
  if (failed(window) || !window->staticPads())
    return failure();
  ArrayRef<int64_t> kernel = weightType.getShape().drop_front(2);
  bool plain =
      llvm::all_of(*window->staticPads(), [](int64_t p) { return p == 0; }) &&
      llvm::equal(kernel, window->strides) && !getOutputPadding();
  if (!plain || getOutputShape())
    return failure();
  Value x = transposeToChannelsLast(rewriter, getLoc(), getX());
  Value w = pointwiseWeight(s, getW());
  Dims dims = s.dims(x);
  dims[3] = s.dim(w, 0);
  auto product = ConvNhwcOp::create(
      rewriter, getLoc(), tensorType({dims, element}), x, w, Value(),
      SmallVector<int64_t>{1, 1}, 1, SmallVector<int64_t>(4, 0),
      SmallVector<int64_t>{1, 1});
  Value image =
      spreadPixels(s, product.getY(), kernel, weightType.getDimSize(1));
  if (getB())
    image = AddOp::create(rewriter, getLoc(), image.getType(), image, getB());
  rewriter.replaceOp(*this,
                     transposeToChannelsFirst(rewriter, getLoc(), image));
  return success();
}
