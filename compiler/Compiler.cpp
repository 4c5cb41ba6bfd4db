#include "compiler/Compiler.h"

#include "compiler/CausalMasks.h"
#include "compiler/CheckFusions.h"
#include "compiler/CrashGuard.h"
#include "compiler/DeviceKernel.h"
#include "compiler/Errors.h"
#include "compiler/Explain.h"
#include "compiler/FoldConstants.h"
#include "compiler/ModelHeader.h"
#include "compiler/NativeProgram.h"
#include "compiler/Pipeline.h"
#include "compiler/Registry.h"
#include "compiler/import/Import.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Object/ArchiveWriter.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/SHA256.h"

#include <fstream>
#include <future>

using namespace tw;

namespace {

std::string modelName(llvm::StringRef path) {
  return llvm::sys::path::stem(path).str();
}

/// Reads in pieces, since mapped pages would count as our memory. A file that
/// has gone since it was imported hashes as an empty one.
std::string hashOfFile(const std::string &path) {
  llvm::SHA256 hash;
  std::ifstream file(path, std::ios::binary);
  std::vector<char> piece(1 << 20);
  while (file) {
    file.read(piece.data(), piece.size());
    hash.update(llvm::StringRef(piece.data(), file.gcount()));
  }
  return llvm::toHex(hash.final(), /*LowerCase=*/true);
}

/// SHA-256 of the model, in hexadecimal; of a file while the compiler does
/// other things.
std::future<std::string> hashOf(const ModelSource &source) {
  if (source.bytes.empty())
    return std::async(std::launch::async, hashOfFile, source.path);
  return std::async(std::launch::deferred, [&source] {
    auto bytes = llvm::arrayRefFromStringRef(source.bytes);
    return llvm::toHex(llvm::SHA256::hash(bytes), /*LowerCase=*/true);
  });
}

/// The stage whose IR is wanted; none for an artifact.
std::optional<llvm::StringRef> stageOf(Emit emit) {
  switch (emit) {
  case Emit::Nn:
    return "fold-constants";
  case Emit::Tile:
    return "tile-kernels";
  case Emit::Rt:
    return "rt";
  case Emit::Llvm:
    return "llvm";
  case Emit::Ptx:
    return "ptx";
  default:
    return std::nullopt;
  }
}

std::string printed(ModuleOp module) {
  std::string text;
  llvm::raw_string_ostream os(text);
  module.print(os, OpPrintingFlags().enableDebugInfo());
  os << "\n";
  return text;
}

llvm::Error checkOptions(const CompileOptions &options) {
  auto target = Target::parse(options.target);
  if (!target)
    return target.takeError();
  if (options.emit == Emit::Ptx && target->ptx.empty())
    return userError("emit: expected a target with 'ptx' for PTX text, found '",
                     options.target, "'");
  if (options.fastMath && target->ptx.empty())
    return userError("fast-math: expected a target with 'ptx', found '",
                     options.target, "'");
  if (options.allowTf32 && target->ptx.empty())
    return userError("allow-tf32: expected a target with 'ptx', found '",
                     options.target, "'");
  if (options.embedCubin && target->ptx.empty())
    return userError("embed-cubin: expected a target with 'ptx', found '",
                     options.target, "'");
  if (options.embedCubin)
    if (auto ptxas = findPtxas(); !ptxas)
      return ptxas.takeError();
  if (options.conv != "auto" && options.conv != "direct")
    return userError("conv: expected 'auto' or 'direct', found '", options.conv,
                     "'");
  if (auto cpu = CpuTarget::get(options.cpu); !cpu)
    return userError(llvm::toString(cpu.takeError()));
  return llvm::Error::success();
}

/// One compilation, from a model to what is wanted of it.
class Compilation {
public:
  Compilation(const ModelSource &source, const CompileOptions &options,
              CompileReport *report)
      : source(source), options(options), reporter(options, report),
        context(dialectRegistry(), MLIRContext::Threading::DISABLED) {
    context.loadAllAvailableDialects();
  }

