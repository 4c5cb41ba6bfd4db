#include "DeviceMath.h"

#define LN2_HI 0x1.62e42fee00000p-1
#define LN2_LO 0x1.a39ef35793c76p-33
#define LOG2_E 0x1.71547652b82fep+0

/// 2^k, also where x * 2^k is subnormal.
FN double scale(double x, int k) {
  int half = k / 2, rest = k - half;
  x *= fromBits((u64)(half + 1023) << 52);
  return x * fromBits((u64)(rest + 1023) << 52);
}

/// exp(r) - 1 for |r| < 0.36.
FN double expSeries(double r) {
  double p = 1.0 / 87178291200.0;
  p = fma_(p, r, 1.0 / 6227020800.0);
  p = fma_(p, r, 1.0 / 479001600.0);
  p = fma_(p, r, 1.0 / 39916800.0);
  p = fma_(p, r, 1.0 / 3628800.0);
  p = fma_(p, r, 1.0 / 362880.0);
  p = fma_(p, r, 1.0 / 40320.0);
  p = fma_(p, r, 1.0 / 5040.0);
  p = fma_(p, r, 1.0 / 720.0);
  p = fma_(p, r, 1.0 / 120.0);
  p = fma_(p, r, 1.0 / 24.0);
  p = fma_(p, r, 1.0 / 6.0);
  p = fma_(p, r, 0.5);
  return fma_(p * r, r, r);
}

/// exp(x + low); low is small beside x.
FN double expOfSum(double x, double low) {
  if (x != x)
    return x;
  if (x > 710.0)
    return INF;
  if (x < -746.0)
    return 0.0;
  double k = rint_(x * LOG2_E);
  double r = fma_(-k, LN2_HI, x);
  r = fma_(-k, LN2_LO, r) + low;
  return scale(1.0 + expSeries(r), (int)k);
}

double exp(double x) { return expOfSum(x, 0.0); }

double exp2(double x) {
  double high = x * 0x1.62e42fefa39efp-1;
  double low = fma_(x, 0x1.62e42fefa39efp-1, -high);
  return abs_(x) < 2000.0 ? expOfSum(high, fma_(x, 0x1.abc9e3b39803fp-56, low))
                          : expOfSum(high, 0.0);
}

double expm1(double x) {
  if (abs_(x) < 0.35)
    return expSeries(x);
  return exp(x) - 1.0;
}

/// x as m * 2^k with m in [sqrt(1/2), sqrt(2)); x is finite and positive.
FN double normalize(double x, int *k) {
  int shift = 0;
  if (x < 0x1p-1022) {
    x *= 0x1p54;
    shift = -54;
  }
  u64 bits = bitsOf(x) + 0x0009576300000000ull;
  *k = (int)(bits >> 52) - 1023 + shift;
  u64 mantissa = (bits & 0x000fffffffffffffull) + 0x3ff0000000000000ull;
  return fromBits(mantissa - 0x0009576300000000ull);
}

/// (atanh(s) - s) / s^3 as a polynomial in z = s^2 < 0.0295.
FN double atanhSeries(double z) {
  double p = 1.0 / 25.0;
  p = fma_(p, z, 1.0 / 23.0);
  p = fma_(p, z, 1.0 / 21.0);
  p = fma_(p, z, 1.0 / 19.0);
  p = fma_(p, z, 1.0 / 17.0);
  p = fma_(p, z, 1.0 / 15.0);
  p = fma_(p, z, 1.0 / 13.0);
  p = fma_(p, z, 1.0 / 11.0);
  p = fma_(p, z, 1.0 / 9.0);
  p = fma_(p, z, 1.0 / 7.0);
  p = fma_(p, z, 1.0 / 5.0);
  return fma_(p, z, 1.0 / 3.0);
}

/// log(x) for finite positive x, to more than double precision.
FN struct Pair logPair(double x) {
  int k;
  double m = normalize(x, &k);
  double f = m - 1.0, d = m + 1.0, dLow = m - (d - 1.0);
  double s = f / d;
  double rest = fma_(-s, d, f) - s * dLow;
  double sLow = rest / d;
  double z = s * s;
  double tail = 2.0 * fma_(s * z, atanhSeries(z), sLow);
  double high = k * LN2_HI, sum = high + 2.0 * s;
  double error = high == 0.0 ? 2.0 * s - sum : (high - sum) + 2.0 * s;
  if (abs_(high) < abs_(2.0 * s))
    error = (2.0 * s - sum) + high;
  double low = error + fma_(k, LN2_LO, tail);
  double hi = sum + low;
  return (struct Pair){hi, (sum - hi) + low};
}

double log(double x) {
  if (x != x || x == INF)
    return x;
  if (x <= 0.0)
    return x == 0.0 ? -INF : NAN_;
  return logPair(x).hi;
}

