// Device memory that a runtime object owns; as Buffer and Region are for the
// host's. Both must be released before their device goes.
#pragma once

#include "runtime/Buffer.h"
#include "runtime/device/Device.h"

namespace tw {

/// A block that only grows, content undefined.
class DeviceBuffer {
public:
  DeviceBuffer() = default;
  DeviceBuffer(const DeviceBuffer &) = delete;
  DeviceBuffer &operator=(const DeviceBuffer &) = delete;

  tw_status reserve(Device &device, int64_t bytes, Message &error);
  void release(Device &device);

  void *data() const { return memory; }
  int64_t size() const { return capacity; }

private:
  void *memory = nullptr;
  int64_t capacity = 0;
};

/// Blocks handed out piecemeal and taken back all at once.
class DeviceRegion {
public:
  DeviceRegion() = default;
  DeviceRegion(const DeviceRegion &) = delete;
  DeviceRegion &operator=(const DeviceRegion &) = delete;

  tw_status allocate(Device &device, int64_t bytes, void *&memory,
                     Message &error);
  /// Takes everything back. What was needed this time is one block next time.
  void reset(Device &device);
  void release(Device &device);

private:
  struct Block {
    Block *next;
    void *memory;
    int64_t capacity;
  };
  tw_status addBlock(Device &device, int64_t bytes, Message &error);

  Block *blocks = nullptr;
  int64_t used = 0, total = 0;
};

} // namespace tw
