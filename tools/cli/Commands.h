// The subcommands. Each adds its options to the command line and returns what
// runs it after parsing.
#pragma once

#include "llvm/Support/Error.h"

#include <CLI/CLI.hpp>
#include <functional>

namespace tw::cli {

/// The arguments were understood; says how the command ended.
using Action = std::function<llvm::Error()>;

struct Command {
  CLI::App *app;
  Action run;
};

Command addCompile(CLI::App &app);
Command addRun(CLI::App &app);
Command addBench(CLI::App &app);
Command addInspect(CLI::App &app);
Command addExplain(CLI::App &app);

/// A script for "bash" or "zsh" that completes every command and option of
/// `app`.
std::string completionScript(const CLI::App &app, llvm::StringRef shell);

} // namespace tw::cli
