#include "compiler/Reporter.h"

#include "compiler/Errors.h"

#include "mlir/Pass/PassInstrumentation.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/Path.h"

#include <chrono>

using namespace tw;
using namespace mlir;

double tw::nowMilliseconds() {
  auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration<double, std::milli>(now).count();
}

Reporter::Timer::Timer(Reporter &reporter, llvm::StringRef name)
    : reporter(reporter), name(name), start(nowMilliseconds()) {}

Reporter::Timer::~Timer() {
  reporter.addStage({name, nowMilliseconds() - start, true});
}

namespace {
/// Times each pass, notes whether it changed anything, dumps what is wanted.
class StageInstrumentation : public PassInstrumentation {
public:
  explicit StageInstrumentation(Reporter &reporter) : reporter(reporter) {}

  void runBeforePass(Pass *pass, Operation *op) override {
    if (pass->getArgument().empty())
      return;
    before.emplace(op);
    start = nowMilliseconds();
  }
  void runAfterPass(Pass *pass, Operation *op) override {
    if (pass->getArgument().empty() || !before)
      return;
    double time = nowMilliseconds() - start;
    bool changed = *before != OperationFingerPrint(op);
    reporter.addStage({pass->getArgument().str(), time, changed});
    reporter.dump(pass->getArgument(), op);
    before.reset();
  }

private:
  Reporter &reporter;
  std::optional<OperationFingerPrint> before;
  double start = 0;
};
} // namespace

llvm::Error Reporter::run(ModuleOp module,
                          llvm::function_ref<void(OpPassManager &)> build) {
  PassManager passes(module.getContext(), ModuleOp::getOperationName());
  passes.enableVerifier(options.verifyEach);
  if (report || !options.dumpIr.empty())
    passes.addInstrumentation(std::make_unique<StageInstrumentation>(*this));
  build(passes);
  std::string messages;
  ScopedDiagnosticHandler handler(
      module.getContext(), [&](Diagnostic &diagnostic) {
        llvm::raw_string_ostream os(messages);
        os << (messages.empty() ? "" : "\n") << diagnostic.getLocation() << ": "
           << diagnostic;
        return success();
      });
  if (succeeded(passes.run(module)))
    return llvm::Error::success();
  // The model was right when it was imported: what fails after that is ours.
  return compilerBug(messages);
}

bool Reporter::wantsDump(llvm::StringRef stage) const {
  // Some passes of upstream have no name.
  return !stage.empty() && (options.dumpIr == "all" ||
                            options.dumpIr == stage || capturing == stage);
}

void Reporter::dump(llvm::StringRef stage, Operation *op) {
  if (!wantsDump(stage))
    return;
  std::string text;
  llvm::raw_string_ostream os(text);
  op->print(os, OpPrintingFlags().elideLargeElementsAttrs(32));
  dump(stage, text);
}

void Reporter::dump(llvm::StringRef stage, llvm::StringRef text) {
  if (!wantsDump(stage))
    return;
  std::lock_guard lock(mutex);
  if (capturing == stage) {
    capturedText += text;
    capturedText += "\n";
    return;
  }
  if (options.dumpDir.empty()) {
    llvm::errs() << "// ---- after " << stage << " ----\n" << text << "\n";
    return;
  }
  llvm::sys::fs::create_directories(options.dumpDir);
  llvm::SmallString<128> path(options.dumpDir);
  llvm::sys::path::append(
      path, llvm::formatv("{0,0+3}-{1}.mlir", dumps++, stage).str());
  std::error_code error;
  llvm::raw_fd_ostream os(path, error);
  if (!error)
    os << text << "\n";
}

void Reporter::progress(const std::string &what, size_t done, size_t total) {
  std::lock_guard lock(mutex);
  if (options.progress)
    options.progress(what, done, total);
}

void Reporter::addStage(StageReport stage) {
  std::lock_guard lock(mutex);
  if (report)
    report->stages.push_back(std::move(stage));
}

void Reporter::countKernels(size_t total, size_t cached) {
  std::lock_guard lock(mutex);
  if (report) {
    report->kernels += total;
    report->cachedKernels += cached;
  }
}
