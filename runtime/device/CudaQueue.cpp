#include "runtime/device/Cuda.h"

#include <algorithm>

using namespace tw;
using namespace tw::cuda;

/// A recorded run, and the host memory that its copies read.
struct CudaQueue::Captured {
  struct Piece {
    Piece *next;
    void *memory;
  };
  Handle executable = nullptr;
  Piece *pieces = nullptr;
};

tw_status CudaDevice::createQueue(DeviceQueue *&queue, Message &error) {
  void *memory = std::aligned_alloc(64, (sizeof(CudaQueue) + 63) & ~size_t(63));
  if (!memory) {
    error.add("out of memory");
    return TW_OUT_OF_MEMORY;
  }
  auto *created = new (memory) CudaQueue(*this);
  tw_status status = created->create(error);
  if (status)
    created->destroy();
  else
    queue = created;
  return status;
}

tw_status CudaQueue::create(Message &error) {
  // An ordinary stream: it waits for work on the default stream, where other
  // users of the GPU in this process may have made our inputs.
  if (tw_status status = device.check(device.driver.streamCreate(&stream, 0),
                                      "a stream cannot be created", error))
    return status;
  if (tw_status status = outgoing.create(device, error))
    return status;
  for (Handle &event : timer)
    if (tw_status status = device.check(device.driver.eventCreate(&event, 0),
                                        "an event cannot be created", error))
      return status;
  return incoming.create(device, error);
}

CudaQueue::~CudaQueue() {
  if (stream)
    device.driver.streamSynchronize(stream);
  outgoing.release(device);
  incoming.release(device);
  for (Handle event : timer)
    if (event)
      device.driver.eventDestroy(event);
  if (stream)
    device.driver.streamDestroy(stream);
}

//===----------------------------------------------------------------------===//
// Faults: the driver reports a kernel's with some later call.
//===----------------------------------------------------------------------===//

tw_status CudaQueue::fault(Result result, Message &error) {
  if (result == kSuccess)
    return TW_OK;
  error.add("device '%s': ", device.name());
  addError(device.driver, result, error);
  if (pending == 1)
    error.add(" in the kernel of node '%s'", lastNode);
  else if (pending > 1 && strcmp(firstNode, lastNode) == 0)
    error.add(" in one of the %ld kernels of node '%s'",
              static_cast<long>(pending), lastNode);
  else if (pending > 1)
    error.add(" in one of the %ld kernels from node '%s' to node '%s' (with "
              "profiling on, each is waited for and the message names it)",
              static_cast<long>(pending), firstNode, lastNode);
  return statusOf(result);
}

tw_status CudaQueue::synchronise(Message &error) {
  tw_status status = fault(device.driver.streamSynchronize(stream), error);
  pending = 0;
  return status;
}

//===----------------------------------------------------------------------===//
// Copies
//===----------------------------------------------------------------------===//

tw_status CudaQueue::upload(void *to, const void *from, int64_t bytes,
                            Message &error) {
  if (captured)
    return uploadCaptured(to, from, bytes, error);
  for (int64_t done = 0; done < bytes;) {
    int64_t part = std::min(bytes - done, Staging::kHalf);
    char *place = nullptr;
    if (tw_status status = outgoing.take(device, stream, part, place, error))
      return status;
    memcpy(place, static_cast<const char *>(from) + done, part);
    if (tw_status status = fault(device.driver.memcpyHtoDAsync(
                                     addressOf(to) + done, place, part, stream),
                                 error))
      return status;
    done += part;
  }
  return TW_OK;
}

/// A recorded copy reads its source whenever it is replayed: the bytes stay.
tw_status CudaQueue::uploadCaptured(void *to, const void *from, int64_t bytes,
                                    Message &error) {
  auto *piece = make<Captured::Piece>();
  if (piece && (piece->memory = std::malloc(bytes ? bytes : 1))) {
    memcpy(piece->memory, from, bytes);
    piece->next = captured->pieces;
    captured->pieces = piece;
    return fault(device.driver.memcpyHtoDAsync(addressOf(to), piece->memory,
                                               bytes, stream),
                 error);
  }
  dispose(piece);
  error.add("out of memory");
  return TW_OUT_OF_MEMORY;
}

/// Starts the copy of a piece into the half of its turn.
tw_status CudaQueue::fetch(int64_t part, const char *from, int64_t bytes,
                           Message &error) {
  char *place = incoming.half(part & 1);
  if (tw_status status = fault(
          device.driver.memcpyDtoHAsync(place, addressOf(from), bytes, stream),
          error))
    return status;
  incoming.current = part & 1;
  return incoming.turn(device, stream, error);
}

