// Evaluates the decomposition of an op on small tensors, element by element,
// into scalar ops that fold.
#pragma once

#include "dialects/nn/NN.h"

namespace tw {

/// Computes tensors of static shape as lists of scalars. Knows linalg ops with
/// scalar bodies, fills, casts, reshapes and slices.
class HostEvaluator {
public:
  explicit HostEvaluator(OpBuilder &builder) : b(builder) {}

  /// The elements of `tensor` in row-major order, or failure where it is not
  /// computed from host scalars alone.
  FailureOr<SmallVector<Value>> evaluate(Value tensor);

  /// True if the elements of `tensor` are scalars on the host already.
  static bool isHost(Value tensor);

private:
  FailureOr<SmallVector<Value>> constantElements(Value tensor);
  FailureOr<SmallVector<Value>> evaluateSlice(tensor::ExtractSliceOp op);
  FailureOr<SmallVector<Value>> evaluateConcat(tensor::ConcatOp op);
  FailureOr<SmallVector<Value>> evaluateLinalg(linalg::LinalgOp op,
                                               unsigned result);
  FailureOr<Value> evaluatePoint(linalg::LinalgOp op, unsigned result,
                                 ArrayRef<int64_t> point,
                                 ArrayRef<Value> arguments);
  FailureOr<Value> evaluateExtract(tensor::ExtractOp op, IRMapping &mapping);

  OpBuilder &b;
  DenseMap<Value, SmallVector<Value>> memo;
};

} // namespace tw
