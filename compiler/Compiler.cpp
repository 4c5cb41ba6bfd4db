#include "compiler/Compiler.h"

#include "compiler/Errors.h"
#include "compiler/FoldConstants.h"
#include "compiler/ModelHeader.h"
#include "compiler/NativeProgram.h"
#include "compiler/Pipeline.h"
#include "compiler/Registry.h"
#include "compiler/import/Import.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/SHA256.h"

using namespace tw;

namespace {

std::string modelName(llvm::StringRef path) {
  return llvm::sys::path::stem(path).str();
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

private:
  llvm::Error import();
  llvm::Error optimise();
  llvm::Expected<NativeProgram> native();
  llvm::json::Object provenance();
  LinkOptions linkOptions(llvm::StringRef output) const;
  llvm::Error writeText(llvm::StringRef output);
  llvm::Error writeHeader(llvm::StringRef output, const NativeProgram &program);

  const ModelSource &source;
  const CompileOptions &options;
  Reporter reporter;
  MLIRContext context;
  ImportedModel model;
  std::optional<Weights> weights;
  std::string hash;
};

llvm::Error Compilation::import() {
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
  reporter.dump("import", model.module->getOperation());
  weights.emplace(std::move(model.weights));
  weights->unpack(*model.module);
  return llvm::Error::success();
}

llvm::Error Compilation::optimise() {
  reporter.progress("optimising the graph", 0, 0);
  auto build = [&](OpPassManager &passes) {
    buildGraphPipeline(passes, options);
  };
  if (llvm::Error error = reporter.run(*model.module, build))
    return error;
  reporter.progress("folding constants", 0, 0);
  llvm::Error error = reporter.stage("fold-constants", [&] {
    return foldConstants(*model.module, *weights, options, reporter);
  });
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
  about["source_sha256"] = hash;
  about["cpu"] = options.cpu;
  about["licences"] = "runtime: Apache-2.0 WITH LLVM-exception";
  return about;
}

llvm::Expected<NativeProgram> Compilation::native() {
  auto cpu = CpuTarget::get(options.cpu);
  if (!cpu)
    return cpu.takeError();
  return buildNativeProgram(*model.module, *weights,
                            {*cpu, modelName(source.path), provenance()},
                            options, reporter);
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

llvm::Error Compilation::toFile(llvm::StringRef output) {
  if (llvm::Error error = import())
    return error;
  if (llvm::Error error = optimise())
    return error;
  auto program = native();
  if (!program)
    return program.takeError();
  SmallVector<StringRef> objects(program->objects.begin(),
                                 program->objects.end());
  reporter.progress("linking", 0, 0);
  llvm::Error error = reporter.stage("link", [&] {
    return writeArtifact(output, objects, linkOptions(output),
                         program->weights);
  });
  if (error)
    return error;
  return options.emit == Emit::Library ? writeHeader(output, *program)
                                       : llvm::Error::success();
}

llvm::Error Compilation::writeHeader(llvm::StringRef output,
                                     const NativeProgram &program) {
  llvm::SmallString<128> path(output);
  llvm::sys::path::replace_extension(path, "h");
  std::error_code code;
  llvm::raw_fd_ostream os(path, code);
  if (code)
    return userError(path, ": cannot be written: ", code.message());
  writeModelHeader(program.signature, linkOptions(output).identifier, os);
  return llvm::Error::success();
}

} // namespace

llvm::Error tw::compileToFile(const ModelSource &model, llvm::StringRef output,
                              const CompileOptions &options,
                              CompileReport *report) {
  return Compilation(model, options, report).toFile(output);
}

llvm::Expected<MemoryFile> tw::compileToMemory(const ModelSource &model,
                                               const CompileOptions &options,
                                               CompileReport *report) {
  return Compilation(model, options, report).toMemory();
}
