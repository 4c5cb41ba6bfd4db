// What elementwise bodies are written with: arithmetic on one element (or a
// vector of them) with operators, so that a body reads like its formula.
#pragma once

#include "dialects/interfaces/Base.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/Builders.h"

namespace tw::nn {

/// A scalar or vector of numbers, or of conditions (i1). Comparisons of floats
/// are ordered: false where an operand is NaN.
class Scalar {
public:
  Scalar(OpBuilder &b, Location loc, Value value, bool isUnsigned = false)
      : b(&b), loc(loc), value(value), isUnsigned(isUnsigned) {}

  operator Value() const { return value; }
  Type type() const { return value.getType(); }
  bool isFloat() const { return isa<FloatType>(getElementTypeOrSelf(type())); }
  bool isUnsignedInteger() const { return isUnsigned; }

  /// A constant of this one's type.
  Scalar like(double constant) const;
  Scalar likeInteger(int64_t constant) const;
  Scalar with(Value v) const { return Scalar(*b, loc, v, isUnsigned); }
  template <typename OpT, typename... Args>
  Scalar make(Args &&...args) const {
    return with(OpT::create(*b, loc, std::forward<Args>(args)...).getResult());
  }
  Scalar compare(arith::CmpFPredicate floats, arith::CmpIPredicate signedInts,
                 arith::CmpIPredicate unsignedInts, Scalar other) const;

private:
  OpBuilder *b;
  Location loc;
  Value value;
  bool isUnsigned;
};

Scalar operator+(Scalar x, Scalar y);
Scalar operator-(Scalar x, Scalar y);
Scalar operator*(Scalar x, Scalar y);
/// Integers: rounds towards zero; a division by zero gives 0, and the quotient
/// that overflows wraps.
Scalar operator/(Scalar x, Scalar y);
/// The remainder of that division, which has x's sign; of floats, C's fmod.
Scalar operator%(Scalar x, Scalar y);
/// The remainder with y's sign, as Python's %.
Scalar floorMod(Scalar x, Scalar y);
Scalar operator-(Scalar x);

Scalar operator<(Scalar x, Scalar y);
Scalar operator<=(Scalar x, Scalar y);
Scalar operator>(Scalar x, Scalar y);
Scalar operator>=(Scalar x, Scalar y);
Scalar operator==(Scalar x, Scalar y);
Scalar operator&(Scalar x, Scalar y);
Scalar operator|(Scalar x, Scalar y);
Scalar operator^(Scalar x, Scalar y);
Scalar operator~(Scalar x);

inline Scalar operator+(Scalar x, double y) { return x + x.like(y); }
inline Scalar operator-(Scalar x, double y) { return x - x.like(y); }
inline Scalar operator*(Scalar x, double y) { return x * x.like(y); }
inline Scalar operator/(Scalar x, double y) { return x / x.like(y); }
inline Scalar operator-(double x, Scalar y) { return y.like(x) - y; }
inline Scalar operator/(double x, Scalar y) { return y.like(x) / y; }
inline Scalar operator<(Scalar x, double y) { return x < x.like(y); }
inline Scalar operator>(Scalar x, double y) { return x > x.like(y); }
inline Scalar operator>=(Scalar x, double y) { return x >= x.like(y); }
inline Scalar operator==(Scalar x, double y) { return x == x.like(y); }

Scalar select(Scalar condition, Scalar x, Scalar y);
/// The larger one; NaN where either is.
Scalar max(Scalar x, Scalar y);
Scalar min(Scalar x, Scalar y);
/// x, or `bound` where x is on its other side; NaN stays NaN. One instruction,
/// where max and min take several.
Scalar atLeast(Scalar x, Scalar bound);
Scalar atMost(Scalar x, Scalar bound);
/// The smallest and the largest value of x's type (infinities for floats).
Scalar lowest(Scalar x);
Scalar highest(Scalar x);
Scalar abs(Scalar x);
Scalar isNan(Scalar x);
Scalar isInf(Scalar x, bool positive, bool negative);
Scalar sign(Scalar x);
Scalar exp(Scalar x);
Scalar expm1(Scalar x);
Scalar log(Scalar x);
Scalar log1p(Scalar x);
Scalar sqrt(Scalar x);
Scalar tanh(Scalar x);
Scalar erf(Scalar x);
Scalar sigmoid(Scalar x);
Scalar softplus(Scalar x);
Scalar hardSigmoid(Scalar x, double alpha, double beta);
/// x times the normal distribution's mass below x, or its usual approximation
/// by tanh.
Scalar gelu(Scalar x, bool byTanh);
/// x to the power of y, two floats of one type or two integers; squares and
/// the like are multiplied out where `knownExponent` says so.
Scalar pow(Scalar x, Scalar y, std::optional<double> knownExponent = {});
/// x shifted by y bits; 0 where y is the width or more.
Scalar shiftLeft(Scalar x, Scalar y);
Scalar shiftRight(Scalar x, Scalar y);

/// Element types with less precision than f32, whose functions are computed in
/// f32.
bool isNarrowFloat(Type element);
/// f32 for narrow floats, else `element`.
Type wideElement(Type element);

/// A body's arguments, narrow floats as f32.
class WideArgs {
public:
  WideArgs(OpBuilder &b, Location loc, ValueRange args,
           bool isUnsigned = false);
  Scalar operator[](unsigned i) const {
    return Scalar(b, loc, values[i], isUnsigned);
  }
  size_t size() const { return values.size(); }
  /// The result in the type that the first argument had.
  Value narrow(Value result) const;

private:
  OpBuilder &b;
  Location loc;
  Type element;
  SmallVector<Value> values;
  bool isUnsigned;
};

} // namespace tw::nn
