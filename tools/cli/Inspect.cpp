// tilewright inspect
#include "compiler/Artifact.h"
#include "compiler/Errors.h"
#include "tools/cli/Commands.h"
#include "tools/cli/Options.h"
#include "tools/cli/Report.h"

#include "llvm/Support/FormatVariadic.h"

using namespace tw;
using namespace tw::cli;

static constexpr char kExamples[] =
    R"(Nothing of a compiled model is loaded or run. An ONNX model is compiled in memory first.

examples:
  tilewright inspect resnet50.so
  tilewright inspect resnet50.onnx --json
)";

namespace {
class Inspect {
public:
  std::string file;
  CompileOptions options;
  bool json = false, quiet = false;

  llvm::Error run();

private:
  llvm::Expected<ArtifactInfo> compileAndRead();
  llvm::Error print(const ArtifactInfo &info);
};
} // namespace

llvm::Expected<ArtifactInfo> Inspect::compileAndRead() {
  ProgressLine progress(quiet);
  options.progress = progress.callback();
  ModelSource source = ModelSource::ofFile(file);
  auto memory = compileToMemory(source, options);
  if (!memory)
    return withReproducer(memory.takeError(), source, options, file);
  return readArtifactInfo(memory->path());
}

static llvm::json::Object sizes(const ArtifactInfo &info) {
  return llvm::json::Object{{"file", int64_t(info.fileSize)},
                            {"code", int64_t(info.codeSize)},
                            {"data", int64_t(info.dataSize)},
                            {"weights", int64_t(info.weightsSize)}};
}

static std::string describeShape(const llvm::json::Array &shape) {
  std::string text;
  for (const llvm::json::Value &dim : shape) {
    text += text.empty() ? "" : ", ";
    if (auto size = dim.getAsInteger())
      text += std::to_string(*size);
    else
      text += dim.getAsString().value_or("?");
  }
  return "[" + text + "]";
}

static void printValues(llvm::StringRef title,
                        const llvm::json::Array *values) {
  llvm::outs() << title << "\n";
  for (const llvm::json::Value &value : *values) {
    const llvm::json::Object &object = *value.getAsObject();
    const llvm::json::Array *shape = object.getArray("shape");
    llvm::outs() << "  " << object.getString("name").value_or("") << "  "
                 << object.getString("dtype").value_or("") << " "
                 << (shape ? describeShape(*shape) : "of any rank") << "\n";
  }
}

static void printKernels(const llvm::json::Array &kernels) {
  llvm::outs() << "kernels (" << kernels.size() << ")\n";
  for (const llvm::json::Value &kernel : kernels)
    llvm::outs() << "  " << kernel.getAsString().value_or("") << "\n";
}

/// Bytes in megabytes, or what is said of sizes that depend on the inputs.
static std::string megabytes(std::optional<int64_t> bytes) {
  if (!bytes)
    return "a size that depends on the inputs";
  return llvm::formatv("{0:f2} MB", *bytes / 1e6);
}

static void printPlan(const llvm::json::Object &plan) {
  llvm::outs() << "  intermediate results: "
               << plan.getInteger("buffers").value_or(0)
               << " buffers in one arena of "
               << megabytes(plan.getInteger("arena"))
               << " (side by side: " << megabytes(plan.getInteger("separate"))
               << ")\n";
}

/// What is no signature, list of kernels or memory plan: provenance.
static void printFacts(const llvm::json::Object &metadata) {
  for (const auto &[key, value] : metadata) {
    if (key.str() == "signature" || key.str() == "kernels" ||
        key.str() == "memory")
      continue;
    if (auto text = value.getAsString())
      llvm::outs() << llvm::formatv("{0,-14} {1}\n", key.str(), *text);
    else
      llvm::outs() << llvm::formatv("{0,-14} {1}\n", key.str(), value);
  }
}

static void printText(const ArtifactInfo &info,
                      const llvm::json::Object &metadata) {
  if (const llvm::json::Object *signature = metadata.getObject("signature")) {
    llvm::outs() << llvm::formatv("{0,-14} {1}\n", "model",
                                  signature->getString("name").value_or(""));
    printValues("inputs", signature->getArray("inputs"));
    printValues("outputs", signature->getArray("outputs"));
  }
  if (const llvm::json::Array *kernels = metadata.getArray("kernels"))
    printKernels(*kernels);
  llvm::outs() << llvm::formatv(
      "memory\n  weights {0:f2} MB, code {1:f2} MB, data {2:f2} MB; file "
      "{3:f2} MB\n",
      info.weightsSize / 1e6, info.codeSize / 1e6, info.dataSize / 1e6,
      info.fileSize / 1e6);
  if (const llvm::json::Object *plan = metadata.getObject("memory"))
    printPlan(*plan);
  llvm::outs() << "provenance\n";
  printFacts(metadata);
}

llvm::Error Inspect::print(const ArtifactInfo &info) {
  auto metadata = llvm::json::parse(info.metadata);
  if (!metadata || !metadata->getAsObject()) {
    llvm::consumeError(metadata.takeError());
    return userError(file, ": expected metadata in JSON, found something else");
  }
  llvm::json::Object &object = *metadata->getAsObject();
  if (!json) {
    printText(info, object);
    return flushOutput();
  }
  bool runs = info.kind == ArtifactKind::Executable;
  object["kind"] = runs ? "executable" : "shared library";
  object["bytes"] = sizes(info);
  printJson(std::move(*metadata));
  return flushOutput();
}

llvm::Error Inspect::run() {
  auto info = isArtifact(file) ? readArtifactInfo(file) : compileAndRead();
  return info ? print(*info) : info.takeError();
}

Command cli::addInspect(CLI::App &app) {
  CLI::App *sub = app.add_subcommand(
      "inspect", "Shows signature, kernels, memory and provenance");
  sub->footer(kExamples);
  auto state = std::make_shared<Inspect>();
  sub->add_option("FILE", state->file, "ONNX model or compiled model")
      ->required();
  addCodeOptions(*sub, state->options);
  addDims(*sub, state->options.dims);
  sub->add_flag("--json", state->json, "machine-readable output");
  sub->add_flag("--quiet", state->quiet, "no progress");
  return {sub, [state] { return state->run(); }};
}
