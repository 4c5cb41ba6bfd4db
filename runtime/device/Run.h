// A model's life on a device: what Model, Context and Services do differently
// there.
#pragma once

#include "runtime/Context.h"

namespace tw {

/// Puts the weights there.
tw_status initOnDevice(Model &model, Message &error);
tw_status initContextOnDevice(Context &context, Message &error);

/// Inputs there, the program, outputs back. What fails is in the context.
void runOnDevice(Context &context, const tw_tensor *inputs, tw_tensor *outputs);

void *arenaOnDevice(Context &context, int64_t bytes);
void *allocateOnDevice(Context &context, int64_t bytes);
/// Where the program writes output `index`, whose shape is recorded.
void *placeOnDevice(Context &context, int32_t index, int64_t bytes);

/// Records a failure of the device unless the run has failed before.
void failOnDevice(Context &context, tw_status status, const Message &reason);

} // namespace tw
