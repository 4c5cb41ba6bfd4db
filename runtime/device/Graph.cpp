#include "runtime/device/Graph.h"

#include "runtime/device/Run.h"

using namespace tw;

namespace {
/// All that the program's launches depend on, if it reads no values: sizes, and
/// the places of inputs and outputs.
class Key {
public:
  Key(Context &context, Buffer &memory) : context(context), memory(memory) {}

  /// Bytes; -1 if there is no memory.
  int64_t write() {
    count = 0;
    visit();
    if (!memory.reserve(count * int64_t(sizeof(int64_t))))
      return -1;
    words = reinterpret_cast<int64_t *>(memory.data());
    count = 0;
    visit();
    return count * int64_t(sizeof(int64_t));
  }

private:
  void add(int64_t word) {
    if (words)
      words[count] = word;
    ++count;
  }
  void add(const void *pointer) { add(reinterpret_cast<int64_t>(pointer)); }

  void visit() {
    for (const tw_tensor &tensor : context.gpu.arguments) {
      add(tensor.data);
      for (int32_t d = 0; d < tensor.rank; ++d)
        add(tensor.dims[d]);
    }
    for (int32_t i = 0; i < context.gpu.outputs.size(); ++i) {
      const tw_tensor &request = context.requested[i];
      add(request.memory == TW_DEVICE ? request.data : nullptr);
      add(request.data ? request.capacity : INT64_MAX);
    }
  }

  Context &context;
  Buffer &memory;
  int64_t *words = nullptr;
  int64_t count = 0;
};

void callProgram(Context &context, tw_tensor *outputs) {
  const tw_program &program = *context.model->program;
  context.gpu.readValues = false;
  int32_t returned =
      program.entry(&context, context.gpu.arguments.begin(), outputs);
  checkProgram(context, returned);
}

/// Whether this run is of the same sizes and places as the last one; remembers
/// them.
bool repeats(Context &context) {
  DeviceGraph &graph = context.gpu.graph;
  Buffer memory;
  int64_t size = Key(context, memory).write();
  bool same = size >= 0 && size == graph.keySize &&
              memcmp(memory.data(), graph.key.data(), size) == 0;
  if (same)
    return true;
  graph.keySize = size > 0 && graph.key.reserve(size) ? size : 0;
  if (graph.keySize)
    memcpy(graph.key.data(), memory.data(), size);
  return false;
}

/// Runs the program once without effect. False if that cannot be replayed; then
/// the run is as if it had not begun.
bool record(Context &context, tw_tensor *outputs) {
  DeviceContext &gpu = context.gpu;
  if (!gpu.queue->beginCapture())
    return false;
  callProgram(context, outputs);
  gpu.graph.recorded = gpu.queue->endCapture();
  if (gpu.graph.recorded && context.status == TW_OK && !gpu.readValues) {
    for (int32_t i = 0; i < gpu.outputs.size(); ++i)
      gpu.outputs[i].recordedRank = context.outputs[i].rank;
    return true;
  }
  gpu.queue->discard(gpu.graph.recorded);
  gpu.graph.recorded = nullptr;
  context.status = TW_OK;
  context.error.clear();
  for (Output &output : context.outputs)
    output.rank = -1;
  gpu.region.reset(*gpu.model->device);
  return false;
}

void replay(Context &context) {
  DeviceContext &gpu = context.gpu;
  for (int32_t i = 0; i < gpu.outputs.size(); ++i)
    context.outputs[i].rank = gpu.outputs[i].recordedRank;
  Message error;
  if (tw_status status = gpu.queue->replay(gpu.graph.recorded, error))
    failOnDevice(context, status, error);
}
} // namespace

void tw::runProgram(Context &context, tw_tensor *outputs) {
  DeviceContext &gpu = context.gpu;
  DeviceGraph &graph = gpu.graph;
  if (!gpu.model->wantsGraphs || context.model->profile)
    return callProgram(context, outputs);
  if (!repeats(context)) {
    // Other sizes may move the memory that the recording uses.
    gpu.queue->discard(graph.recorded);
    graph.recorded = nullptr;
    graph.impossible = false;
    return callProgram(context, outputs);
  }
  if (!graph.recorded && !graph.impossible)
    graph.impossible = gpu.readValues || !record(context, outputs);
  if (graph.impossible)
    return callProgram(context, outputs);
  replay(context);
}
