#include "tools/cli/Options.h"

#include "llvm/BinaryFormat/Magic.h"

#include <unistd.h>

using namespace tw;
using namespace tw::cli;

void cli::addCodeOptions(CLI::App &app, CompileOptions &options) {
  app.add_option("--target", options.target,
                 "what the code is for: cpu, ptx (GPUs from sm_80 on), "
                 "ptx:sm_90a (Hopper, with code for others beside it), or both "
                 "as in cpu,ptx")
      ->type_name("cpu|ptx|ptx:sm_90a|cpu,ptx")
      ->capture_default_str();
  app.add_flag("--embed-cubin", options.embedCubin,
               "put what NVIDIA's ptxas makes of the PTX beside it");
  app.add_flag("--fast-math", options.fastMath,
               "GPU kernels: approximate instructions for exp, log, tanh, sin, "
               "cos, square roots and division in f32, without denormals");
  app.add_flag("--allow-tf32", options.allowTf32,
               "GPU kernels: matrix products and convolutions in f32 on tensor "
               "cores, which round the operands to tf32 (11 bits)");
  app.add_option("--cpu", options.cpu,
                 "CPU that the code is for (native: this machine's)")
      ->check(CLI::IsMember({"native", "x86-64-v2", "x86-64-v3", "x86-64-v4"}))
      ->capture_default_str();
  app.add_option("--conv", options.conv,
                 "direct: no algorithms that round differently (Winograd)")
      ->check(CLI::IsMember({"auto", "direct"}))
      ->capture_default_str();
}

std::string cli::targetFor(llvm::StringRef device) {
  return device == "emulator" || device.starts_with("cuda") ? "ptx" : "cpu";
}

static std::pair<std::string, int64_t> parseDim(const std::string &text) {
  size_t sign = text.rfind('=');
  int64_t size;
  if (sign == std::string::npos || sign == 0 ||
      !CLI::detail::lexical_cast(text.substr(sign + 1), size) || size < 0)
    throw CLI::ValidationError("--dim",
                               "expected NAME=SIZE, found '" + text + "'");
  return {text.substr(0, sign), size};
}

void cli::addDims(CLI::App &app,
                  std::vector<std::pair<std::string, int64_t>> &dims) {
  app.add_option_function<std::vector<std::string>>(
         "--dim",
         [&dims](const std::vector<std::string> &texts) {
           for (const std::string &text : texts)
             dims.push_back(parseDim(text));
         },
         "size of a symbolic dimension (repeatable)")
      ->type_name("NAME=SIZE")
      ->type_size(1)
      ->allow_extra_args(false);
}

void cli::addThreads(CLI::App &app, int &threads, const std::string &meaning) {
  app.add_option("--threads", threads, meaning)
      ->check(CLI::Range(1, 4096))
      ->type_name("N");
}

bool cli::isArtifact(const std::string &path) {
  llvm::file_magic magic;
  return !llvm::identify_magic(path, magic) && magic.is_object();
}

ProgressLine::ProgressLine(bool quiet) : shown(!quiet && isatty(2)) {}

ProgressLine::~ProgressLine() {
  if (shown)
    llvm::errs() << "\r\033[K";
}

std::function<void(const std::string &, size_t, size_t)>
ProgressLine::callback() {
  if (!shown)
    return {};
  return [](const std::string &what, size_t done, size_t total) {
    llvm::errs() << "\r\033[K" << what;
    if (total)
      llvm::errs() << " " << done << "/" << total;
  };
}
