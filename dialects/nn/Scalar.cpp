#include "dialects/nn/Scalar.h"

#include "dialects/nn/Build.h"

#include "llvm/Support/MathExtras.h"

#include <limits>
#include <numbers>

using namespace tw;
using namespace tw::nn;

Scalar Scalar::like(double constant) const {
  return with(constantLike(*b, loc, type(), constant));
}

Scalar Scalar::likeInteger(int64_t constant) const {
  return with(constantLikeInt(*b, loc, type(), constant));
}

Scalar Scalar::compare(arith::CmpFPredicate floats,
                       arith::CmpIPredicate signedInts,
                       arith::CmpIPredicate unsignedInts, Scalar other) const {
  if (isFloat())
    return make<arith::CmpFOp>(floats, value, other);
  return make<arith::CmpIOp>(isUnsigned ? unsignedInts : signedInts, value,
                             other);
}

template <typename FloatOp, typename SignedOp, typename UnsignedOp = SignedOp>
static Scalar byType(Scalar x, Scalar y) {
  if (x.isFloat())
    return x.make<FloatOp>(x, y);
  return x.isUnsignedInteger() ? x.make<UnsignedOp>(x, y)
                               : x.make<SignedOp>(x, y);
}

Scalar tw::nn::operator+(Scalar x, Scalar y) {
  return byType<arith::AddFOp, arith::AddIOp>(x, y);
}
Scalar tw::nn::operator-(Scalar x, Scalar y) {
  return byType<arith::SubFOp, arith::SubIOp>(x, y);
}
Scalar tw::nn::operator*(Scalar x, Scalar y) {
  return byType<arith::MulFOp, arith::MulIOp>(x, y);
}

/// A divisor that no CPU traps on; -1 is left to the caller.
static Scalar safeDivisor(Scalar y) {
  Scalar safe = select(y == 0.0, y.like(1), y);
  return y.isUnsignedInteger() ? safe : select(y == -1.0, y.like(1), safe);
}

Scalar tw::nn::operator/(Scalar x, Scalar y) {
  if (x.isFloat())
    return x.make<arith::DivFOp>(x, y);
  Scalar quotient =
      byType<arith::DivFOp, arith::DivSIOp, arith::DivUIOp>(x, safeDivisor(y));
  if (!x.isUnsignedInteger())
    quotient = select(y == -1.0, -x, quotient);
  return select(y == 0.0, x.like(0), quotient);
}

Scalar tw::nn::operator%(Scalar x, Scalar y) {
  if (x.isFloat())
    return x.make<arith::RemFOp>(x, y);
  Scalar rest =
      byType<arith::RemFOp, arith::RemSIOp, arith::RemUIOp>(x, safeDivisor(y));
  return select(y == 0.0, x.like(0), rest);
}

Scalar tw::nn::floorMod(Scalar x, Scalar y) {
  Scalar rest = x % y;
  if (!x.isFloat() && x.isUnsignedInteger())
    return rest;
  Scalar differs = (rest < 0.0) ^ (y < 0.0);
  Scalar zero = x.isFloat() ? x.make<math::CopySignOp>(rest, y) : rest;
  return select(rest == 0.0, zero, select(differs, rest + y, rest));
}

Scalar tw::nn::operator-(Scalar x) {
  return x.isFloat() ? x.make<arith::NegFOp>(Value(x)) : x.like(0) - x;
}

