#include "runtime/device/Cuda.h"

using namespace tw;
using namespace tw::cuda;

/// Events that measure nothing are cheaper.
static constexpr uint32_t kNoTiming = 2;

tw_status Staging::create(CudaDevice &device, Message &error) {
  for (Handle &event : events)
    if (tw_status status =
            device.check(device.driver.eventCreate(&event, kNoTiming),
                         "an event cannot be created", error))
      return status;
  void *pinned = nullptr;
  tw_status status =
      device.check(device.driver.memHostAlloc(&pinned, 2 * kHalf, 0),
                   "pinned memory cannot be allocated", error);
  memory = static_cast<char *>(pinned);
  return status;
}

void Staging::release(CudaDevice &device) {
  for (Handle event : events)
    if (event)
      device.driver.eventDestroy(event);
  if (memory)
    device.driver.memFreeHost(memory);
}

tw_status Staging::wait(CudaDevice &device, int32_t half, Message &error) {
  if (!recorded[half])
    return TW_OK;
  recorded[half] = false;
  return device.check(device.driver.eventSynchronize(events[half]),
                      "a copy failed", error);
}

tw_status Staging::turn(CudaDevice &device, Handle stream, Message &error) {
  tw_status status =
      device.check(device.driver.eventRecord(events[current], stream),
                   "an event cannot be recorded", error);
  recorded[current] = status == TW_OK;
  current ^= 1;
  used = 0;
  return status;
}

tw_status Staging::take(CudaDevice &device, Handle stream, int64_t bytes,
                        char *&place, Message &error) {
  if (used + bytes > kHalf)
    if (tw_status status = turn(device, stream, error))
      return status;
  if (used == 0)
    if (tw_status status = wait(device, current, error))
      return status;
  place = half(current) + used;
  // The next piece starts where wide copies like it.
  used += (bytes + kAlignment - 1) / kAlignment * kAlignment;
  return TW_OK;
}
