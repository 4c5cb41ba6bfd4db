// Compiles the kernels of a program: on all cores, each only once.
#pragma once

#include "compiler/Reporter.h"

#include "mlir/IR/BuiltinOps.h"

#include <functional>

namespace tw {

/// Called with the name of a stage and the IR after it; may be empty.
using DumpKernel = std::function<void(llvm::StringRef, llvm::StringRef)>;

/// How kernels become code.
struct KernelBackend {
  /// Of the stage in reports.
  std::string name;
  /// Whatever the code depends on beside the kernel's IR and the compiler.
  std::vector<std::string> key;
  /// One kernel module (which it consumes) to bytes, on any thread.
  std::function<llvm::Expected<std::string>(mlir::ModuleOp kernel,
                                            const DumpKernel &dump)>
      compile;
};

/// What the backend makes of `kernels` (modules as form-kernels makes them), in
/// order. It is kept in a cache on disk: $TILEWRIGHT_CACHE, or tilewright below
/// the user's cache folder; "off" disables it. `threads` 0 means all CPUs.
llvm::Expected<std::vector<std::string>>
compileKernels(llvm::ArrayRef<mlir::ModuleOp> kernels,
               const KernelBackend &backend, int threads, Reporter &reporter);

} // namespace tw
