// A tensor's elements as raw_data has them (row-major, little-endian, sub-byte
// elements packed), however the file gives them.
#pragma once

#include "compiler/import/wire/Model.h"

namespace tw::wire {

/// Checks type, shape and amount of data. Data that is not yet as raw_data has
/// it is converted into memory of its own. Strings have no such form and are
/// refused.
Result<Data> tensorData(const Model &model, const tw_onnx::TensorProto &tensor);

/// Checks a tensor of strings and returns them.
Result<std::vector<std::string>>
tensorStrings(const tw_onnx::TensorProto &tensor);

} // namespace tw::wire
