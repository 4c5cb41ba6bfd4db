// In single precision: the double function, rounded.
#define UNARY(name)                                                            \
  double name(double);                                                         \
  float name##f(float x) { return (float)name((double)x); }
#define BINARY(name)                                                           \
  double name(double, double);                                                 \
  float name##f(float x, float y) { return (float)name((double)x, (double)y); }

UNARY(exp)
UNARY(exp2)
UNARY(expm1)
UNARY(log)
UNARY(log2)
UNARY(log10)
UNARY(log1p)
UNARY(sinh)
UNARY(cosh)
UNARY(tanh)
UNARY(asinh)
UNARY(acosh)
UNARY(atanh)
UNARY(cbrt)
UNARY(erf)
UNARY(sin)
UNARY(cos)
UNARY(tan)
UNARY(asin)
UNARY(acos)
UNARY(atan)
UNARY(round)
BINARY(pow)
BINARY(atan2)
BINARY(fmod)
