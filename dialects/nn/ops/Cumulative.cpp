// Each element is computed by its own loop over what comes before it: any axis,
// known or not, in any order.
#include "dialects/nn/NN.h"

using namespace tw;
using namespace tw::nn;

LogicalResult tw::nn::inferCumulative(Operation *op, ShapeBuilder &shapes,
                                      SmallVectorImpl<ResultShape> &results) {
  Value x = op->getOperand(0), axis = op->getOperand(1);
  auto at = shapes.elements(axis);
  if (!at || at->size() != 1)
    return op->emitOpError("input 'axis': expected one integer, found ")
           << axis.getType();
  if (auto known = ShapeBuilder::known(at->front()))
    if (failed(normalizeAxis(op, *known, ShapeBuilder::rank(x))))
      return failure();
  results.push_back({shapes.dims(x), ShapeBuilder::elementType(x)});
  return success();
}

namespace {
/// A running sum while it is decomposed; `isAxis` says of each dim whether it
/// is the one.
struct Cumulation {
  Cumulation(Operation *op, OpBuilder &b)
      : x(signless(b, op->getLoc(), op->getOperand(0))),
        element(ShapeBuilder::elementType(op->getOperand(0))),
        accumulator(wideElement(element)) {
    ShapeBuilder shapes(b, op->getLoc());
    Dim axis = shapes.elements(op->getOperand(1))->front();
    int64_t rank = ShapeBuilder::rank(x);
    size = shapes.constant(1);
    for (int64_t i = 0; i < rank; ++i) {
      Dim here = shapes.isEqual(
          shapes.select(shapes.isNegative(axis),
                        shapes.add(axis, shapes.constant(rank)), axis),
          shapes.constant(i));
      isAxis.push_back(here);
      size = shapes.select(here, shapes.dim(x, i), size);
    }
  }

  /// `there` along the axis and `at` elsewhere.
  SmallVector<Value> place(OpBuilder &b, Location loc, ValueRange at,
                           Value there) const {
    ShapeBuilder shapes(b, loc);
    SmallVector<Value> result;
    for (auto [index, here] : llvm::zip_equal(at, isAxis))
      result.push_back(shapes.value(shapes.select(
          here, getAsOpFoldResult(there), getAsOpFoldResult(index))));
    return result;
  }
  /// The index along the axis.
  Dim position(ShapeBuilder &shapes, ValueRange at) const {
    Dim result = shapes.constant(0);
    for (auto [index, here] : llvm::zip_equal(at, isAxis))
      result = shapes.select(here, getAsOpFoldResult(index), result);
    return result;
  }

  Value x;
  Type element, accumulator;
  Dims isAxis;
  Dim size;
};
} // namespace

/// The indices [first, end) along the axis that element `at` sums up.
static std::pair<Value, Value> rangeOf(ShapeBuilder &shapes,
                                       const Cumulation &sums, ValueRange at,
                                       bool exclusive, bool reverse) {
  Dim here = sums.position(shapes, at);
  Dim next = shapes.add(here, shapes.constant(1));
  if (reverse)
    return {shapes.value(exclusive ? next : here), shapes.value(sums.size)};
  return {shapes.value(shapes.constant(0)),
          shapes.value(exclusive ? here : next)};
}

FailureOr<SmallVector<Value>>
tw::nn::decomposeCumulative(Operation *op, OpBuilder &b, const Reduction &step,
                            bool exclusive, bool reverse) {
  Cumulation sums(op, b);
  bool isUnsigned = sums.element.isUnsignedInteger();
  Value result = generate(
      b, op->getLoc(), resultDims(b, op), signless(sums.element),
      [&](OpBuilder &n, Location l, ValueRange at) -> Value {
        ShapeBuilder shapes(n, l);
        auto [first, end] = rangeOf(shapes, sums, at, exclusive, reverse);
        Type type = signless(sums.accumulator);
        Scalar zero(n, l, constantLike(n, l, type, 0), isUnsigned);
        auto loop = scf::ForOp::create(
            n, l, first, end, arith::ConstantIndexOp::create(n, l, 1),
            ValueRange{step.init(zero)},
            [&](OpBuilder &body, Location at2, Value i, ValueRange acc) {
              Value value =
                  extract(body, at2, sums.x, sums.place(body, at2, at, i));
              Scalar x(
                  body, at2,
                  castScalar(body, at2, value, sums.element, sums.accumulator),
                  isUnsigned);
              scf::YieldOp::create(body, at2,
                                   ValueRange{step.combine(x.with(acc[0]), x)});
            });
        return castScalar(n, l, loop.getResult(0), sums.accumulator,
                          sums.element);
      });
  return SmallVector<Value>{asResult(b, op, 0, result)};
}
