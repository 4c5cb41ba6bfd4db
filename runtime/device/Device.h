// What the runtime asks of a device that is not the CPU: memory, modules of PTX
// and launches in order. Addresses of its memory look like pointers and are
// never followed here. Failures are a status and a text in the caller's
// message.
#pragma once

#include "runtime/Message.h"
#include "runtime/host.h"

namespace tw {

/// The entries of one kernel's module, ready to be launched.
struct DeviceKernel {
  void *module = nullptr;
  /// One handle per part; what it is, the device knows.
  void **parts = nullptr;
};

struct DeviceLaunch {
  const tw_device_kernel *kernel;
  const DeviceKernel *loaded;
  int32_t part;
  int64_t blocks, threads, sharedBytes;
  /// One pointer per parameter, to its value.
  void **parameters;
  /// The ONNX node that the kernel computes, or "".
  const char *node;
};

/// A sequence of operations that happen in order; each sees what those before
/// it wrote. One thread at a time uses it.
class DeviceQueue {
public:
  virtual void destroy() = 0;

  /// `from` may change after the call.
  virtual tw_status upload(void *to, const void *from, int64_t bytes,
                           Message &error) = 0;
  /// Returns when `to` has the bytes, and so when all before is done.
  virtual tw_status download(void *to, const void *from, int64_t bytes,
                             Message &error) = 0;
  virtual tw_status copy(void *to, const void *from, int64_t bytes,
                         Message &error) = 0;
  virtual tw_status fill(void *to, uint8_t value, int64_t bytes,
                         Message &error) = 0;
  virtual tw_status launch(const DeviceLaunch &launch, Message &error) = 0;
  virtual tw_status synchronise(Message &error) = 0;

  /// Nanoseconds that the device takes for what comes between the two; the
  /// second waits for it.
  virtual tw_status beginTiming(Message &error) = 0;
  virtual tw_status endTiming(int64_t &nanoseconds, Message &error) = 0;

  /// From here to endCapture nothing happens; it is recorded, to be replayed as
  /// often as wanted. False: this device cannot.
  virtual bool beginCapture() { return false; }
  /// NULL if something in between cannot be recorded.
  virtual void *endCapture() { return nullptr; }
  virtual tw_status replay(void *, Message &) { return TW_OK; }
  virtual void discard(void *) {}

protected:
  ~DeviceQueue() = default;
};

class Device {
public:
  virtual void destroy() = 0;

  /// For messages and for tw_model_device.
  virtual const char *name() const = 0;
  virtual bool runs(const tw_device_target &target) const = 0;

  /// Brackets every other call: the device is the calling thread's.
  virtual void enter() {}
  virtual void leave() {}

  /// Content undefined. At least 256-byte aligned, also for no bytes.
  virtual tw_status allocate(int64_t bytes, void *&memory, Message &error) = 0;
  /// Waits for what uses it.
  virtual void release(void *memory) = 0;
  /// The content does not matter any more; a device that checks reads says so
  /// of those that come before a write.
  virtual void forget(void *, int64_t) {}

  virtual tw_status load(const tw_device_kernel &kernel, DeviceKernel &loaded,
                         Message &error) = 0;
  virtual void unload(DeviceKernel &loaded) = 0;

  /// Writes the TW_TENSOR_MAP_BYTES bytes, aligned to 64, that a kernel gets
  /// for the map of the buffer at `address`.
  virtual tw_status encode(const tw_tensor_map &map, void *address, void *bytes,
                           Message &error) = 0;

  virtual tw_status createQueue(DeviceQueue *&queue, Message &error) = 0;
  /// JSON, or NULL: it counts nothing.
  virtual const char *counters() { return nullptr; }

protected:
  ~Device() = default;
};

/// A device of that kind; the message says what is missing.
tw_status openCuda(int32_t index, Device *&device, Message &error);
tw_status openEmulator(const char *library, int32_t seed, Device *&device,
                       Message &error);

/// Makes a device current for a scope.
class DeviceScope {
public:
  explicit DeviceScope(Device *device) : device(device) {
    if (device)
      device->enter();
  }
  ~DeviceScope() {
    if (device)
      device->leave();
  }
  DeviceScope(const DeviceScope &) = delete;
  DeviceScope &operator=(const DeviceScope &) = delete;

private:
  Device *device;
};

} // namespace tw
