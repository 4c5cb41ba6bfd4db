#include "dialects/nn/NN.h"
#include "dialects/nn/Pooling.h"

using namespace tw;
using namespace tw::nn;

LogicalResult LpPoolOp::inferResults(ShapeBuilder &shapes,
                                     SmallVectorImpl<ResultShape> &results) {
  return inferPool(poolOf(*this, shapes), shapes, results);
}

FailureOr<SmallVector<Value>> LpPoolOp::decomposeOperation(OpBuilder &b) {
  ShapeBuilder shapes(b, getLoc());
  Type element = signless(ShapeBuilder::elementType(getX()));
  Type sum = sumType(element);
  auto inits = [&](OpBuilder &n, Location l) {
    return SmallVector<Value>{constantLike(n, l, sum, 0.0)};
  };
  auto fold = [&](OpBuilder &n, Location l, const PoolElement &e,
                  ValueRange accs) {
    Value x = convertScalar(n, l, e.scalar, element, sum);
    Value zero = constantLike(n, l, sum, 0.0);
    Value term = absolutePower(n, l, x, getP());
    term = arith::SelectOp::create(n, l, e.inside, term, zero);
    return SmallVector<Value>{addScalars(n, l, accs[0], term)};
  };
  auto finish = [&](OpBuilder &n, Location l, ValueRange accs, ValueRange,
                    const Window &) -> Value {
    return convertScalar(n, l, rootOf(n, l, accs[0], getP()), sum, element);
  };
  Value result =
      decomposePool(poolOf(*this, shapes), b, element, inits, fold, finish);
  return SmallVector<Value>{asResult(b, *this, 0, result)};
}
