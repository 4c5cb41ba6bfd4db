// One use of a loaded model from a command line: inputs in, one run or many,
// outputs and times out.
#pragma once

#include "runtime/Runtime.h"
#include "runtime/cli/Inputs.h"

namespace tw {

class Session {
public:
  /// `read` gets inputs from files.
  Session(tw_model *model, const Options &options, Message &error,
          ReadArray read = readNpyInput)
      : model(model), program(*model->program), options(options), error(error),
        read(read) {}
  Session(const Session &) = delete;
  Session &operator=(const Session &) = delete;
  ~Session() { tw_context_destroy(context); }

  /// Does all that the options ask for. False after it has set the error.
  bool run();

private:
  bool runModel();
  bool runOnce();
  bool bench();
  bool wantsMore(int64_t count, int64_t begin) const;
  bool writeOutputs();
  Message outputPath(int32_t index) const;
  Message fileName(int32_t index) const;
  bool flush();

  tw_model *model;
  const tw_program &program;
  const Options &options;
  Message &error;
  ReadArray read;
  tw_context *context = nullptr;
  Inputs inputs;
  Array<tw_tensor> outputs;
};

/// Flushes standard output. False with a message if it cannot be written.
bool flushOutput(Message &error);

} // namespace tw
