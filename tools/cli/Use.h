// What run and bench have in common: a model made ready, and its inputs.
#pragma once

#include "compiler/Compiler.h"
#include "compiler/MemoryFile.h"
#include "runtime/cli/Session.h"

#include <CLI/CLI.hpp>

namespace tw::cli {

/// The options of a command that uses a model, and its doing.
class Use {
public:
  std::string file;
  std::vector<std::string> inputs;
  std::vector<std::pair<std::string, int64_t>> dims;
  CompileOptions compile;
  std::string output, device, emulator;
  bool cudaGraph = false;
  int threads = 0, emulatorSeed = 0;
  int64_t seed = 0;
  bool profile = false, json = false, quiet = false;

  ~Use() { tw_model_close(model); }

  void addOptions(CLI::App &app);
  /// Loads the artifact, or compiles the ONNX model and loads that.
  llvm::Error open();
  /// Runs, writes and prints what a compiled model's own command line would.
  /// `benchRuns`: 0 runs once, -1 times as many runs as fit into a second.
  llvm::Error use(int64_t benchRuns);
  /// Makes or reads the inputs and writes each to FOLDER/INDEX.npy.
  llvm::Error writeInputs(const std::string &folder);

  const tw_model *loaded() const { return model; }

private:
  llvm::Error compileModel();
  llvm::Error expandArchives();
  /// As the runtime's command line has them; the texts stay here.
  llvm::Error fillOptions(Options &options);

  bool isTargetGiven = false;
  tw_model *model = nullptr;
  MemoryFile memory;
  std::vector<std::string> dimTexts;
};

} // namespace tw::cli
