// A model that is ready to run.
#pragma once

#include "runtime/Message.h"
#include "runtime/Runtime.h"
#include "runtime/cpu/Pool.h"

namespace tw {

struct Model : tw_model {
  const char *weights = nullptr;
  bool profile = false;
  Pool pool;
};

/// Checks the program against this runtime and this machine and readies it.
tw_status initModel(Model &model, const tw_program &program,
                    const tw_options &options, Message &error);

/// The first byte of the program's weights; NULL, with a message, if this
/// artifact does not hold them.
const char *findWeights(const tw_program &program, Message &error);

} // namespace tw
