// A libcuda without a GPU: device memory is host memory, kernels are functions
// that a test defines, and what is asynchronous happens no sooner than
// somebody waits for it.
#include "FakeCuda.h"

#include <cstdlib>
#include <cstring>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace {
using Result = int32_t;
using Work = std::function<Result()>;
constexpr Result kOutOfMemory = 2, kInvalidValue = 1, kNotFound = 500;

struct Graph {
  std::vector<Work> work;
};
struct Stream {
  std::deque<Work> work;
  Graph *recording = nullptr;
};
struct Module {
  std::string image;
};
struct Function {
  std::string name;
  int32_t shared = 0;
};
struct Failure {
  int32_t countdown = 0;
  Result result = 0;
};

struct State {
  std::recursive_mutex mutex;
  int32_t devices = 1, capability = 90, version = 13000;
  int64_t memory = int64_t(1) << 30;
  int64_t used = 0;
  Result sticky = 0;
  std::map<std::string, int32_t> calls;
  std::map<std::string, Failure> failures;
  std::map<std::string, std::pair<FakeKernel, int32_t>> kernels;
  std::map<uint64_t, size_t> allocations;
  std::set<void *> alive;
  std::set<Function *> functions;
  std::string log;
};

State &state() {
  static State *s = new State;
  return *s;
}

/// Counts the call; what a test wants it to give.
Result called(const char *name) {
  State &s = state();
  std::lock_guard lock(s.mutex);
  ++s.calls[name];
  auto it = s.failures.find(name);
  if (it == s.failures.end() || --it->second.countdown != 0)
    return s.sticky;
  Result result = it->second.result;
  s.failures.erase(it);
  return result;
}

void note(const std::string &line) {
  std::lock_guard lock(state().mutex);
  state().log += line + "\n";
}

template <typename T>
T *born(T *object) {
  std::lock_guard lock(state().mutex);
  state().alive.insert(object);
  return object;
}

template <typename T>
Result dead(void *object) {
  std::lock_guard lock(state().mutex);
  if (!state().alive.erase(object))
    return kInvalidValue;
  delete static_cast<T *>(object);
  return 0;
}

Result enqueue(void *stream, Work work) {
  auto &s = *static_cast<Stream *>(stream);
  if (s.recording)
    s.recording->work.push_back(std::move(work));
  else
    s.work.push_back(std::move(work));
  return 0;
}

Result drain(void *stream) {
  auto &s = *static_cast<Stream *>(stream);
  if (s.recording)
    return kInvalidValue;
  while (!s.work.empty() && !state().sticky) {
    Work work = std::move(s.work.front());
    s.work.pop_front();
    state().sticky = work();
  }
  return state().sticky;
}

/// Whether the range lies in device memory.
bool onDevice(uint64_t address, size_t bytes) {
  State &s = state();
  auto it = s.allocations.upper_bound(address);
  if (it == s.allocations.begin())
    return false;
  --it;
  return address + bytes <= it->first + it->second;
}

struct Event {
  void *stream = nullptr;
  size_t position = 0;
};
} // namespace

#define FAKE(name, ...)                                                        \
  extern "C" __attribute__((visibility("default"))) Result name(__VA_ARGS__)
#define ENTER(name)                                                            \
  if (Result wanted = called(name))                                            \
  return wanted

//===----------------------------------------------------------------------===//
// For tests
//===----------------------------------------------------------------------===//

#define TEST_API extern "C" __attribute__((visibility("default")))

