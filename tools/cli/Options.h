// Options that several subcommands share, and how errors leave the program.
#pragma once

#include "compiler/Compiler.h"

#include <CLI/CLI.hpp>

namespace tw::cli {

enum ExitCode { kSuccess = 0, kUserError = 1, kUsage = 2, kCompilerBug = 70 };

/// --target, --cpu, --conv, --embed-cubin, --fast-math, --allow-tf32: how code
/// is made.
void addCodeOptions(CLI::App &app, CompileOptions &options);
/// What `--device` asks the code to be for, where --target does not say.
std::string targetFor(llvm::StringRef device);
/// --dim NAME=SIZE, any number of times.
void addDims(CLI::App &app, std::vector<std::pair<std::string, int64_t>> &dims);
/// --threads N.
void addThreads(CLI::App &app, int &threads, const std::string &meaning);

/// Whether the file is an ELF file, not a model to compile.
bool isArtifact(const std::string &path);

/// What --progress is: the line on a terminal that says what is being done.
/// Nothing where standard error is no terminal or `quiet` is set.
class ProgressLine {
public:
  explicit ProgressLine(bool quiet);
  ~ProgressLine();
  std::function<void(const std::string &, size_t, size_t)> callback();

private:
  bool shown;
};

} // namespace tw::cli
