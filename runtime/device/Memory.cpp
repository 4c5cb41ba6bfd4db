#include "runtime/device/Memory.h"

using namespace tw;

/// What kernels with wide accesses may count on.
static constexpr int64_t kDeviceAlignment = 256;
static constexpr int64_t kSmallestBlock = 1 << 20;

tw_status DeviceBuffer::reserve(Device &device, int64_t bytes, Message &error) {
  if (memory && bytes <= capacity)
    return TW_OK;
  release(device);
  if (tw_status status = device.allocate(bytes, memory, error))
    return status;
  capacity = bytes;
  return TW_OK;
}

void DeviceBuffer::release(Device &device) {
  if (memory)
    device.release(memory);
  memory = nullptr;
  capacity = 0;
}

tw_status DeviceRegion::allocate(Device &device, int64_t bytes, void *&memory,
                                 Message &error) {
  if (bytes < 0 || bytes > INT64_MAX - kDeviceAlignment) {
    error.add("out of device memory: %ld bytes", static_cast<long>(bytes));
    return TW_OUT_OF_MEMORY;
  }
  // An empty value has an address of its own too.
  int64_t rounded = (bytes / kDeviceAlignment + 1) * kDeviceAlignment;
  bool fits = blocks && rounded <= blocks->capacity - used;
  if (!fits)
    if (tw_status status = addBlock(device, rounded, error))
      return status;
  memory = static_cast<char *>(blocks->memory) + used;
  used += rounded;
  total += rounded;
  return TW_OK;
}

tw_status DeviceRegion::addBlock(Device &device, int64_t bytes,
                                 Message &error) {
  Block *block = make<Block>();
  if (!block) {
    error.add("out of memory");
    return TW_OUT_OF_MEMORY;
  }
  block->capacity = bytes > kSmallestBlock ? bytes : kSmallestBlock;
  tw_status status = device.allocate(block->capacity, block->memory, error);
  if (status) {
    dispose(block);
    return status;
  }
  block->next = blocks;
  blocks = block;
  used = 0;
  return TW_OK;
}

void DeviceRegion::reset(Device &device) {
  int64_t needed = total;
  bool several = blocks && blocks->next;
  used = total = 0;
  if (!several) {
    if (blocks)
      device.forget(blocks->memory, blocks->capacity);
    return;
  }
  release(device);
  // Without it the next run asks again, piece by piece.
  Message ignored;
  addBlock(device, needed, ignored);
}

void DeviceRegion::release(Device &device) {
  while (blocks) {
    Block *next = blocks->next;
    device.release(blocks->memory);
    dispose(blocks);
    blocks = next;
  }
  used = 0;
}
