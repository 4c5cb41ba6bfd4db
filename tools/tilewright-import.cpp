// Imports ONNX models and prints them in the nn dialect; with --check says in
// one line per model whether it could be imported.
#include "compiler/Errors.h"
#include "compiler/import/Import.h"

#include "mlir/IR/MLIRContext.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/InitLLVM.h"

using namespace llvm;

static cl::list<std::string> models(cl::Positional, cl::OneOrMore,
                                    cl::desc("model.onnx..."));
static cl::opt<bool> check("check",
                           cl::desc("Print one line per model instead"));
static cl::list<std::string> dims("dim", cl::desc("name=size of a dim"));

static Expected<tw::ImportOptions> readOptions() {
  tw::ImportOptions options;
  for (StringRef dim : dims) {
    auto [name, text] = dim.split('=');
    int64_t size;
    if (text.getAsInteger(10, size))
      return tw::userError("--dim: expected name=size, found ", dim);
    options.dims.emplace_back(name, size);
  }
  return options;
}

static void print(tw::ImportedModel &model) {
  mlir::OpPrintingFlags flags;
  flags.enableDebugInfo();
  model.module->print(outs(), flags);
  outs() << "\n";
}

/// Returns the exit code.
static int importOne(const std::string &path,
                     const tw::ImportOptions &options) {
  mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
  auto model = tw::importOnnx(path, &context, options);
  if (model) {
    check ? void(outs() << "ok " << path << "\n") : print(*model);
    return 0;
  }
  bool isBug = model.errorIsA<tw::CompilerBug>();
  std::string text = toString(model.takeError());
  (check ? outs() : errs()) << (isBug ? "bug: " : "error: ") << text << "\n";
  return isBug ? 70 : 1;
}

int main(int argc, char **argv) {
  InitLLVM init(argc, argv);
  cl::ParseCommandLineOptions(argc, argv, "Imports ONNX models\n");
  auto options = readOptions();
  if (!options) {
    errs() << "error: " << toString(options.takeError()) << "\n";
    return 1;
  }
  int worst = 0;
  for (const std::string &path : models)
    worst = std::max(worst, importOne(path, *options));
  return worst;
}
