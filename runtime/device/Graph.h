// Replaying runs of equal sizes.
#pragma once

#include "runtime/Context.h"

namespace tw {

/// Calls the host program, or replays what it did the last time. What fails is
/// in the context.
void runProgram(Context &context, tw_tensor *outputs);

} // namespace tw
