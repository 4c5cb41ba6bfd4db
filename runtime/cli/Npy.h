// numpy's .npy files: little-endian, C order.
#pragma once

#include "runtime/Buffer.h"
#include "runtime/Message.h"
#include "runtime/tilewright.h"

namespace tw {

constexpr int32_t kMaxNpyRank = 32; // numpy's own limit was 32 until 2.0

struct NpyArray {
  Buffer file;
  /// numpy's name of the element type, such as "<f4".
  char descr[16] = {};
  int32_t rank = 0;
  int64_t dims[kMaxNpyRank] = {};
  char *data = nullptr;
};

/// False with a message naming the file and what is wrong with it.
bool readNpy(const char *path, NpyArray &array, Message &error);
/// The same for a file whose bytes are in `array.file` already.
bool parseNpy(const char *path, NpyArray &array, Message &error);

/// Whether the array's elements are of this type. Types that numpy lacks come
/// as raw bytes of their size ("|V2" for bfloat16), as ml_dtypes writes them.
bool npyHolds(const NpyArray &array, int32_t dtype);

/// Leaves no file behind on failure.
bool writeNpy(const char *path, const tw_tensor &tensor, Message &error);

} // namespace tw