Scalar tw::nn::operator<(Scalar x, Scalar y) {
  return x.compare(arith::CmpFPredicate::OLT, arith::CmpIPredicate::slt,
                   arith::CmpIPredicate::ult, y);
}
Scalar tw::nn::operator<=(Scalar x, Scalar y) {
  return x.compare(arith::CmpFPredicate::OLE, arith::CmpIPredicate::sle,
                   arith::CmpIPredicate::ule, y);
}
Scalar tw::nn::operator>(Scalar x, Scalar y) { return y < x; }
Scalar tw::nn::operator>=(Scalar x, Scalar y) { return y <= x; }
Scalar tw::nn::operator==(Scalar x, Scalar y) {
  return x.compare(arith::CmpFPredicate::OEQ, arith::CmpIPredicate::eq,
                   arith::CmpIPredicate::eq, y);
}
Scalar tw::nn::operator&(Scalar x, Scalar y) {
  return x.make<arith::AndIOp>(x, y);
}
Scalar tw::nn::operator|(Scalar x, Scalar y) {
  return x.make<arith::OrIOp>(x, y);
}
Scalar tw::nn::operator^(Scalar x, Scalar y) {
  return x.make<arith::XOrIOp>(x, y);
}
Scalar tw::nn::operator~(Scalar x) { return x ^ x.like(-1); }

Scalar tw::nn::select(Scalar condition, Scalar x, Scalar y) {
  return x.make<arith::SelectOp>(condition, x, y);
}
Scalar tw::nn::max(Scalar x, Scalar y) {
  return byType<arith::MaximumFOp, arith::MaxSIOp, arith::MaxUIOp>(x, y);
}
Scalar tw::nn::min(Scalar x, Scalar y) {
  return byType<arith::MinimumFOp, arith::MinSIOp, arith::MinUIOp>(x, y);
}

Scalar tw::nn::atLeast(Scalar x, Scalar bound) {
  return select(x < bound, bound, x);
}
Scalar tw::nn::atMost(Scalar x, Scalar bound) {
  return select(x > bound, bound, x);
}

Scalar tw::nn::lowest(Scalar x) {
  if (x.isFloat())
    return x.like(-std::numeric_limits<double>::infinity());
  unsigned width = getElementTypeOrSelf(x.type()).getIntOrFloatBitWidth();
  return x.likeInteger(x.isUnsignedInteger() ? 0 : -1 - llvm::maxIntN(width));
}

Scalar tw::nn::highest(Scalar x) {
  if (x.isFloat())
    return x.like(std::numeric_limits<double>::infinity());
  unsigned width = getElementTypeOrSelf(x.type()).getIntOrFloatBitWidth();
  return x.likeInteger(x.isUnsignedInteger() ? -1 : llvm::maxIntN(width));
}

Scalar tw::nn::abs(Scalar x) {
  if (x.isFloat())
    return x.make<math::AbsFOp>(Value(x));
  return x.isUnsignedInteger() ? x : select(x < 0.0, -x, x);
}

Scalar tw::nn::isNan(Scalar x) {
  return x.make<arith::CmpFOp>(arith::CmpFPredicate::UNO, x, x);
}

Scalar tw::nn::isInf(Scalar x, bool positive, bool negative) {
  double infinity = std::numeric_limits<double>::infinity();
  if (positive && negative)
    return abs(x) == infinity;
  if (positive || negative)
    return x == (positive ? infinity : -infinity);
  return x < x;
}

Scalar tw::nn::sign(Scalar x) {
  // NaN stays NaN.
  Scalar rest = select(x == 0.0, x.like(0), x);
  Scalar notPositive =
      x.isUnsignedInteger() ? rest : select(x < 0.0, x.like(-1), rest);
  return select(x > 0.0, x.like(1), notPositive);
}

Scalar tw::nn::exp(Scalar x) { return x.make<math::ExpOp>(Value(x)); }
Scalar tw::nn::expm1(Scalar x) { return x.make<math::ExpM1Op>(Value(x)); }
Scalar tw::nn::log(Scalar x) { return x.make<math::LogOp>(Value(x)); }
Scalar tw::nn::log1p(Scalar x) { return x.make<math::Log1pOp>(Value(x)); }
Scalar tw::nn::sqrt(Scalar x) { return x.make<math::SqrtOp>(Value(x)); }
Scalar tw::nn::tanh(Scalar x) { return x.make<math::TanhOp>(Value(x)); }
Scalar tw::nn::erf(Scalar x) { return x.make<math::ErfOp>(Value(x)); }

