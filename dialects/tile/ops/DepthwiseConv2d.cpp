#include "dialects/tile/Images.h"
#include "dialects/tile/Sums.h"
#include "dialects/tile/Tile.h"

using namespace tw;
using namespace tw::tile;

void DepthwiseConv2dOp::build(OpBuilder &b, OperationState &state, Value input,
                              Value weights, Value init,
                              ArrayRef<int64_t> strides,
                              ArrayRef<int64_t> dilations,
                              ArrayRef<int64_t> pads) {
  build(b, state, TypeRange(init.getType()), input, weights, ValueRange(), init,
        strides, dilations, pads, b.getArrayAttr({}));
  buildPlainEpilogue(b, state.location, *state.regions.front(), b.getF32Type(),
                     getElementTypeOrSelf(init.getType()));
}

LogicalResult DepthwiseConv2dOp::verify() {
  auto weights = cast<ShapedType>(getWeights().getType());
  if (failed(verifyNumbers(*this, "strides", getStrides(), 2, 1)) ||
      failed(verifyNumbers(*this, "dilations", getDilations(), 2, 1)) ||
      failed(verifyNumbers(*this, "pads", getPads(), 4, 0)) ||
      failed(verifyImages(*this, getInput())))
    return failure();
  if (weights.getRank() != 3 || !weights.hasStaticShape())
    return emitOpError("weights: expected [kh, kw, channels], all static, "
                       "found ")
           << weights;
  int64_t channels = dimOf(getInput(), 3);
  if (weights.getDimSize(2) < channels)
    return emitOpError("channels of weights: expected at least ")
           << channels << ", found " << weights.getDimSize(2);
  return verifyEqual(*this, "channels of init", dimOf(getInit(), 3), channels);
}

FailureOr<Value> DepthwiseConv2dOp::buildSum(OpBuilder &b, ValueRange at) {
  return buildSums(b, at, /*lanes=*/1);
}

FailureOr<Value> DepthwiseConv2dOp::buildSums(OpBuilder &b, ValueRange at,
                                              int64_t lanes) {
  SumBuilder s(b, getLoc(), lanes);
  Type type = b.getF32Type();
  Window window{getStrides(), getDilations(), getPads()};
  return foldWindow(s, getInput(), window, at, s.size(getWeights(), 0),
                    s.size(getWeights(), 1), s.zero(type),
                    [&](Value y, Value x, Value i, Value j, Value sum) {
                      return s.multiplyAdd(
                          s.load(getInput(), {at[0], y, x, at[3]}, type),
                          s.load(getWeights(), {i, j, at[3]}, type), sum);
                    });
}
