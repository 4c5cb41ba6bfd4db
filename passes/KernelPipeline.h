// From a kernel's nn ops to LLVM dialect: every stage, in order.
#pragma once

#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassOptions.h"

namespace tw {

struct KernelPipelineOptions
    : public mlir::PassPipelineOptions<KernelPipelineOptions> {
  PassOptions::Option<std::string> cpu{
      *this, "cpu",
      llvm::cl::desc("the CPU to write code for: native, x86-64-v2, -v3, -v4"),
      llvm::cl::init("native")};
};

struct PtxPipelineOptions
    : public mlir::PassPipelineOptions<PtxPipelineOptions> {
  PassOptions::Option<bool> fastMath{
      *this, "fast-math",
      llvm::cl::desc("approximate instructions for exp, tanh, division, ..."),
      llvm::cl::init(false)};
  PassOptions::Option<std::string> arch{
      *this, "arch", llvm::cl::desc("the GPU to write code for: sm_80, sm_90a"),
      llvm::cl::init("sm_80")};
  PassOptions::Option<bool> allowTf32{
      *this, "allow-tf32",
      llvm::cl::desc("products of f32 on tensor cores, rounded to tf32"),
      llvm::cl::init(false)};
};

/// Appends the stages to `pm`, which runs on the kernel's module.
void buildKernelPipeline(mlir::OpPassManager &pm,
                         const KernelPipelineOptions &options);
/// The same for PTX: leaves functions NAME_p0, NAME_p1, ... (kernel entries)
/// and a nested module `host` that holds NAME_grid and, with tensor maps,
/// NAME_maps.
void buildPtxKernelPipeline(mlir::OpPassManager &pm,
                            const PtxPipelineOptions &options);
/// Makes --kernel-pipeline and --ptx-kernel-pipeline known to the pass driver.
void registerKernelPipeline();
/// What the stages need of other dialects: interface implementations for
/// bufferization and tiling, and the dialects themselves.
void registerKernelDialects(mlir::DialectRegistry &registry);

} // namespace tw
