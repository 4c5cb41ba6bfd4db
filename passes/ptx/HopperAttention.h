// The schedule of attention on sm_90a.
#pragma once

#include "passes/ptx/AttentionTile.h"

namespace tw {

/// Emits blocks for `op`, attention of 16-bit floats, in which one warpgroup
/// copies boxes of the operands and two compute, each 64 queries: while one is
/// at its softmax, the other's products run. They have trips only where
/// `isWanted` (i1, null: always) and the operands lie as tensor maps demand;
/// the caller adds blocks that run otherwise. False, and nothing emitted, where
/// they never have.
bool emitHopperAttention(OpBuilder &b, tile::AttentionOp op, Value isWanted);

} // namespace tw
