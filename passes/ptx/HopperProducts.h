// The schedule of products on sm_90a.
#pragma once

#include "passes/ptx/ProductResults.h"

namespace tw {

/// Emits blocks for `op`, a product of 16-bit floats, in which one warpgroup
/// copies boxes of the operands and two multiply them. They have trips only
/// where the operands lie as tensor maps demand, which addresses and sizes of
/// the launch decide; the caller adds blocks that run otherwise. False, and
/// nothing emitted, where they never do.
bool emitHopperProduct(OpBuilder &b, EpilogueOpInterface op,
                       ProductSource &source, ProductResults &results,
                       Type element);

} // namespace tw
