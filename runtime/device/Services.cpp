// The services of host.h that only programs for a device call.
#include "runtime/device/Run.h"

#include <cstdint>

using namespace tw;

static Context &contextOf(tw_context *context) {
  return *static_cast<Context *>(context);
}

static bool contains(const void *base, int64_t size, const void *pointer,
                     int64_t bytes) {
  auto offset =
      static_cast<const char *>(pointer) - static_cast<const char *>(base);
  return base && offset >= 0 && bytes <= size && offset <= size - bytes;
}

/// Where the host has the same bytes: a weight's are in the artifact, an
/// input's are the caller's. NULL if nowhere.
static const char *findOnHost(Context &context, const void *pointer,
                              int64_t bytes) {
  const DeviceBuffer &weights = context.gpu.model->weights;
  if (contains(weights.data(), context.model->program->weights_size, pointer,
               bytes))
    return context.model->weights + (static_cast<const char *>(pointer) -
                                     static_cast<const char *>(weights.data()));
  for (const DeviceInput &input : context.gpu.inputs)
    if (input.host && contains(input.place, input.bytes, pointer, bytes)) {
      context.gpu.readValues = true;
      return static_cast<const char *>(input.host) +
             (static_cast<const char *>(pointer) -
              static_cast<const char *>(input.place));
    }
  return nullptr;
}

const void *tw_rt_read(tw_context *handle, const void *pointer, int64_t bytes) {
  Context &context = contextOf(handle);
  if (context.status)
    return nullptr;
  if (const char *here = findOnHost(context, pointer, bytes))
    return here;
  DeviceContext &gpu = context.gpu;
  gpu.readValues = true;
  Message error;
  tw_status status = TW_OUT_OF_MEMORY;
  if (gpu.readback.reserve(bytes))
    status = gpu.queue->download(gpu.readback.data(), pointer, bytes, error);
  if (status == TW_OK)
    return gpu.readback.data();
  failOnDevice(context, status, error);
  return nullptr;
}

void tw_rt_write(tw_context *handle, void *to, const void *from,
                 int64_t bytes) {
  Context &context = contextOf(handle);
  Message error;
  if (context.status || bytes == 0)
    return;
  if (tw_status status = context.gpu.queue->upload(to, from, bytes, error))
    failOnDevice(context, status, error);
}

void tw_rt_copy(tw_context *handle, void *to, const void *from, int64_t bytes) {
  Context &context = contextOf(handle);
  Message error;
  if (context.status || bytes == 0)
    return;
  if (tw_status status = context.gpu.queue->copy(to, from, bytes, error))
    failOnDevice(context, status, error);
}

//===----------------------------------------------------------------------===//
// Launches
//===----------------------------------------------------------------------===//

static tw_status findKernel(DeviceModel &gpu, int32_t index,
                            const DeviceKernel *&loaded, Message &error) {
  pthread_mutex_lock(&gpu.mutex);
  DeviceKernel &kernel = gpu.kernels[index];
  tw_status status = TW_OK;
  if (!kernel.module)
    status = gpu.device->load(gpu.target->kernels[index], kernel, error);
  pthread_mutex_unlock(&gpu.mutex);
  loaded = &kernel;
  return status;
}

namespace {
/// A launch of all parts of a kernel.
class Launcher {
public:
  Launcher(Context &context, const tw_device_kernel &kernel,
           const tw_args &args, const char *node, Message &error)
      : gpu(context.gpu), kernel(kernel), args(args), node(node), error(error) {
  }

  tw_status launch(const DeviceKernel &loaded) {
    if (tw_status status = readGrid())
      return status;
    if (tw_status status = prepareWorkspace())
      return status;
    if (tw_status status = writeParameters())
      return status;
    for (int32_t part = 0; part < kernel.parts; ++part)
      if (tw_status status = launchPart(part, loaded))
        return status;
    return TW_OK;
  }

private:
  const int64_t *row(int32_t part) const {
    return reinterpret_cast<int64_t *>(gpu.rows.data()) +
           part * TW_GRID_COLUMNS;
  }

  tw_status readGrid() {
    if (!gpu.rows.reserve(kernel.parts * TW_GRID_COLUMNS *
                          int64_t(sizeof(int64_t))))
      return outOfMemory();
    kernel.grid(&args, reinterpret_cast<int64_t *>(gpu.rows.data()));
    return TW_OK;
  }

  tw_status prepareWorkspace() {
    int64_t bytes = 0;
    for (int32_t part = 0; part < kernel.parts; ++part)
      if (row(part)[TW_GRID_BLOCKS] > 0 && row(part)[TW_GRID_WORKSPACE] > bytes)
        bytes = row(part)[TW_GRID_WORKSPACE];
    if (bytes == 0)
      return TW_OK;
    Device &device = *gpu.model->device;
    tw_status status = gpu.workspace.reserve(device, bytes, error);
    if (status == TW_OK)
      device.forget(gpu.workspace.data(), gpu.workspace.size());
    return status;
  }

