// Crashes of the compiler as errors.
#pragma once

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/Support/Error.h"

namespace tw {

/// Calls `function`. If it crashes on this thread (a fault, a failed assertion,
/// report_fatal_error) the result is a CompilerBug, what it had in memory leaks
/// and the process lives on.
llvm::Error guardAgainstCrashes(llvm::function_ref<llvm::Error()> function);

} // namespace tw
