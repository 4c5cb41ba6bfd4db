#include "compiler/CrashGuard.h"

#include "compiler/Errors.h"

#include "llvm/Support/CrashRecoveryContext.h"

#include <cstring>
#include <mutex>
#include <optional>

using namespace tw;

namespace {
/// LLVM's signal handlers, there as long as anyone compiles: the process may
/// have handlers of its own.
class Handlers {
public:
  Handlers() {
    std::lock_guard lock(mutex);
    if (users++ == 0)
      llvm::CrashRecoveryContext::Enable();
  }
  ~Handlers() {
    std::lock_guard lock(mutex);
    if (--users == 0)
      llvm::CrashRecoveryContext::Disable();
  }

private:
  static inline std::mutex mutex;
  static inline int users = 0;
};
} // namespace

llvm::Error
tw::guardAgainstCrashes(llvm::function_ref<llvm::Error()> function) {
  Handlers handlers;
  llvm::CrashRecoveryContext context;
  std::optional<llvm::Error> result;
  if (context.RunSafely([&] { result.emplace(function()); }))
    return std::move(*result);
  // As a shell would say it: 128 and the signal's number.
  return compilerBug("the compiler crashed: ",
                     strsignal(context.RetCode - 128));
}
