// Sums that neighbouring threads of a warp make together.
#pragma once

#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"

namespace tw {
using namespace mlir;

/// The op that combines a sum and an element in a reduction with one result,
/// where there is one and it has a neutral element.
Operation *sumCombiner(linalg::LinalgOp op);
/// Another use of a combiner.
Value combineSums(OpBuilder &b, Operation *combiner, Value x, Value y);
/// What all of `lanes` neighbouring threads hold, combined; all of them get it.
Value sumOverLanes(OpBuilder &b, Location loc, Operation *combiner, Value own,
                   int64_t lanes);

/// What another lane of the warp holds, a number of at most 64 bits: `which`
/// (i32) is the distance or the lane, as shfl.sync has it.
Value fromLane(OpBuilder &b, Location loc, Value own, NVVM::ShflKind kind,
               Value which);

} // namespace tw