TEST_API void fake_cuda_reset() {
  State &s = state();
  s.devices = 1, s.capability = 90, s.version = 13000;
  s.memory = int64_t(1) << 30;
  s.sticky = 0;
  s.calls.clear(), s.failures.clear(), s.kernels.clear(), s.log.clear();
}
TEST_API void fake_cuda_set(int32_t devices, int32_t capability,
                            int32_t driverVersion, int64_t bytes) {
  State &s = state();
  s.devices = devices, s.capability = capability, s.version = driverVersion;
  s.memory = bytes;
}
TEST_API void fake_cuda_fail(const char *function, int32_t nth,
                             int32_t result) {
  state().failures[function] = {nth, result};
}
TEST_API int32_t fake_cuda_calls(const char *function) {
  return state().calls[function];
}
TEST_API const char *fake_cuda_log() { return state().log.c_str(); }
TEST_API int32_t fake_cuda_alive() {
  return static_cast<int32_t>(state().alive.size() +
                              state().allocations.size());
}
TEST_API void fake_cuda_define(const char *name, int32_t parameters,
                               FakeKernel kernel) {
  state().kernels[name] = {kernel, parameters};
}

//===----------------------------------------------------------------------===//
// The driver
//===----------------------------------------------------------------------===//

FAKE(cuInit, uint32_t) {
  ENTER("cuInit");
  return 0;
}
FAKE(cuDriverGetVersion, int32_t *version) {
  *version = state().version;
  return 0;
}
FAKE(cuGetErrorName, Result result, const char **text) {
  *text = result == kOutOfMemory ? "CUDA_ERROR_OUT_OF_MEMORY"
          : result == 218        ? "CUDA_ERROR_INVALID_PTX"
          : result == 700        ? "CUDA_ERROR_ILLEGAL_ADDRESS"
                                 : "CUDA_ERROR_OTHER";
  return 0;
}
FAKE(cuGetErrorString, Result result, const char **text) {
  *text = result == 700 ? "an illegal memory access was encountered" : "fake";
  return 0;
}
FAKE(cuDeviceGetCount, int32_t *count) {
  ENTER("cuDeviceGetCount");
  *count = state().devices;
  return 0;
}
FAKE(cuDeviceGet, int32_t *device, int32_t index) {
  *device = index;
  return 0;
}
FAKE(cuDeviceGetName, char *name, int32_t size, int32_t) {
  strncpy(name, "Fake GPU", size);
  return 0;
}
FAKE(cuDeviceGetAttribute, int32_t *value, int32_t attribute, int32_t) {
  int32_t capability = state().capability;
  *value = attribute == 75   ? capability / 10
           : attribute == 76 ? capability % 10
           : attribute == 97 ? 227 << 10
                             : 0;
  return 0;
}
FAKE(cuDevicePrimaryCtxRetain, void **context, int32_t) {
  ENTER("cuDevicePrimaryCtxRetain");
  static int primary;
  *context = &primary;
  return 0;
}
FAKE(cuDevicePrimaryCtxRelease_v2, int32_t) {
  ++state().calls["cuDevicePrimaryCtxRelease_v2"];
  return 0;
}
FAKE(cuCtxPushCurrent_v2, void *) {
  ++state().calls["cuCtxPushCurrent_v2"];
  return 0;
}
FAKE(cuCtxPopCurrent_v2, void **) {
  ++state().calls["cuCtxPopCurrent_v2"];
  return 0;
}
FAKE(cuMemGetInfo_v2, size_t *free, size_t *total) {
  *total = state().memory;
  *free = state().memory - state().used;
  return 0;
}
FAKE(cuMemAlloc_v2, uint64_t *address, size_t bytes) {
  ENTER("cuMemAlloc_v2");
  State &s = state();
  if (int64_t(bytes) > s.memory - s.used)
    return kOutOfMemory;
  void *memory = std::aligned_alloc(256, (bytes + 255) / 256 * 256);
  memset(memory, 0xAA, bytes);
  *address = reinterpret_cast<uint64_t>(memory);
  s.allocations[*address] = bytes;
  s.used += bytes;
  return 0;
}
FAKE(cuMemFree_v2, uint64_t address) {
  State &s = state();
  auto it = s.allocations.find(address);
  if (it == s.allocations.end())
    return kInvalidValue;
  s.used -= it->second;
  s.allocations.erase(it);
  std::free(reinterpret_cast<void *>(address));
  return 0;
}
FAKE(cuMemHostAlloc, void **memory, size_t bytes, uint32_t) {
  ENTER("cuMemHostAlloc");
  *memory = std::malloc(bytes);
  state().alive.insert(*memory);
  return 0;
}
FAKE(cuMemFreeHost, void *memory) {
  state().alive.erase(memory);
  std::free(memory);
  return 0;
}

