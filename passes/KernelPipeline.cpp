#include "passes/KernelPipeline.h"
#include "passes/Passes.h"

#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/Affine/IR/ValueBoundsOpInterfaceImpl.h"
#include "mlir/Dialect/Affine/Transforms/Passes.h"
#include "mlir/Dialect/Arith/IR/ValueBoundsOpInterfaceImpl.h"
#include "mlir/Dialect/Arith/Transforms/BufferizableOpInterfaceImpl.h"
#include "mlir/Dialect/Arith/Transforms/Passes.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Bufferization/Transforms/FuncBufferizableOpInterfaceImpl.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlow.h"
#include "mlir/Dialect/Index/IR/IndexDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Linalg/Passes.h"
#include "mlir/Dialect/Linalg/Transforms/AllInterfaces.h"
#include "mlir/Dialect/Math/Transforms/Passes.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Dialect/SCF/IR/ValueBoundsOpInterfaceImpl.h"
#include "mlir/Dialect/SCF/Transforms/BufferizableOpInterfaceImpl.h"
#include "mlir/Dialect/SCF/Transforms/Passes.h"
#include "mlir/Dialect/Tensor/IR/TensorInferTypeOpInterfaceImpl.h"
#include "mlir/Dialect/Tensor/IR/TensorTilingInterfaceImpl.h"
#include "mlir/Dialect/Tensor/Transforms/BufferizableOpInterfaceImpl.h"
#include "mlir/Dialect/Vector/Transforms/BufferizableOpInterfaceImpl.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Transforms/Passes.h"

using namespace tw;

static void simplify(OpPassManager &pm) {
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
}

/// nn ops => linalg on tensors that are computed in place.
static void buildTensorStages(OpPassManager &pm) {
  OpPassManager &kernel = pm.nest<func::FuncOp>();
  kernel.addPass(createDecomposeOps());
  simplify(kernel);
  kernel.addPass(createSinkConcats());
  simplify(kernel);
  kernel.addPass(createFuseElementwise());
  simplify(kernel);
  kernel.addPass(createMergeParts());
  simplify(kernel);
  kernel.addPass(createFuseTileEpilogues());
  simplify(kernel);
  kernel.addPass(createCollapseDims());
  kernel.addPass(createResolveDims());
  simplify(kernel);
  kernel.addPass(createFormDestinations());
  kernel.addPass(createResolveDims());
  simplify(kernel);
}

/// => linalg on tensors, split into blocks.
static void buildTilingStages(OpPassManager &pm,
                              const KernelPipelineOptions &options) {
  OpPassManager &kernel = pm.nest<func::FuncOp>();
  kernel.addPass(createTileAttention({options.cpu}));
  kernel.addPass(createTileKernels());
  kernel.addPass(createResolveDims());
  simplify(kernel);
}

/// linalg on tensors => loops on buffers, as a function of a range of blocks.
static void buildBufferStages(OpPassManager &pm,
                              const KernelPipelineOptions &options) {
  pm.addPass(createBufferizeKernel());
  // Copies that it made ask for sizes of what they copy, and so would the grid.
  pm.nest<func::FuncOp>().addPass(createResolveDims());
  simplify(pm);
  pm.nest<func::FuncOp>().addPass(
      createLowerTileMatmul(LowerTileMatmulOptions{options.cpu}));
  pm.addPass(createLowerTileAttention({options.cpu}));
  pm.addPass(createLowerTileConv2d({options.cpu}));
  pm.addPass(createLowerTileWinograd({options.cpu}));
  pm.addPass(createLowerTileDepthwiseConv2d({options.cpu}));
  pm.addPass(createLowerTilePool2d({options.cpu}));
  pm.addPass(createLowerTileScan({options.cpu}));
  pm.addPass(createLowerTileCompact({options.cpu}));
  pm.addPass(createLowerTileSort({options.cpu}));
  pm.nest<func::FuncOp>().addPass(createLowerLinalg());
  pm.nest<func::FuncOp>().addPass(createPlaceTemporaries());
  pm.addPass(createWidenBools());
  pm.addPass(createLinearizeGrid());
  simplify(pm);
}

