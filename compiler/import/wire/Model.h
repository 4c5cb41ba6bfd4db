// A model as read from its file: parsed, with large tensors and external ones
// left in the files that hold them.
#pragma once

#include "compiler/import/wire/Buffer.h"
#include "compiler/import/wire/Result.h"
#include "compiler/import/wire/Scan.h"
#include "onnx/onnx_pb.h"

#include <memory>
#include <string>
#include <vector>

namespace tw::wire {

struct Data {
  std::shared_ptr<const Buffer> buffer;
  DataRange range;

  std::string_view bytes() const {
    return buffer->bytes().substr(range.offset, range.length);
  }
};

struct Model {
  /// As messages name it.
  std::string name;
  tw_onnx::ModelProto proto;
  /// What TensorProto::mapped counts.
  std::vector<Data> data;
};

/// Reads a model file; external data is looked for beside it.
Result<Model> readModel(const std::string &path);

/// Reads a model from memory. Without a folder a model that has external data
/// is refused.
Result<Model> readModel(std::shared_ptr<const Buffer> bytes,
                        const std::string &name,
                        const std::string &folder = "");

} // namespace tw::wire
