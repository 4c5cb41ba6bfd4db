// The arithmetic of tensor cores. Products are exact; sums of floats are taken
// in f32 (f64 for f64), in the order of k, starting from C. The hardware adds
// several products at once with fewer guard bits, in an order that is nowhere
// documented: results of floats agree within a tolerance only. Integers are
// exact.
#pragma once

#include <cmath>
#include <cstdint>

namespace tw::emu {

/// c[m][n] += a[m][k] * b[k][n], rows dense, n a multiple of 8.
inline void multiplyAdd(int m, int n, int k, const float *a, const float *b,
                        float *c) {
  for (int i = 0; i < m; ++i)
    for (int j0 = 0; j0 < n; j0 += 8) {
      float sum[8];
      for (int j = 0; j < 8; ++j)
        sum[j] = c[i * n + j0 + j];
      for (int l = 0; l < k; ++l)
        for (int j = 0; j < 8; ++j)
          sum[j] += a[i * k + l] * b[l * n + j0 + j];
      for (int j = 0; j < 8; ++j)
        c[i * n + j0 + j] = sum[j];
    }
}

inline void multiplyAdd(int m, int n, int k, const double *a, const double *b,
                        double *c) {
  for (int i = 0; i < m; ++i)
    for (int j = 0; j < n; ++j)
      for (int l = 0; l < k; ++l)
        c[i * n + j] = std::fma(a[i * k + l], b[l * n + j], c[i * n + j]);
}

/// The products of one instruction fit 32 bits; with C they need more.
inline void multiplyAdd(int m, int n, int k, const int32_t *a, const int32_t *b,
                        int64_t *c) {
  for (int i = 0; i < m; ++i)
    for (int j = 0; j < n; ++j) {
      int32_t sum = 0;
      for (int l = 0; l < k; ++l)
        sum += a[i * k + l] * b[l * n + j];
      c[i * n + j] += sum;
    }
}

/// An s32 accumulator: wraps, or stays at the nearest bound.
inline int32_t narrow(int64_t value, bool saturate) {
  if (saturate && value != static_cast<int32_t>(value))
    return value < 0 ? INT32_MIN : INT32_MAX;
  return static_cast<int32_t>(static_cast<uint64_t>(value));
}

} // namespace tw::emu