  llvm::Error toFile(llvm::StringRef output);
  llvm::Expected<MemoryFile> toMemory();
  llvm::Expected<std::string> toImportedText();
  llvm::Expected<std::string> toFusionText(bool json);

private:
  llvm::Error import();
  llvm::Error optimise();
  llvm::Error runGraphPasses();
  llvm::Expected<NativeProgram> native();
  llvm::json::Object provenance();
  LinkOptions linkOptions(llvm::StringRef output) const;
  llvm::Error writeText(llvm::StringRef output, llvm::StringRef text);
  /// What --emit asks for other than an artifact.
  llvm::Error writeStage(llvm::StringRef output);
  llvm::Error writeObjects(llvm::StringRef output,
                           const NativeProgram &program);
  llvm::Error writeArtifact(llvm::StringRef output,
                            const NativeProgram &program);
  llvm::Error writeHeader(llvm::StringRef output, const NativeProgram &program);

  const ModelSource &source;
  const CompileOptions &options;
  Reporter reporter;
  MLIRContext context;
  ImportedModel model;
  std::optional<Weights> weights;
  std::future<std::string> hash;
};

llvm::Error Compilation::import() {
  if (llvm::Error error = checkOptions(options))
    return error;
  reporter.progress("importing", 0, 0);
  auto wired = reporter.stage("read", [&] {
    return source.bytes.empty()
               ? wire::readModel(source.path)
               : wire::readModel(wire::Buffer::own(source.bytes), source.path,
                                 source.folder);
  });
  if (!wired)
    return userError(wired.message());
  ImportOptions importing;
  importing.dims = options.dims;
  auto imported = reporter.stage(
      "import", [&] { return importOnnx(*wired, &context, importing); });
  if (!imported)
    return imported.takeError();
  model = std::move(*imported);
  hash = hashOf(source);
  reporter.dump("import", model.module->getOperation());
  weights.emplace(std::move(model.weights));
  weights->unpack(*model.module);
  return llvm::Error::success();
}

llvm::Error Compilation::runGraphPasses() {
  reporter.progress("optimising the graph", 0, 0);
  markTriangles(*model.module, *weights);
  if (options.checkFusions)
    if (llvm::Error error = checkFusions(*model.module, options, reporter))
      return error;
  auto build = [&](OpPassManager &passes) {
    buildGraphPipeline(passes, options);
  };
  if (llvm::Error error = reporter.run(*model.module, build))
    return error;
  if (CompileReport *report = reporter.result())
    report->fusion = fusionText(fusionReport(*model.module));
  return llvm::Error::success();
}

llvm::Expected<std::string> Compilation::toFusionText(bool json) {
  if (llvm::Error error = import())
    return error;
  if (llvm::Error error = runGraphPasses())
    return error;
  llvm::json::Object report = fusionReport(*model.module);
  if (json)
    return llvm::formatv("{0:2}\n", llvm::json::Value(std::move(report)));
  return fusionText(report);
}

llvm::Error Compilation::optimise() {
  if (llvm::Error error = runGraphPasses())
    return error;
  reporter.progress("folding constants", 0, 0);
  llvm::Error error = reporter.stage("fold-constants", [&] {
    return foldConstants(*model.module, *weights, options, reporter);
  });
  findCausalMasks(*model.module, *weights);
  reporter.dump("fold-constants", model.module->getOperation());
  return error;
}

llvm::json::Object Compilation::provenance() {
  llvm::json::Object opsets, about;
  for (auto &[domain, version] : model.opsets)
    opsets[domain.empty() ? "ai.onnx" : domain] = version;
  about["compiler"] = compilerVersion();
  about["opsets"] = std::move(opsets);
  about["producer"] = model.producer;
  about["source_sha256"] = hash.get();
  about["cpu"] = options.cpu;
  about["target"] = options.target;
  if (options.fastMath)
    about["fast_math"] = true;
  if (options.allowTf32)
    about["allow_tf32"] = true;
  about["licences"] = "runtime: Apache-2.0 WITH LLVM-exception";
  return about;
}

llvm::Expected<NativeProgram> Compilation::native() {
  auto target = Target::parse(options.target);
  if (!target)
    return target.takeError();
  auto cpu = CpuTarget::get(options.cpu);
  if (!cpu)
    return cpu.takeError();
  return buildNativeProgram(
      *model.module, *weights,
      {*target, *cpu, modelName(source.path), provenance()}, options, reporter);
}

LinkOptions Compilation::linkOptions(llvm::StringRef output) const {
  LinkOptions link;
  link.kind = options.emit == Emit::Library ? ArtifactKind::SharedLibrary
                                            : ArtifactKind::Executable;
  link.identifier = toIdentifier(modelName(source.path));
  if (link.kind == ArtifactKind::SharedLibrary)
    link.soname = llvm::sys::path::filename(output).str();
  return link;
}

llvm::Expected<MemoryFile> Compilation::toMemory() {
  if (llvm::Error error = import())
    return error;
  if (llvm::Error error = optimise())
    return error;
  auto program = native();
  if (!program)
    return program.takeError();
  SmallVector<StringRef> objects(program->objects.begin(),
                                 program->objects.end());
  return reporter.stage("link", [&] {
    return writeArtifactToMemory(objects, linkOptions(""), program->weights);
  });
}

llvm::Expected<std::string> Compilation::toImportedText() {
  if (llvm::Error error = import())
    return error;
  return printed(*model.module);
}

llvm::Error Compilation::toFile(llvm::StringRef output) {
  if (llvm::Error error = import())
    return error;
  if (llvm::Error error = optimise())
    return error;
  if (stageOf(options.emit))
    return writeStage(output);
  auto program = native();
  if (!program)
    return program.takeError();
  return options.emit == Emit::Object ? writeObjects(output, *program)
                                      : writeArtifact(output, *program);
}

llvm::Error Compilation::writeArtifact(llvm::StringRef output,
                                       const NativeProgram &program) {
  SmallVector<StringRef> objects(program.objects.begin(),
                                 program.objects.end());
  reporter.progress("linking", 0, 0);
  llvm::Error error = reporter.stage("link", [&] {
    return tw::writeArtifact(output, objects, linkOptions(output),
                             program.weights);
  });
  if (!error && options.emit == Emit::Library)
    error = writeHeader(output, program);
  return error;
}

llvm::Error Compilation::writeStage(llvm::StringRef output) {
  if (options.emit == Emit::Nn)
    return writeText(output, printed(*model.module));
  reporter.capture(*stageOf(options.emit));
  auto program = native();
  if (!program)
    return program.takeError();
  return writeText(output, reporter.captured());
}

llvm::Error Compilation::writeText(llvm::StringRef output,
                                   llvm::StringRef text) {
  if (output != "-")
    return writeFile(output, text);
  llvm::outs() << text;
  return llvm::Error::success();
}

llvm::Error Compilation::writeObjects(llvm::StringRef output,
                                      const NativeProgram &program) {
  std::vector<std::string> names;
  for (size_t i = 0; i < program.objects.size(); ++i)
    names.push_back(llvm::formatv("{0}.o", i));
  std::vector<llvm::NewArchiveMember> members;
  for (auto [name, object] : llvm::zip_equal(names, program.objects))
    members.emplace_back(llvm::MemoryBufferRef(object, name));
  auto archive = llvm::writeArchiveToBuffer(
      members, llvm::SymtabWritingMode::NormalSymtab,
      llvm::object::Archive::K_GNU, /*Deterministic=*/true, /*Thin=*/false);
  if (!archive)
    return archive.takeError();
  return writeText(output, (*archive)->getBuffer());
}

llvm::Error Compilation::writeHeader(llvm::StringRef output,
                                     const NativeProgram &program) {
  llvm::SmallString<128> path(output);
  llvm::sys::path::replace_extension(path, "h");
  std::string text;
  llvm::raw_string_ostream os(text);
  writeModelHeader(program.signature, linkOptions(output).identifier, os);
  return writeFile(path, text);
}

} // namespace

llvm::Error tw::compileToFile(const ModelSource &model, llvm::StringRef output,
                              const CompileOptions &options,
                              CompileReport *report) {
  return guardAgainstCrashes(
      [&] { return Compilation(model, options, report).toFile(output); });
}

llvm::Expected<MemoryFile> tw::compileToMemory(const ModelSource &model,
                                               const CompileOptions &options,
                                               CompileReport *report) {
  MemoryFile file;
  auto compile = [&]() -> llvm::Error {
    return Compilation(model, options, report).toMemory().moveInto(file);
  };
  if (llvm::Error error = guardAgainstCrashes(compile))
    return error;
  return file;
}

llvm::Expected<std::string> tw::explainFusion(const ModelSource &model,
                                              const CompileOptions &options,
                                              bool json) {
  std::string text;
  auto explain = [&]() -> llvm::Error {
    return Compilation(model, options, nullptr)
        .toFusionText(json)
        .moveInto(text);
  };
  if (llvm::Error error = guardAgainstCrashes(explain))
    return error;
  return text;
}

llvm::Expected<std::string> tw::importToText(const ModelSource &model,
                                             const CompileOptions &options) {
  return Compilation(model, options, nullptr).toImportedText();
}
