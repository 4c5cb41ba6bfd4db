// Scalar arithmetic in the body of an op, written as expressions: `(x + 0.5) /
// scale - 0.5` builds arith and math ops.
#pragma once

#include "dialects/nn/Build.h"

namespace tw::nn {

/// A scalar value (a float, a signless integer taken as signed, or an index)
/// and where ops on it are built. Constants fold.
class Expr {
public:
  Expr(OpBuilder &b, Location loc, Value value) : b(&b), loc(loc), v(value) {}

  operator Value() const { return v; }
  Value value() const { return v; }
  Type type() const { return v.getType(); }
  OpBuilder &builder() const { return *b; }
  Location location() const { return loc; }
  bool isFloat() const { return isa<FloatType>(type()); }

  /// A constant of this expression's type.
  Expr constant(double number) const;
  /// Another value, to compute with where this one is computed with.
  Expr with(Value value) const { return {*b, loc, value}; }
  /// Converted to float type `type`; an integer that is not an index is signed.
  Expr toFloat(Type type) const;
  /// Rounded toward 0, as an index.
  Expr toIndex() const;
  /// tensor[indices].
  static Expr read(OpBuilder &b, Location loc, Value tensor, ValueRange at) {
    return {b, loc, extract(b, loc, tensor, at)};
  }

private:
  OpBuilder *b;
  Location loc;
  Value v;
};

Expr operator+(const Expr &x, const Expr &y);
Expr operator-(const Expr &x, const Expr &y);
Expr operator*(const Expr &x, const Expr &y);
/// Integers: toward 0.
Expr operator/(const Expr &x, const Expr &y);
Expr operator%(const Expr &x, const Expr &y);
inline Expr operator+(const Expr &x, double y) { return x + x.constant(y); }
inline Expr operator-(const Expr &x, double y) { return x - x.constant(y); }
inline Expr operator*(const Expr &x, double y) { return x * x.constant(y); }
inline Expr operator/(const Expr &x, double y) { return x / x.constant(y); }

/// Conditions, of type i1. Comparisons with NaN are false.
Expr operator<(const Expr &x, const Expr &y);
Expr operator<=(const Expr &x, const Expr &y);
Expr operator==(const Expr &x, const Expr &y);
inline Expr operator>(const Expr &x, const Expr &y) { return y < x; }
inline Expr operator>=(const Expr &x, const Expr &y) { return y <= x; }
inline Expr operator<(const Expr &x, double y) { return x < x.constant(y); }
inline Expr operator<=(const Expr &x, double y) { return x <= x.constant(y); }
inline Expr operator>(const Expr &x, double y) { return x > x.constant(y); }
inline Expr operator>=(const Expr &x, double y) { return x >= x.constant(y); }
inline Expr operator==(const Expr &x, double y) { return x == x.constant(y); }
Expr both(const Expr &x, const Expr &y);
Expr either(const Expr &x, const Expr &y);
Expr negate(const Expr &condition);

/// x where the condition holds, y elsewhere.
Expr select(const Expr &condition, const Expr &x, const Expr &y);
Expr min(const Expr &x, const Expr &y);
Expr max(const Expr &x, const Expr &y);
inline Expr clamp(const Expr &x, const Expr &low, const Expr &high) {
  return max(min(x, high), low);
}
Expr floor(const Expr &x);
Expr ceil(const Expr &x);
Expr abs(const Expr &x);
Expr exp(const Expr &x);

/// (The builders of nested regions are the enclosing one, moved: expressions
/// from outside may be used inside.)
/// Sums body(i) over i in [0, count), by a loop.
Expr sum(const Expr &zero, Value count,
         llvm::function_ref<Expr(OpBuilder &, Location, Value)> body);
/// A loop that carries `state`: state = body(i, state) for i in [0, count).
SmallVector<Value>
loop(OpBuilder &b, Location loc, Value count, ValueRange state,
     llvm::function_ref<SmallVector<Value>(OpBuilder &, Location, Value,
                                           ValueRange)>
         body);
/// Loops over all index tuples of `dims` in row-major order.
SmallVector<Value>
loopNest(OpBuilder &b, Location loc, ArrayRef<OpFoldResult> dims,
         ValueRange state,
         llvm::function_ref<SmallVector<Value>(OpBuilder &, Location,
                                               ValueRange, ValueRange)>
             body);
/// `then` where the condition holds, `state` unchanged elsewhere.
SmallVector<Value>
when(const Expr &condition, ValueRange state,
     llvm::function_ref<SmallVector<Value>(OpBuilder &, Location)> then);

} // namespace tw::nn
