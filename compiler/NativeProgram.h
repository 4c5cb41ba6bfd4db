// From a graph to native code.
#pragma once

#include "compiler/Artifact.h"
#include "compiler/Reporter.h"
#include "compiler/Signature.h"
#include "compiler/Target.h"
#include "compiler/Weights.h"
#include "passes/cpu/CpuTarget.h"

namespace tw {

/// Everything that linking needs.
struct NativeProgram {
  /// The first is a host program's.
  std::vector<std::string> objects;
  std::vector<WeightPiece> weights;
  Signature signature;
};

struct NativeOptions {
  Target target;
  CpuTarget cpu;
  std::string modelName;
  /// What the metadata says beyond the signature and the kernels.
  llvm::json::Object provenance;
};

/// `module` has one function, @main, on nn ops; it is consumed. `weights` must
/// outlive the result.
llvm::Expected<NativeProgram> buildNativeProgram(mlir::ModuleOp module,
                                                 const Weights &weights,
                                                 NativeOptions native,
                                                 const CompileOptions &options,
                                                 Reporter &reporter);

} // namespace tw
