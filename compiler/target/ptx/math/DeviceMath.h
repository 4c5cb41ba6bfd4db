// Mathematical functions for devices, under libm's names: what kernels call
// where no instruction exists. Compiled to LLVM bitcode and linked into a
// kernel's module; nothing here calls anything.
#pragma once

typedef unsigned long long u64;
typedef long long i64;

#define FN __attribute__((always_inline)) inline static

FN u64 bitsOf(double x) { return __builtin_bit_cast(u64, x); }
FN double fromBits(u64 x) { return __builtin_bit_cast(double, x); }
FN double fma_(double x, double y, double z) { return __builtin_fma(x, y, z); }
FN double abs_(double x) { return __builtin_fabs(x); }
FN double sqrt_(double x) { return __builtin_elementwise_sqrt(x); }
FN double rint_(double x) { return __builtin_elementwise_roundeven(x); }
FN double copysign_(double x, double y) { return __builtin_copysign(x, y); }

#define INF __builtin_inf()
#define NAN_ __builtin_nan("")

/// An unevaluated sum.
struct Pair {
  double hi, lo;
};

double exp(double);
double expm1(double);
double log(double);
double log1p(double);
double atan2(double, double);
