#include "dialects/nn/Convolution.h"
#include "dialects/nn/NN.h"
#include "dialects/tile/Tile.h"

using namespace tw;
using namespace tw::nn;

/// Bytes are summed in i32, which stays.
static Type sumElement(ConvPackedOp op) {
  Type element = ShapeBuilder::elementType(op.getX());
  if (isa<IntegerType>(element) && element.getIntOrFloatBitWidth() == 8)
    return IntegerType::get(op.getContext(), 32);
  return element;
}

LogicalResult
ConvPackedOp::inferResults(ShapeBuilder &shapes,
                           SmallVectorImpl<ResultShape> &results) {
  if (ShapeBuilder::rank(getX()) != 4)
    return emitOpError("expected images of rank 4, found ") << getX().getType();
  Dims d = shapes.dims(getX());
  WindowSpec spec{constantDims(shapes, getKernel()), "NOTSET", getStrides(),
                  getDilations(), getPads()};
  FailureOr<Window> window = resolveWindow(*this, shapes, {d[1], d[2]}, spec);
  if (failed(window))
    return failure();
  results.push_back({{d[0], window->output[0], window->output[1],
                      shapes.constant(getChannels())},
                     sumElement(*this)});
  return success();
}

static Operation *tileOp(ConvPackedOp op, OpBuilder &b, Value init) {
  Location loc = op.getLoc();
  Value x = signless(b, loc, op.getX()), w = signless(b, loc, op.getW());
  if (op.getAlgorithm() == "winograd") {
    auto products = cast<RankedTensorType>(w.getType()).getDimSize(0);
    return tile::WinogradOp::create(b, loc, x, w, init, products == 16 ? 2 : 4,
                                    op.getPads());
  }
  if (op.getAlgorithm() == "depthwise")
    return tile::DepthwiseConv2dOp::create(b, loc, x, w, init, op.getStrides(),
                                           op.getDilations(), op.getPads());
  auto conv = tile::Conv2dOp::create(b, loc, x, w, init, op.getStrides(),
                                     op.getDilations(), op.getPads(),
                                     static_cast<int64_t>(op.getGroup()));
  conv.setInputUnsigned(
      ShapeBuilder::elementType(op.getX()).isUnsignedInteger());
  conv.setWeightsUnsigned(
      ShapeBuilder::elementType(op.getW()).isUnsignedInteger());
  return conv;
}

FailureOr<SmallVector<Value>> ConvPackedOp::decomposeOperation(OpBuilder &b) {
  Operation *product = tileOp(*this, b, emptyResult(b, *this));
  return SmallVector<Value>{asResult(b, *this, 0, product->getResult(0))};
}
