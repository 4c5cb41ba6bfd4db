// tilewright explain
#include "compiler/Errors.h"
#include "tools/cli/Commands.h"
#include "tools/cli/Options.h"
#include "tools/cli/Report.h"

using namespace tw;
using namespace tw::cli;

static constexpr char kExamples[] = R"(examples:
  tilewright explain bert.onnx --fusion           which attention was fused, and why the rest was not
  tilewright explain bert.onnx --fusion --json    the same for programs
)";

namespace {
struct Explain {
  CompileOptions options;
  std::string model;
  bool fusion = false, json = false;

  llvm::Error run() {
    auto text = explainFusion(ModelSource::ofFile(model), options, json);
    if (!text)
      return text.takeError();
    llvm::outs() << *text;
    return flushOutput();
  }
};
} // namespace

Command cli::addExplain(CLI::App &app) {
  CLI::App *sub = app.add_subcommand(
      "explain", "Says what the compiler made of a model, and why");
  sub->footer(kExamples);
  auto state = std::make_shared<Explain>();
  sub->add_option("MODEL", state->model, "ONNX file")->required();
  sub->add_flag("--fusion", state->fusion,
                "attention: what was fused, what was not and why");
  sub->add_flag("--json", state->json, "as JSON");
  addCodeOptions(*sub, state->options);
  addDims(*sub, state->options.dims);
  return {sub, [state] { return state->run(); }};
}
