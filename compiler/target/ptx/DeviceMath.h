// The library of mathematical functions that kernels call.
#pragma once

#include "llvm/IR/Module.h"
#include "llvm/Support/Error.h"

namespace tw {

/// Links what `module` calls of libm into it, and replaces instructions that
/// the target has no exact code for by such calls.
llvm::Error linkDeviceMath(llvm::Module &module);

} // namespace tw
