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

/// Reads the array for an input from a file. False with a message that names
/// the file.
using ReadArray = bool (*)(const tw_value_info &info, const char *path,
                           NpyArray &array, Message &error);
bool readNpyInput(const tw_value_info &info, const char *path, NpyArray &array,
                  Message &error);

/// Reads or makes every input of the model. False with a message that names the
/// input.
bool bindInputs(const tw_program &program, const Options &options,
                Inputs &inputs, Message &error, ReadArray read = readNpyInput);

} // namespace tw
