#include "tools/cli/Report.h"

#include "compiler/Errors.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"

using namespace tw;
using namespace tw::cli;

llvm::json::Object cli::toJson(const CompileReport &report) {
  llvm::json::Array stages;
  for (const StageReport &stage : report.stages)
    stages.push_back(llvm::json::Object{{"name", stage.name},
                                        {"milliseconds", stage.milliseconds},
                                        {"changed", stage.changed}});
  return llvm::json::Object{
      {"stages", std::move(stages)},
      {"kernels", static_cast<int64_t>(report.kernels)},
      {"cached_kernels", static_cast<int64_t>(report.cachedKernels)}};
}

void cli::printStages(const CompileReport &report) {
  double total = 0;
  for (const StageReport &stage : report.stages)
    total += stage.milliseconds;
  for (const StageReport &stage : report.stages)
    llvm::outs() << llvm::formatv("{0,10:f2} ms  {1,5:f1} %  {2}{3}\n",
                                  stage.milliseconds,
                                  100 * stage.milliseconds / total, stage.name,
                                  stage.changed ? "" : "  (changed nothing)");
  llvm::outs() << llvm::formatv("{0,10:f2} ms  all stages; {1} kernels\n",
                                total, report.kernels);
}

void cli::printJson(llvm::json::Value value) {
  llvm::outs() << llvm::formatv("{0:2}\n", value);
}

llvm::Error cli::flushOutput() {
  llvm::outs().flush();
  std::error_code error = llvm::outs().error();
  llvm::outs().clear_error();
  if (error)
    return userError("cannot write to standard output: ", error.message());
  return llvm::Error::success();
}

static llvm::Error writeReproducer(const std::string &path,
                                   const std::string &message,
                                   const std::string &ir) {
  std::error_code code;
  llvm::raw_fd_ostream os(path, code);
  if (code)
    return userError(path, ": cannot be written: ", code.message());
  os << "// Tilewright " << compilerVersion() << " failed on this graph:\n";
  for (llvm::StringRef line : llvm::split(llvm::StringRef(message), '\n'))
    os << "//   " << line << "\n";
  os << ir;
  return llvm::Error::success();
}

llvm::Error cli::withReproducer(llvm::Error error, const ModelSource &model,
                                const CompileOptions &options,
                                const std::string &output) {
  if (error.isA<UserError>())
    return error;
  std::string message = llvm::toString(std::move(error));
  std::string path = output + ".reproducer.mlir";
  auto ir = importToText(model, options);
  llvm::Error failure =
      ir ? writeReproducer(path, message, *ir) : ir.takeError();
  if (failure)
    return compilerBug(message,
                       "\nno reproducer: ", llvm::toString(std::move(failure)));
  return compilerBug(message, "\nreproducer (without weights): ", path);
}
