// Whether a caller's inputs fit a model.
#pragma once

#include "runtime/Message.h"
#include "runtime/host.h"

namespace tw {

/// Number of elements; -1 if a dimension is negative or the product is no
/// int64.
int64_t elementCount(int32_t rank, const int64_t *dims);

/// Bytes of a tensor, or -1 in the same cases.
int64_t byteCount(int32_t dtype, int32_t rank, const int64_t *dims);

/// Describes a shape as the model declares it: "[batch, 3, ?]".
void addDeclaredDims(Message &message, const tw_program &program,
                     const tw_value_info &info);

/// Checks number, dtype, rank, static dimensions and equal symbols. False, with
/// a message that says what was expected and found.
bool checkInputs(const tw_program &program, const tw_tensor *inputs,
                 int32_t count, Message &error);

} // namespace tw
