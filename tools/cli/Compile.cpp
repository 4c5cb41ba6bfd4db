// tilewright compile
#include "compiler/Errors.h"
#include "tools/cli/Commands.h"
#include "tools/cli/Options.h"
#include "tools/cli/Report.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

using namespace tw;
using namespace tw::cli;

static constexpr char kExamples[] = R"(examples:
  tilewright compile resnet50.onnx -o resnet50        an executable: ./resnet50 --help
  tilewright compile resnet50.onnx -o resnet50.so     to load or link, with resnet50.h
  tilewright compile net.onnx -o net --cpu x86-64-v3 --dim batch=8
  tilewright compile net.onnx -o net --target cpu,ptx --embed-cubin
  tilewright compile net.onnx -o net.mlir --emit nn   the graph after its passes
  tilewright compile net.onnx -o net --dump-ir all --dump-dir ir --timing
)";

static const std::map<std::string, Emit> kEmits = {
    {"exe", Emit::Executable}, {"so", Emit::Library}, {"obj", Emit::Object},
    {"llvm", Emit::Llvm},      {"nn", Emit::Nn},      {"tile", Emit::Tile},
    {"rt", Emit::Rt},          {"ptx", Emit::Ptx}};

/// By the output's name, where --emit does not say.
static Emit emitFor(llvm::StringRef output) {
  return llvm::StringSwitch<Emit>(llvm::sys::path::extension(output))
      .Case(".so", Emit::Library)
      .Case(".a", Emit::Object)
      .Case(".ll", Emit::Llvm)
      .Case(".mlir", Emit::Nn)
      .Case(".ptx", Emit::Ptx)
      .Default(Emit::Executable);
}

namespace {
class Compile {
public:
  CompileOptions options;
  std::string model, output;
  std::string emit;
  std::string explain;
  bool timing = false, json = false, quiet = false;

  llvm::Error run();

private:
  void print(const CompileReport &report, double milliseconds);
};
} // namespace

llvm::Error Compile::run() {
  options.emit = emit.empty() ? emitFor(output) : kEmits.at(emit);
  CompileReport report;
  auto start = std::chrono::steady_clock::now();
  {
    ProgressLine progress(quiet);
    options.progress = progress.callback();
    if (llvm::Error error = compileToFile(
            ModelSource::ofFile(model), output, options,
            timing || json || !explain.empty() ? &report : nullptr))
      return withReproducer(std::move(error), ModelSource::ofFile(model),
                            options, output);
  }
  std::chrono::duration<double, std::milli> time =
      std::chrono::steady_clock::now() - start;
  print(report, time.count());
  return flushOutput();
}

void Compile::print(const CompileReport &report, double milliseconds) {
  if (json) {
    llvm::json::Object object = toJson(report);
    object["output"] = output;
    object["milliseconds"] = milliseconds;
    printJson(std::move(object));
    return;
  }
  if (timing)
    printStages(report);
  if (!explain.empty())
    llvm::outs() << report.fusion;
  uint64_t size = 0;
  llvm::sys::fs::file_size(output, size);
  if (!quiet)
    llvm::outs() << llvm::formatv("{0}: {1:f1} MB in {2:f1} s\n", output,
                                  size / 1e6, milliseconds / 1e3);
}

Command cli::addCompile(CLI::App &app) {
  CLI::App *sub = app.add_subcommand(
      "compile", "Compiles an ONNX model into one native file");
  sub->footer(kExamples);
  auto state = std::make_shared<Compile>();
  CompileOptions &options = state->options;
  sub->add_option("MODEL", state->model, "ONNX file")->required();
  sub->add_option("-o,--output", state->output, "file to write")
      ->required()
      ->type_name("OUT");
  sub->add_option("--emit", state->emit,
                  "what to write; without it the output's name decides: .so, "
                  ".a (obj), .ll, .mlir (nn), .ptx, else exe")
      ->check(CLI::IsMember(kEmits));
  addCodeOptions(*sub, options);
  addDims(*sub, options.dims);
  addThreads(*sub, options.threads, "threads to compile with (default: all)");
  sub->add_option("--dump-ir", options.dumpIr,
                  "prints the IR after a stage, or after all")
      ->type_name("STAGE|all");
  sub->add_option("--dump-dir", options.dumpDir,
                  "writes --dump-ir there, a file per stage")
      ->type_name("DIR")
      ->needs("--dump-ir");
  sub->add_flag("--verify-each,!--no-verify-each", options.verifyEach,
                "verify the IR after each pass (default: yes)");
  sub->add_option("--explain", state->explain,
                  "prints what was fused, what was not and why")
      ->check(CLI::IsMember({"fusion"}));
  sub->add_flag("--check-fusions", options.checkFusions,
                "compares what was fused with what it was made of, and fails "
                "where they differ");
  sub->add_flag("--timing", state->timing, "time of every stage");
  sub->add_flag("--json", state->json, "the report as JSON, with --timing's");
  sub->add_flag("--quiet", state->quiet, "no progress, no summary");
  return {sub, [state] { return state->run(); }};
}
