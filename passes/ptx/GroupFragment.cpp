#include "passes/ptx/GroupFragment.h"

#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace tw;

SmallVector<Value> GroupFragment::columns() {
  SmallVector<Value> result;
  Value first = e.mul(e.rem(lane, 4), 2);
  for (int64_t j = 0; j < width; j += 8)
    for (int64_t c = 0; c < 2; ++c)
      result.push_back(e.add(first, j + c));
  return result;
}

void GroupFragment::store(ValueRange sums, Value memory, int64_t pitch) {
  Type single = e.b.getF32Type();
  Value column = e.mul(e.rem(lane, 4), 2);
  Value start = e.at(memory, single, e.add(e.mul(firstRow, pitch), column));
  for (size_t i = 0; i < sums.size(); i += 2) {
    Value two = vector::FromElementsOp::create(
        e.b, e.loc, VectorType::get(2, single), sums.slice(i, 2));
    int64_t below = i / 2 % 2 * 8, right = i / 4 * 8;
    e.store(two, e.at(start, single, below * pitch + right), 8);
  }
}