  tw_status writeParameters() {
    int64_t count = kernel.buffers + kernel.ints + 1;
    int64_t all = count + kernel.map_count;
    if (!gpu.values.reserve(count * int64_t(sizeof(uint64_t))) ||
        !gpu.pointers.reserve(all * int64_t(sizeof(void *))) ||
        !gpu.mapRows.reserve(kernel.map_count *
                             int64_t(sizeof(tw_tensor_map))) ||
        !gpu.maps.reserve(kernel.map_count * TW_TENSOR_MAP_BYTES))
      return outOfMemory();
    auto *values = reinterpret_cast<uint64_t *>(gpu.values.data());
    for (int32_t i = 0; i < kernel.buffers; ++i)
      values[i] = reinterpret_cast<uint64_t>(args.buffers[i]);
    for (int32_t i = 0; i < kernel.ints; ++i)
      values[kernel.buffers + i] = static_cast<uint64_t>(args.ints[i]);
    values[count - 1] = reinterpret_cast<uint64_t>(gpu.workspace.data());
    auto *pointers = reinterpret_cast<void **>(gpu.pointers.data());
    for (int64_t i = 0; i < count; ++i)
      pointers[i] = &values[i];
    return encodeMaps(pointers + count);
  }

  tw_status encodeMaps(void **pointers) {
    auto *rows = reinterpret_cast<tw_tensor_map *>(gpu.mapRows.data());
    if (kernel.map_count)
      kernel.maps(&args, rows);
    for (int32_t i = 0; i < kernel.map_count; ++i) {
      pointers[i] = gpu.maps.data() + i * TW_TENSOR_MAP_BYTES;
      memset(pointers[i], 0, TW_TENSOR_MAP_BYTES);
      if (rows[i].rank == 0)
        continue;
      if (tw_status status = gpu.model->device->encode(
              rows[i], args.buffers[rows[i].buffer], pointers[i], error))
        return status;
    }
    return TW_OK;
  }

  tw_status launchPart(int32_t part, const DeviceKernel &loaded) {
    int64_t blocks = row(part)[TW_GRID_BLOCKS];
    if (blocks <= 0)
      return TW_OK;
    if (blocks > INT32_MAX) {
      error.add("node '%s': kernel '%s' needs %ld blocks, a launch has at most "
                "%d",
                node, kernel.name, static_cast<long>(blocks), INT32_MAX);
      return TW_INVALID_ARGUMENT;
    }
    return gpu.queue->launch(
        {&kernel, &loaded, part, blocks, row(part)[TW_GRID_THREADS],
         row(part)[TW_GRID_SHARED],
         reinterpret_cast<void **>(gpu.pointers.data()), node},
        error);
  }

  tw_status outOfMemory() {
    error.add("out of memory");
    return TW_OUT_OF_MEMORY;
  }

  DeviceContext &gpu;
  const tw_device_kernel &kernel;
  const tw_args &args;
  const char *node;
  Message &error;
};
} // namespace

static tw_status launchTimed(Context &context, int32_t node, Launcher &launcher,
                             const DeviceKernel &loaded, Message &error) {
  DeviceQueue &queue = *context.gpu.queue;
  int64_t nanoseconds = 0;
  if (tw_status status = queue.beginTiming(error))
    return status;
  if (tw_status status = launcher.launch(loaded))
    return status;
  if (tw_status status = queue.endTiming(nanoseconds, error))
    return status;
  if (node >= 0 && node < context.times.size()) {
    context.times[node].nanoseconds += nanoseconds;
    ++context.times[node].calls;
  }
  return TW_OK;
}

void tw_rt_launch_device(tw_context *handle, int32_t index, const tw_args *args,
                         int32_t node) {
  Context &context = contextOf(handle);
  if (context.status)
    return;
  const tw_program &program = *context.model->program;
  const char *name =
      node >= 0 && node < program.node_count ? program.nodes[node] : "";
  DeviceModel &gpu = *context.gpu.model;
  Message error;
  const DeviceKernel *loaded = nullptr;
  tw_status status = findKernel(gpu, index, loaded, error);
  if (status) {
    error.add(" (node '%s')", name);
    return failOnDevice(context, status, error);
  }
  Launcher launcher(context, gpu.target->kernels[index], *args, name, error);
  status = context.model->profile
               ? launchTimed(context, node, launcher, *loaded, error)
               : launcher.launch(*loaded);
  if (status)
    failOnDevice(context, status, error);
}
