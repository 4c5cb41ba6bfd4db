// A GPU through the CUDA driver.
#pragma once

#include "runtime/Buffer.h"
#include "runtime/device/CudaDriver.h"
#include "runtime/device/Device.h"

namespace tw::cuda {

inline Address addressOf(const void *pointer) {
  return reinterpret_cast<Address>(pointer);
}

class CudaDevice final : public Device {
public:
  Driver driver;
  DeviceId id = 0;
  int32_t major = 0, minor = 0, maxShared = 0;
  Handle context = nullptr;

  tw_status open(int32_t index, Message &error);
  ~CudaDevice();

  void destroy() override { dispose(this); }
  const char *name() const override { return description.str(); }
  bool runs(const tw_device_target &target) const override;
  void enter() override { driver.ctxPushCurrent(context); }
  void leave() override { driver.ctxPopCurrent(nullptr); }
  tw_status allocate(int64_t bytes, void *&memory, Message &error) override;
  void release(void *memory) override { driver.memFree(addressOf(memory)); }
  tw_status load(const tw_device_kernel &kernel, DeviceKernel &loaded,
                 Message &error) override;
  void unload(DeviceKernel &loaded) override;
  tw_status encode(const tw_tensor_map &map, void *address, void *bytes,
                   Message &error) override;
  tw_status createQueue(DeviceQueue *&queue, Message &error) override;

  /// TW_OK, or the status for the error after it has been described.
  tw_status check(Result result, const char *what, Message &error) const;

private:
  tw_status find(int32_t index, Message &error);
  tw_status describe(int32_t index, Message &error);
  tw_status loadModule(const tw_device_kernel &kernel, Handle &module,
                       Message &error);
  tw_status findParts(const tw_device_kernel &kernel, DeviceKernel &loaded,
                      Message &error);

  Message description;
};

/// Pinned host memory in two halves: one is filled while the device reads the
/// other.
class Staging {
public:
  tw_status create(CudaDevice &device, Message &error);
  void release(CudaDevice &device);

  static constexpr int64_t kHalf = 2 << 20;

  /// The next `bytes` (at most kHalf) that the device is done with. They lie in
  /// the half `current`.
  tw_status take(CudaDevice &device, Handle stream, int64_t bytes, char *&place,
                 Message &error);
  /// Moves to the other half; this one may be used again when what `stream` has
  /// so far is done.
  tw_status turn(CudaDevice &device, Handle stream, Message &error);
  /// Waits until the device is done with a half.
  tw_status wait(CudaDevice &device, int32_t half, Message &error);

  int32_t current = 0;
  char *half(int32_t index) const { return memory + index * kHalf; }

private:
  char *memory = nullptr;
  Handle events[2] = {};
  bool recorded[2] = {};
  int64_t used = 0;
};

class CudaQueue final : public DeviceQueue {
public:
  explicit CudaQueue(CudaDevice &device) : device(device) {}
  ~CudaQueue();
  tw_status create(Message &error);

  void destroy() override {
    this->~CudaQueue();
    std::free(this);
  }
  tw_status upload(void *to, const void *from, int64_t bytes,
                   Message &error) override;
  tw_status download(void *to, const void *from, int64_t bytes,
                     Message &error) override;
  tw_status copy(void *to, const void *from, int64_t bytes,
                 Message &error) override;
  tw_status fill(void *to, uint8_t value, int64_t bytes,
                 Message &error) override;
  tw_status launch(const DeviceLaunch &launch, Message &error) override;
  tw_status synchronise(Message &error) override;
  tw_status beginTiming(Message &error) override;
  tw_status endTiming(int64_t &nanoseconds, Message &error) override;
  bool beginCapture() override;
  void *endCapture() override;
  tw_status replay(void *graph, Message &error) override;
  void discard(void *graph) override;

private:
  struct Captured;
  tw_status uploadCaptured(void *to, const void *from, int64_t bytes,
                           Message &error);
  tw_status fetch(int64_t part, const char *from, int64_t bytes,
                  Message &error);
  /// Says where a fault of the device may come from.
  tw_status fault(Result result, Message &error);

  CudaDevice &device;
  Handle stream = nullptr;
  Staging outgoing, incoming;
  Handle timer[2] = {};
  Captured *captured = nullptr;
  bool captureFailed = false;
  /// Launched since the device was last waited for: how many, and the nodes of
  /// the first and the last.
  int64_t pending = 0;
  const char *firstNode = "", *lastNode = "";
};

} // namespace tw::cuda
