// What wgmma leaves of 64 x n results in the registers of a warpgroup.
#pragma once

#include "passes/ptx/ProductSums.h"

namespace tw {

/// A warp has 16 rows; a thread, of each eight columns, two neighbours in one
/// row and two eight rows below.
class GroupFragment : public ProductFragment {
public:
  /// Of the tile's rows `firstRow` (i32) and on; `thread` of the warpgroup.
  GroupFragment(ThreadEmitter &e, Value thread, Value firstRow, int64_t width)
      : e(e), width(width), lane(e.rem(thread, 32)),
        firstRow(e.add(e.add(firstRow, e.mul(e.div(thread, 32), 16)),
                       e.div(lane, 4))) {}

  SmallVector<Value> rows() override { return {firstRow, e.add(firstRow, 8)}; }
  SmallVector<Value> columns() override;
  int64_t place(int64_t i, int64_t j) const override {
    return j / 2 * 4 + i * 2 + j % 2;
  }
  int64_t sharers() const override { return 4; }
  void store(ValueRange sums, Value memory, int64_t pitch) override;

private:
  ThreadEmitter &e;
  int64_t width;
  Value lane, firstRow;
};

} // namespace tw
