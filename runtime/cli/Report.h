// What an executable model prints.
#pragma once

#include "runtime/tilewright.h"

namespace tw {

/// Times of runs, in nanoseconds.
struct Timing {
  int64_t *runs;
  int64_t count;
};

/// On standard error: what "auto" chose, where there was a choice.
void reportDevice(const tw_model *model);
void printInfo(const tw_model *model, bool json);
void printOutputs(const tw_model *model, const tw_tensor *outputs, bool json);
/// Sorts the times.
void printTiming(const tw_model *model, Timing timing, bool json);
void printProfile(const tw_model *model, tw_context *context, bool json);

} // namespace tw
