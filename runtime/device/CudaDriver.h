// The CUDA driver's interface as far as we use it, by our own declarations:
// libcuda.so.1 is loaded when a model wants a GPU, and nothing of CUDA is
// needed to build.
#pragma once

#include "runtime/Message.h"
#include "runtime/tilewright.h"

namespace tw::cuda {

using Result = int32_t;
using DeviceId = int32_t;
using Address = uint64_t;
using Handle = void *; // contexts, modules, functions, streams, events, graphs

enum : Result {
  kSuccess = 0,
  kOutOfMemory = 2,
  kNoDevice = 100,
  kInvalidDevice = 101,
  kInvalidImage = 200,
  kNoBinaryForGpu = 209,
  kInvalidPtx = 218,
  kUnsupportedPtxVersion = 222,
  kSystemDriverMismatch = 803,
};

enum Attribute : int32_t {
  kMaxSharedPerBlockOptin = 97,
  kComputeMajor = 75,
  kComputeMinor = 76,
};

enum FunctionAttribute : int32_t {
  kMaxDynamicShared = 8,
  kNonPortableCluster = 14,
};

enum JitOption : int32_t {
  kJitInfoLog = 3,
  kJitInfoLogSize = 4,
  kJitErrorLog = 5,
  kJitErrorLogSize = 6,
};

constexpr uint32_t kCaptureRelaxed = 2;

/// CUlaunchAttribute: an id, padding, a union of 64 bytes.
struct LaunchAttribute {
  uint32_t id;
  char padding[4];
  union {
    char bytes[64];
    struct {
      uint32_t x, y, z;
    } cluster;
  } value;
};
constexpr uint32_t kClusterDimension = 4;

/// CUlaunchConfig.
struct LaunchConfig {
  uint32_t gridX, gridY, gridZ, blockX, blockY, blockZ, sharedBytes;
  Handle stream;
  LaunchAttribute *attributes;
  uint32_t attributeCount;
};

/// The functions, by the names that the library exports. A name of which newer
/// drivers have a second form is spelt out, so that declarations and symbols
/// cannot part ways.
struct Driver {
  void *library = nullptr;
  int32_t version = 0;

  Result (*init)(uint32_t flags);
  Result (*driverGetVersion)(int32_t *version);
  Result (*getErrorName)(Result, const char **text);
  Result (*getErrorString)(Result, const char **text);
  Result (*deviceGetCount)(int32_t *count);
  Result (*deviceGet)(DeviceId *device, int32_t index);
  Result (*deviceGetName)(char *name, int32_t size, DeviceId);
  Result (*deviceGetAttribute)(int32_t *value, int32_t attribute, DeviceId);
  Result (*primaryCtxRetain)(Handle *context, DeviceId);
  Result (*primaryCtxRelease)(DeviceId);
  Result (*ctxPushCurrent)(Handle context);
  Result (*ctxPopCurrent)(Handle *context);
  Result (*memGetInfo)(size_t *free, size_t *total);
  Result (*memAlloc)(Address *memory, size_t bytes);
  Result (*memFree)(Address memory);
  Result (*memHostAlloc)(void **memory, size_t bytes, uint32_t flags);
  Result (*memFreeHost)(void *memory);
  Result (*memcpyHtoDAsync)(Address to, const void *from, size_t bytes,
                            Handle stream);
  Result (*memcpyDtoHAsync)(void *to, Address from, size_t bytes,
                            Handle stream);
  Result (*memcpyDtoDAsync)(Address to, Address from, size_t bytes,
                            Handle stream);
  Result (*memsetD8Async)(Address to, uint8_t value, size_t count,
                          Handle stream);
  Result (*streamCreate)(Handle *stream, uint32_t flags);
  Result (*streamDestroy)(Handle stream);
  Result (*streamSynchronize)(Handle stream);
  Result (*eventCreate)(Handle *event, uint32_t flags);
  Result (*eventDestroy)(Handle event);
  Result (*eventRecord)(Handle event, Handle stream);
  Result (*eventSynchronize)(Handle event);
  Result (*eventElapsedTime)(float *milliseconds, Handle begin, Handle end);
  Result (*moduleLoadDataEx)(Handle *module, const void *image, uint32_t count,
                             int32_t *options, void **values);
  Result (*moduleUnload)(Handle module);
  Result (*moduleGetFunction)(Handle *function, Handle module,
                              const char *name);
  Result (*funcSetAttribute)(Handle function, int32_t attribute, int32_t value);
  Result (*launchKernelEx)(const LaunchConfig *, Handle function,
                           void **parameters, void **extra);
  Result (*tensorMapEncodeTiled)(void *map, int32_t dataType, uint32_t rank,
                                 void *address, const uint64_t *dims,
                                 const uint64_t *strides, const uint32_t *box,
                                 const uint32_t *elementStrides,
                                 int32_t interleave, int32_t swizzle,
                                 int32_t l2Promotion, int32_t oobFill);
  Result (*streamBeginCapture)(Handle stream, uint32_t mode);
  Result (*streamEndCapture)(Handle stream, Handle *graph);
  Result (*graphInstantiate)(Handle *executable, Handle graph, uint64_t flags);
  Result (*graphLaunch)(Handle executable, Handle stream);
  Result (*graphExecDestroy)(Handle executable);
  Result (*graphDestroy)(Handle graph);
};

/// Loads the library ($TILEWRIGHT_LIBCUDA, or libcuda.so.1) and initialises it.
/// TW_NO_DEVICE, with a message, where there is none or it is too old.
tw_status loadDriver(Driver &driver, Message &error);

/// "CUDA_ERROR_OUT_OF_MEMORY (out of memory)".
void addError(const Driver &driver, Result result, Message &error);

/// The status that stands for a driver's error.
tw_status statusOf(Result result);

} // namespace tw::cuda
