// tilewright bench
#include "compiler/Errors.h"
#include "tools/cli/Commands.h"
#include "tools/cli/Options.h"
#include "tools/cli/Report.h"
#include "tools/cli/Use.h"

#include "llvm/ADT/ScopeExit.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Program.h"

using namespace tw;
using namespace tw::cli;

static constexpr char kExamples[] =
    R"(Inputs that are not given are random. With --against, each engine runs in a process of its own, pinned to the same CPUs
and stopped while another runs; they take turns within one run, and medians are compared. The engines are Python packages:
TILEWRIGHT_PYTHON names a Python that has them (default: the .venv of the build, or python3).

examples:
  tilewright bench net.onnx --threads 2
  tilewright bench net.onnx --against onnxruntime,openvino --dim batch=1
  tilewright bench compiled.so --input x=x.npy --iterations 100 --json
)";

namespace {
class Bench : public Use {
public:
  std::vector<std::string> against;
  int64_t iterations = 0;

  llvm::Error run();

private:
  llvm::Error compare();
  std::vector<std::string> arguments(const std::string &folder) const;
};
} // namespace

static llvm::Expected<std::string> findPython() {
  if (const char *chosen = getenv("TILEWRIGHT_PYTHON"))
    return std::string(chosen);
  std::string self = llvm::sys::fs::getMainExecutable(nullptr, nullptr);
  llvm::SmallString<128> local(self);
  for (int i = 0; i < 3; ++i)
    llvm::sys::path::remove_filename(local);
  llvm::sys::path::append(local, ".venv", "bin", "python");
  if (llvm::sys::fs::can_execute(local))
    return local.str().str();
  if (auto found = llvm::sys::findProgramByName("python3"))
    return *found;
  return userError("--against: expected a Python with the engines, found none "
                   "(set TILEWRIGHT_PYTHON)");
}

std::vector<std::string> Bench::arguments(const std::string &folder) const {
  std::vector<std::string> words = {"-m",
                                    "tilewright.bench",
                                    file,
                                    "--engines",
                                    "tilewright," + CLI::detail::join(against),
                                    "--threads",
                                    std::to_string(tw_model_threads(loaded()))};
  for (int32_t i = 0; i < tw_model_input_count(loaded()); ++i) {
    std::string name = tw_model_input(loaded(), i)->name;
    words.insert(words.end(), {"--input", name + "=" + folder + "/" +
                                              std::to_string(i) + ".npy"});
  }
  for (const auto &[name, size] : compile.dims)
    words.insert(words.end(), {"--dim", name + "=" + std::to_string(size)});
  if (iterations)
    words.insert(words.end(), {"--iterations", std::to_string(iterations)});
  words.insert(words.end(), {"--cpu", compile.cpu, "--conv", compile.conv});
  if (json)
    words.push_back("--json");
  return words;
}

/// The Python package of this build, before any that is installed.
static void preferOwnPackage() {
  llvm::SmallString<128> package(
      llvm::sys::fs::getMainExecutable(nullptr, nullptr));
  llvm::sys::path::remove_filename(package);
  llvm::sys::path::append(package, "..", "python_api");
  if (!llvm::sys::fs::is_directory(package))
    return;
  const char *before = getenv("PYTHONPATH");
  std::string path =
      package.str().str() + (before ? ":" : "") + (before ? before : "");
  setenv("PYTHONPATH", path.c_str(), 1);
}

llvm::Error Bench::compare() {
  if (isArtifact(file))
    return userError("--against: expected an ONNX model that all engines can "
                     "read, found the compiled model ",
                     file);
  llvm::SmallString<128> folder;
  if (std::error_code error =
          llvm::sys::fs::createUniqueDirectory("tilewright-bench", folder))
    return userError("cannot make a temporary folder: ", error.message());
  llvm::scope_exit clean([&] { llvm::sys::fs::remove_directories(folder); });
  if (llvm::Error error = writeInputs(folder.str().str()))
    return error;
  auto python = findPython();
  if (!python)
    return python.takeError();
  preferOwnPackage();
  std::vector<std::string> words = arguments(folder.str().str());
  llvm::SmallVector<llvm::StringRef> command = {*python};
  command.append(words.begin(), words.end());
  std::string reason;
  int code = llvm::sys::ExecuteAndWait(*python, command, std::nullopt, {}, 0, 0,
                                       &reason);
  if (code == 0)
    return llvm::Error::success();
  return userError("--against: the comparison failed",
                   reason.empty() ? "" : ": ", reason);
}

llvm::Error Bench::run() {
  if (llvm::Error error = open())
    return error;
  return against.empty() ? use(iterations ? iterations : -1) : compare();
}

Command cli::addBench(CLI::App &app) {
  CLI::App *sub = app.add_subcommand(
      "bench", "Times a model, alone or in turns with other engines");
  sub->footer(kExamples);
  auto state = std::make_shared<Bench>();
  state->addOptions(*sub);
  sub->add_option("--against", state->against, "engines to compare with")
      ->delimiter(',')
      ->check(CLI::IsMember({"onnxruntime", "openvino"}))
      ->type_name("ENGINE[,ENGINE]");
  sub->add_option("--iterations", state->iterations,
                  "runs to time (default: about a second's worth)")
      ->check(CLI::Range(int64_t(1), int64_t(1000000)))
      ->type_name("N");
  return {sub, [state] { return state->run(); }};
}
