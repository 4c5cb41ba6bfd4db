#include "dialects/nn/Index.h"
#include "dialects/nn/NN.h"

using namespace tw;
using namespace tw::nn;

/// Makes `dims` more precise by what another input says; false where they
/// contradict each other.
static bool join(ShapeBuilder &shapes, Dims &dims, ArrayRef<OpFoldResult> other,
                 int64_t axis) {
  for (auto [i, d] : llvm::enumerate(dims)) {
    if (static_cast<int64_t>(i) == axis)
      continue;
    if (!shapes.demandEqual(d, other[i]))
      return false;
    if (ShapeBuilder::known(other[i]))
      d = other[i];
  }
  return true;
}

LogicalResult ConcatOp::inferResults(ShapeBuilder &shapes,
                                     SmallVectorImpl<ResultShape> &results) {
  if (getInputs().empty())
    return emitOpError("expected at least one operand, found none");
  Dims dims = shapes.dims(getInputs().front());
  auto axis = normalizeAxis(*this, getAxis(), dims.size());
  if (failed(axis))
    return failure();
  Dim total = dims[*axis];
  for (Value input : getInputs().drop_front()) {
    Dims next = shapes.dims(input);
    if (next.size() != dims.size() || !join(shapes, dims, next, *axis))
      return emitOpError("expected operands that differ at axis ")
             << *axis << " only, found " << describe(dims) << " and "
             << describe(next);
    total = shapes.add(total, next[*axis]);
  }
  dims[*axis] = total;
  results.push_back({dims, ShapeBuilder::elementType(getInputs().front())});
  return success();
}

FailureOr<SmallVector<Value>> ConcatOp::decomposeOperation(OpBuilder &b) {
  SmallVector<Value> parts;
  for (Value input : getInputs())
    parts.push_back(signless(b, getLoc(), input));
  int64_t axis = *normalizeAxis(*this, getAxis(), ShapeBuilder::rank(parts[0]));
  Value result = concatenated(b, getLoc(), parts, axis);
  return SmallVector<Value>{asResult(b, *this, 0, result)};
}
