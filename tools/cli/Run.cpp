// tilewright run
#include "compiler/Errors.h"
#include "tools/cli/Commands.h"
#include "tools/cli/Use.h"

using namespace tw;
using namespace tw::cli;

static constexpr char kExamples[] =
    R"(A picture becomes [1, channels, height, width]: uint8 as it is, float32 as 0 to 1; one, three (RGB) or four channels, as
the input wants. Its size must be the input's; nothing is resized.

examples:
  tilewright run net.onnx --input x=x.npy --output out
  tilewright run net.onnx --input image=cat.png --timing
  tilewright run net.onnx --input ids=random:0:1000 --input mask=random --dim batch=4
  tilewright run net.onnx --input x=random --device emulator
  tilewright run compiled.so --input all.npz --threads 2 --json
)";

Command cli::addRun(CLI::App &app) {
  CLI::App *sub = app.add_subcommand(
      "run", "Runs a model once: an ONNX file, or what compile wrote");
  sub->footer(kExamples);
  auto state = std::make_shared<Use>();
  state->addOptions(*sub);
  sub->add_option("--output", state->output, "writes outputs to DIR/NAME.npy")
      ->type_name("DIR");
  sub->add_flag("--timing", state->profile, "time of every ONNX node");
  return {sub, [state]() -> llvm::Error {
            if (llvm::Error error = state->open())
              return error;
            return state->use(0);
          }};
}
