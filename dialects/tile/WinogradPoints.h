// The interpolation points of Winograd's convolutions: one place for the
// weights' transform and the kernels'.
#pragma once

#include "llvm/ADT/SmallVector.h"

#include <cstdint>

namespace tw::tile {

/// F(4, 3) is built on 0, a, -a, b, -b and infinity. These points cost what 1
/// and 2 cost, and the largest error is 3 to 6 times smaller.
constexpr double kWinogradA = 0.625, kWinogradB = 1.5;

/// Row-major [size + 2][3]: multiplies a filter of 3.
inline llvm::SmallVector<double> winogradFilterMatrix(int64_t size) {
  if (size == 2)
    return {1, 0, 0, .5, .5, .5, .5, -.5, .5, 0, 0, 1};
  constexpr double a2 = kWinogradA * kWinogradA, b2 = kWinogradB * kWinogradB;
  constexpr double na = 2 * a2 * (a2 - b2), nb = 2 * b2 * (b2 - a2);
  return {1 / (a2 * b2),
          0,
          0,
          1 / na,
          kWinogradA / na,
          a2 / na,
          1 / na,
          -kWinogradA / na,
          a2 / na,
          1 / nb,
          kWinogradB / nb,
          b2 / nb,
          1 / nb,
          -kWinogradB / nb,
          b2 / nb,
          0,
          0,
          1};
}

} // namespace tw::tile
