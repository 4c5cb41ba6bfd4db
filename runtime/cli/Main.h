// The whole of an executable model's main function, given its program.
#pragma once

#include "runtime/host.h"

namespace tw {

/// Returns the exit code: 0, or 1 after one message on standard error.
int runCommandLine(const tw_program &program, int argc, char **argv);

} // namespace tw
