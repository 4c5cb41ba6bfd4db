// Tensors as bytes, the way kernels see them.
#pragma once

#include "dialects/check/Check.h"

#include "mlir/IR/BuiltinAttributes.h"

#include <vector>

namespace tw {

/// Bytes per element in memory: bool and what is smaller than a byte take one.
int64_t elementBytes(Type element);
std::vector<char> toBytes(DenseElementsAttr elements);
/// Compares with what is expected; reports each op's first few differences at
/// its location. `bytes` holds as many elements as are expected.
LogicalResult compare(check::ExpectCloseOp op, ArrayRef<char> bytes);

} // namespace tw
