// Scalar loops whose trips threads share.
#pragma once

#include "passes/ElementSums.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

namespace tw {

/// On a scf.forall: each trip computes its own elements with scalar code and
/// depends on no other trip, so that threads may take trips in any order.
constexpr StringLiteral kPointsAttr = "tile.points";

/// On points: how many neighbouring threads compute a trip together.
constexpr StringLiteral kLanesAttr = "tile.lanes";

/// On a function: how many threads work together, and whether its points are
/// shared among all blocks ("grid") or
/// among one block's threads ("block"); "blocks" has the code of threads.
constexpr StringLiteral kThreadsAttr = "tile.threads";
constexpr StringLiteral kTeamAttr = "tile.team";

/// On a scf.forall: each trip is the code of one block of kThreadsAttr threads,
/// which has kSharedAttr bytes of dynamic shared memory.
constexpr StringLiteral kSharedAttr = "tile.shared";

/// On blocks: what the blocks right before them compute, where those have no
/// trips.
constexpr StringLiteral kOtherwiseAttr = "tile.otherwise";

/// On the host's function that describes tensor maps: of each map the buffer's
/// number, element type and swizzle as the driver numbers them, and the box. On
/// a part's parameter: it is the address of a map.
constexpr StringLiteral kTensorMapsAttr = "tile.tensor_maps";
constexpr StringLiteral kTensorMapAttr = "tile.tensor_map";

/// An empty loop over points; `b` then inserts into it.
scf::ForallOp createPoints(OpBuilder &b, Location loc,
                           ArrayRef<OpFoldResult> sizes);
/// The points that compute a linalg op on buffers, at `b`.
void formPoints(OpBuilder &b, linalg::LinalgOp op);

/// The points that compute several neighbours of a heavy op's elements each, at
/// `b`; false, with nothing built, where that cannot be.
FailureOr<bool> formNeighbours(OpBuilder &b, EpilogueOpInterface op);

/// The code of a linalg op for one trip of its loops, which are at `at`;
/// `arguments` of its block that are not read may be null.
SmallVector<Value> inlinePayload(OpBuilder &b, linalg::LinalgOp op,
                                 ArrayRef<Value> arguments, ValueRange at);

} // namespace tw
