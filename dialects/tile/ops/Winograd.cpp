#include "dialects/tile/Images.h"
#include "dialects/tile/Sums.h"
#include "dialects/tile/Tile.h"

using namespace tw;
using namespace tw::tile;

void WinogradOp::build(OpBuilder &b, OperationState &state, Value input,
                       Value weights, Value init, int64_t size,
                       ArrayRef<int64_t> pads) {
  build(b, state, TypeRange(init.getType()), input, weights, ValueRange(), init,
        size, pads, b.getArrayAttr({}));
  buildPlainEpilogue(b, state.location, *state.regions.front(), b.getF32Type(),
                     b.getF32Type());
}

LogicalResult WinogradOp::verify() {
  auto weights = cast<ShapedType>(getWeights().getType());
  auto size = static_cast<int64_t>(getSize());
  if (size != 2 && size != 4)
    return emitOpError("size: expected 2 or 4, found ") << size;
  if (failed(verifyNumbers(*this, "pads", getPads(), 4, 0)) ||
      failed(verifyImages(*this, getInput())))
    return failure();
  if (weights.getRank() != 4 || !weights.hasStaticShape())
    return emitOpError("weights: expected [products, panels, channels, width], "
                       "all static, found ")
           << weights;
  int64_t panels = llvm::divideCeil(dimOf(getInit(), 3), weights.getDimSize(3));
  if (failed(verifyEqual(*this, "products of weights", weights.getDimSize(0),
                         (size + 2) * (size + 2))) ||
      failed(verifyEqual(*this, "panels of weights", weights.getDimSize(1),
                         panels)))
    return failure();
  return verifyEqual(*this, "channels of input", dimOf(getInput(), 3),
                     weights.getDimSize(2));
}

/// A tile's elements come out of one transform.
FailureOr<Value> WinogradOp::buildSum(OpBuilder &, ValueRange) {
  return failure();
}
