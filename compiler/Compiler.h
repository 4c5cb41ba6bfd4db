// The compiler as its callers see it: an ONNX model in, an artifact or text
// out.
#pragma once

#include "compiler/MemoryFile.h"
#include "compiler/Options.h"
#include "compiler/Version.h"

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <string>

namespace tw {

/// An ONNX model: a file, or bytes in memory (with the folder where its
/// external data lies; "" if it may have none).
struct ModelSource {
  std::string path;
  std::string bytes;
  std::string folder;

  static ModelSource ofFile(std::string path) {
    return {std::move(path), {}, {}};
  }
  static ModelSource ofBytes(std::string bytes, std::string name,
                             std::string folder = {}) {
    return {std::move(name), std::move(bytes), std::move(folder)};
  }
};

/// Compiles `model` and writes what `options.emit` says to `output`. The file
/// appears complete or not at all. Errors are UserErrors (they name the file,
/// node and attribute, what was expected and found) or CompilerBugs.
llvm::Error compileToFile(const ModelSource &model, llvm::StringRef output,
                          const CompileOptions &options,
                          CompileReport *report = nullptr);

/// Compiles to an artifact in memory; the result's path can be loaded with
/// tw_model_open while the result lives.
llvm::Expected<MemoryFile> compileToMemory(const ModelSource &model,
                                           const CompileOptions &options,
                                           CompileReport *report = nullptr);

/// What was fused and what was not, and why: text or JSON (compiler/Explain.h).
llvm::Expected<std::string> explainFusion(const ModelSource &model,
                                          const CompileOptions &options,
                                          bool json);

/// The graph as it was imported, as text and without its weights: what a report
/// of a bug needs.
llvm::Expected<std::string> importToText(const ModelSource &model,
                                         const CompileOptions &options);

} // namespace tw
