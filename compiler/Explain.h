// What fuse-attention found, for people and for programs.
#pragma once

#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/JSON.h"

#include <string>

namespace tw {

/// {"attention": [{"fused", "nodes", "options", "reason"}, ...]}: each place
/// where a softmax lies between two products, and each attention of the model's
/// own. After the graph passes.
llvm::json::Object fusionReport(mlir::ModuleOp module);
/// The same as text, a line or two per site.
std::string fusionText(const llvm::json::Object &report);

} // namespace tw
