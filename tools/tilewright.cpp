// The command line: compile, run, bench, inspect, explain.
#include "compiler/Compiler.h"
#include "compiler/Errors.h"
#include "tools/cli/Commands.h"
#include "tools/cli/Options.h"

using namespace tw;
using namespace tw::cli;

static constexpr char kExamples[] = R"(examples:
  tilewright compile model.onnx -o model           then: ./model --help
  tilewright run model.onnx --input x=random
  tilewright bench model.onnx --against onnxruntime,openvino
  tilewright inspect model
  tilewright explain model.onnx --fusion
  tilewright COMMAND --help                        all options, with examples

exit codes: 0, 1 for an error in the input, 2 for wrong usage, 70 for a bug of the compiler
)";

/// Prints the message; the exit code that goes with it.
static int report(llvm::Error error) {
  if (!error)
    return kSuccess;
  bool user = error.isA<UserError>();
  std::string text = llvm::toString(std::move(error));
  if (user) {
    llvm::errs() << "error: " << text << "\n";
    return kUserError;
  }
  llvm::errs() << "internal error: " << text << "\nThis is a bug in Tilewright "
               << compilerVersion()
               << ", not in your model. Please report it with the text above "
                  "and the reproducer.\n";
  return kCompilerBug;
}

static int reportUsage(const CLI::App &app, const CLI::ParseError &error) {
  const CLI::App *used = &app;
  for (const CLI::App *sub : app.get_subcommands())
    used = sub;
  std::string command =
      used == &app ? "tilewright" : "tilewright " + used->get_name();
  bool unknown = used == &app && !app.remaining().empty();
  std::string text = unknown
                         ? "unknown command '" + app.remaining().front() + "'"
                         : error.what();
  llvm::errs() << "error: " << text << "\n"
               << command << " --help shows the options\n";
  return kUsage;
}

static void addCompletion(CLI::App &app) {
  app.add_option_function<std::string>(
         "--completion",
         [&app](const std::string &shell) {
           llvm::outs() << completionScript(app, shell);
           throw CLI::Success();
         },
         "prints a completion script: eval \"$(tilewright --completion bash)\"")
      ->check(CLI::IsMember({"bash", "zsh"}))
      ->trigger_on_parse();
}

static int runCommand(const std::vector<Command> &commands) {
  for (const Command &command : commands)
    if (command.app->parsed())
      return report(command.run());
  llvm_unreachable("one subcommand is required");
}

int main(int argc, char **argv) {
  CLI::App app("Compiles ONNX models to native code.", "tilewright");
  app.require_subcommand(1);
  app.footer(kExamples);
  app.set_version_flag("--version", "tilewright " + compilerVersion());
  addCompletion(app);
  std::vector<Command> commands = {addCompile(app), addRun(app), addBench(app),
                                   addInspect(app), addExplain(app)};
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError &error) {
    return error.get_exit_code() == 0 ? app.exit(error)
                                      : reportUsage(app, error);
  }
  return runCommand(commands);
}
