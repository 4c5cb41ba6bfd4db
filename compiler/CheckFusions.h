// Fused ops against the ops that they replace, on numbers.
#pragma once

#include "compiler/Reporter.h"

namespace tw {

/// Fuses a copy of `module` (as imported) with each attention kept beside the
/// nodes that it replaces, runs both on random and on hostile inputs, and says
/// which nodes' results differ. Dims that are not known get small sizes.
llvm::Error checkFusions(mlir::ModuleOp module, const CompileOptions &options,
                         Reporter &reporter);

/// The second half: `module` has been fused with originals kept (static sizes).
llvm::Error checkFusedSites(mlir::ModuleOp module,
                            const CompileOptions &options, Reporter &reporter);

} // namespace tw
