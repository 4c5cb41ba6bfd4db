// Shape inference one op at a time, for the pass and for the importer (which
// infers as it builds).
#pragma once

#include "dialects/nn/NN.h"

namespace tw {

class ShapeInference {
public:
  explicit ShapeInference(OpBuilder &builder);

  ShapeBuilder &shapes() { return shapeBuilder; }

  /// Gives `op` its result types, or replaces it by host scalars where it is
  /// shape arithmetic. The builder's insertion point must be at `op`. Returns
  /// what `op`'s results are now (the op may be gone), or failure with an error
  /// emitted at `op`.
  FailureOr<SmallVector<Value>> visit(Operation *op);

private:
  Value resolveDim(tensor::DimOp op);

  OpBuilder &b;
  ShapeBuilder shapeBuilder;
};

} // namespace tw
