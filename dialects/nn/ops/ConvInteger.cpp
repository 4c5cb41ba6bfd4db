#include "dialects/nn/Convolution.h"
#include "dialects/nn/OpWriter.h"

using namespace tw;
using namespace tw::nn;

/// Channels of a chunk of shared memory: a group has whole ones.
static constexpr int64_t kChunk = 16;

static Convolution convolution(ConvIntegerOp op) {
  return {op,
          op.getX(),
          op.getW(),
          Value(),
          static_cast<int64_t>(op.getGroup()),
          /*channelsLast=*/false,
          windowSpec(op, {}),
          op.getKernelShape()};
}

LogicalResult
ConvIntegerOp::inferResults(ShapeBuilder &shapes,
                            SmallVectorImpl<ResultShape> &results) {
  if (failed(inferConvolution(convolution(*this), shapes, results)))
    return failure();
  results.back().elementType = IntegerType::get(getContext(), 32);
  return success();
}

static bool isByte(Value v) {
  Type element = ShapeBuilder::elementType(v);
  return isa<IntegerType>(element) && element.getIntOrFloatBitWidth() == 8;
}

/// Images whose pads are known while compiling, and groups without padding.
bool ConvIntegerOp::hasKernel(bool gpu) {
  auto x = cast<RankedTensorType>(getX().getType()),
       w = cast<RankedTensorType>(getW().getType());
  if (!gpu || !isByte(getX()) || !isByte(getW()) || x.getRank() != 4 ||
      x.isDynamicDim(1) || !w.hasStaticShape())
    return false;
  bool hasPads = getAutoPad() == "NOTSET" || getAutoPad() == "VALID" ||
                 (!x.isDynamicDim(2) && !x.isDynamicDim(3));
  bool hasGroups =
      getGroup() == 1 || (w.getDimSize(1) % kChunk == 0 && isZero(getWZero()));
  return hasPads && hasGroups;
}

/// `zero`, one number or one per output channel, against weights.
static Value alongWeights(OpWriter &w, Value zero, int64_t rank) {
  auto type = cast<RankedTensorType>(zero.getType());
  if (type.getRank() != 1 || type.getDimSize(0) == 1)
    return zero;
  return w.make<UnsqueezeOp>(
      zero, w.numbers(llvm::to_vector(llvm::seq<int64_t>(1, rank))));
}

static Value centredWeights(OpWriter &w, ConvIntegerOp op) {
  Type i32 = w.b.getI32Type();
  Value wide = w.cast(op.getW(), i32);
  if (isZero(op.getWZero()))
    return wide;
  return w.make<SubOp>(wide, alongWeights(w, w.cast(op.getWZero(), i32),
                                          ShapeBuilder::rank(op.getW())));
}

FailureOr<SmallVector<Value>> ConvIntegerOp::expand(RewriterBase &rewriter) {
  OpWriter w(rewriter, getLoc());
  Type i32 = rewriter.getI32Type();
  Value x = w.cast(getX(), i32);
  if (!isZero(getXZero()))
    x = w.make<SubOp>(x, w.cast(getXZero(), i32));
  return SmallVector<Value>{w.make<ConvOp>(x, centredWeights(w, *this), Value(),
                                           getAutoPadAttr(), getDilationsAttr(),
                                           getGroupAttr(), getKernelShapeAttr(),
                                           getPadsAttr(), getStridesAttr())};
}

namespace {
/// The convolution of the bytes as they are, channels last, and what zero
/// points take from it:
///   sum (x - p)(w - q) = sum xw - q (sum x) - p (sum of w - q),
/// where p stands around the image.
class ByteConvolution {
public:
  ByteConvolution(ConvIntegerOp op, RewriterBase &rewriter, Window window)
      : op(op), w(rewriter, op.getLoc()), window(std::move(window)),
        pads(*this->window.staticPads()), i32(rewriter.getI32Type()) {}

  /// Channels last.
  Value build() {
    Value image = transposeToChannelsLast(w.b, w.loc, op.getX());
    bool hasBorder = !isZero(op.getXZero()) &&
                     llvm::any_of(pads, [](int64_t p) { return p; });
    if (hasBorder)
      image = withBorder(image);
    Value sum = product(image);
    if (!isZero(op.getWZero()))
      sum = w.make<SubOp>(
          sum, w.make<MulOp>(windowSums(image), w.cast(op.getWZero(), i32)));
    if (isZero(op.getXZero()))
      return sum;
    Value filters =
        w.make<ReshapeOp>(w.sum(centredWeights(w, op), {1, 2, 3}),
                          w.numbers({-1}), w.b.getI64IntegerAttr(0));
    return w.make<SubOp>(sum,
                         w.make<MulOp>(w.cast(op.getXZero(), i32), filters));
  }

private:
  Value pad(Value x, ArrayRef<int64_t> ends, Value with) {
    return w.make<PadOp>(x, w.numbers(ends), with, Value(),
                         w.b.getStringAttr("constant"));
  }

