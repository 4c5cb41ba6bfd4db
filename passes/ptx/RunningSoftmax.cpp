#include "passes/ptx/RunningSoftmax.h"

#include "passes/ptx/AttentionScores.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace tw;

static Value number(ThreadEmitter &e, float value) {
  return arith::ConstantOp::create(e.b, e.loc, e.b.getF32FloatAttr(value));
}

static Value shuffled(ThreadEmitter &e, Value x, int64_t distance) {
  auto kind = NVVM::ShflKindAttr::get(e.b.getContext(), NVVM::ShflKind::bfly);
  return NVVM::ShflOp::create(e.b, e.loc, x.getType(), e.i32(-1), x,
                              e.i32(distance), e.i32(31), kind, UnitAttr());
}

static Value larger(ThreadEmitter &e, Value x, Value y) {
  return arith::MaxNumFOp::create(e.b, e.loc, x, y);
}

RunningSoftmax RunningSoftmax::start(ThreadEmitter &e,
                                     const AttentionTile &tile, size_t rows) {
  float lowest = tile.foldsScale ? -1e30f : -std::numeric_limits<float>::max();
  return {SmallVector<Value>(rows, number(e, lowest)),
          SmallVector<Value>(rows, number(e, 0))};
}

SmallVector<Value> RunningSoftmax::add(ThreadEmitter &e,
                                       const AttentionTile &tile,
                                       ProductFragment &fragment,
                                       SmallVectorImpl<Value> &scores) {
  SmallVector<Value> factors;
  int64_t columns = fragment.columns().size();
  for (size_t i = 0; i < maxima.size(); ++i) {
    Value largest = maxima[i];
    for (int64_t j = 0; j < columns; ++j)
      largest = larger(e, largest, scores[fragment.place(i, j)]);
    for (int64_t d = 1; d < fragment.sharers(); d *= 2)
      largest = larger(e, largest, shuffled(e, largest, d));
    factors.push_back(powerOf(e, maxima[i], largest, tile.exponent));
    Value shift =
        arith::MulFOp::create(e.b, e.loc, largest, number(e, -tile.exponent));
    Value sum = arith::MulFOp::create(e.b, e.loc, sums[i], factors.back());
    for (int64_t j = 0; j < columns; ++j) {
      Value &score = scores[fragment.place(i, j)];
      score = tile.foldsScale
                  ? e.power(math::FmaOp::create(
                        e.b, e.loc, score, number(e, tile.exponent), shift))
                  : powerOf(e, score, largest, tile.exponent);
      sum = arith::AddFOp::create(e.b, e.loc, sum, score);
    }
    maxima[i] = largest;
    sums[i] = sum;
  }
  return factors;
}

void RunningSoftmax::addUp(ThreadEmitter &e, ProductFragment &fragment) {
  for (Value &sum : sums)
    for (int64_t d = 1; d < fragment.sharers(); d *= 2)
      sum = arith::AddFOp::create(e.b, e.loc, sum, shuffled(e, sum, d));
}
