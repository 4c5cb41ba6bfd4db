// Scalar loops whose trips threads share.
#pragma once

#include "dialects/interfaces/Interfaces.h"

namespace tw {

/// On a scf.forall: each trip computes its own elements with scalar code and
/// depends on no other trip, so that threads may take trips in any order.
constexpr StringLiteral kPointsAttr = "tile.points";

/// On a function: how many threads work together, and whether its points are
/// shared among all blocks ("grid") or
/// among one block's threads ("block"); "blocks" has the code of threads.
constexpr StringLiteral kThreadsAttr = "tile.threads";
constexpr StringLiteral kTeamAttr = "tile.team";

/// On a scf.forall: each trip is the code of one block of kThreadsAttr threads,
/// which has kSharedAttr bytes of dynamic shared memory.
constexpr StringLiteral kSharedAttr = "tile.shared";

/// The element that a heavy op stores at `at`, from what it accumulated.
Value finishElement(OpBuilder &b, EpilogueOpInterface op, Value sum,
                    ValueRange at);

} // namespace tw
