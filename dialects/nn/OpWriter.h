// Writes nn ops whose result types are what their shape rules say.
#pragma once

#include "dialects/nn/NN.h"

namespace tw::nn {

class OpWriter {
public:
  OpWriter(OpBuilder &b, Location loc) : b(b), loc(loc), shapes(b, loc) {}

  template <typename OpT, typename... Args>
  Value make(Args &&...args) {
    auto op = OpT::create(b, loc, UnrankedTensorType::get(b.getF32Type()),
                          std::forward<Args>(args)...);
    (void)refineResults(shapes, op);
    return op->getResult(0);
  }

  /// A one-dimensional constant of i64.
  Value numbers(ArrayRef<int64_t> values);
  Value cast(Value x, Type to);
  Value transpose(Value x, ArrayRef<int64_t> perm);
  /// The last two dims swapped.
  Value transposeMatrix(Value x);
  /// The sum over `axes`, which stay as dims of size 1.
  Value sum(Value x, ArrayRef<int64_t> axes);

  OpBuilder &b;
  Location loc;
  ShapeBuilder shapes;
};

/// Whether `v` is a constant of zeros; true where it is null.
bool isZero(Value v);

} // namespace tw::nn
