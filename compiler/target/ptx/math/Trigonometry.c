#include "DeviceMath.h"

#define PIO2_1 0x1.921fb54442d18p+0
#define PIO2_2 0x1.1a62633145c07p-54
#define PIO2_3 -0x1.f1976b7ed8fbcp-110

/// The first bits of 2/pi.
static const u64 kTwoOverPi[] = {
    0xa2f9836e4e441529u, 0xfc2757d1f534ddc0u, 0xdb6295993c439041u,
    0xfe5163abdebbc561u, 0xb7246e3a424dd2e0u, 0x06492eea09d1921cu,
    0xfe1deb1cb129a73eu, 0xe88235f52ebb4484u, 0xe99c7026b45f7e41u,
    0x3991d639835339f4u, 0x9c845f8bbdf9283bu, 0x1ff897ffde05980fu,
    0xef2f118b5a0a6d1fu, 0x6d367ecf27cb09b7u, 0x4f463f669e5fea2du,
    0x7527bac7ebe5f17bu, 0x3d0739f78a5292eau, 0x6bfb5fb11f8d5d08u,
    0x56033046fc7b6babu, 0xf0cfbc209af4361du};

FN u64 highProduct(u64 x, u64 y) {
  return (u64)(((unsigned __int128)x * y) >> 64);
}

/// 64 bits of 2/pi from bit `at` on.
FN u64 twoOverPi(int at) {
  int word = at >> 6, shift = at & 63;
  u64 high = kTwoOverPi[word] << shift;
  return shift ? high | kTwoOverPi[word + 1] >> (64 - shift) : high;
}

/// x - n * pi/2 for |x| of at least 2^20, by the bits of 2/pi that matter: what
/// comes before them gives multiples of 4.
static double reduceLarge(double x, int *quadrant) {
  u64 bits = bitsOf(x);
  int exponent = (int)(bits >> 52 & 2047) - 1075;
  u64 m = (bits & 0xfffffffffffffull) | 0x10000000000000ull;
  int at = exponent > 2 ? exponent - 2 : 0;
  int shift = exponent - at; // below 3
  u64 a = twoOverPi(at), b = twoOverPi(at + 64), c = twoOverPi(at + 128);
  // m * 0.abc modulo 2^64, as 64.128 bits.
  u64 middle = m * b, low = highProduct(m, c);
  u64 whole = m * a, carry = highProduct(m, b);
  u64 integer = highProduct(m, a), fraction = whole + carry;
  integer += fraction < whole;
  u64 tail = middle + low;
  if (tail < middle && ++fraction == 0)
    ++integer;
  if (shift > 0) {
    integer = integer << shift | fraction >> (64 - shift);
    fraction = fraction << shift | tail >> (64 - shift);
    tail <<= shift;
  } else if (shift < 0) {
    int s = -shift;
    tail = tail >> s | fraction << (64 - s);
    fraction = fraction >> s | integer << (64 - s);
    integer >>= s;
  }
  int negative = fraction >> 63;
  *quadrant = (int)(integer + negative);
  if (negative) {
    fraction = ~fraction;
    tail = ~tail;
  }
  double high = (double)(i64)fraction;
  double rest = (double)(i64)(fraction - (u64)high) + (double)tail * 0x1p-64;
  double r = 0x1p-64 * fma_(high, PIO2_1, fma_(high, PIO2_2, rest * PIO2_1));
  return negative ? -r : r;
}

/// |result| <= pi/4; x = result + quadrant * pi/2.
FN double reduce(double x, int *quadrant) {
  double a = abs_(x), r;
  if (a < 0x1p20) {
    double n = rint_(a * 0x1.45f306dc9c883p-1);
    r = fma_(-n, PIO2_1, a);
    r = fma_(-n, PIO2_2, r);
    r = fma_(-n, PIO2_3, r);
    *quadrant = (int)n;
  } else {
    r = reduceLarge(a, quadrant);
  }
  if (x < 0.0) {
    *quadrant = -*quadrant;
    r = -r;
  }
  return r;
}

