// One run at a time of a model: its memory, its outputs, its error.
#pragma once

#include "runtime/Buffer.h"
#include "runtime/Model.h"
#include "runtime/device/State.h"

namespace tw {

/// An output during and after a run.
struct Output {
  /// Memory of ours, for a caller who gave none.
  Buffer memory;
  Buffer dims;
  int32_t rank = -1; // until it is placed
  void *data = nullptr;
};

struct NodeTime {
  int64_t nanoseconds = 0;
  int64_t calls = 0;
};

struct Context : tw_context {
  Model *model = nullptr;
  Buffer arena;
  Region region;
  /// The calling thread's workspace; the pool's threads have their own.
  Buffer workspace;
  /// What all threads of a launch share.
  Buffer shared;
  Array<Output> outputs;
  Array<NodeTime> times;
  DeviceContext gpu;
  /// The caller's output tensors while a run is on.
  const tw_tensor *requested = nullptr;
  int32_t status = TW_OK;
  Message error;

  /// Records the first failure of a run and returns its status.
  int32_t fail(int32_t kind) {
    if (status == TW_OK)
      status = kind;
    return status;
  }
};

tw_status initContext(Context &context, Model &model);
/// After the host program has returned: its failure, or an output that it
/// forgot.
void checkProgram(Context &context, int32_t returned);
tw_status runContext(Context &context, const tw_tensor *inputs,
                     int32_t inputCount, tw_tensor *outputs,
                     int32_t outputCount);

} // namespace tw
