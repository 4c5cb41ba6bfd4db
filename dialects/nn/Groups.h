// Equal elements of a one-dimensional tensor, found by sorting.
#pragma once

#include "dialects/nn/Build.h"

namespace tw::nn {

/// A one-dimensional i64 tensor's running sums.
Value scanned(OpBuilder &b, Location loc, Value numbers, bool exclusive);
/// Where each of the numbers 0, 1, ... stands in a tensor of all of them.
Value invertPermutation(OpBuilder &b, Location loc, Value places);

/// All tensors are of i64 and as long as the elements.
struct Groups {
  /// `elements` are signless; NaNs are equal.
  Groups(OpBuilder &b, Location loc, Value elements, bool isUnsigned);

  /// Where the first element of each group stands in `places`; what comes
  /// after the last group is not written.
  Value starts() const;
  /// How many groups there are: a tensor of rank 0.
  Value count() const;

  OpBuilder &b;
  Location loc;
  Dim size;
  /// Of the elements in order: where they were, and the number of their group.
  Value places, numbers;

private:
  /// i1: the first of a group, in order; the very first one only if `least`.
  Value isStart(OpBuilder &b, Location loc, Value i, bool least) const;
  Value values;
};

} // namespace tw::nn
