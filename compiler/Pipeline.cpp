#include "compiler/Pipeline.h"

#include "passes/Passes.h"

#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/Arith/Transforms/Passes.h"
#include "mlir/Transforms/Passes.h"

using namespace tw;
using namespace mlir;

/// Folding may make more dims static, and new ops need their types.
static void simplify(OpPassManager &function) {
  function.addPass(createCanonicalizerPass());
  function.addPass(createCSEPass());
  function.addPass(createSimplifyDims());
  function.addPass(createInferShapes());
}

void tw::buildGraphPipeline(OpPassManager &passes,
                            const CompileOptions &options) {
  auto &function = passes.nest<func::FuncOp>();
  simplify(function);
  function.addPass(createCanonicalizeAttention());
  simplify(function);
  function.addPass(createFuseAttention());
  simplify(function);
  function.addPass(createFindCausality());
  ExpandOpsOptions expansion;
  expansion.gpu = options.target != "cpu";
  function.addPass(createExpandOps(expansion));
  simplify(function);
  function.addPass(createFoldChannelAffine());
  ChooseLayoutOptions layout;
  layout.gpu = options.target != "cpu";
  function.addPass(createChooseLayout(layout));
  simplify(function);
  function.addPass(createSinkTransposes());
  simplify(function);
  function.addPass(createSinkReshapes());
  simplify(function);
  PackWeightsOptions packing;
  packing.cpu = options.cpu;
  // Kernels for GPUs are made from the same graph, and know no Winograd.
  packing.fastConv = options.conv != "direct" && options.target == "cpu";
  // What only GPUs read is packed in lines of 128 bytes of 16-bit floats.
  packing.panelColumns = StringRef(options.target).starts_with("cpu") ? 0 : 64;
  packing.gpu = options.target != "cpu";
  function.addPass(createPackWeights(packing));
  simplify(function);
  function.addPass(createCanonicalizerPass());
  function.addPass(createCSEPass());
  function.addPass(createUnifyConstants());
}

void tw::buildKernelFormation(OpPassManager &passes,
                              const CompileOptions &options) {
  FormKernelsOptions forming;
  // A CPU's threads share the elements of a tensor that is one long row.
  forming.rowElements = options.target == "cpu" ? 16384 : -1;
  passes.addPass(createFormKernels(forming));
  auto &function = passes.nest<func::FuncOp>();
  function.addPass(createCanonicalizerPass());
  function.addPass(createCSEPass());
  function.addPass(createUnifyConstants());
  function.addPass(createHoistShapeArithmetic());
}

void tw::buildHostPipeline(OpPassManager &passes, bool device,
                           llvm::StringRef entry) {
  LowerHostProgramOptions host;
  host.device = device;
  host.entry = entry.str();
  passes.addPass(createLowerHostProgram(host));
  passes.addPass(createCanonicalizerPass());
  passes.addPass(createCSEPass());
  // ceildiv and the like, then everything to LLVM.
  passes.addPass(arith::createArithExpandOpsPass());
  passes.addPass(createConvertMathToLLVMPass());
  passes.addPass(createConvertMathToLibmPass());
  passes.addPass(createArithToLLVMConversionPass());
  passes.addPass(createConvertControlFlowToLLVMPass());
  passes.addPass(createConvertFuncToLLVMPass());
  passes.addPass(createReconcileUnrealizedCastsPass());
}