  /// The image with its zero point around it instead of zeros.
  Value withBorder(Value image) {
    Value zero = w.make<ReshapeOp>(op.getXZero(), w.numbers({}),
                                   w.b.getI64IntegerAttr(0));
    SmallVector<int64_t> ends{0, pads[0], pads[1], 0, 0, pads[2], pads[3], 0};
    pads.assign(4, 0);
    return pad(image, ends, zero);
  }

  Value product(Value image) {
    Value weight = op.getW();
    auto shape =
        llvm::to_vector(cast<RankedTensorType>(weight.getType()).getShape());
    auto group = static_cast<int64_t>(op.getGroup());
    if (int64_t more = llvm::alignTo(shape[1], kChunk) - shape[1]; more) {
      image = pad(image, {0, 0, 0, 0, 0, 0, 0, more}, Value());
      weight = pad(weight, {0, 0, 0, 0, 0, more, 0, 0}, Value());
    }
    Value rows = w.make<PackConvOp>(weight, group, /*width=*/1);
    return w.make<ConvPackedOp>(
        image, rows, "direct", shape[0], window.dilations, group,
        ArrayRef(shape).drop_front(2), pads, window.strides);
  }

  /// The sum of each window, as one channel.
  Value windowSums(Value image) {
    Value pixels = w.sum(w.cast(image, i32), {3});
    auto shape = cast<RankedTensorType>(op.getW().getType()).getShape();
    auto type = RankedTensorType::get({1, 1, shape[2], shape[3]}, i32);
    Value ones = ConstantOp::create(w.b, w.loc, type,
                                    DenseElementsAttr::get(type, int32_t(1)));
    return w.make<ConvNhwcOp>(pixels, ones, Value(), window.dilations, 1, pads,
                              window.strides);
  }

  ConvIntegerOp op;
  OpWriter w;
  Window window;
  SmallVector<int64_t> pads;
  Type i32;
};
} // namespace

LogicalResult ConvIntegerOp::makeChannelsLast(RewriterBase &rewriter,
                                              bool gpu) {
  if (!hasKernel(gpu))
    return failure();
  ShapeBuilder shapes(rewriter, getLoc());
  FailureOr<Window> window = resolveConvolution(convolution(*this), shapes);
  if (failed(window) || !window->staticPads())
    return failure();
  Value y = ByteConvolution(*this, rewriter, *window).build();
  rewriter.replaceOp(*this, transposeToChannelsFirst(rewriter, getLoc(), y));
  return success();
}

/// Expansion or makeChannelsLast has replaced it.
FailureOr<SmallVector<Value>> ConvIntegerOp::decomposeOperation(OpBuilder &b) {
  return failure();
}

namespace {
/// QLinearConv: quantize((conv(x - p, w - q) + bias) * scale).
class QuantizedConvolution {
public:
  explicit QuantizedConvolution(OnnxNode &node) : node(node) {}

  FailureOr<SmallVector<Value>> run() {
    SmallVector<Value> in(node.inputs);
    in.resize(9);
    NamedAttrList attributes = std::exchange(node.attributes, {});
    auto sum = node.build<ConvIntegerOp>({in[0], in[3], in[2], in[5]},
                                         attributes.getAttrs());
    if (succeeded(sum) && in[8])
      sum = binary<AddOp>(sum, perChannel(in[8]));
    auto scale = binary<DivOp>(
        binary<MulOp>(as32(in[1]), perChannel(as32(in[4]))), as32(in[6]));
    auto scaled = binary<MulOp>(as32(sum), scale);
    if (failed(scaled))
      return failure();
    Value one = node.scalar(node.builder.getF32Type(), 1);
    node.inputs = {*scaled, one, in[7]};
    return node.importAs<QuantizeLinearOp>();
  }

private:
  using Built = FailureOr<Value>;

  template <typename OpT>
  Built binary(Built x, Built y) {
    if (failed(x) || failed(y))
      return failure();
    return node.build<OpT>({*x, *y});
  }

  Built as32(Built x) {
    if (failed(x))
      return failure();
    auto to = TypeAttr::get(node.builder.getF32Type());
    return node.build<CastOp>({*x}, {node.attribute("to", to)});
  }

  /// A vector along the channels of the result.
  Built perChannel(Built x) {
    if (failed(x) || ShapeBuilder::rank(*x) != 1)
      return x;
    int64_t spatial = ShapeBuilder::rank(node.inputs[0]) - 2;
    auto axes = llvm::to_vector(llvm::seq<int64_t>(1, spatial + 1));
    return node.build<UnsqueezeOp>({*x, node.constant(axes)});
  }

  OnnxNode &node;
};
} // namespace

FailureOr<SmallVector<Value>> ConvIntegerOp::importOnnx(OnnxNode &node) {
  if (node.type == "QLinearConv")
    return QuantizedConvolution(node).run();
  return node.importAs<ConvIntegerOp>();
}
