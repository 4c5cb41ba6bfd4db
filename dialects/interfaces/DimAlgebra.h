// What can be told about sizes that are known at run time only, from the
// arithmetic that computes them.
#pragma once

#include "dialects/interfaces/Base.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/OpDefinition.h"

#include <optional>

namespace tw {

/// Whether a size or integer cannot be negative.
bool isSurelyNonNegative(OpFoldResult x);

/// Whether two sizes are equal whatever they are computed from: n + m and m +
/// n.
bool equalSizes(OpFoldResult x, OpFoldResult y);

/// Whether a size that is not known is one of those that `product` multiplies.
bool isFactorOf(OpFoldResult factor, OpFoldResult product);

/// x where `variable` is `number`, if that says it.
std::optional<int64_t> valueAt(OpFoldResult x, Value variable, int64_t number);

/// What a comparison is, if it is always the same.
std::optional<bool> knownComparison(arith::CmpIPredicate predicate,
                                    OpFoldResult x, OpFoldResult y);

/// x == number as a comparison of less: min(n, 64) == 1 is n == 1, and 2 * n
/// == 4 is n == 2.
struct Equality {
  Value x;
  int64_t number;
};
/// Nothing where it never holds.
std::optional<Equality> simplerEquality(Equality equality);

/// select(n == k, f(n), g(n)) => g(n) where f(k) = g(k): null where that is not
/// known to hold.
OpFoldResult simplerSelect(Value condition, OpFoldResult x, OpFoldResult y);

} // namespace tw
