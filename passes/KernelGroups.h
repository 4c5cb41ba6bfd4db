// Which ops of a block share a kernel.
#pragma once

#include "dialects/interfaces/Interfaces.h"

#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SetVector.h"

#include <limits>

namespace tw {

/// Ops in block order; what they compute for others is used after the last of
/// them only.
struct KernelGroup {
  llvm::SetVector<Operation *> ops;
  /// The reduction, contraction or parts that the others go with, if any.
  Operation *root = nullptr;
};

/// Whether two tensors surely have the same shape.
using SameShape = llvm::function_ref<bool(Value, Value)>;

/// Rows of any length, known or not.
constexpr int64_t kAnyRow = std::numeric_limits<int64_t>::max();

/// Groups the kernel ops of a block. Every group is convex: its last op can
/// stand for all of them. A reduction over innermost dims goes with what uses
/// it on the rows that were reduced, where these have up to `rowElements`.
SmallVector<KernelGroup> groupKernels(Block &block, SameShape sameShape,
                                      int64_t rowElements);

/// True for what runs as a kernel: has a kind that is not View.
bool isKernelOp(Operation *op);

} // namespace tw
