#include "compiler/target/cpu/Codegen.h"

#include "compiler/Errors.h"
#include "passes/KernelPipeline.h"

#include "mlir/Pass/PassManager.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Export.h"
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
constexpr llvm::StringLiteral kTriple = "x86_64-unknown-linux-gnu";

using TargetMachinePtr = std::unique_ptr<llvm::TargetMachine>;

llvm::Expected<TargetMachinePtr> createTargetMachine(const CpuTarget &target) {
  static std::once_flag once;
  std::call_once(once, [] {
    LLVMInitializeX86TargetInfo();
    LLVMInitializeX86Target();
    LLVMInitializeX86TargetMC();
    LLVMInitializeX86AsmPrinter();
  });
  llvm::Triple triple(kTriple);
  std::string message;
  const llvm::Target *found =
      llvm::TargetRegistry::lookupTarget(triple, message);
  if (!found)
    return compilerBug("no code generator for ", kTriple, ": ", message);
  llvm::TargetOptions options;
  options.FunctionSections = true;
  return TargetMachinePtr(found->createTargetMachine(
      triple, target.llvmCpu, target.llvmFeatures, options, llvm::Reloc::PIC_,
      llvm::CodeModel::Small, llvm::CodeGenOptLevel::Default));
}

/// Hands the IR to `options.dump` after each pass.
class DumpInstrumentation : public PassInstrumentation {
public:
  explicit DumpInstrumentation(const CodegenOptions &options)
      : options(options) {}
  void runAfterPass(Pass *pass, Operation *op) override {
    std::string text;
    llvm::raw_string_ostream os(text);
    op->print(os);
    options.dump(pass->getArgument(), text);
  }

private:
  const CodegenOptions &options;
};

llvm::Error runPipeline(ModuleOp kernel, const CodegenOptions &options) {
  PassManager pm(kernel.getContext());
  pm.enableVerifier(options.verifyEach);
  KernelPipelineOptions pipeline;
  pipeline.cpu = options.target.name;
  buildKernelPipeline(pm, pipeline);
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
    return compilerBug("a kernel does not compile: ", messages);
  return llvm::Error::success();
}

void setTargetAttributes(llvm::Module &module, const CpuTarget &target) {
  for (llvm::Function &function : module)
    if (!function.isDeclaration()) {
      function.addFnAttr("target-cpu", target.llvmCpu);
      function.addFnAttr("target-features", target.llvmFeatures);
      function.addFnAttr("prefer-vector-width", target.preferVectorWidth);
      function.addFnAttr("frame-pointer", "none");
      function.addFnAttr("no-trapping-math", "true");
      function.addFnAttr("no-builtins");
      function.setDoesNotThrow();
    }
}

void optimize(llvm::Module &module, llvm::TargetMachine &machine) {
  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager callGraph;
  llvm::ModuleAnalysisManager modules;
  llvm::PipelineTuningOptions tuning;
  tuning.LoopVectorization = true;
  tuning.LoopInterleaving = true;
  tuning.SLPVectorization = true;
  llvm::PassBuilder builder(&machine, tuning);
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(callGraph);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, callGraph, modules);
  builder.buildPerModuleDefaultPipeline(llvm::OptimizationLevel::O2)
      .run(module, modules);
}

llvm::Expected<CompiledKernel> emit(llvm::Module &module,
                                    llvm::TargetMachine &machine) {
  CompiledKernel kernel;
  llvm::raw_svector_ostream os(kernel.object);
  llvm::legacy::PassManager codegen;
  if (machine.addPassesToEmitFile(codegen, os, nullptr,
                                  llvm::CodeGenFileType::ObjectFile))
    return compilerBug("the target machine writes no object files");
  codegen.run(module);
  return kernel;
}

void dumpModule(llvm::Module &module, llvm::StringRef stage,
                const CodegenOptions &options) {
  if (!options.dump)
    return;
  std::string text;
  llvm::raw_string_ostream os(text);
  module.print(os, nullptr);
  options.dump(stage, text);
}

} // namespace

llvm::Expected<CompiledKernel>
tw::compileKernel(ModuleOp kernel, const CodegenOptions &options) {
  auto machine = createTargetMachine(options.target);
  if (!machine)
    return machine.takeError();
  if (llvm::Error error = runPipeline(kernel, options))
    return error;
  registerBuiltinDialectTranslation(*kernel.getContext());
  registerLLVMDialectTranslation(*kernel.getContext());
  llvm::LLVMContext context;
  std::unique_ptr<llvm::Module> module =
      translateModuleToLLVMIR(kernel, context, "kernel");
  if (!module)
    return compilerBug("a kernel's LLVM dialect does not translate");
  module->setTargetTriple(llvm::Triple(kTriple));
  module->setDataLayout((*machine)->createDataLayout());
  setTargetAttributes(*module, options.target);
  dumpModule(*module, "llvm", options);
  optimize(*module, **machine);
  dumpModule(*module, "llvm-optimized", options);
  return emit(*module, **machine);
}

llvm::Expected<std::string> tw::emitObject(llvm::Module &module,
                                           const CpuTarget &target) {
  auto machine = createTargetMachine(target);
  if (!machine)
    return machine.takeError();
  module.setTargetTriple(llvm::Triple(kTriple));
  module.setDataLayout((*machine)->createDataLayout());
  setTargetAttributes(module, target);
  optimize(module, **machine);
  auto object = emit(module, **machine);
  if (!object)
    return object.takeError();
  return std::string(object->object.begin(), object->object.end());
}
