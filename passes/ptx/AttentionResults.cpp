#include "passes/ptx/AttentionResults.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace tw;

static constexpr int64_t kStored = AttentionInputs::kStored;

void AttentionResults::finish(SmallVector<Value> results,
                              const RunningSoftmax &softmax, bool isNanIfDead) {
  int64_t columns = fragment.columns().size();
  for (auto [i, sum] : llvm::enumerate(softmax.sums)) {
    Value inverse = reciprocalOf(e, sum, isNanIfDead);
    for (int64_t j = 0; j < columns; ++j) {
      Value &result = results[fragment.place(i, j)];
      result = arith::MulFOp::create(e.b, e.loc, result, inverse);
    }
  }
  store(results, inputs.y);
}

/// Four neighbours per thread and turn, so that a warp writes rows.
void AttentionResults::store(ValueRange results, const GlobalRows &to) {
  fragment.store(results, memory, tile.resultPitch());
  barrier();
  int64_t perRow = tile.values / kStored;
  e.loop(e.i32(0), e.i32(tile.rows * perRow / threads), 1, {},
         [&](Value turn, ValueRange) -> SmallVector<Value> {
           Value number = e.add(e.mul(turn, threads), thread);
           Value row = e.div(number, perRow),
                 column = e.mul(e.rem(number, perRow), kStored);
           e.ifThen(e.isLess(row, inputs.queryCount),
                    [&] { storeFour(to, row, column); });
           return {};
         });
}

void AttentionResults::storeFour(const GlobalRows &to, Value row,
                                 Value column) {
  Value place = e.add(e.mul(row, tile.resultPitch()), column);
  Value from = e.at(memory, e.b.getF32Type(), place);
  Value at = e.add(e.toI64(inputs.block.firstRow), e.toI64(row));
  Value offset = e.add(e.mul(at, to.stride), e.toI64(column));
  Value target = e.at(to.pointer, to.element, offset);
  Value left = e.sub(to.columns, column);
  auto narrowed = [&](Value x, Type type) {
    return to.element.isF32()
               ? x
               : Value(arith::TruncFOp::create(e.b, e.loc, type, x));
  };
  auto whole = [&] {
    auto four = VectorType::get(kStored, e.b.getF32Type());
    int64_t bytes = kStored * to.element.getIntOrFloatBitWidth() / 8;
    e.store(narrowed(e.load(from, four, 16), four.clone(to.element)), target,
            bytes);
  };
  auto single = [&] {
    Value end = e.min(left, e.i32(kStored));
    e.loop(
        e.i32(0), end, 1, {}, [&](Value i, ValueRange) -> SmallVector<Value> {
          Value x = e.load(e.at(from, e.b.getF32Type(), i), e.b.getF32Type());
          e.store(narrowed(x, to.element), e.at(target, to.element, i));
          return {};
        });
  };
  Value isWhole = e.isLess(e.i32(kStored - 1), left);
  e.ifThen(e.both(isWhole, to.isAligned), whole, single);
}
