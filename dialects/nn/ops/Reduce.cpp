#include "dialects/nn/NN.h"

using namespace tw;
using namespace tw::nn;

/// log(sum(exp(x - m))) + m, m the largest x that is not infinite.
FailureOr<SmallVector<Value>>
ReduceLogSumExpOp::decomposeOperation(OpBuilder &b) {
  Location loc = getLoc();
  auto axes = knownAxes(*this);
  Type element = ShapeBuilder::elementType(getData());
  ShapeBuilder shapes(b, loc);
  Value data = signless(b, loc, getData());
  if (!axes || isa<IntegerType>(element)) {
    Reduction plain = sumReduction();
    plain.prepare = [](Scalar x) { return exp(x); };
    plain.finish = [](Scalar x, Scalar) { return log(x); };
    plain.real = true;
    return decomposeReduction(*this, b, plain);
  }
  Value largest = maxOf(b, loc, data, *axes);
  Type wide = ShapeBuilder::elementType(largest);
  Value shift = mapReal(
      b, loc, largest, shapes.dims(largest), wide, [](ArrayRef<Scalar> m) {
        return select(isInf(m[0], true, true), m[0].like(0), m[0]);
      });
  Value powers = mapReal(b, loc, {data, shift}, shapes.dims(data), wide,
                         [](ArrayRef<Scalar> x) { return exp(x[0] - x[1]); });
  Value sum = sumOf(b, loc, powers, *axes);
  Value result = mapReal(b, loc, {sum, shift}, shapes.dims(sum), element,
                         [](ArrayRef<Scalar> x) { return log(x[0]) + x[1]; });
  if (!getKeepdims())
    result = withoutDims(b, loc, result, *axes);
  return SmallVector<Value>{asResult(b, *this, 0, result)};
}
