// The services of host.h, called by compiled host programs.
#include "runtime/Check.h"
#include "runtime/Context.h"
#include "runtime/device/Run.h"

#include <algorithm>
#include <ctime>

using namespace tw;

static Context &contextOf(tw_context *context) {
  return *static_cast<Context *>(context);
}

static void *failMemory(Context &context, int64_t bytes, const char *use) {
  if (context.status == TW_OK)
    context.error.add("model '%s': out of memory: %ld bytes for %s",
                      context.model->program->name, static_cast<long>(bytes),
                      use);
  context.fail(TW_OUT_OF_MEMORY);
  return nullptr;
}

void *tw_rt_arena(tw_context *handle, int64_t bytes) {
  Context &context = contextOf(handle);
  if (context.gpu.queue)
    return arenaOnDevice(context, bytes);
  if (!context.arena.reserve(bytes))
    return failMemory(context, bytes, "intermediate values");
  return context.arena.data();
}

void *tw_rt_alloc(tw_context *handle, int64_t bytes) {
  Context &context = contextOf(handle);
  if (context.gpu.queue)
    return allocateOnDevice(context, bytes);
  void *memory = context.region.allocate(bytes);
  return memory ? memory
                : failMemory(context, bytes, "a value of dynamic size");
}

const char *tw_rt_weights(tw_context *handle) {
  const Model &model = *contextOf(handle).model;
  return model.gpu.device ? static_cast<const char *>(model.gpu.weights.data())
                          : model.weights;
}

static bool recordDims(Output &output, int32_t rank, const int64_t *dims) {
  int64_t bytes = rank * int64_t(sizeof *dims);
  if (!output.dims.reserve(bytes))
    return false;
  std::copy_n(dims, rank, reinterpret_cast<int64_t *>(output.dims.data()));
  output.rank = rank;
  return true;
}

static void *failCapacity(Context &context, int32_t index, int64_t bytes) {
  const tw_tensor &request = context.requested[index];
  const Output &output = context.outputs[index];
  if (context.status)
    return nullptr;
  context.error.add("output '%s' of shape ",
                    context.model->program->outputs[index].name);
  context.error.addDims(output.rank,
                        reinterpret_cast<const int64_t *>(output.dims.data()));
  context.error.add(": expected a buffer of at least %ld bytes, found %ld",
                    static_cast<long>(bytes),
                    static_cast<long>(request.capacity));
  context.fail(TW_INVALID_ARGUMENT);
  return nullptr;
}

void *tw_rt_output(tw_context *handle, int32_t index, int32_t rank,
                   const int64_t *dims) {
  Context &context = contextOf(handle);
  Output &output = context.outputs[index];
  const tw_tensor &request = context.requested[index];
  int64_t bytes =
      byteCount(context.model->program->outputs[index].dtype, rank, dims);
  if (bytes < 0 || !recordDims(output, rank, dims))
    return failMemory(context, bytes, "an output");
  if (request.data && bytes > request.capacity)
    return failCapacity(context, index, bytes);
  if (context.gpu.queue)
    return placeOnDevice(context, index, bytes);
  if (request.data)
    return output.data = request.data;
  if (!output.memory.reserve(bytes))
    return failMemory(context, bytes, "an output");
  return output.data = output.memory.data();
}

static int64_t now() {
  timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * INT64_C(1000000000) + time.tv_nsec;
}

/// Runs the phases one after the other.
static void runPhases(Context &context, tw_kernel_fn kernel,
                      const tw_args *args, const tw_grid &grid) {
  Launch launch{
      kernel, args, 0, 0, grid.workspace_bytes, 0, context.shared.data()};
  for (int64_t i = 0; i < grid.phase_count; ++i) {
    launch.begin = launch.end;
    launch.end += grid.phases[i].blocks;
    launch.cost = grid.phases[i].cost;
    if (launch.begin < launch.end)
      context.model->pool.run(launch, context.workspace.data());
  }
}

static void runTimed(Context &context, tw_kernel_fn kernel, const tw_args *args,
                     const tw_grid &grid, int32_t node) {
  int64_t start = now();
  runPhases(context, kernel, args, grid);
  NodeTime &time = context.times[node];
  time.nanoseconds += now() - start;
  ++time.calls;
}

void tw_rt_launch(tw_context *handle, tw_kernel_fn kernel, const tw_args *args,
                  const tw_grid *grid, int32_t node) {
  Context &context = contextOf(handle);
  if (context.status != TW_OK)
    return;
  auto fits = [](Buffer &memory, int64_t bytes) {
    return bytes <= 0 || memory.reserve(bytes);
  };
  if (!fits(context.workspace, grid->workspace_bytes))
    return void(
        failMemory(context, grid->workspace_bytes, "a kernel's workspace"));
  if (!fits(context.shared, grid->shared_bytes))
    return void(
        failMemory(context, grid->shared_bytes, "a kernel's temporaries"));
  if (node >= 0 && node < context.times.size())
    runTimed(context, kernel, args, *grid, node);
  else
    runPhases(context, kernel, args, *grid);
}

/// Appends `format` with each "%ld" replaced; nothing of it reaches printf.
static void addValues(Message &message, const char *format,
                      const int64_t *values, int32_t count) {
  int32_t next = 0;
  for (const char *at = format; *at; ++at) {
    if (*at != '%') {
      message.add("%c", *at);
    } else if (at[1] == '%') {
      message.add("%%");
      ++at;
    } else if (at[1] == 'l' && at[2] == 'd' && next < count) {
      message.add("%ld", static_cast<long>(values[next++]));
      at += 2;
    }
  }
}

int32_t tw_rt_fail(tw_context *handle, int32_t status, const char *format,
                   const int64_t *values, int32_t count) {
  Context &context = contextOf(handle);
  if (context.status == TW_OK)
    addValues(context.error, format, values, count);
  return context.fail(status ? status : TW_RUN_FAILED);
}
