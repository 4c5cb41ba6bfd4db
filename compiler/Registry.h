// The dialects that a compilation uses.
#pragma once

#include "mlir/IR/DialectRegistry.h"

namespace tw {

/// Ours and those of upstream's that ours become, with what they need for
/// translation to LLVM IR.
const mlir::DialectRegistry &dialectRegistry();

} // namespace tw