Scalar tw::nn::sigmoid(Scalar x) { return 1.0 / (exp(-x) + 1.0); }

Scalar tw::nn::softplus(Scalar x) {
  return max(x, x.like(0)) + log1p(exp(-abs(x)));
}

Scalar tw::nn::hardSigmoid(Scalar x, double alpha, double beta) {
  return atLeast(atMost(x * alpha + beta, x.like(1)), x.like(0));
}

Scalar tw::nn::gelu(Scalar x, bool byTanh) {
  if (!byTanh)
    return x * 0.5 * (erf(x * std::numbers::sqrt2 / 2) + 1.0);
  double scale = std::numbers::inv_sqrtpi * std::numbers::sqrt2;
  return x * 0.5 * (tanh((x + x * x * x * 0.044715) * scale) + 1.0);
}

/// Integers by squaring. Exponents of 64 and more overflow unless the base is
/// 0, 1 or -1: only their lowest bit matters. So are negative ones.
static Scalar integerPow(Scalar x, Scalar y) {
  Scalar result = x.like(1), square = x;
  Scalar isLarge = y > 63.0, low = y & y.like(1);
  Scalar exponent = select(isLarge, low + 62.0, y);
  for (int bit = 0; bit < 6; ++bit) {
    Scalar isSet = ~((exponent & y.like(1 << bit)) == 0.0);
    result = select(isSet, result * square, result);
    square = square * square;
  }
  if (y.isUnsignedInteger())
    return result;
  Scalar unit = select(low == 0.0, x * x, x), isUnit = abs(x) == 1.0;
  return select(y < 0.0, select(isUnit, unit, x.like(0)), result);
}

Scalar tw::nn::pow(Scalar x, Scalar y, std::optional<double> knownExponent) {
  if (knownExponent == 1.0)
    return x;
  if (knownExponent == 2.0)
    return x * x;
  if (knownExponent == 3.0)
    return x * x * x;
  if (!x.isFloat())
    return integerPow(x, y);
  if (knownExponent == 0.5) {
    // pow(-0, 0.5) is +0 and pow(-inf, 0.5) is inf.
    double infinity = std::numeric_limits<double>::infinity();
    return select(x == -infinity, x.like(infinity), sqrt(x + 0.0));
  }
  return x.make<math::PowFOp>(x, y);
}

template <typename ShiftOp>
static Scalar shift(Scalar x, Scalar y) {
  int64_t width = getElementTypeOrSelf(x.type()).getIntOrFloatBitWidth();
  Scalar isInside = y < static_cast<double>(width);
  Scalar shifted = x.make<ShiftOp>(x, select(isInside, y, y.like(0)));
  return select(isInside, shifted, x.like(0));
}

Scalar tw::nn::shiftLeft(Scalar x, Scalar y) {
  return shift<arith::ShLIOp>(x, y);
}
Scalar tw::nn::shiftRight(Scalar x, Scalar y) {
  return shift<arith::ShRUIOp>(x, y);
}

bool tw::nn::isNarrowFloat(Type element) {
  return isa<FloatType>(element) && element.getIntOrFloatBitWidth() < 32;
}

Type tw::nn::wideElement(Type element) {
  return isNarrowFloat(element) ? Float32Type::get(element.getContext())
                                : element;
}

WideArgs::WideArgs(OpBuilder &b, Location loc, ValueRange args, bool isUnsigned)
    : b(b), loc(loc), element(getElementTypeOrSelf(args[0].getType())),
      isUnsigned(isUnsigned) {
  for (Value arg : args) {
    Type from = getElementTypeOrSelf(arg.getType());
    values.push_back(convertScalar(b, loc, arg, from, wideElement(from)));
  }
}

Value WideArgs::narrow(Value result) const {
  Type from = getElementTypeOrSelf(result.getType());
  return convertScalar(b, loc, result, from, element);
}