/// log(x) * scale, where scale is given as a pair.
FN double scaledLog(double x, double scaleHigh, double scaleLow) {
  if (!(x > 0.0) || x == INF)
    return log(x);
  struct Pair l = logPair(x);
  double high = l.hi * scaleHigh;
  double low = fma_(l.hi, scaleHigh, -high);
  return high + (low + fma_(l.hi, scaleLow, l.lo * scaleHigh));
}

double log2(double x) {
  return scaledLog(x, 0x1.71547652b82fep+0, 0x1.777d0ffda0d24p-56);
}
double log10(double x) {
  return scaledLog(x, 0x1.bcb7b1526e50ep-2, 0x1.95355baaafad3p-57);
}

double log1p(double x) {
  if (x <= -1.0)
    return x == -1.0 ? -INF : NAN_;
  if (abs_(x) < 0x1p-54 || x != x || x == INF)
    return x;
  double u = 1.0 + x;
  double lost = x > 1.0 ? 1.0 - (u - x) : x - (u - 1.0);
  return log(u) + lost / u;
}

FN int isInteger(double x) { return rint_(x) == x; }
FN int isOdd(double x) {
  return abs_(x) < 0x1p53 && isInteger(x) && !isInteger(x * 0.5);
}

double pow(double x, double y) {
  if (y == 0.0 || x == 1.0)
    return 1.0;
  if (x != x || y != y)
    return x + y;
  double magnitude = abs_(x);
  double sign = x < 0.0 || bitsOf(x) >> 63 ? (isOdd(y) ? -1.0 : 1.0) : 1.0;
  if (magnitude == 0.0 || magnitude == INF) {
    int isLarge = (magnitude == INF) == (y > 0.0);
    return isLarge ? sign * INF : sign * 0.0;
  }
  if (abs_(y) == INF)
    return magnitude == 1.0 ? 1.0
                            : ((magnitude > 1.0) == (y > 0.0) ? INF : 0.0);
  if (x < 0.0 && !isInteger(y))
    return NAN_;
  struct Pair l = logPair(magnitude);
  double high = l.hi * y;
  if (abs_(high) > 800.0)
    return high > 0.0 ? sign * INF : sign * 0.0;
  double low = fma_(l.hi, y, -high) + l.lo * y;
  return sign * expOfSum(high, low);
}

double sinh(double x) {
  double a = abs_(x);
  if (a > 709.0) {
    double half = exp(a * 0.5);
    return copysign_(half * 0.5 * half, x);
  }
  double e = expm1(a);
  return copysign_(0.5 * (e + e / (e + 1.0)), x);
}

double cosh(double x) {
  double a = abs_(x);
  if (a > 709.0) {
    double half = exp(a * 0.5);
    return half * 0.5 * half;
  }
  double e = exp(a);
  return 0.5 * (e + 1.0 / e);
}

double tanh(double x) {
  double a = abs_(x);
  if (a > 20.0)
    return copysign_(1.0, x);
  double e = expm1(2.0 * a);
  return copysign_(e / (e + 2.0), x);
}

double asinh(double x) {
  double a = abs_(x);
  double r = a > 0x1p28 ? log(a) + 0x1.62e42fefa39efp-1
                        : log1p(a + a * a / (1.0 + sqrt_(fma_(a, a, 1.0))));
  return copysign_(r, x);
}

double acosh(double x) {
  if (x > 0x1p28)
    return log(x) + 0x1.62e42fefa39efp-1;
  double t = x - 1.0;
  return log1p(t + sqrt_(fma_(t, t, 2.0 * t)));
}

double atanh(double x) {
  double a = abs_(x);
  return copysign_(0.5 * log1p(2.0 * a / (1.0 - a)), x);
}

double cbrt(double x) {
  double a = abs_(x);
  if (a == 0.0 || a == INF || x != x)
    return x;
  double r = exp(log(a) / 3.0);
  return copysign_(r - (r - a / (r * r)) / 3.0, x);
}

/// 1 - erf(x) for x >= 2, by its continued fraction.
FN double erfTail(double x) {
  double f = x;
  for (int n = 60; n > 0; --n)
    f = x + 0.5 * n / f;
  return exp(-x * x) * 0x1.20dd750429b6dp-1 / f;
}

double erf(double x) {
  double a = abs_(x);
  if (!(a < 6.0))
    return x != x ? x : copysign_(1.0, x);
  if (a >= 2.0)
    return copysign_(1.0 - erfTail(a), x);
  // A series of positive terms.
  double z = a * a, term = a, sum = a;
  for (int n = 1; n < 60 && term > sum * 0x1p-55; ++n) {
    term *= 2.0 * z / (2 * n + 1);
    sum += term;
  }
  return copysign_(0x1.20dd750429b6dp+0 * exp(-z) * sum, x);
}
