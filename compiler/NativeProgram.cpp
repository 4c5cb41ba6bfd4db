#include "compiler/NativeProgram.h"

#include "compiler/DeviceKernel.h"
#include "compiler/Errors.h"
#include "compiler/HostSignature.h"
#include "compiler/Pipeline.h"
#include "compiler/ProgramData.h"
#include "compiler/target/cpu/Backend.h"
#include "compiler/target/cpu/Codegen.h"
#include "passes/HostEmitter.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Target/LLVMIR/Export.h"

#include "llvm/ADT/StringMap.h"

using namespace tw;

namespace {

/// Gives weights, and constants where a device wants them there, their places
/// in the artifact.
class WeightPlacer {
public:
  explicit WeightPlacer(const Weights &weights) : weights(weights) {}

  void addWeights(func::FuncOp main) {
    main.walk([&](nn::WeightOp op) {
      add(op, op.getIdAttr(),
          [&] { return WeightPiece::ofBytes(weights.bytes(op.getId())); });
    });
  }
  void addConstants(func::FuncOp main) {
    main.walk([&](nn::ConstantOp op) {
      add(op, op.getValue(), [&] { return pieceOf(bytesInMemory(op)); });
    });
  }

  /// The pieces, and in `total` the bytes of all. Ops get attributes.
  std::vector<WeightPiece> place(int64_t &total) {
    std::vector<WeightPiece> pieces;
    for (auto &[key, use] : uses)
      pieces.push_back(use.piece);
    WeightLayout layout = layoutWeights(pieces);
    for (auto [use, offset] : llvm::zip_equal(uses, layout.offsets))
      for (Operation *op : use.second.ops)
        op->setAttr(kWeightOffsetAttr,
                    Builder(op->getContext()).getI64IntegerAttr(offset));
    total = layout.size;
    return pieces;
  }

private:
  struct Use {
    WeightPiece piece;
    SmallVector<Operation *> ops;
  };

  void add(Operation *op, Attribute key,
           llvm::function_ref<WeightPiece()> makePiece) {
    auto [it, isNew] = uses.try_emplace(key);
    if (isNew)
      it->second.piece = makePiece();
    it->second.ops.push_back(op);
  }

  static WeightPiece pieceOf(std::string bytes) {
    WeightPiece piece;
    piece.size = bytes.size();
    piece.produce = [bytes = std::move(bytes)](WeightSink &sink) {
      return sink.write(bytes);
    };
    return piece;
  }

  const Weights &weights;
  llvm::MapVector<Attribute, Use> uses;
};

llvm::json::Array kernelNames(ModuleOp module) {
  llvm::json::Array names;
  for (ModuleOp kernel : module.getOps<ModuleOp>())
    names.push_back(kernel.getName()->str());
  return names;
}

/// What HostEmitter planned, with the same keys.
llvm::json::Object memoryPlan(ModuleOp module) {
  llvm::json::Object plan;
  auto facts = module->getAttrOfType<DictionaryAttr>(kMemoryAttr);
  for (NamedAttribute fact : facts)
    plan[fact.getName().str()] = cast<IntegerAttr>(fact.getValue()).getInt();
  return plan;
}

void dumpLlvm(const llvm::Module &module, Reporter &reporter) {
  if (!reporter.wantsDump("llvm"))
    return;
  std::string text;
  llvm::raw_string_ostream os(text);
  module.print(os, nullptr);
  reporter.dump("llvm", text);
}

/// A host program's object: needs no more than the oldest CPU that we support.
/// With `programs` it also describes the model.
llvm::Expected<std::string> hostObject(ModuleOp module,
                                       ArrayRef<ProgramData> programs,
                                       Reporter &reporter) {
  llvm::LLVMContext context;
  std::unique_ptr<llvm::Module> translated =
      translateModuleToLLVMIR(module, context, "tilewright-host");
  if (!translated)
    return compilerBug("the host program cannot be translated to LLVM IR");
  if (!programs.empty())
    addProgramData(*translated, programs);
  dumpLlvm(*translated, reporter);
  auto baseline = CpuTarget::get("x86-64-v2");
  if (!baseline)
    return baseline.takeError();
  return emitObject(*translated, *baseline);
}

std::vector<std::string> namesIn(ModuleOp module, StringRef attribute) {
  std::vector<std::string> names;
  if (auto list = module->getAttrOfType<ArrayAttr>(attribute))
    for (auto name : list.getAsRange<StringAttr>())
      names.push_back(name.str());
  return names;
}

/// Kernels by name, for one architecture.
struct DeviceCode {
  std::string architecture;
  llvm::StringMap<DeviceKernel> kernels;
};

DeviceTargetData describeDevice(DeviceCode &code,
                                ArrayRef<std::string> kernels) {
  DeviceTargetData data;
  data.architecture = code.architecture;
  for (StringRef name : kernels) {
    DeviceKernel &kernel = code.kernels[name];
    data.kernels.push_back({kernel.name, std::move(kernel.ptx),
                            std::move(kernel.cubin), kernel.parts,
                            kernel.buffers, kernel.ints, kernel.maps});
  }
  return data;
}

/// One build of a program: kernels for every target, and a host program for
/// each kind of device.
class ProgramBuild {
public:
  ProgramBuild(ModuleOp module, const Weights &weights, NativeOptions native,
               const CompileOptions &options, Reporter &reporter)
      : module(module), weights(weights), native(std::move(native)),
        options(options), reporter(reporter) {}

