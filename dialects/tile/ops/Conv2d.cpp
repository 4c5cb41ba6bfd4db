#include "dialects/tile/Images.h"
#include "dialects/tile/Tile.h"

using namespace tw;
using namespace tw::tile;

void Conv2dOp::build(OpBuilder &b, OperationState &state, Value input,
                     Value weights, Value init, ArrayRef<int64_t> strides,
                     ArrayRef<int64_t> dilations, ArrayRef<int64_t> pads,
                     int64_t group) {
  build(b, state, TypeRange(init.getType()), input, weights, ValueRange(), init,
        strides, dilations, pads, group, b.getArrayAttr({}));
  buildPlainEpilogue(b, state.location, *state.regions.front(), b.getF32Type());
}

LogicalResult Conv2dOp::verify() {
  auto weights = cast<ShapedType>(getWeights().getType());
  if (failed(verifyNumbers(*this, "strides", getStrides(), 2, 1)) ||
      failed(verifyNumbers(*this, "dilations", getDilations(), 2, 1)) ||
      failed(verifyNumbers(*this, "pads", getPads(), 4, 0)) ||
      failed(verifyImages(*this, getInput())))
    return failure();
  if (weights.getRank() != 5 || !weights.hasStaticShape())
    return emitOpError("weights: expected [panels, kh, kw, channels, width], "
                       "all static, found ")
           << weights;
  auto group = static_cast<int64_t>(getGroup());
  int64_t outputs = dimOf(getInit(), 3);
  if (group < 1 || outputs % group)
    return emitOpError("group: expected a divisor of ")
           << outputs << ", found " << group;
  int64_t panels =
      group * llvm::divideCeil(outputs / group, weights.getDimSize(4));
  if (failed(verifyEqual(*this, "panels of weights", weights.getDimSize(0),
                         panels)))
    return failure();
  return verifyEqual(*this, "channels of input", dimOf(getInput(), 3),
                     group * weights.getDimSize(3));
}
