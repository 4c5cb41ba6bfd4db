// Scalar loops whose trips threads share.
#pragma once

#include "dialects/interfaces/Base.h"

namespace tw {

/// On a scf.forall: each trip computes its own elements with scalar code and
/// depends on no other trip, so that threads may take trips in any order.
constexpr StringLiteral kPointsAttr = "tile.points";

/// On a function: how many threads work together, and whether its points are
/// shared among all blocks ("grid") or among one block's threads ("block").
constexpr StringLiteral kThreadsAttr = "tile.threads";
constexpr StringLiteral kTeamAttr = "tile.team";

} // namespace tw
