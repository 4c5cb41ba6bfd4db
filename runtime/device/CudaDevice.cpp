#include "runtime/device/Cuda.h"

#include <dlfcn.h>

using namespace tw;
using namespace tw::cuda;

tw_status tw::openCuda(int32_t index, Device *&device, Message &error) {
  auto *cuda = make<CudaDevice>();
  if (!cuda) {
    error.add("out of memory");
    return TW_OUT_OF_MEMORY;
  }
  tw_status status = cuda->open(index, error);
  if (status)
    cuda->destroy();
  else
    device = cuda;
  return status;
}

CudaDevice::~CudaDevice() {
  if (context)
    driver.primaryCtxRelease(id);
  if (driver.library)
    dlclose(driver.library);
}

tw_status CudaDevice::check(Result result, const char *what,
                            Message &error) const {
  if (result == kSuccess)
    return TW_OK;
  error.add("device '%s': %s: ", name(), what);
  addError(driver, result, error);
  return statusOf(result);
}

tw_status CudaDevice::open(int32_t index, Message &error) {
  if (tw_status status = loadDriver(driver, error))
    return status;
  if (tw_status status = find(index, error))
    return status;
  if (tw_status status = describe(index, error))
    return status;
  // The context that a process's other users of the GPU have too: their
  // pointers are ours.
  return check(driver.primaryCtxRetain(&context, id),
               "the device cannot be used", error)
             ? TW_NO_DEVICE
             : TW_OK;
}

tw_status CudaDevice::find(int32_t index, Message &error) {
  int32_t count = 0;
  Result result = driver.deviceGetCount(&count);
  if (result == kSuccess && index < count)
    return driver.deviceGet(&id, index) == kSuccess ? TW_OK : TW_NO_DEVICE;
  error.add("device 'cuda:%d': ", index);
  if (result != kSuccess)
    addError(driver, result, error);
  else if (count == 0)
    error.add("the driver finds no device");
  else
    error.add("expected an index below %d, the number of devices", count);
  return TW_NO_DEVICE;
}

tw_status CudaDevice::describe(int32_t index, Message &error) {
  char product[128] = "";
  Result results[] = {
      driver.deviceGetName(product, sizeof product, id),
      driver.deviceGetAttribute(&major, kComputeMajor, id),
      driver.deviceGetAttribute(&minor, kComputeMinor, id),
      driver.deviceGetAttribute(&maxShared, kMaxSharedPerBlockOptin, id)};
  description.add("cuda:%d", index);
  for (Result result : results)
    if (check(result, "the device cannot be asked", error))
      return TW_NO_DEVICE;
  description.add(" (%s, sm_%d%d)", product, major, minor);
  return TW_OK;
}

bool CudaDevice::runs(const tw_device_target &target) const {
  int32_t found = major * 10 + minor, wanted = target.major * 10 + target.minor;
  return target.exact ? found == wanted : found >= wanted;
}

tw_status CudaDevice::allocate(int64_t bytes, void *&memory, Message &error) {
  Address address = 0;
  Result result = bytes < 0 ? Result(kOutOfMemory)
                            : driver.memAlloc(&address, bytes ? bytes : 1);
  memory = reinterpret_cast<void *>(address);
  if (result != kOutOfMemory)
    return check(result, "memory cannot be allocated", error);
  size_t free = 0, total = 0;
  driver.memGetInfo(&free, &total);
  error.add("device '%s': out of memory: %ld bytes asked for, %zu of %zu free",
            name(), static_cast<long>(bytes), free, total);
  return TW_OUT_OF_MEMORY;
}

//===----------------------------------------------------------------------===//
// Kernels
//===----------------------------------------------------------------------===//

tw_status CudaDevice::loadModule(const tw_device_kernel &kernel, Handle &module,
                                 Message &error) {
  if (kernel.cubin && driver.moduleLoadDataEx(&module, kernel.cubin, 0, nullptr,
                                              nullptr) == kSuccess)
    return TW_OK;
  // A cubin is for GPUs of one generation; PTX is for all that come later.
  char log[600] = "";
  int32_t options[] = {kJitErrorLog, kJitErrorLogSize};
  void *values[] = {log, reinterpret_cast<void *>(sizeof log)};
  Result result =
      driver.moduleLoadDataEx(&module, kernel.ptx, 2, options, values);
  if (result == kSuccess)
    return TW_OK;
  error.add(
      "device '%s': the driver (CUDA %d.%d) refuses kernel '%s': ", name(),
      driver.version / 1000, driver.version % 1000 / 10, kernel.name);
  addError(driver, result, error);
  if (log[0])
    error.add(": %s", log);
  return statusOf(result);
}

tw_status CudaDevice::findParts(const tw_device_kernel &kernel,
                                DeviceKernel &loaded, Message &error) {
  for (int32_t part = 0; part < kernel.parts; ++part) {
    Message entry;
    entry.add("%s_p%d", kernel.name, part);
    Handle &function = loaded.parts[part];
    if (tw_status status = check(
            driver.moduleGetFunction(&function, loaded.module, entry.str()),
            entry.str(), error))
      return status;
    // All that a block may have, so that no launch needs to ask.
    driver.funcSetAttribute(function, kMaxDynamicShared, maxShared);
    if (kernel.cluster > 8)
      driver.funcSetAttribute(function, kNonPortableCluster, 1);
  }
  return TW_OK;
}

tw_status CudaDevice::load(const tw_device_kernel &kernel, DeviceKernel &loaded,
                           Message &error) {
  if (tw_status status = loadModule(kernel, loaded.module, error))
    return status;
  loaded.parts =
      static_cast<void **>(std::calloc(kernel.parts, sizeof(void *)));
  tw_status status = TW_OUT_OF_MEMORY;
  if (loaded.parts)
    status = findParts(kernel, loaded, error);
  else
    error.add("out of memory");
  if (status)
    unload(loaded);
  return status;
}

void CudaDevice::unload(DeviceKernel &loaded) {
  std::free(loaded.parts);
  if (loaded.module)
    driver.moduleUnload(loaded.module);
  loaded = {};
}

tw_status CudaDevice::encode(const tw_tensor_map &map, void *address,
                             void *bytes, Message &error) {
  return check(driver.tensorMapEncodeTiled(
                   bytes, map.data_type, map.rank, address, map.dims,
                   map.strides, map.box, map.element_strides, map.interleave,
                   map.swizzle, map.l2_promotion, map.oob_fill),
               "a tensor map cannot be made", error);
}