//===----------------------------------------------------------------------===//
// Streams
//===----------------------------------------------------------------------===//

FAKE(cuStreamCreate, void **stream, uint32_t) {
  ENTER("cuStreamCreate");
  *stream = born(new Stream);
  return 0;
}
FAKE(cuStreamDestroy_v2, void *stream) { return dead<Stream>(stream); }
FAKE(cuStreamSynchronize, void *stream) {
  ENTER("cuStreamSynchronize");
  return drain(stream);
}
FAKE(cuEventCreate, void **event, uint32_t) {
  ENTER("cuEventCreate");
  *event = born(new Event);
  return 0;
}
FAKE(cuEventDestroy_v2, void *event) { return dead<Event>(event); }
FAKE(cuEventRecord, void *event, void *stream) {
  ENTER("cuEventRecord");
  static_cast<Event *>(event)->stream = stream;
  return 0;
}
FAKE(cuEventSynchronize, void *event) {
  ENTER("cuEventSynchronize");
  void *stream = static_cast<Event *>(event)->stream;
  return stream ? drain(stream) : 0;
}
FAKE(cuEventElapsedTime, float *milliseconds, void *, void *) {
  *milliseconds = 0.5f;
  return 0;
}
FAKE(cuMemcpyHtoDAsync_v2, uint64_t to, const void *from, size_t bytes,
     void *stream) {
  ENTER("cuMemcpyHtoDAsync_v2");
  note("upload " + std::to_string(bytes));
  if (!onDevice(to, bytes))
    return kInvalidValue;
  return enqueue(stream, [=] {
    memcpy(reinterpret_cast<void *>(to), from, bytes);
    return 0;
  });
}
FAKE(cuMemcpyDtoHAsync_v2, void *to, uint64_t from, size_t bytes,
     void *stream) {
  ENTER("cuMemcpyDtoHAsync_v2");
  note("download " + std::to_string(bytes));
  if (!onDevice(from, bytes))
    return kInvalidValue;
  return enqueue(stream, [=] {
    memcpy(to, reinterpret_cast<void *>(from), bytes);
    return 0;
  });
}
FAKE(cuMemcpyDtoDAsync_v2, uint64_t to, uint64_t from, size_t bytes,
     void *stream) {
  ENTER("cuMemcpyDtoDAsync_v2");
  note("copy " + std::to_string(bytes));
  if (!onDevice(to, bytes) || !onDevice(from, bytes))
    return kInvalidValue;
  return enqueue(stream, [=] {
    memcpy(reinterpret_cast<void *>(to), reinterpret_cast<void *>(from), bytes);
    return 0;
  });
}
FAKE(cuMemsetD8Async, uint64_t to, uint8_t value, size_t bytes, void *stream) {
  ENTER("cuMemsetD8Async");
  return enqueue(stream, [=] {
    memset(reinterpret_cast<void *>(to), value, bytes);
    return 0;
  });
}

//===----------------------------------------------------------------------===//
// Modules and launches
//===----------------------------------------------------------------------===//

FAKE(cuModuleLoadDataEx, void **module, const void *image, uint32_t count,
     int32_t *options, void **values) {
  Result wanted = called("cuModuleLoadDataEx");
  auto *text = static_cast<const char *>(image);
  note(std::string("load ") + std::string(text).substr(0, 9));
  for (uint32_t i = 0; wanted && i < count; ++i)
    if (options[i] == 5)
      strcpy(static_cast<char *>(values[i]), "ptxas: line 7: unknown symbol");
  if (wanted)
    return wanted;
  *module = born(new Module{text});
  return 0;
}
FAKE(cuModuleUnload, void *module) { return dead<Module>(module); }
FAKE(cuModuleGetFunction, void **function, void *module, const char *name) {
  ENTER("cuModuleGetFunction");
  const std::string &image = static_cast<Module *>(module)->image;
  if (image[0] == '.' && image.find(name) == std::string::npos)
    return kNotFound;
  auto *made = new Function{name};
  state().functions.insert(made);
  *function = made;
  return 0;
}
FAKE(cuFuncSetAttribute, void *function, int32_t attribute, int32_t value) {
  if (attribute == 8)
    static_cast<Function *>(function)->shared = value;
  return 0;
}

