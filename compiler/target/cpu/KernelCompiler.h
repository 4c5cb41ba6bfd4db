// Compiles the kernels of a program: on all cores, each only once.
#pragma once

#include "compiler/Reporter.h"
#include "passes/cpu/CpuTarget.h"

#include "mlir/IR/BuiltinOps.h"

namespace tw {

/// The object files of `kernels` (modules as form-kernels makes them), in
/// order. Objects are kept in a cache on disk, named by the kernel's IR, the
/// target and the compiler: $TILEWRIGHT_CACHE, or tilewright below the user's
/// cache folder; "off" disables it. `threads` 0 means all CPUs.
llvm::Expected<std::vector<std::string>>
compileKernels(llvm::ArrayRef<mlir::ModuleOp> kernels, const CpuTarget &cpu,
               int threads, Reporter &reporter);

} // namespace tw
