// From the command line's texts to input tensors.
#pragma once

#include "runtime/cli/Npy.h"
#include "runtime/cli/Options.h"
#include "runtime/host.h"

namespace tw {

struct Input {
  NpyArray array; // from a file
  Buffer memory;  // or made here
  Array<int64_t> dims;
};

struct Inputs {
  Array<Input> values;
  Array<tw_tensor> tensors;
};

/// Reads or makes every input of the model. False with a message that names the
/// input.
bool bindInputs(const tw_program &program, const Options &options,
                Inputs &inputs, Message &error);

} // namespace tw