FN double sinSeries(double r) {
  double z = r * r;
  double p = 1.0 / 355687428096000.0;
  p = fma_(p, z, -1.0 / 1307674368000.0);
  p = fma_(p, z, 1.0 / 6227020800.0);
  p = fma_(p, z, -1.0 / 39916800.0);
  p = fma_(p, z, 1.0 / 362880.0);
  p = fma_(p, z, -1.0 / 5040.0);
  p = fma_(p, z, 1.0 / 120.0);
  p = fma_(p, z, -1.0 / 6.0);
  return fma_(p * z, r, r);
}

FN double cosSeries(double r) {
  double z = r * r;
  double p = -1.0 / 6402373705728000.0;
  p = fma_(p, z, 1.0 / 20922789888000.0);
  p = fma_(p, z, -1.0 / 87178291200.0);
  p = fma_(p, z, 1.0 / 479001600.0);
  p = fma_(p, z, -1.0 / 3628800.0);
  p = fma_(p, z, 1.0 / 40320.0);
  p = fma_(p, z, -1.0 / 720.0);
  p = fma_(p, z, 1.0 / 24.0);
  return fma_(z * z, p, fma_(-0.5, z, 1.0));
}

/// sin(x + shift * pi/2).
FN double sine(double x, int shift) {
  if (!(abs_(x) < INF))
    return NAN_;
  int quadrant;
  double r = reduce(x, &quadrant);
  quadrant += shift;
  double v = quadrant & 1 ? cosSeries(r) : sinSeries(r);
  return quadrant & 2 ? -v : v;
}

double sin(double x) { return x == 0.0 ? x : sine(x, 0); }
double cos(double x) { return sine(x, 1); }

double tan(double x) {
  if (!(abs_(x) < INF))
    return NAN_;
  int quadrant;
  double r = reduce(x, &quadrant);
  double s = sinSeries(r), c = cosSeries(r);
  if (x == 0.0)
    return x;
  return quadrant & 1 ? -c / s : s / c;
}

/// atan(t) for 0 <= t <= 1: twice that of about half the angle, twice.
FN double atanUnit(double t) {
  double h = t / (1.0 + sqrt_(fma_(t, t, 1.0)));
  h = h / (1.0 + sqrt_(fma_(h, h, 1.0)));
  double z = h * h;
  double p = 1.0 / 25.0;
  p = fma_(p, -z, 1.0 / 23.0);
  p = fma_(p, -z, 1.0 / 21.0);
  p = fma_(p, -z, 1.0 / 19.0);
  p = fma_(p, -z, 1.0 / 17.0);
  p = fma_(p, -z, 1.0 / 15.0);
  p = fma_(p, -z, 1.0 / 13.0);
  p = fma_(p, -z, 1.0 / 11.0);
  p = fma_(p, -z, 1.0 / 9.0);
  p = fma_(p, -z, 1.0 / 7.0);
  p = fma_(p, -z, 1.0 / 5.0);
  p = fma_(p, -z, 1.0 / 3.0);
  return 4.0 * fma_(-h * z, p, h);
}

double atan(double x) {
  double a = abs_(x);
  if (x != x)
    return x;
  double r = a > 1.0 ? PIO2_1 - atanUnit(1.0 / a) : atanUnit(a);
  return copysign_(r, x);
}

double atan2(double y, double x) {
  if (x != x || y != y)
    return x + y;
  double ax = abs_(x), ay = abs_(y), r;
  if (ax == ay)
    r = ax == 0.0 ? 0.0 : 0.5 * PIO2_1;
  else
    r = ax > ay ? atanUnit(ay / ax) : PIO2_1 - atanUnit(ax / ay);
  if (bitsOf(x) >> 63)
    r = 2.0 * PIO2_1 - (r - 2.0 * PIO2_2);
  return copysign_(r, y);
}

double asin(double x) {
  if (!(abs_(x) <= 1.0))
    return NAN_;
  return atan2(x, sqrt_((1.0 - x) * (1.0 + x)));
}
double acos(double x) {
  if (!(abs_(x) <= 1.0))
    return NAN_;
  return atan2(sqrt_((1.0 - x) * (1.0 + x)), x);
}
