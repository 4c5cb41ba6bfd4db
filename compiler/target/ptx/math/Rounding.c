#include "DeviceMath.h"

/// The remainder of x / y with x's sign, exact: y is taken away at every power
/// of two.
double fmod(double x, double y) {
  double a = abs_(x), b = abs_(y);
  if (!(a < INF) || b != b || b == 0.0)
    return NAN_;
  if (b == INF)
    return x;
  while (a >= b) {
    // The largest b * 2^n that is not above a, by their exponents.
    i64 n = (i64)(bitsOf(a) >> 52) - (i64)(bitsOf(b) >> 52);
    if (bitsOf(b) >> 52 == 0 || n <= 0) {
      double part = b;
      while (part <= a * 0.5)
        part += part;
      a -= part;
      continue;
    }
    double part = fromBits(bitsOf(b) + ((u64)n << 52));
    a -= part > a ? 0.5 * part : part;
  }
  return copysign_(a, x);
}

/// Halves away from zero.
double round(double x) {
  double t = __builtin_elementwise_trunc(x);
  return abs_(x - t) >= 0.5 ? t + copysign_(1.0, x) : copysign_(t, x);
}
