#include "dialects/tile/Images.h"
#include "dialects/tile/Sums.h"
#include "dialects/tile/Tile.h"

using namespace tw;
using namespace tw::tile;

void Conv2dOp::build(OpBuilder &b, OperationState &state, Value input,
                     Value weights, Value init, ArrayRef<int64_t> strides,
                     ArrayRef<int64_t> dilations, ArrayRef<int64_t> pads,
                     int64_t group) {
  build(b, state, TypeRange(init.getType()), input, weights, ValueRange(), init,
        strides, dilations, pads, group, false, false, b.getArrayAttr({}));
  Type element = getElementTypeOrSelf(init.getType());
  buildPlainEpilogue(b, state.location, *state.regions.front(),
                     isa<FloatType>(element) ? b.getF32Type() : element,
                     element);
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

FailureOr<Value> Conv2dOp::buildSum(OpBuilder &b, ValueRange at) {
  SumBuilder s(b, getLoc());
  Type type = getEpilogue().getArgument(0).getType();
  ArrayRef<int64_t> weights =
      cast<MemRefType>(getWeights().getType()).getShape();
  int64_t group = getGroup(), width = weights[4];
  int64_t perGroup = dimOf(getInit(), 3) / group;
  Value g = s.div(at[3], perGroup), k = s.rem(at[3], perGroup);
  Value panel = s.add(s.mul(g, s.index(weights[0] / group)), s.div(k, width));
  Value lane = s.rem(k, width), first = s.mul(g, s.index(weights[3]));
  Window window{getStrides(), getDilations(), getPads()};
  return foldWindow(
      s, getInput(), window, at, s.index(weights[1]), s.index(weights[2]),
      s.zero(type), [&](Value y, Value x, Value i, Value j, Value outer) {
        return s.loop(s.index(weights[3]), outer, [&](Value c, Value sum) {
          Value from = s.load(getInput(), {at[0], y, x, s.add(first, c)}, type,
                              getInputUnsigned());
          Value weight = s.load(getWeights(), {panel, i, j, c, lane}, type,
                                getWeightsUnsigned());
          return s.multiplyAdd(from, weight, sum);
        });
      });
}
