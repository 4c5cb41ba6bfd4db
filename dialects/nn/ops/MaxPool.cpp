#include "dialects/nn/NN.h"
#include "dialects/nn/Pooling.h"

using namespace tw;
using namespace tw::nn;

LogicalResult MaxPoolOp::inferResults(ShapeBuilder &shapes,
                                      SmallVectorImpl<ResultShape> &results) {
  if (failed(inferPool(poolOf(*this, shapes), shapes, results)))
    return failure();
  if (getIndices())
    results.push_back({results[0].dims, IntegerType::get(getContext(), 64)});
  return success();
}

/// The place of an element, counted as ONNX's `storage_order` says.
static Value placeOf(OpBuilder &b, Location loc, Value input,
                     ArrayRef<Value> at, bool columnMajor) {
  ShapeBuilder s(b, loc);
  Dims dims = s.dims(input);
  SmallVector<Value> order(at);
  if (columnMajor) {
    std::reverse(order.begin() + 2, order.end());
    std::reverse(dims.begin() + 2, dims.end());
  }
  return s.value(linearize(s, order, dims));
}

/// Carries (largest element, its place); the first of equal elements wins. An
/// element outside is never taken, not even where all others are the lowest.
static Value decomposeMax(MaxPoolOp op, OpBuilder &b, bool wantsPlace) {
  Location loc = op.getLoc();
  ShapeBuilder shapes(b, loc);
  Pool pool = poolOf(op, shapes);
  Type element = ShapeBuilder::elementType(op.getX());
  bool columnMajor = op.getStorageOrder() != 0;
  auto inits = [&](OpBuilder &n, Location l) {
    Value none = arith::ConstantIndexOp::create(n, l, -1);
    return SmallVector<Value>{lowest(n, l, element), none};
  };
  auto fold = [&](OpBuilder &n, Location l, const PoolElement &e,
                  ValueRange accs) {
    Value zero = arith::ConstantIndexOp::create(n, l, 0);
    Value first =
        arith::CmpIOp::create(n, l, arith::CmpIPredicate::slt, accs[1], zero);
    Value better = arith::OrIOp::create(
        n, l, first, isGreater(n, l, element, e.scalar, accs[0]));
    Value take = arith::AndIOp::create(n, l, e.inside, better);
    Value place =
        wantsPlace ? placeOf(n, l, op.getX(), e.at, columnMajor) : zero;
    return SmallVector<Value>{
        arith::SelectOp::create(n, l, take, e.scalar, accs[0]),
        arith::SelectOp::create(n, l, take, place, accs[1])};
  };
  auto finish = [&](OpBuilder &n, Location l, ValueRange accs, ValueRange,
                    const Window &) -> Value {
    if (!wantsPlace)
      return accs[0];
    return arith::IndexCastOp::create(n, l, n.getI64Type(), accs[1]);
  };
  Type result = wantsPlace ? b.getI64Type() : signless(element);
  return decomposePool(pool, b, result, inits, fold, finish);
}

FailureOr<SmallVector<Value>> MaxPoolOp::decomposeOperation(OpBuilder &b) {
  ShapeBuilder shapes(b, getLoc());
  if (!getIndices())
    if (auto images = poolImages(poolOf(*this, shapes), b, "max"))
      return SmallVector<Value>{*images};
  SmallVector<Value> results{
      asResult(b, *this, 0, decomposeMax(*this, b, /*wantsPlace=*/false))};
  if (getIndices())
    results.push_back(
        asResult(b, *this, 1, decomposeMax(*this, b, /*wantsPlace=*/true)));
  return results;
}

LogicalResult MaxPoolOp::makeChannelsLast(RewriterBase &rewriter, bool gpu) {
  ShapeBuilder shapes(rewriter, getLoc());
  return makePoolChannelsLast(poolOf(*this, shapes), rewriter, gpu);
}