namespace {
struct Attribute {
  uint32_t id;
  char padding[4];
  uint32_t x, y, z;
  char rest[52];
};
struct Config {
  uint32_t grid[3], block[3], shared;
  void *stream;
  Attribute *attributes;
  uint32_t attributeCount;
};
} // namespace

FAKE(cuLaunchKernelEx, const Config *config, void *function, void **parameters,
     void **) {
  ENTER("cuLaunchKernelEx");
  auto &called = *static_cast<Function *>(function);
  uint32_t blocks = config->grid[0], threads = config->block[0];
  note("launch " + called.name + " " + std::to_string(blocks) + "x" +
       std::to_string(threads) + " shared " + std::to_string(config->shared) +
       (config->attributeCount
            ? " cluster " + std::to_string(config->attributes[0].x)
            : ""));
  if (int32_t(config->shared) > called.shared)
    return kInvalidValue;
  auto [kernel, count] = state().kernels[called.name];
  // The driver too copies parameters at once.
  std::vector<uint64_t> values;
  for (int32_t i = 0; i < count; ++i)
    values.push_back(*static_cast<uint64_t *>(parameters[i]));
  return enqueue(config->stream, [=, kernel = kernel]() mutable {
    if (Result wanted = ::called("kernel"))
      return wanted;
    std::vector<void *> pointers;
    for (uint64_t &value : values)
      pointers.push_back(&value);
    if (kernel)
      kernel(pointers.data(), blocks, threads);
    return 0;
  });
}

FAKE(cuTensorMapEncodeTiled, void *map, int32_t type, uint32_t rank,
     void *address, const uint64_t *dims, const uint64_t *strides,
     const uint32_t *box, const uint32_t *, int32_t, int32_t swizzle, int32_t,
     int32_t) {
  ENTER("cuTensorMapEncodeTiled");
  if (reinterpret_cast<uint64_t>(map) % 64 ||
      !onDevice(reinterpret_cast<uint64_t>(address), dims[0]))
    return kInvalidValue;
  note("map type " + std::to_string(type) + " rank " + std::to_string(rank) +
       " dims " + std::to_string(dims[0]) + "x" + std::to_string(dims[1]) +
       " stride " + std::to_string(strides[0]) + " box " +
       std::to_string(box[0]) + "x" + std::to_string(box[1]) + " swizzle " +
       std::to_string(swizzle));
  *static_cast<void **>(map) = address;
  return 0;
}

//===----------------------------------------------------------------------===//
// Graphs
//===----------------------------------------------------------------------===//

FAKE(cuStreamBeginCapture_v2, void *stream, uint32_t) {
  ENTER("cuStreamBeginCapture_v2");
  static_cast<Stream *>(stream)->recording = born(new Graph);
  return 0;
}
FAKE(cuStreamEndCapture, void *stream, void **graph) {
  *graph = std::exchange(static_cast<Stream *>(stream)->recording, nullptr);
  ENTER("cuStreamEndCapture");
  return 0;
}
FAKE(cuGraphInstantiateWithFlags, void **executable, void *graph, uint64_t) {
  ENTER("cuGraphInstantiateWithFlags");
  *executable = born(new Graph(*static_cast<Graph *>(graph)));
  return 0;
}
FAKE(cuGraphLaunch, void *executable, void *stream) {
  ENTER("cuGraphLaunch");
  note("graph");
  for (const Work &work : static_cast<Graph *>(executable)->work)
    enqueue(stream, work);
  return 0;
}
FAKE(cuGraphExecDestroy, void *executable) { return dead<Graph>(executable); }
FAKE(cuGraphDestroy, void *graph) { return dead<Graph>(graph); }
