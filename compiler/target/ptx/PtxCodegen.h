// From one kernel module to PTX.
#pragma once

#include "compiler/target/ptx/PtxTarget.h"

#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/SmallVector.h"

#include <functional>

namespace tw {

struct PtxOptions {
  PtxTarget target;
  bool verifyEach = false;
  /// Approximate instructions.
  bool fastMath = false;
  /// Products of f32 on tensor cores, operands rounded to tf32.
  bool allowTf32 = false;
  /// Called after each stage of the pipeline with its name and the IR as text;
  /// may be empty.
  std::function<void(llvm::StringRef stage, llvm::StringRef text)> dump;
};

struct PtxKernel {
  /// One module with the entries NAME_p0, NAME_p1, ...: launched in order on
  /// one stream, each with all of tw_args' buffers (.u64), its ints (.u64) and
  /// the launch's workspace (.u64) as parameters.
  std::string ptx;
  int parts = 0, buffers = 0, ints = 0;
  /// Tensor maps, which are parameters behind the workspace.
  int maps = 0;
  /// An x86-64-v2 object that defines void NAME_grid(const tw_args *,
  /// int64_t *out), which writes per part: blocks (0: skip it), threads per
  /// block, bytes of dynamic shared memory, bytes of workspace; and, where
  /// there are tensor maps, void NAME_maps(const tw_args *, tw_tensor_map
  /// *out).
  std::string gridObject;
};

/// Compiles a module that holds one kernel function (attribute `tile.kernel`).
/// The module is consumed. Its context must know registerKernelDialects().
llvm::Expected<PtxKernel> compileKernelForPtx(mlir::ModuleOp kernel,
                                              const PtxOptions &options);

} // namespace tw
