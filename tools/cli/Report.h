// What commands print, and reproducers of our own faults.
#pragma once

#include "compiler/Artifact.h"
#include "compiler/Compiler.h"

#include "llvm/Support/JSON.h"

namespace tw::cli {

/// {"stages": [{"name", "milliseconds", "changed"}], "kernels": N, ...}.
llvm::json::Object toJson(const CompileReport &report);
void printStages(const CompileReport &report);
/// On standard output, indented.
void printJson(llvm::json::Value value);
/// A UserError where standard output cannot be written.
llvm::Error flushOutput();

/// For what is no UserError: writes the imported model, without its weights, to
/// `output`.reproducer.mlir and says so in the message.
llvm::Error withReproducer(llvm::Error error, const ModelSource &model,
                           const CompileOptions &options,
                           const std::string &output);

} // namespace tw::cli
