#include "compiler/NativeProgram.h"

#include "compiler/Errors.h"
#include "compiler/HostSignature.h"
#include "compiler/Pipeline.h"
#include "compiler/ProgramData.h"
#include "compiler/target/cpu/Codegen.h"
#include "compiler/target/cpu/KernelCompiler.h"
#include "passes/HostEmitter.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Target/LLVMIR/Export.h"

using namespace tw;

namespace {

/// Weights that the program still uses get their places in the artifact.
std::vector<WeightPiece> placeWeights(ModuleOp module, const Weights &weights,
                                      int64_t &total) {
  llvm::MapVector<int64_t, SmallVector<nn::WeightOp>> used;
  module.lookupSymbol<func::FuncOp>("main").walk(
      [&](nn::WeightOp op) { used[op.getId()].push_back(op); });
  std::vector<WeightPiece> pieces;
  for (auto &[id, ops] : used)
    pieces.push_back(WeightPiece::ofBytes(weights.bytes(id)));
  WeightLayout layout = layoutWeights(pieces);
  OpBuilder b(module.getContext());
  for (auto [use, offset] : llvm::zip_equal(used, layout.offsets))
    for (nn::WeightOp op : use.second)
      op->setAttr(kWeightOffsetAttr, b.getI64IntegerAttr(offset));
  total = layout.size;
  return pieces;
}

llvm::json::Array kernelNames(ModuleOp module) {
  llvm::json::Array names;
  for (ModuleOp kernel : module.getOps<ModuleOp>())
    names.push_back(kernel.getName()->str());
  return names;
}

void dumpLlvm(const llvm::Module &module, Reporter &reporter) {
  if (!reporter.wantsDump("llvm"))
    return;
  std::string text;
  llvm::raw_string_ostream os(text);
  module.print(os, nullptr);
  reporter.dump("llvm", text);
}

/// The host program's object: needs no more than the oldest CPU that we
/// support.
llvm::Expected<std::string>
hostObject(ModuleOp module, const ProgramData &program, Reporter &reporter) {
  llvm::LLVMContext context;
  std::unique_ptr<llvm::Module> translated =
      translateModuleToLLVMIR(module, context, "tilewright-host");
  if (!translated)
    return compilerBug("the host program cannot be translated to LLVM IR");
  addProgramData(*translated, program);
  dumpLlvm(*translated, reporter);
  auto baseline = CpuTarget::get("x86-64-v2");
  if (!baseline)
    return baseline.takeError();
  return emitObject(*translated, *baseline);
}

std::vector<std::string> nodeNames(ModuleOp module) {
  std::vector<std::string> names;
  if (auto nodes = module->getAttrOfType<ArrayAttr>(kNodesAttr))
    for (auto name : nodes.getAsRange<StringAttr>())
      names.push_back(name.str());
  return names;
}

} // namespace

llvm::Expected<NativeProgram>
tw::buildNativeProgram(ModuleOp module, const Weights &weights,
                       NativeOptions native, const CompileOptions &options,
                       Reporter &reporter) {
  NativeProgram result;
  auto form = [&](OpPassManager &passes) {
    buildKernelFormation(passes, options);
  };
  if (llvm::Error error = reporter.run(module, form))
    return error;

  reporter.dump("rt", module.lookupSymbol<func::FuncOp>("main"));
  SmallVector<ModuleOp> kernels(module.getOps<ModuleOp>());
  auto objects = compileKernels(kernels, native.cpu, options.threads, reporter);
  if (!objects)
    return objects.takeError();

  ProgramData program;
  auto main = module.lookupSymbol<func::FuncOp>("main");
  program.signature = result.signature =
      describeSignature(main, native.modelName);
  program.features = native.cpu.requiredFeatures;
  llvm::json::Object metadata = std::move(native.provenance);
  metadata["signature"] = toJson(program.signature);
  metadata["kernels"] = kernelNames(module);
  program.metadata =
      llvm::formatv("{0}", llvm::json::Value(std::move(metadata)));
  result.weights = placeWeights(module, weights, program.weightsSize);

  if (llvm::Error error = reporter.run(module, buildHostPipeline))
    return error;
  program.nodes = nodeNames(module);
  auto host = reporter.stage(
      "host-object", [&] { return hostObject(module, program, reporter); });
  if (!host)
    return host.takeError();
  result.objects.push_back(std::move(*host));
  for (std::string &object : *objects)
    result.objects.push_back(std::move(object));
  if (CompileReport *report = reporter.result())
    report->metadata = program.metadata;
  return result;
}
