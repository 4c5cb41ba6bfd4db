// Which device a model runs on, and so which of the artifact's programs.
#pragma once

#include "runtime/Model.h"

namespace tw {

/// Opens the device that the options, or else the environment, ask for; sets
/// the model's program and device. What "auto" decided is in the model's
/// `reason`.
tw_status chooseDevice(Model &model, const tw_program &artifact,
                       const tw_options &options, Message &error);

} // namespace tw
