// Inputs from files of every kind that the command line knows.
#pragma once

#include "runtime/cli/Inputs.h"

namespace tw::cli {

/// A ReadArray by the file's name: .npz, .png, .jpg or .jpeg; anything else is
/// read as .npy.
bool readInput(const tw_value_info &info, const char *path, NpyArray &array,
               Message &error);

} // namespace tw::cli
