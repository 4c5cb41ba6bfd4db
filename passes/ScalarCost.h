// What computing one element costs, for choices between computing again and
// keeping, and for splitting work into blocks.
#pragma once

#include "mlir/IR/Block.h"

namespace tw {

/// The body's operations in units of a simple vectorised one. Loads and index
/// arithmetic are not counted; loops inside are counted as long.
int64_t scalarCost(mlir::Block *body);

} // namespace tw
