// What a compilation tells about itself on the way: times, IR dumps, progress.
#pragma once

#include "compiler/Options.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/Support/Error.h"

#include <mutex>

namespace tw {

class Reporter {
public:
  Reporter(const CompileOptions &options, CompileReport *report)
      : options(options), report(report) {}

  /// Runs passes over `module`, each a stage of its own.
  llvm::Error run(mlir::ModuleOp module,
                  llvm::function_ref<void(mlir::OpPassManager &)> build);

  /// Times something that is no pass.
  template <typename Function>
  auto stage(llvm::StringRef name, Function function) {
    Timer timer(*this, name);
    return function();
  }

  /// Writes the IR after a stage, where it was asked for.
  void dump(llvm::StringRef stage, mlir::Operation *op);
  void dump(llvm::StringRef stage, llvm::StringRef text);
  bool wantsDump(llvm::StringRef stage) const;
  bool wantsAnyDump() const {
    return !options.dumpIr.empty() || !capturing.empty();
  }
  /// From now on keeps the IR after this stage, in the order of its dumps.
  void capture(llvm::StringRef stage) { capturing = stage.str(); }
  llvm::StringRef captured() const { return capturedText; }
  void countKernels(size_t total, size_t cached);

  void progress(const std::string &what, size_t done, size_t total);
  void addStage(StageReport stage);
  CompileReport *result() { return report; }

private:
  class Timer {
  public:
    Timer(Reporter &reporter, llvm::StringRef name);
    ~Timer();

  private:
    Reporter &reporter;
    std::string name;
    double start;
  };

  const CompileOptions &options;
  CompileReport *report;
  std::mutex mutex;
  int dumps = 0;
  std::string capturing, capturedText;
};

/// Milliseconds on a clock that does not go back.
double nowMilliseconds();

} // namespace tw
