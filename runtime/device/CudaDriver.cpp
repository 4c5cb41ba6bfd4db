#include "runtime/device/CudaDriver.h"

#include <cstdlib>
#include <dlfcn.h>

using namespace tw;
using namespace tw::cuda;

namespace {
/// Of CUDA 12.0: the first with everything that is loaded below.
constexpr int32_t kOldestVersion = 12000;

struct Symbol {
  const char *name;
  size_t offset;
};

#define TW_SYMBOL(name, field) {name, offsetof(Driver, field)}
constexpr Symbol kSymbols[] = {
    TW_SYMBOL("cuInit", init),
    TW_SYMBOL("cuDriverGetVersion", driverGetVersion),
    TW_SYMBOL("cuGetErrorName", getErrorName),
    TW_SYMBOL("cuGetErrorString", getErrorString),
    TW_SYMBOL("cuDeviceGetCount", deviceGetCount),
    TW_SYMBOL("cuDeviceGet", deviceGet),
    TW_SYMBOL("cuDeviceGetName", deviceGetName),
    TW_SYMBOL("cuDeviceGetAttribute", deviceGetAttribute),
    TW_SYMBOL("cuDevicePrimaryCtxRetain", primaryCtxRetain),
    TW_SYMBOL("cuDevicePrimaryCtxRelease_v2", primaryCtxRelease),
    TW_SYMBOL("cuCtxPushCurrent_v2", ctxPushCurrent),
    TW_SYMBOL("cuCtxPopCurrent_v2", ctxPopCurrent),
    TW_SYMBOL("cuMemGetInfo_v2", memGetInfo),
    TW_SYMBOL("cuMemAlloc_v2", memAlloc),
    TW_SYMBOL("cuMemFree_v2", memFree),
    TW_SYMBOL("cuMemHostAlloc", memHostAlloc),
    TW_SYMBOL("cuMemFreeHost", memFreeHost),
    TW_SYMBOL("cuMemcpyHtoDAsync_v2", memcpyHtoDAsync),
    TW_SYMBOL("cuMemcpyDtoHAsync_v2", memcpyDtoHAsync),
    TW_SYMBOL("cuMemcpyDtoDAsync_v2", memcpyDtoDAsync),
    TW_SYMBOL("cuMemsetD8Async", memsetD8Async),
    TW_SYMBOL("cuStreamCreate", streamCreate),
    TW_SYMBOL("cuStreamDestroy_v2", streamDestroy),
    TW_SYMBOL("cuStreamSynchronize", streamSynchronize),
    TW_SYMBOL("cuEventCreate", eventCreate),
    TW_SYMBOL("cuEventDestroy_v2", eventDestroy),
    TW_SYMBOL("cuEventRecord", eventRecord),
    TW_SYMBOL("cuEventSynchronize", eventSynchronize),
    TW_SYMBOL("cuEventElapsedTime", eventElapsedTime),
    TW_SYMBOL("cuModuleLoadDataEx", moduleLoadDataEx),
    TW_SYMBOL("cuModuleUnload", moduleUnload),
    TW_SYMBOL("cuModuleGetFunction", moduleGetFunction),
    TW_SYMBOL("cuFuncSetAttribute", funcSetAttribute),
    TW_SYMBOL("cuLaunchKernelEx", launchKernelEx),
    TW_SYMBOL("cuTensorMapEncodeTiled", tensorMapEncodeTiled),
    TW_SYMBOL("cuStreamBeginCapture_v2", streamBeginCapture),
    TW_SYMBOL("cuStreamEndCapture", streamEndCapture),
    TW_SYMBOL("cuGraphInstantiateWithFlags", graphInstantiate),
    TW_SYMBOL("cuGraphLaunch", graphLaunch),
    TW_SYMBOL("cuGraphExecDestroy", graphExecDestroy),
    TW_SYMBOL("cuGraphDestroy", graphDestroy),
};
#undef TW_SYMBOL

/// The name of the first function that the library lacks, or NULL.
const char *bind(Driver &driver) {
  for (const Symbol &symbol : kSymbols) {
    void *function = dlsym(driver.library, symbol.name);
    if (!function)
      return symbol.name;
    memcpy(reinterpret_cast<char *>(&driver) + symbol.offset, &function,
           sizeof function);
  }
  return nullptr;
}

tw_status checkVersion(Driver &driver, const char *missing, Message &error) {
  auto getVersion = reinterpret_cast<Result (*)(int32_t *)>(
      dlsym(driver.library, "cuDriverGetVersion"));
  if (getVersion && getVersion(&driver.version) == kSuccess &&
      driver.version >= kOldestVersion && !missing)
    return TW_OK;
  error.add("device 'cuda': expected a driver for CUDA %d.%d or newer, found "
            "%d.%d",
            kOldestVersion / 1000, kOldestVersion % 1000 / 10,
            driver.version / 1000, driver.version % 1000 / 10);
  if (missing)
    error.add(" without %s", missing);
  return TW_NO_DEVICE;
}
} // namespace

tw_status cuda::loadDriver(Driver &driver, Message &error) {
  const char *path = std::getenv("TILEWRIGHT_LIBCUDA");
  if (!path || !*path)
    path = "libcuda.so.1";
  driver.library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (!driver.library) {
    error.add("device 'cuda': no CUDA driver: %s", dlerror());
    return TW_NO_DEVICE;
  }
  if (tw_status status = checkVersion(driver, bind(driver), error))
    return status;
  Result result = driver.init(0);
  if (result == kSuccess)
    return TW_OK;
  error.add("device 'cuda': the driver cannot be initialised: ");
  addError(driver, result, error);
  return TW_NO_DEVICE;
}

void cuda::addError(const Driver &driver, Result result, Message &error) {
  const char *name = nullptr, *text = nullptr;
  driver.getErrorName(result, &name);
  driver.getErrorString(result, &text);
  if (name)
    error.add("%s (%s)", name, text ? text : "");
  else
    error.add("CUDA error %d", result);
}

tw_status cuda::statusOf(Result result) {
  switch (result) {
  case kSuccess:
    return TW_OK;
  case kOutOfMemory:
    return TW_OUT_OF_MEMORY;
  case kInvalidImage:
  case kNoBinaryForGpu:
  case kInvalidPtx:
  case kUnsupportedPtxVersion:
    return TW_UNSUPPORTED_DEVICE;
  default:
    return TW_KERNEL_FAULT;
  }
}
