#include "dialects/nn/Convolution.h"
#include "dialects/nn/NN.h"

using namespace tw;
using namespace tw::nn;

static Convolution convolution(ConvOp op) {
  return {op,
          op.getX(),
          op.getW(),
          op.getB(),
          static_cast<int64_t>(op.getGroup()),
          /*channelsLast=*/false,
          windowSpec(op, {}),
          op.getKernelShape()};
}

LogicalResult ConvOp::inferResults(ShapeBuilder &shapes,
                                   SmallVectorImpl<ResultShape> &results) {
  return inferConvolution(convolution(*this), shapes, results);
}

FailureOr<SmallVector<Value>> ConvOp::decomposeOperation(OpBuilder &b) {
  return decomposeConvolution(convolution(*this), b);
}

/// The convolution of a line as that of an image of one row.
static void makeImage(RewriterBase &rewriter, ConvOp op, const Window &window,
                      bool gpu) {
  ShapeBuilder s(rewriter, op.getLoc());
  auto withRow = [&](Value tensor) {
    Dims dims = s.dims(tensor);
    dims.insert(dims.begin() + 2, s.constant(1));
    return reshapeTo(s, tensor, dims);
  };
  SmallVector<int64_t> pads = *window.staticPads();
  SmallVector<ResultShape> results;
  (void)op.inferResults(s, results);
  Dims imageDims = results[0].dims;
  imageDims.insert(imageDims.begin() + 2, s.constant(1));
  auto image = ConvOp::create(
      rewriter, op.getLoc(), tensorType({imageDims, results[0].elementType}),
      withRow(op.getX()), withRow(op.getW()), op.getB(),
      rewriter.getStringAttr("NOTSET"),
      rewriter.getDenseI64ArrayAttr({1, window.dilations[0]}),
      op.getGroupAttr(), nullptr,
      rewriter.getDenseI64ArrayAttr({0, pads[0], 0, pads[1]}),
      rewriter.getDenseI64ArrayAttr({1, window.strides[0]}));
  rewriter.replaceOp(op, reshapeTo(s, image.getY(), results[0].dims));
  rewriter.setInsertionPoint(image);
  (void)image.makeChannelsLast(rewriter, gpu);
}

LogicalResult ConvOp::makeChannelsLast(RewriterBase &rewriter, bool gpu) {
  auto weightType = cast<RankedTensorType>(getW().getType());
  if (!isImageType(ShapeBuilder::elementType(getX()), gpu) ||
      !weightType.hasStaticShape())
    return failure();
  ShapeBuilder shapes(rewriter, getLoc());
  FailureOr<Window> window = resolveConvolution(convolution(*this), shapes);
  if (failed(window) || window->rank() > 2 || !window->staticPads())
    return failure();
  if (window->rank() == 1) {
    makeImage(rewriter, *this, *window, gpu);
    return success();
  }
  Value x = transposeToChannelsLast(rewriter, getLoc(), getX());
  auto y = cast<RankedTensorType>(getY().getType());
  auto type = y.clone(
      {y.getDimSize(0), y.getDimSize(2), y.getDimSize(3), y.getDimSize(1)});
  auto last = ConvNhwcOp::create(rewriter, getLoc(), type, x, getW(), getB(),
                                 window->dilations, getGroup(),
                                 *window->staticPads(), window->strides);
  rewriter.replaceOp(*this,
                     transposeToChannelsFirst(rewriter, getLoc(), last.getY()));
  return success();
}

/// An output channel is linear in its slice w[m, ...] of the weight.
FailureOr<Value> ConvOp::foldChannelAffine(OpBuilder &b, Value factors,
                                           Value summands) {
  auto weight = cast<RankedTensorType>(getW().getType());
  if (!isWeightComputation(getW()) ||
      (getB() && !isWeightComputation(getB())) ||
      !weight.getElementType().isF32())
    return failure();
  Location loc = getLoc();
  Value w = getW(), bias = getB();
  if (factors) {
    Value scale = perChannel(b, loc, factors, weight.getRank() + 1);
    w = MulOp::create(b, loc, weight, w, scale);
    if (bias)
      bias = MulOp::create(b, loc, bias.getType(), bias, factors);
  }
  if (summands)
    bias =
        bias ? AddOp::create(b, loc, bias.getType(), bias, summands) : summands;
  auto conv = ConvOp::create(
      b, loc, getType(), getX(), w, bias, getAutoPadAttr(), getDilationsAttr(),
      getGroupAttr(), getKernelShapeAttr(), getPadsAttr(), getStridesAttr());
  return conv.getY();
}