tw_status CudaQueue::download(void *to, const void *from, int64_t bytes,
                              Message &error) {
  if (captured) {
    captureFailed = true;
    error.add("a run that waits for the device cannot be a graph");
    return TW_RUN_FAILED;
  }
  auto sizeOf = [&](int64_t part) {
    return std::min(bytes - part * Staging::kHalf, Staging::kHalf);
  };
  int64_t parts = (bytes + Staging::kHalf - 1) / Staging::kHalf;
  auto *source = static_cast<const char *>(from);
  // While one piece is on its way, the one before is copied out.
  for (int64_t part = 0; part <= parts; ++part) {
    if (part < parts)
      if (tw_status status =
              fetch(part, source + part * Staging::kHalf, sizeOf(part), error))
        return status;
    if (part == 0)
      continue;
    Message ignored;
    if (incoming.wait(device, (part - 1) & 1, ignored))
      return synchronise(error);
    memcpy(static_cast<char *>(to) + (part - 1) * Staging::kHalf,
           incoming.half((part - 1) & 1), sizeOf(part - 1));
  }
  return synchronise(error);
}

tw_status CudaQueue::copy(void *to, const void *from, int64_t bytes,
                          Message &error) {
  if (bytes == 0)
    return TW_OK;
  return fault(device.driver.memcpyDtoDAsync(addressOf(to), addressOf(from),
                                             bytes, stream),
               error);
}

tw_status CudaQueue::fill(void *to, uint8_t value, int64_t bytes,
                          Message &error) {
  if (bytes == 0)
    return TW_OK;
  return fault(device.driver.memsetD8Async(addressOf(to), value, bytes, stream),
               error);
}

//===----------------------------------------------------------------------===//
// Launches
//===----------------------------------------------------------------------===//

tw_status CudaQueue::launch(const DeviceLaunch &launch, Message &error) {
  LaunchAttribute attribute = {};
  attribute.id = kClusterDimension;
  attribute.value.cluster = {uint32_t(launch.kernel->cluster), 1, 1};
  LaunchConfig config = {};
  config.gridX = static_cast<uint32_t>(launch.blocks);
  config.blockX = static_cast<uint32_t>(launch.threads);
  config.gridY = config.gridZ = config.blockY = config.blockZ = 1;
  config.sharedBytes = static_cast<uint32_t>(launch.sharedBytes);
  config.stream = stream;
  config.attributes = &attribute;
  config.attributeCount = launch.kernel->cluster > 1;
  if (pending++ == 0)
    firstNode = launch.node;
  lastNode = launch.node;
  return fault(device.driver.launchKernelEx(&config,
                                            launch.loaded->parts[launch.part],
                                            launch.parameters, nullptr),
               error);
}

tw_status CudaQueue::beginTiming(Message &error) {
  return fault(device.driver.eventRecord(timer[0], stream), error);
}

tw_status CudaQueue::endTiming(int64_t &nanoseconds, Message &error) {
  if (tw_status status =
          fault(device.driver.eventRecord(timer[1], stream), error))
    return status;
  if (tw_status status = synchronise(error))
    return status;
  float milliseconds = 0;
  Result result =
      device.driver.eventElapsedTime(&milliseconds, timer[0], timer[1]);
  nanoseconds = static_cast<int64_t>(double(milliseconds) * 1e6);
  return fault(result, error);
}

//===----------------------------------------------------------------------===//
// Graphs
//===----------------------------------------------------------------------===//

bool CudaQueue::beginCapture() {
  captured = make<Captured>();
  captureFailed = false;
  if (captured &&
      device.driver.streamBeginCapture(stream, kCaptureRelaxed) == kSuccess)
    return true;
  dispose(captured);
  captured = nullptr;
  return false;
}

void *CudaQueue::endCapture() {
  Captured *result = captured;
  captured = nullptr;
  pending = 0;
  Handle graph = nullptr;
  Result ended = device.driver.streamEndCapture(stream, &graph);
  bool good =
      ended == kSuccess && graph && !captureFailed &&
      device.driver.graphInstantiate(&result->executable, graph, 0) == kSuccess;
  if (graph)
    device.driver.graphDestroy(graph);
  if (good)
    return result;
  discard(result);
  return nullptr;
}

tw_status CudaQueue::replay(void *graph, Message &error) {
  Handle executable = static_cast<Captured *>(graph)->executable;
  return fault(device.driver.graphLaunch(executable, stream), error);
}

void CudaQueue::discard(void *graph) {
  auto *old = static_cast<Captured *>(graph);
  if (!old)
    return;
  if (old->executable)
    device.driver.graphExecDestroy(old->executable);
  while (Captured::Piece *piece = old->pieces) {
    old->pieces = piece->next;
    std::free(piece->memory);
    dispose(piece);
  }
  dispose(old);
}
