// From an ONNX model to a module of the nn dialect.
//
// The module has one function, `main`. Its arguments are the graph's inputs
// that are no initializers, with `nn.name` and `nn.dims` (an entry per dim: its
// size, its symbol, or "" where nothing is known); its results have `nn.name`.
// Every op's location is named by its ONNX node and holds the operator's name
// inside: loc("conv1"("Conv")).
#pragma once

#include "compiler/import/wire/Model.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "llvm/Support/Error.h"

#include <map>

namespace tw {

struct ImportOptions {
  /// Sizes for symbolic dims, by name.
  std::vector<std::pair<std::string, int64_t>> dims;
};

struct ImportedModel {
  mlir::OwningOpRef<mlir::ModuleOp> module;
  /// What nn.weight's `id` counts. The bytes are as ONNX's raw_data has them:
  /// row-major, little-endian, elements of less than eight bits packed.
  std::vector<wire::Data> weights;
  std::string producer;
  int64_t irVersion = 0;
  std::map<std::string, int64_t> opsets;
  std::map<std::string, std::string> metadata;
};

/// All errors are UserErrors that begin with the model's name, or CompilerBugs.
llvm::Expected<ImportedModel> importOnnx(const std::string &path,
                                         mlir::MLIRContext *context,
                                         const ImportOptions &options = {});
llvm::Expected<ImportedModel> importOnnx(const wire::Model &model,
                                         mlir::MLIRContext *context,
                                         const ImportOptions &options = {});

} // namespace tw
