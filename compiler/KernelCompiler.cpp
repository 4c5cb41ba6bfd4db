#include "compiler/KernelCompiler.h"

#include "compiler/CrashGuard.h"
#include "compiler/Errors.h"
#include "compiler/ObjectCache.h"
#include "compiler/Version.h"
#include "passes/KernelPipeline.h"

#include "mlir/IR/MLIRContext.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"

#include <atomic>
#include <thread>

using namespace tw;
using namespace mlir;

namespace {

/// A kernel on its way: text in, code out. Text, because each worker has a
/// context of its own.
struct Job {
  std::string name, text, key, code;
  llvm::Error error = llvm::Error::success();
  bool isDone = false;
};

/// Compiles with an MLIR context that no other thread touches.
class Worker {
public:
  Worker(const KernelBackend &backend, const DialectRegistry &registry,
         Reporter &reporter)
      : backend(backend), context(registry, MLIRContext::Threading::DISABLED) {
    if (reporter.wantsAnyDump())
      dump = [&reporter](llvm::StringRef stage, llvm::StringRef text) {
        reporter.dump(stage, text);
      };
  }

  llvm::Error run(Job &job) {
    std::string messages;
    ScopedDiagnosticHandler handler(&context, [&](Diagnostic &diagnostic) {
      llvm::raw_string_ostream(messages) << diagnostic << "\n";
      return success();
    });
    auto module = parseSourceString<ModuleOp>(job.text, &context);
    if (!module)
      return compilerBug("kernel ", job.name,
                         " cannot be read back: ", messages);
    ModuleOp kernel = *module;
    if (auto nested = kernel.getOps<ModuleOp>(); !nested.empty())
      kernel = *nested.begin();
    auto compiled = backend.compile(kernel, dump);
    if (!compiled)
      return compilerBug("kernel ", job.name, ": ",
                         llvm::toString(compiled.takeError()), "\n", messages,
                         job.text);
    job.code = std::move(*compiled);
    return llvm::Error::success();
  }

private:
  const KernelBackend &backend;
  MLIRContext context;
  DumpKernel dump;
};

Job makeJob(ModuleOp kernel, const KernelBackend &backend) {
  Job job;
  job.name = kernel.getName().value_or("kernel").str();
  llvm::raw_string_ostream os(job.text);
  kernel->print(os, OpPrintingFlags().useLocalScope());
  std::string version = compilerVersion(), build = compilerBuild();
  SmallVector<llvm::StringRef> parts(backend.key.begin(), backend.key.end());
  parts.append({job.text, version, build});
  job.key = ObjectCache::key(parts);
  return job;
}

} // namespace

llvm::Expected<std::vector<std::string>>
tw::compileKernels(llvm::ArrayRef<ModuleOp> kernels,
                   const KernelBackend &backend, int threads,
                   Reporter &reporter) {
  double start = nowMilliseconds();
  ObjectCache cache;
  std::vector<Job> jobs;
  std::vector<Job *> missing;
  jobs.reserve(kernels.size());
  for (ModuleOp kernel : kernels) {
    Job &job = jobs.emplace_back(makeJob(kernel, backend));
    if (auto code = cache.find(job.key); code && !reporter.wantsAnyDump())
      job.code = std::move(*code);
    else
      missing.push_back(&job);
  }
  reporter.countKernels(kernels.size(), kernels.size() - missing.size());

  DialectRegistry registry;
  registerKernelDialects(registry);
  registerBuiltinDialectTranslation(registry);
  registerLLVMDialectTranslation(registry);
  std::atomic<size_t> next = 0, done = 0;
  auto work = [&] {
    std::optional<Worker> worker;
    for (size_t i; (i = next++) < missing.size();) {
      if (!worker)
        worker.emplace(backend, registry, reporter);
      Job &job = *missing[i];
      job.error = guardAgainstCrashes([&] { return worker->run(job); });
      reporter.progress("compiling kernels", ++done, missing.size());
    }
  };
  size_t count =
      threads > 0 ? threads : std::max(1u, std::thread::hardware_concurrency());
  std::vector<std::thread> pool;
  for (size_t i = 1; i < std::min(count, missing.size()); ++i)
    pool.emplace_back(work);
  work();
  for (std::thread &thread : pool)
    thread.join();

  llvm::Error errors = llvm::Error::success();
  for (Job *job : missing) {
    if (job->error)
      errors = llvm::joinErrors(std::move(errors), std::move(job->error));
    else
      cache.store(job->key, job->code);
  }
  if (errors)
    return std::move(errors);
  std::vector<std::string> codes;
  for (Job &job : jobs)
    codes.push_back(std::move(job.code));
  reporter.addStage({backend.name, nowMilliseconds() - start, true});
  return codes;
}
