// How attention is split into blocks for a CPU.
#pragma once

#include "dialects/tile/Images.h"
#include "dialects/tile/Tile.h"
#include "passes/cpu/CpuTarget.h"

namespace tw {

struct AttentionPlan {
  /// Queries lie in `panels` panels of `width`; a step takes `keys` keys.
  int64_t panels, width, keys;

  AttentionPlan(tile::AttentionOp op, const CpuTarget &target);

  int64_t rows() const { return panels * width; }
};

/// The register tile of a panel: rows are keys or components of values, vectors
/// are queries.
RegisterTile attentionTile(const CpuTarget &target);
/// That of a panel with one vector of queries.
RegisterTile narrowAttentionTile(const CpuTarget &target);

} // namespace tw
