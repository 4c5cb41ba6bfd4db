// Computes, while compiling, what depends on weights and constants only: by
// compiling it and running it.
#pragma once

#include "compiler/Reporter.h"
#include "compiler/Weights.h"

namespace tw {

/// y = f(weights)  =>  y = weight. The ops become a program of their own,
/// compiled for the machine that compiles (never for the target) by the same
/// passes, run once; its results are new weights. A view of a weight stays a
/// view.
llvm::Error foldConstants(mlir::ModuleOp module, Weights &weights,
                          const CompileOptions &options, Reporter &reporter);

} // namespace tw
