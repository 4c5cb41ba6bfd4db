#include "compiler/target/ptx/PtxCodegen.h"

#include "compiler/Errors.h"
#include "compiler/target/cpu/Codegen.h"
#include "compiler/target/ptx/DeviceMath.h"
#include "passes/KernelPipeline.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/NVVM/NVVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Module.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/TargetParser/Triple.h"

#include <mutex>

using namespace tw;
using namespace mlir;

namespace {
constexpr llvm::StringLiteral kTriple = "nvptx64-nvidia-cuda";

using TargetMachinePtr = std::unique_ptr<llvm::TargetMachine>;

llvm::Expected<TargetMachinePtr> createTargetMachine(const PtxTarget &target) {
  static std::once_flag once;
  std::call_once(once, [] {
    LLVMInitializeNVPTXTargetInfo();
    LLVMInitializeNVPTXTarget();
    LLVMInitializeNVPTXTargetMC();
    LLVMInitializeNVPTXAsmPrinter();
  });
  llvm::Triple triple(kTriple);
  std::string message;
  const llvm::Target *found =
      llvm::TargetRegistry::lookupTarget(triple, message);
  if (!found)
    return compilerBug("no code generator for ", kTriple, ": ", message);
  std::string features = ("+ptx" + llvm::Twine(target.ptxVersion)).str();
  return TargetMachinePtr(found->createTargetMachine(
      triple, target.arch, features, llvm::TargetOptions(), std::nullopt,
      std::nullopt, llvm::CodeGenOptLevel::Aggressive));
}

/// Hands the IR to `options.dump` after each pass.
class DumpInstrumentation : public PassInstrumentation {
public:
  explicit DumpInstrumentation(const PtxOptions &options) : options(options) {}
  void runAfterPass(Pass *pass, Operation *op) override {
    std::string text;
    llvm::raw_string_ostream os(text);
    op->print(os);
    options.dump(pass->getArgument(), text);
  }

private:
  const PtxOptions &options;
};

llvm::Error runPipeline(ModuleOp kernel, const PtxOptions &options) {
  PassManager pm(kernel.getContext());
  pm.enableVerifier(options.verifyEach);
  PtxPipelineOptions stages;
  stages.fastMath = options.fastMath;
  stages.arch = options.target.arch;
  stages.allowTf32 = options.allowTf32;
  buildPtxKernelPipeline(pm, stages);
  if (options.dump)
    pm.addInstrumentation(std::make_unique<DumpInstrumentation>(options));
  std::string messages;
  ScopedDiagnosticHandler handler(
      kernel.getContext(), [&](Diagnostic &diagnostic) {
        llvm::raw_string_ostream(messages)
            << diagnostic.getLocation() << ": " << diagnostic << "\n";
        return success();
      });
  if (failed(pm.run(kernel)))
    return compilerBug("a kernel does not compile for ", options.target.name,
                       ": ", messages);
  return llvm::Error::success();
}

void optimize(llvm::Module &module, llvm::TargetMachine &machine) {
  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager callGraph;
  llvm::ModuleAnalysisManager modules;
  llvm::PassBuilder builder(&machine);
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(callGraph);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, callGraph, modules);
  builder.buildPerModuleDefaultPipeline(llvm::OptimizationLevel::O3)
      .run(module, modules);
}

/// Inline assembly may be a barrier, or work of the whole warp: LLVM must not
/// make it depend on more conditions than it does.
void markConvergent(llvm::Module &module) {
  for (llvm::Function &function : module)
    for (llvm::Instruction &instruction : llvm::instructions(function))
      if (auto *call = llvm::dyn_cast<llvm::CallBase>(&instruction);
          call && call->isInlineAsm())
        call->setConvergent();
}

void dumpModule(llvm::Module &module, llvm::StringRef stage,
                const PtxOptions &options) {
  if (!options.dump)
    return;
  std::string text;
  llvm::raw_string_ostream os(text);
  module.print(os, nullptr);
  options.dump(stage, text);
}

