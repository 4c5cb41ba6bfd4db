#include "dialects/tile/Images.h"
#include "dialects/tile/Tile.h"

using namespace tw;
using namespace tw::tile;

void Pool2dOp::build(OpBuilder &b, OperationState &state, StringRef kind,
                     Value input, Value init, ArrayRef<int64_t> kernel,
                     ArrayRef<int64_t> strides, ArrayRef<int64_t> dilations,
                     ArrayRef<int64_t> pads) {
  build(b, state, TypeRange(init.getType()), kind, input, ValueRange(), init,
        kernel, strides, dilations, pads, b.getArrayAttr({}));
  buildPlainEpilogue(b, state.location, *state.regions.front(), b.getF32Type());
}

LogicalResult Pool2dOp::verify() {
  if (!llvm::is_contained({"max", "sum", "mean"}, getKind()))
    return emitOpError("kind: expected max, sum or mean, found ") << getKind();
  if (failed(verifyNumbers(*this, "kernel", getKernel(), 2, 0)) ||
      failed(verifyNumbers(*this, "strides", getStrides(), 2, 1)) ||
      failed(verifyNumbers(*this, "dilations", getDilations(), 2, 1)) ||
      failed(verifyNumbers(*this, "pads", getPads(), 4, 0)) ||
      failed(verifyImages(*this, getInput())))
    return failure();
  return verifyEqual(*this, "channels of init", dimOf(getInit(), 3),
                     dimOf(getInput(), 3));
}
