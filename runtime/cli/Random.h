// Reproducible input values: Philox4x32-10, a counter-based generator (Salmon
// et al., SC 2011), so that every element depends on its index only.
#pragma once

#include "runtime/tilewright.h"

namespace tw {

/// One block of four words.
void philox(const uint32_t counter[4], const uint32_t key[2],
            uint32_t result[4]);

struct RandomRange {
  double low, high; // [low, high)
};

/// What `random` means without bounds: [0, 1), or 0 and 1 for integers.
RandomRange defaultRange(int32_t dtype);

/// Fills the tensor; `stream` tells inputs of one seed apart. False for a type
/// that has no uniform distribution here.
bool fillRandom(const tw_tensor &tensor, RandomRange range, uint64_t seed,
                uint32_t stream);

} // namespace tw
