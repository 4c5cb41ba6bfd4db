#include "passes/cpu/SingleQuery.h"

using namespace tw;

/// Vectors of sums that are computed at once: enough to hide the latency of
/// multiply-adds, few enough for registers.
static constexpr int64_t kSums = 8;

void tw::gatherColumn(PointerEmitter &e, Column column, Value target) {
  int64_t rest = column.size % e.lanes;
  if (rest)
    e.store(e.splat(0), e.at(target, column.size - rest), e.lanes);
  e.loop(e.index(0), e.index(column.size), 1, [&](Value i) {
    Value x = e.loadScalar(e.at(column.pointer, e.mul(i, column.width)));
    LLVM::StoreOp::create(e.b, e.loc, x, e.at(target, i));
  });
}

/// Lanes are added in an order that the vector unit likes: the same at each
/// run.
static Value sumOfLanes(PointerEmitter &e, Value vector) {
  Value sum =
      vector::ReductionOp::create(e.b, e.loc, vector::CombiningKind::ADD,
                                  vector, arith::FastMathFlags::reassoc);
  return e.broadcast(sum);
}

SmallVector<Value> tw::dotProducts(PointerEmitter &e, Value query, int64_t size,
                                   ArrayRef<Value> rows) {
  auto step = [&](Value d, int64_t count, ValueRange carried) {
    SmallVector<Value> sums(carried);
    Value q = e.load(e.at(query, d), e.lanes);
    for (auto [sum, row] : llvm::zip_equal(sums, rows))
      sum = e.multiplyAdd(e.load(e.at(row, d), count), q, sum);
    return sums;
  };
  SmallVector<Value> zero(rows.size(), e.splat(0));
  int64_t rest = size % e.lanes;
  SmallVector<Value> sums = e.loop(
      e.index(0), e.index(size - rest), e.lanes, zero,
      [&](Value d, ValueRange carried) { return step(d, e.lanes, carried); });
  if (rest)
    sums = step(e.index(size - rest), rest, sums);
  for (Value &sum : sums)
    sum = sumOfLanes(e, sum);
  return sums;
}

/// sum over i < count of weights[i * width] * row i, for the components from
/// `first` to `last`.
static SmallVector<Value> weightedSums(PointerEmitter &e, int64_t first,
                                       int64_t last, int64_t width,
                                       Value weights, Value values,
                                       Value stride, Value count) {
  SmallVector<Value> zero(llvm::divideCeil(last - first, e.lanes), e.splat(0));
  return e.loop(e.index(0), count, 1, zero, [&](Value i, ValueRange carried) {
    SmallVector<Value> sums(carried);
    Value weight = e.broadcast(e.loadScalar(e.at(weights, e.mul(i, width))));
    Value row = e.at(values, e.mul(i, stride));
    for (auto [n, sum] : llvm::enumerate(sums)) {
      int64_t at = first + static_cast<int64_t>(n) * e.lanes;
      Value part = e.load(e.at(row, at), std::min(e.lanes, last - at));
      sum = e.multiplyAdd(part, weight, sum);
    }
    return sums;
  });
}

void tw::addWeighted(PointerEmitter &e, Column sums, Value factor,
                     Value weights, Value values, Value stride, Value count,
                     Value room) {
  for (int64_t first = 0; first < sums.size; first += kSums * e.lanes) {
    int64_t last = std::min(first + kSums * e.lanes, sums.size);
    SmallVector<Value> added = weightedSums(e, first, last, sums.width, weights,
                                            values, stride, count);
    for (auto [n, sum] : llvm::enumerate(added))
      e.store(sum, e.at(room, first + n * e.lanes), e.lanes);
  }
  e.loop(e.index(0), e.index(sums.size), 1, [&](Value i) {
    Value slot = e.at(sums.pointer, e.mul(i, sums.width));
    Value sum =
        e.multiplyAdd(e.loadScalar(slot), factor, e.loadScalar(e.at(room, i)));
    LLVM::StoreOp::create(e.b, e.loc, sum, slot);
  });
}
