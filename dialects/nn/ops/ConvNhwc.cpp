#include "dialects/nn/Contraction.h"
#include "dialects/nn/Convolution.h"
#include "dialects/nn/NN.h"
#include "dialects/nn/OpWriter.h"

using namespace tw;
using namespace tw::nn;

static Convolution convolution(ConvNhwcOp op) {
  return {op,
          op.getX(),
          op.getW(),
          op.getB(),
          static_cast<int64_t>(op.getGroup()),
          /*channelsLast=*/true,
          {{}, "NOTSET", op.getStrides(), op.getDilations(), op.getPads()}};
}

LogicalResult ConvNhwcOp::inferResults(ShapeBuilder &shapes,
                                       SmallVectorImpl<ResultShape> &results) {
  return inferConvolution(convolution(*this), shapes, results);
}

FailureOr<SmallVector<Value>> ConvNhwcOp::decomposeOperation(OpBuilder &b) {
  return decomposeConvolution(convolution(*this), b);
}

namespace {
/// Chooses an algorithm and builds the packed form.
class Packer {
public:
  Packer(ConvNhwcOp op, RewriterBase &rewriter, const PackTarget &target)
      : op(op), rewriter(rewriter), target(target), x(op.getX()), w(op.getW()),
        shape(cast<RankedTensorType>(op.getW().getType()).getShape()),
        lanes(target.lanes(rewriter.getF32Type())) {}

  Value pack() {
    if (isPointwise())
      if (FailureOr<Value> product = packPointwise(); succeeded(product))
        return *product;
    if (isDepthwise())
      return convolve("depthwise", packDepthwise());
    if (int64_t size = winogradSize())
      return convolve("winograd", transform(size));
    fillChunks();
    return convolve("direct", packDirect());
  }

private:
  int64_t group() { return static_cast<int64_t>(op.getGroup()); }
  static bool all(ArrayRef<int64_t> values, int64_t wanted) {
    return llvm::all_of(values, [&](int64_t v) { return v == wanted; });
  }
  bool isPointwise() {
    return all(shape.drop_front(2), 1) && all(op.getStrides(), 1) &&
           all(op.getPads(), 0) && group() == 1;
  }
  bool isDepthwise() {
    return shape[1] == 1 && group() == shape[0] && group() > 1;
  }

  /// The size of Winograd's tiles, 0 where direct convolution is faster or
  /// rounding must not change.
  int64_t winogradSize() {
    bool fits = all(shape.drop_front(2), 3) && all(op.getStrides(), 1) &&
                all(op.getDilations(), 1) && group() == 1;
    if (!target.fastConv || !fits ||
        !ShapeBuilder::elementType(op.getW()).isF32() || shape[0] < lanes / 2 ||
        shape[1] < 16)
      return 0;
    auto y = cast<RankedTensorType>(op.getY().getType());
    int64_t least = kUnknownSide;
    for (int64_t side : y.getShape().slice(1, 2))
      if (!ShapedType::isDynamic(side))
        least = std::min(least, side);
    if (least >= 13)
      return 4;
    bool isWide = target.registers >= 32;
    return least >= 5 || !isWide ? 2 : 0;
  }

  int64_t panelWidth(int64_t outputs) {
    Type f32 = rewriter.getF32Type();
    return target.registerTile(outputs, f32).vectors * lanes;
  }

  /// Channels of 0 behind the others, where chunks would be of two pixels.
  void fillChunks() {
    int64_t bytes = ShapeBuilder::elementType(w).getIntOrFloatBitWidth() / 8;
    if (target.chunkBytes == 0 || group() > 1)
      return;
    int64_t more =
        llvm::alignTo(shape[1], target.chunkBytes / bytes) - shape[1];
    if (more == 0)
      return;
    OpWriter writer(rewriter, op.getLoc());
    auto pad = [&](Value tensor, ArrayRef<int64_t> ends) {
      return writer.make<PadOp>(tensor, writer.numbers(ends), Value(), Value(),
                                rewriter.getStringAttr("constant"));
    };
    x = pad(x, {0, 0, 0, 0, 0, 0, 0, more});
    w = pad(w, {0, 0, 0, 0, 0, more, 0, 0});
    shape = cast<RankedTensorType>(w.getType()).getShape();
  }

  Value packDirect() {
    int64_t perGroup = shape[0] / group(), width = panelWidth(perGroup);
    int64_t panels = group() * llvm::divideCeil(perGroup, width);
    return PackConvOp::create(
        rewriter, op.getLoc(),
        weightType({panels, shape[2], shape[3], shape[1], width}), w, group(),
        width);
  }

  Value packDepthwise() {
    int64_t padded = llvm::alignTo(shape[0], lanes);
    return PackDepthwiseOp::create(rewriter, op.getLoc(),
                                   weightType({shape[2], shape[3], padded}),
                                   op.getW(), lanes);
  }

  Value transform(int64_t size) {
    int64_t width = panelWidth(shape[0]);
    int64_t panels = llvm::divideCeil(shape[0], width);
    return TransformConvOp::create(
        rewriter, op.getLoc(),
        weightType({(size + 2) * (size + 2), panels, shape[1], width}),
        op.getW(), size, width);
  }

  /// A matrix product per pixel.
  FailureOr<Value> packPointwise() {
    ShapeBuilder s(rewriter, op.getLoc());
    Value matrix =
        reshapeTo(s, op.getW(), constantDims(s, shape.take_front(2)));
    FailureOr<Value> panels = packRightSide(rewriter, op.getLoc(), matrix,
                                            /*transposed=*/true, target);
    if (failed(panels))
      return failure();
    return MatmulPackedOp::create(rewriter, op.getLoc(), op.getY().getType(),
                                  op.getX(), *panels, shape[0],
                                  tw::nn::panelWidth(*panels))
        .getProduct();
  }

  Value convolve(StringRef algorithm, Value weight) {
    return ConvPackedOp::create(rewriter, op.getLoc(), op.getY().getType(), x,
                                weight, algorithm, shape[0], op.getDilations(),
                                group(), shape.drop_front(2), op.getPads(),
                                op.getStrides());
  }

  RankedTensorType weightType(ArrayRef<int64_t> dims) {
    return RankedTensorType::get(dims, ShapeBuilder::elementType(op.getW()));
  }

  /// Images whose size is known only at run time are taken for large ones.
  static constexpr int64_t kUnknownSide = 1 << 20;

  ConvNhwcOp op;
  RewriterBase &rewriter;
  const PackTarget &target;
  Value x, w;
  ArrayRef<int64_t> shape; ///< of the weight
  int64_t lanes;
};
} // namespace

FailureOr<SmallVector<Value>> ConvNhwcOp::pack(RewriterBase &rewriter,
                                               const PackTarget &target) {
  auto weight = cast<RankedTensorType>(getW().getType());
  if (!isWeight(getW()) || !weight.hasStaticShape() ||
      !isImageType(weight.getElementType(), /*gpu=*/true) ||
      cast<RankedTensorType>(getX().getType()).isDynamicDim(3))
    return failure();
  Value packed = Packer(*this, rewriter, target).pack();
  if (getB())
    packed =
        AddOp::create(rewriter, getLoc(), getY().getType(), packed, getB());
  return SmallVector<Value>{packed};
}
