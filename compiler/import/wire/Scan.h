// Reads a model's protobuf wire format without parsing it, to leave large
// tensors where they are.
//
// A model file is mostly tensor data. The scan copies everything else, small,
// and in place of a tensor's data of more than `threshold` bytes it writes
// field `mapped` (cmake/Onnx.cmake adds it to TensorProto): the index of a
// DataRange, which says where in the file the data lies. What remains is then
// parsed by protobuf. The scan also makes sure that lengths fit and that
// nesting is bounded, and says at which byte they do not.
#pragma once

#include "compiler/import/wire/Result.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tw::wire {

struct DataRange {
  uint64_t offset = 0;
  uint64_t length = 0;
  /// int32_data, int64_data and uint64_data hold integers of variable length;
  /// all other data is as in memory.
  bool varint = false;
};

struct Scan {
  std::string message;
  std::vector<DataRange> ranges;
};

constexpr uint64_t kMappedThreshold = 1024;

Result<Scan> scanModel(std::string_view bytes,
                       uint64_t threshold = kMappedThreshold);

} // namespace tw::wire
