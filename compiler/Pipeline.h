// The stages of a compilation.
#pragma once

#include "compiler/Options.h"

#include "mlir/Pass/PassManager.h"

namespace tw {

/// From an imported graph to one that computes the same faster.
void buildGraphPipeline(mlir::OpPassManager &passes,
                        const CompileOptions &options);
/// After constants were folded: to kernels and a host function of launches.
void buildKernelFormation(mlir::OpPassManager &passes,
                          const CompileOptions &options);
/// The host function to native form, under the name `entry`. Kernels have been
/// compiled before; with `device` they run on one with memory of its own.
void buildHostPipeline(mlir::OpPassManager &passes, bool device,
                       llvm::StringRef entry);

} // namespace tw
