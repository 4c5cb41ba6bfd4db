#include "dialects/nn/NN.h"
#include "dialects/nn/Pooling.h"

using namespace tw;
using namespace tw::nn;

LogicalResult
AveragePoolOp::inferResults(ShapeBuilder &shapes,
                            SmallVectorImpl<ResultShape> &results) {
  return inferPool(poolOf(*this, shapes), shapes, results);
}

/// How many elements of one window along dim `i` lie inside [low, high) where
/// the window starts at `start`.
static Dim countAlong(ShapeBuilder &s, const Window &w, unsigned i, Dim start,
                      Dim low, Dim high) {
  Dim step = s.constant(w.dilations[i]), zero = s.constant(0);
  Dim skipped = s.ceilDiv(s.max(s.sub(low, start), zero), step);
  Dim reach = s.ceilDiv(s.sub(high, start), step);
  return s.max(s.sub(s.min(w.kernel[i], reach), skipped), zero);
}

/// The number that a window's sum is divided by.
static Value divisor(ShapeBuilder &s, const Window &w, ValueRange spatial,
                     bool includePad) {
  Dim count = s.constant(1);
  for (unsigned i = 0; i < w.rank(); ++i) {
    Dim start = s.sub(s.mul(spatial[i], s.constant(w.strides[i])), w.before[i]);
    Dim zero = s.constant(0), low = zero, high = w.input[i];
    if (includePad) {
      low = s.sub(zero, w.before[i]);
      high = s.add(high, w.after[i]);
    }
    count = s.mul(count, countAlong(s, w, i, start, low, high));
  }
  return s.value(count);
}

/// Whether the sums are divided by the number of elements inside of the image.
static bool countsOnlyInside(AveragePoolOp op, const Window &window) {
  bool isPadded =
      !window.staticPads() ||
      llvm::any_of(*window.staticPads(), [](int64_t p) { return p != 0; });
  return !op.getCountIncludePad() || !isPadded;
}

FailureOr<SmallVector<Value>> AveragePoolOp::decomposeOperation(OpBuilder &b) {
  ShapeBuilder shapes(b, getLoc());
  Pool pool = poolOf(*this, shapes);
  if (countsOnlyInside(*this, *resolvePool(pool, shapes)))
    if (auto images = poolImages(pool, b, "mean"))
      return SmallVector<Value>{*images};
  Type element = signless(ShapeBuilder::elementType(getX()));
  Type sum = sumType(element);
  auto inits = [&](OpBuilder &n, Location l) {
    return SmallVector<Value>{constantLike(n, l, sum, 0.0)};
  };
  auto fold = [&](OpBuilder &n, Location l, const PoolElement &e,
                  ValueRange accs) {
    Value x = convertScalar(n, l, e.scalar, element, sum);
    Value zero = constantLike(n, l, sum, 0.0);
    x = arith::SelectOp::create(n, l, e.inside, x, zero);
    return SmallVector<Value>{addScalars(n, l, accs[0], x)};
  };
  auto finish = [&](OpBuilder &n, Location l, ValueRange accs,
                    ValueRange spatial, const Window &w) -> Value {
    ShapeBuilder s(n, l);
    Value count = divisor(s, w, spatial, getCountIncludePad() != 0);
    count = arith::IndexCastOp::create(n, l, n.getI64Type(), count);
    count = arith::SIToFPOp::create(n, l, sum, count);
    Value mean = arith::DivFOp::create(n, l, accs[0], count);
    return convertScalar(n, l, mean, sum, element);
  };
  Value result = decomposePool(pool, b, element, inits, fold, finish);
  return SmallVector<Value>{asResult(b, *this, 0, result)};
}

LogicalResult AveragePoolOp::makeChannelsLast(RewriterBase &rewriter,
                                              bool gpu) {
  ShapeBuilder shapes(rewriter, getLoc());
  return makePoolChannelsLast(poolOf(*this, shapes), rewriter, gpu);
}