  llvm::Expected<NativeProgram> run() {
    for (auto step : {&ProgramBuild::formKernels, &ProgramBuild::compileForCpu,
                      &ProgramBuild::compileForDevices, &ProgramBuild::describe,
                      &ProgramBuild::lowerHosts, &ProgramBuild::emitHosts})
      if (llvm::Error error = (this->*step)())
        return error;
    return std::move(result);
  }

private:
  /// The graph's function on its way to a function of an object file.
  struct Host {
    OwningOpRef<ModuleOp> module;
    bool isDevice;
    std::string entry;
  };

  llvm::Error formKernels();
  llvm::Error compileForCpu();
  llvm::Error compileForDevices();
  llvm::Error compileFor(llvm::StringRef architecture, llvm::StringRef ptxas);
  llvm::Error describe();
  llvm::Error lowerHosts();
  llvm::Error lower(Host &host);
  llvm::Error emitHosts();

  ModuleOp module;
  const Weights &weights;
  NativeOptions native;
  const CompileOptions &options;
  Reporter &reporter;

  SmallVector<ModuleOp> kernels;
  std::vector<std::string> kernelObjects;
  std::vector<DeviceCode> devices;
  /// What all host programs say of the model.
  ProgramData common;
  llvm::json::Object metadata;
  std::vector<Host> hosts;
  std::vector<ProgramData> programs;
  NativeProgram result;
};

llvm::Error ProgramBuild::formKernels() {
  auto form = [&](OpPassManager &passes) {
    buildKernelFormation(passes, options);
  };
  if (llvm::Error error = reporter.run(module, form))
    return error;
  reporter.dump("rt", module.lookupSymbol<func::FuncOp>("main"));
  kernels.assign(module.getOps<ModuleOp>().begin(),
                 module.getOps<ModuleOp>().end());
  return llvm::Error::success();
}

llvm::Error ProgramBuild::compileForCpu() {
  if (!native.target.cpu)
    return llvm::Error::success();
  auto objects = compileKernels(kernels, cpuBackend(native.cpu),
                                options.threads, reporter);
  if (objects)
    kernelObjects = std::move(*objects);
  return objects.takeError();
}

llvm::Error ProgramBuild::compileForDevices() {
  std::string ptxas;
  if (options.embedCubin && !native.target.ptx.empty())
    if (llvm::Error error = findPtxas().moveInto(ptxas))
      return error;
  for (const std::string &architecture : native.target.ptx)
    if (llvm::Error error = compileFor(architecture, ptxas))
      return error;
  return llvm::Error::success();
}

llvm::Error ProgramBuild::compileFor(llvm::StringRef architecture,
                                     llvm::StringRef ptxas) {
  auto target = PtxTarget::get(("ptx:" + architecture).str());
  if (!target)
    return target.takeError();
  auto codes = compileKernels(
      kernels,
      ptxBackend(*target, options.fastMath, options.allowTf32, ptxas.str()),
      options.threads, reporter);
  if (!codes)
    return codes.takeError();
  DeviceCode &device = devices.emplace_back();
  device.architecture = architecture.str();
  for (auto [module, code] : llvm::zip_equal(kernels, *codes)) {
    DeviceKernel kernel = DeviceKernel::fromBytes(code);
    reporter.dump("ptx", kernel.ptx);
    kernelObjects.push_back(std::move(kernel.gridObject));
    device.kernels[*module.getName()] = std::move(kernel);
  }
  return llvm::Error::success();
}

llvm::Error ProgramBuild::describe() {
  auto main = module.lookupSymbol<func::FuncOp>("main");
  common.signature = result.signature =
      describeSignature(main, native.modelName);
  metadata = std::move(native.provenance);
  metadata["signature"] = toJson(common.signature);
  metadata["kernels"] = kernelNames(module);
  WeightPlacer placer(weights);
  placer.addWeights(main);
  if (!devices.empty())
    placer.addConstants(main);
  result.weights = placer.place(common.weightsSize);
  return llvm::Error::success();
}

llvm::Error ProgramBuild::lowerHosts() {
  for (ModuleOp kernel : kernels)
    kernel.erase();
  if (native.target.cpu)
    hosts.push_back({module.clone(), false, "tw_main"});
  if (!devices.empty())
    hosts.push_back({module.clone(), true, "tw_main_device"});
  for (Host &host : hosts)
    if (llvm::Error error = lower(host))
      return error;
  return llvm::Error::success();
}

llvm::Error ProgramBuild::lower(Host &host) {
  auto build = [&](OpPassManager &passes) {
    buildHostPipeline(passes, host.isDevice, host.entry);
  };
  if (llvm::Error error = reporter.run(*host.module, build))
    return error;
  ProgramData &program = programs.emplace_back(common);
  program.entry = host.entry;
  metadata["memory"] = memoryPlan(*host.module);
  program.metadata =
      llvm::formatv("{0}", llvm::json::Value(llvm::json::Object(metadata)));
  if (CompileReport *report = reporter.result())
    report->metadata = program.metadata;
  program.nodes = namesIn(*host.module, kNodesAttr);
  if (!host.isDevice) {
    program.features = native.cpu.requiredFeatures;
    return llvm::Error::success();
  }
  auto baseline = CpuTarget::get("x86-64-v2");
  if (!baseline)
    return baseline.takeError();
  program.features = baseline->requiredFeatures;
  auto launched = namesIn(*host.module, kDeviceKernelsAttr);
  for (DeviceCode &code : devices)
    program.devices.push_back(describeDevice(code, launched));
  return llvm::Error::success();
}

llvm::Error ProgramBuild::emitHosts() {
  for (auto [i, host] : llvm::enumerate(hosts)) {
    auto described =
        i ? ArrayRef<ProgramData>() : ArrayRef<ProgramData>(programs);
    auto object = reporter.stage("host-object", [&, &host = host] {
      return hostObject(*host.module, described, reporter);
    });
    if (!object)
      return object.takeError();
    result.objects.push_back(std::move(*object));
  }
  for (std::string &object : kernelObjects)
    result.objects.push_back(std::move(object));
  return llvm::Error::success();
}
} // namespace

llvm::Expected<NativeProgram>
tw::buildNativeProgram(ModuleOp module, const Weights &weights,
                       NativeOptions native, const CompileOptions &options,
                       Reporter &reporter) {
  return ProgramBuild(module, weights, std::move(native), options, reporter)
      .run();
}
