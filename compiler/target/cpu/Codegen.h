// From one kernel module to an object file.
#pragma once

#include "passes/cpu/CpuTarget.h"

#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/Error.h"

#include <functional>
#include <string>

namespace tw {

struct CodegenOptions {
  CpuTarget target;
  bool verifyEach = false;
  /// Called after each stage of the pipeline with its name and the IR as text;
  /// may be empty.
  std::function<void(llvm::StringRef stage, llvm::StringRef text)> dump;
};

struct CompiledKernel {
  /// A relocatable ELF file that defines NAME and NAME_grid (runtime/host.h).
  llvm::SmallVector<char, 0> object;
};

/// Compiles a module that holds one kernel function (attribute `tile.kernel`).
/// The module is consumed. Its context must know registerKernelDialects().
llvm::Expected<CompiledKernel> compileKernel(mlir::ModuleOp kernel,
                                             const CodegenOptions &options);

/// Optimises and compiles an LLVM module that is no kernel: the host program.
llvm::Expected<std::string> emitObject(llvm::Module &module,
                                       const CpuTarget &target);

} // namespace tw
