// A model that is ready to run.
#pragma once

#include "runtime/Message.h"
#include "runtime/Runtime.h"
#include "runtime/cpu/Pool.h"
#include "runtime/device/State.h"

namespace tw {

struct Model : tw_model {
  const char *weights = nullptr;
  bool profile = false;
  Pool pool;
  /// Where the kernels run, if that is not the CPU.
  DeviceModel gpu;
  /// Why "auto" chose the device.
  Message reason;
};

/// Chooses a device and the artifact's program for it, checks both against this
/// runtime and this machine and readies them.
tw_status initModel(Model &model, const tw_program &artifact,
                    const tw_options &options, Message &error);

/// The first byte of the program's weights; NULL, with a message, if this
/// artifact does not hold them.
const char *findWeights(const tw_program &program, Message &error);

} // namespace tw
