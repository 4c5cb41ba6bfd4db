// Conversions between element types with ONNX's exact rounding, the small
// floats included, which LLVM does not convert.
#pragma once

#include "dialects/nn/Scalar.h"

namespace tw::nn {

/// What ONNX Cast says about values that the target cannot hold.
struct CastOptions {
  /// Floats of 8 bits: the largest value instead of infinity or NaN.
  bool saturate = true;
  /// Float8E8M0: "up", "down" or "nearest".
  StringRef roundMode = "up";
};

/// `value` (signless, a scalar or a vector) as element type `to`; `from` and
/// `to` carry signedness. Integers wrap; floats round to nearest even, or
/// towards zero on the way to integers.
Value castScalar(OpBuilder &b, Location loc, Value value, Type from, Type to,
                 CastOptions options = {});

} // namespace tw::nn
