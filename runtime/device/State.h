// What a model and a context keep on a device that is not the CPU. Without a
// device everything here is empty.
#pragma once

#include "runtime/device/Memory.h"

#include <pthread.h>

namespace tw {

struct DeviceModel {
  Device *device = nullptr;
  const tw_device_target *target = nullptr;
  DeviceBuffer weights;
  /// Loaded when they are launched first. Guarded by the mutex.
  Array<DeviceKernel> kernels;
  pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  bool wantsGraphs = false;

  ~DeviceModel();
};

struct DeviceInput {
  DeviceBuffer memory;
  /// What the program is given.
  void *place = nullptr;
  /// The caller's values; NULL if they are on the device.
  const void *host = nullptr;
  int64_t bytes = 0;
};

struct DeviceOutput {
  DeviceBuffer memory;
  /// Where the program writes it.
  void *place = nullptr;
  /// As the recorded run set it.
  int32_t recordedRank = -1;
};

/// Runs of equal sizes, recorded once and replayed.
struct DeviceGraph {
  void *recorded = nullptr;
  /// What the last run and so the recording depend on.
  Buffer key;
  int64_t keySize = 0;
  bool impossible = false;
};

struct DeviceContext {
  DeviceModel *model = nullptr;
  DeviceQueue *queue = nullptr;
  DeviceBuffer arena, workspace;
  DeviceRegion region;
  Array<DeviceInput> inputs;
  Array<DeviceOutput> outputs;
  /// The inputs as the program gets them.
  Array<tw_tensor> arguments;
  /// What tw_rt_read returned last; grids, parameters and tensor maps of a
  /// launch.
  Buffer readback, rows, values, pointers, mapRows, maps;
  /// The run has read what depends on more than sizes.
  bool readValues = false;
  DeviceGraph graph;

  ~DeviceContext();
};

} // namespace tw