/// linalg on tensors => the code of a thread, part by part.
static void buildThreadStages(OpPassManager &pm,
                              const PtxPipelineOptions &options) {
  pm.addPass(createBufferizeKernel());
  simplify(pm);
  pm.addPass(createBlockProducts({options.arch, options.allowTf32}));
  pm.addPass(createBlockAttention({options.arch}));
  pm.addPass(createBlockScans());
  pm.addPass(createBlockSorts());
  pm.addPass(createBlockRows());
  OpPassManager &kernel = pm.nest<func::FuncOp>();
  kernel.addPass(createShareLoops());
  kernel.addPass(createFormPoints());
  kernel.addPass(createResolveDims());
  kernel.addPass(createPlaceTemporaries({/*stackBytes=*/0}));
  // Not before: canonicalization takes a scf.forall of one trip apart.
  pm.addPass(createSplitParts());
  pm.addPass(createWidenBools());
  pm.addPass(createDistributePoints());
  simplify(pm);
}

/// Arithmetic that the target lacks => arithmetic that it has.
static void buildArithmeticStages(OpPassManager &pm, bool fastMath) {
  arith::ArithEmulateUnsupportedFloatsOptions narrow;
  SmallVector<std::string> floats = {"bf16", "f16"};
  narrow.sourceTypeStrs = floats;
  narrow.targetTypeStr = "f32";
  OpPassManager &kernel = pm.nest<func::FuncOp>();
  kernel.addPass(math::createMathExtendToSupportedTypes(
      math::MathExtendToSupportedTypesOptions{{}, "f32"}));
  kernel.addPass(arith::createArithEmulateUnsupportedFloats(narrow));
  if (fastMath)
    pm.addPass(createFastMath());
  pm.addPass(createApproximateMath());
  pm.addPass(createExpandArith());
}

/// => LLVM dialect.
static void buildLlvmStages(OpPassManager &pm) {
  pm.addPass(createConvertVectorToSCFPass());
  pm.addPass(memref::createExpandStridedMetadataPass());
  pm.addPass(createLowerAffinePass());
  pm.addPass(createSCFToControlFlowPass());
  simplify(pm);
  pm.addPass(createLowerToLlvm());
}

void tw::buildKernelPipeline(OpPassManager &pm,
                             const KernelPipelineOptions &options) {
  buildTensorStages(pm);
  buildTilingStages(pm, options);
  buildBufferStages(pm, options);
  buildArithmeticStages(pm, /*fastMath=*/false);
  pm.nest<func::FuncOp>().addPass(createForallToForLoopPass());
  buildLlvmStages(pm);
  pm.addPass(createExportKernels());
  simplify(pm);
}

void tw::buildPtxKernelPipeline(OpPassManager &pm,
                                const PtxPipelineOptions &options) {
  buildTensorStages(pm);
  buildThreadStages(pm, options);
  buildArithmeticStages(pm, options.fastMath);
  buildLlvmStages(pm);
  pm.addPass(createExportKernels());
  pm.addPass(createExportParts());
  simplify(pm);
}

void tw::registerKernelPipeline() {
  PassPipelineRegistration<KernelPipelineOptions>(
      "kernel-pipeline", "kernel modules of nn ops => LLVM dialect",
      buildKernelPipeline);
  PassPipelineRegistration<PtxPipelineOptions>(
      "ptx-kernel-pipeline",
      "kernel modules of nn ops => LLVM dialect with NVVM ops for PTX",
      buildPtxKernelPipeline);
}

void tw::registerKernelDialects(DialectRegistry &registry) {
  registry.insert<affine::AffineDialect, arith::ArithDialect,
                  bufferization::BufferizationDialect, cf::ControlFlowDialect,
                  func::FuncDialect, index::IndexDialect, linalg::LinalgDialect,
                  LLVM::LLVMDialect, math::MathDialect, memref::MemRefDialect,
                  scf::SCFDialect, tensor::TensorDialect, vector::VectorDialect,
                  nn::NNDialect, tile::TileDialect>();
  affine::registerValueBoundsOpInterfaceExternalModels(registry);
  arith::registerBufferizableOpInterfaceExternalModels(registry);
  arith::registerValueBoundsOpInterfaceExternalModels(registry);
  bufferization::func_ext::registerBufferizableOpInterfaceExternalModels(
      registry);
  linalg::registerAllDialectInterfaceImplementations(registry);
  scf::registerBufferizableOpInterfaceExternalModels(registry);
  scf::registerValueBoundsOpInterfaceExternalModels(registry);
  tensor::registerBufferizableOpInterfaceExternalModels(registry);
  tensor::registerInferTypeOpInterfaceExternalModels(registry);
  tensor::registerTilingInterfaceExternalModels(registry);
  vector::registerBufferizableOpInterfaceExternalModels(registry);
}
