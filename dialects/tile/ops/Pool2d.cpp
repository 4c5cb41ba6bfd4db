#include "dialects/tile/Images.h"
#include "dialects/tile/Sums.h"
#include "dialects/tile/Tile.h"

using namespace tw;
using namespace tw::tile;

void Pool2dOp::build(OpBuilder &b, OperationState &state, StringRef kind,
                     Value input, Value init, ArrayRef<int64_t> kernel,
                     ArrayRef<int64_t> strides, ArrayRef<int64_t> dilations,
                     ArrayRef<int64_t> pads) {
  build(b, state, TypeRange(init.getType()), kind, input, ValueRange(), init,
        kernel, strides, dilations, pads, b.getArrayAttr({}));
  buildPlainEpilogue(b, state.location, *state.regions.front(), b.getF32Type(),
                     getElementTypeOrSelf(init.getType()));
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

/// A size of 0 is the image's.
static Value kernelSize(SumBuilder &s, Pool2dOp op, unsigned dim) {
  int64_t size = op.getKernel()[dim];
  return size ? s.index(size) : s.size(op.getInput(), dim + 1);
}

/// How many positions of a window lie inside.
static Value countInside(SumBuilder &s, Pool2dOp op, const Window &window,
                         ValueRange at, Value height, Value width) {
  Value count =
      foldWindow(s, op.getInput(), window, at, height, width, s.index(0),
                 [&](Value, Value, Value, Value, Value sum) {
                   return s.add(sum, s.index(1));
                 });
  count = arith::IndexCastOp::create(s.b, s.loc, s.b.getI64Type(), count);
  return arith::SIToFPOp::create(s.b, s.loc, s.b.getF32Type(), count);
}

FailureOr<Value> Pool2dOp::buildSum(OpBuilder &b, ValueRange at) {
  return buildSums(b, at, /*lanes=*/1);
}

FailureOr<Value> Pool2dOp::buildSums(OpBuilder &b, ValueRange at,
                                     int64_t lanes) {
  SumBuilder s(b, getLoc(), lanes);
  Type type = b.getF32Type();
  bool isMax = getKind() == "max";
  float neutral = isMax ? -std::numeric_limits<float>::infinity() : 0.0f;
  Value init = s.constant(b.getF32FloatAttr(neutral));
  Window window{getStrides(), getDilations(), getPads()};
  Value height = kernelSize(s, *this, 0), width = kernelSize(s, *this, 1);
  Value sum = foldWindow(
      s, getInput(), window, at, height, width, init,
      [&](Value y, Value x, Value, Value, Value so) -> Value {
        Value element = s.load(getInput(), {at[0], y, x, at[3]}, type);
        if (!isMax)
          return arith::AddFOp::create(b, getLoc(), so, element);
        // As ONNX's reference does, NaN never wins.
        Value more = arith::CmpFOp::create(
            b, getLoc(), arith::CmpFPredicate::OGT, element, so);
        return arith::SelectOp::create(b, getLoc(), more, element, so);
      });
  if (getKind() != "mean")
    return sum;
  Value count = s.inAllLanes(countInside(s, *this, window, at, height, width));
  return arith::DivFOp::create(b, getLoc(), sum, count).getResult();
}
