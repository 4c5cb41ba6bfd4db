#include "runtime/device/Run.h"

#include "runtime/Check.h"
#include "runtime/device/Graph.h"

using namespace tw;

void tw::failOnDevice(Context &context, tw_status status,
                      const Message &reason) {
  if (context.status == TW_OK)
    context.error.add("model '%s': %s", context.model->program->name,
                      reason.str());
  context.fail(status);
}

//===----------------------------------------------------------------------===//
// Beginning and end
//===----------------------------------------------------------------------===//

DeviceModel::~DeviceModel() {
  if (!device)
    return;
  {
    DeviceScope scope(device);
    for (DeviceKernel &kernel : kernels)
      device->unload(kernel);
    weights.release(*device);
  }
  device->destroy();
}

static tw_status uploadWeights(Model &model, Message &error) {
  Device &device = *model.gpu.device;
  int64_t bytes = model.program->weights_size;
  if (tw_status status = model.gpu.weights.reserve(device, bytes, error))
    return status;
  DeviceQueue *queue = nullptr;
  if (tw_status status = device.createQueue(queue, error))
    return status;
  tw_status status =
      queue->upload(model.gpu.weights.data(), model.weights, bytes, error);
  if (status == TW_OK)
    status = queue->synchronise(error);
  queue->destroy();
  return status;
}

tw_status tw::initOnDevice(Model &model, Message &error) {
  DeviceScope scope(model.gpu.device);
  if (model.gpu.kernels.create(model.program->device_kernel_count))
    return uploadWeights(model, error);
  error.add("out of memory");
  return TW_OUT_OF_MEMORY;
}

tw_status tw::initContextOnDevice(Context &context, Message &error) {
  DeviceContext &gpu = context.gpu;
  gpu.model = &context.model->gpu;
  const tw_program &program = *context.model->program;
  if (!gpu.inputs.create(program.input_count) ||
      !gpu.outputs.create(program.output_count) ||
      !gpu.arguments.create(program.input_count))
    return TW_OUT_OF_MEMORY;
  DeviceScope scope(gpu.model->device);
  return gpu.model->device->createQueue(gpu.queue, error);
}

DeviceContext::~DeviceContext() {
  if (!queue)
    return;
  Device &device = *model->device;
  DeviceScope scope(&device);
  queue->discard(graph.recorded);
  queue->destroy();
  arena.release(device);
  workspace.release(device);
  region.release(device);
  for (DeviceInput &input : inputs)
    input.memory.release(device);
  for (DeviceOutput &output : outputs)
    output.memory.release(device);
}

//===----------------------------------------------------------------------===//
// A run
//===----------------------------------------------------------------------===//

static tw_status placeInput(DeviceContext &gpu, int32_t index,
                            const tw_tensor &given, Message &error) {
  DeviceInput &input = gpu.inputs[index];
  input.bytes = byteCount(given.dtype, given.rank, given.dims);
  bool isThere = given.memory == TW_DEVICE;
  input.host = isThere ? nullptr : given.data;
  if (!isThere)
    if (tw_status status =
            input.memory.reserve(*gpu.model->device, input.bytes, error))
      return status;
  input.place = isThere ? given.data : input.memory.data();
  gpu.arguments[index] = given;
  gpu.arguments[index].data = input.place;
  return TW_OK;
}

static tw_status uploadInputs(DeviceContext &gpu, Message &error) {
  for (DeviceInput &input : gpu.inputs)
    if (input.host && input.bytes)
      if (tw_status status =
              gpu.queue->upload(input.place, input.host, input.bytes, error))
        return status;
  return TW_OK;
}

static tw_status returnOutput(Context &context, int32_t index, Message &error) {
  Output &output = context.outputs[index];
  const DeviceOutput &placed = context.gpu.outputs[index];
  const tw_tensor &request = context.requested[index];
  int64_t bytes =
      byteCount(context.model->program->outputs[index].dtype, output.rank,
                reinterpret_cast<const int64_t *>(output.dims.data()));
  output.data = placed.place;
  if (request.memory == TW_DEVICE)
    return TW_OK;
  if (!request.data && !output.memory.reserve(bytes)) {
    error.add("out of memory: %ld bytes for an output",
              static_cast<long>(bytes));
    return TW_OUT_OF_MEMORY;
  }
  output.data = request.data ? request.data : output.memory.data();
  return context.gpu.queue->download(output.data, placed.place, bytes, error);
}

static tw_status returnOutputs(Context &context, Message &error) {
  for (int32_t i = 0; i < context.model->program->output_count; ++i)
    if (context.outputs[i].rank >= 0)
      if (tw_status status = returnOutput(context, i, error))
        return status;
  return context.gpu.queue->synchronise(error);
}

void tw::runOnDevice(Context &context, const tw_tensor *inputs,
                     tw_tensor *outputs) {
  DeviceContext &gpu = context.gpu;
  DeviceScope scope(gpu.model->device);
  Message error;
  gpu.region.reset(*gpu.model->device);
  tw_status status = TW_OK;
  for (int32_t i = 0; i < gpu.inputs.size() && status == TW_OK; ++i)
    status = placeInput(gpu, i, inputs[i], error);
  if (status == TW_OK)
    status = uploadInputs(gpu, error);
  if (status == TW_OK)
    runProgram(context, outputs);
  if (status == TW_OK && context.status == TW_OK)
    status = returnOutputs(context, error);
  if (status)
    failOnDevice(context, status, error);
  // The next run may write where this one's kernels still read.
  if (context.status)
    gpu.queue->synchronise(error);
}

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

void *tw::arenaOnDevice(Context &context, int64_t bytes) {
  DeviceContext &gpu = context.gpu;
  Message error;
  tw_status status = gpu.arena.reserve(*gpu.model->device, bytes, error);
  if (status) {
    failOnDevice(context, status, error);
    return nullptr;
  }
  gpu.model->device->forget(gpu.arena.data(), gpu.arena.size());
  return gpu.arena.data();
}

void *tw::allocateOnDevice(Context &context, int64_t bytes) {
  Message error;
  void *memory = nullptr;
  tw_status status = context.gpu.region.allocate(*context.gpu.model->device,
                                                 bytes, memory, error);
  if (status)
    failOnDevice(context, status, error);
  return memory;
}

void *tw::placeOnDevice(Context &context, int32_t index, int64_t bytes) {
  DeviceOutput &output = context.gpu.outputs[index];
  const tw_tensor &request = context.requested[index];
  if (request.data && request.memory == TW_DEVICE)
    return output.place = request.data;
  Device &device = *context.gpu.model->device;
  Message error;
  tw_status status = output.memory.reserve(device, bytes, error);
  if (status)
    failOnDevice(context, status, error);
  else
    device.forget(output.memory.data(), output.memory.size());
  return output.place = output.memory.data();
}
