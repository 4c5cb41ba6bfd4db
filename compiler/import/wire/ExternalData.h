// Tensors whose data lies in other files become the same kind of reference as
// large tensors of the model's own file.
#pragma once

#include "compiler/import/wire/Result.h"

#include <string>

namespace tw::wire {

struct Model;

/// Checks and maps each external file once. A location may be no absolute path,
/// hold no `..` and follow no symbolic link out of `folder`.
Status mapExternalData(Model &model, const std::string &folder);

} // namespace tw::wire