llvm::Expected<std::string> emit(llvm::Module &module,
                                 llvm::TargetMachine &machine) {
  llvm::SmallVector<char, 0> text;
  llvm::raw_svector_ostream os(text);
  llvm::legacy::PassManager codegen;
  if (machine.addPassesToEmitFile(codegen, os, nullptr,
                                  llvm::CodeGenFileType::AssemblyFile))
    return compilerBug("the target machine writes no PTX");
  codegen.run(module);
  return std::string(text.begin(), text.end());
}

llvm::Expected<std::unique_ptr<llvm::Module>>
translate(ModuleOp module, llvm::LLVMContext &context) {
  auto translated = translateModuleToLLVMIR(module, context, "kernel");
  if (!translated)
    return compilerBug("a kernel's LLVM dialect does not translate");
  return translated;
}

llvm::Expected<std::string> compileDevice(ModuleOp device,
                                          const PtxOptions &options) {
  auto machine = createTargetMachine(options.target);
  if (!machine)
    return machine.takeError();
  llvm::LLVMContext context;
  auto module = translate(device, context);
  if (!module)
    return module.takeError();
  (*module)->setTargetTriple(llvm::Triple(kTriple));
  (*module)->setDataLayout((*machine)->createDataLayout());
  if (llvm::Error error = linkDeviceMath(**module))
    return error;
  markConvergent(**module);
  dumpModule(**module, "llvm", options);
  optimize(**module, **machine);
  dumpModule(**module, "llvm-optimized", options);
  return emit(**module, **machine);
}

/// The host's part: it needs no more than the oldest CPU that we support.
llvm::Expected<std::string> compileHost(ModuleOp host) {
  llvm::LLVMContext context;
  auto module = translate(host, context);
  if (!module)
    return module.takeError();
  auto baseline = CpuTarget::get("x86-64-v2");
  if (!baseline)
    return baseline.takeError();
  return emitObject(**module, *baseline);
}

/// Entries, and the tensor maps that each of them has.
void countEntries(ModuleOp device, PtxKernel &result) {
  for (auto function : device.getOps<LLVM::LLVMFuncOp>()) {
    if (!function->hasAttr(NVVM::NVVMDialect::getKernelFuncAttrName()))
      continue;
    ++result.parts;
    result.maps = 0;
    for (unsigned i = 0; i < function.getNumArguments(); ++i)
      if (function.getArgAttr(i, LLVM::LLVMDialect::getByValAttrName()))
        ++result.maps;
  }
}

/// Buffers and numbers among the kernel's operands; buffers also of results.
void countArguments(ModuleOp kernel, PtxKernel &result) {
  for (auto function : kernel.getOps<func::FuncOp>()) {
    if (!function->hasAttr("tile.kernel"))
      continue;
    for (Type type : function.getArgumentTypes())
      ++(isa<ShapedType>(type) ? result.buffers : result.ints);
    result.buffers += function.getNumResults();
  }
}

} // namespace

llvm::Expected<PtxKernel> tw::compileKernelForPtx(ModuleOp kernel,
                                                  const PtxOptions &options) {
  PtxKernel result;
  countArguments(kernel, result);
  if (llvm::Error error = runPipeline(kernel, options))
    return error;
  registerBuiltinDialectTranslation(*kernel.getContext());
  registerLLVMDialectTranslation(*kernel.getContext());
  registerNVVMDialectTranslation(*kernel.getContext());
  auto modules = kernel.getOps<ModuleOp>();
  if (modules.empty())
    return compilerBug("a kernel without a grid");
  OwningOpRef<ModuleOp> host(*modules.begin());
  host->getOperation()->remove();
  countEntries(kernel, result);
  auto grid = compileHost(*host);
  if (!grid)
    return grid.takeError();
  result.gridObject = std::move(*grid);
  auto ptx = compileDevice(kernel, options);
  if (!ptx)
    return ptx.takeError();
  result.ptx = std::move(*ptx);
  return result;
}
