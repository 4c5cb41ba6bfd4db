// Which buffers the tensor memory accelerator can copy from.
#pragma once

#include "dialects/interfaces/Base.h"

#include "mlir/IR/Builders.h"

namespace tw {

/// Whether a buffer lies as tensor maps demand, as far as that is known while
/// compiling.
bool mayHaveTensorMap(Value buffer);
/// The rest of it (i1), which the launch's addresses and sizes decide.
Value fitsTensorMap(OpBuilder &b, Location loc, Value buffer);

} // namespace tw
