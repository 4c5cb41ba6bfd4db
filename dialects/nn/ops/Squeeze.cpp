#include "dialects/nn/Index.h"
#include "dialects/nn/NN.h"

using namespace tw;
using namespace tw::nn;

/// The dims that are not axes, where `axes` may be unknown: result dim r is the
/// input dim that has r kept dims before it.
static Dims keptDims(ShapeBuilder &shapes, ArrayRef<OpFoldResult> dims,
                     ArrayRef<OpFoldResult> axes) {
  Dim zero = shapes.constant(0), one = shapes.constant(1);
  Dims kept = scatterByAxis(shapes, axes, Dims(axes.size(), zero),
                            Dims(dims.size(), one));
  Dims result(dims.size() - axes.size(), one);
  Dim before = zero;
  for (auto [d, dim] : llvm::enumerate(dims)) {
    for (auto [r, entry] : llvm::enumerate(result)) {
      Dim here = shapes.select(shapes.isEqual(before, shapes.constant(r)),
                               kept[d], zero);
      entry = shapes.select(shapes.isEqual(here, one), dim, entry);
    }
    before = shapes.add(before, kept[d]);
  }
  return result;
}

/// All dims that are not 1.
static Dims largeDims(ArrayRef<OpFoldResult> dims) {
  return llvm::filter_to_vector(
      dims, [](Dim d) { return ShapeBuilder::known(d) != 1; });
}

LogicalResult SqueezeOp::inferResults(ShapeBuilder &shapes,
                                      SmallVectorImpl<ResultShape> &results) {
  Dims dims = shapes.dims(getData());
  Type element = ShapeBuilder::elementType(getData());
  if (!getAxes()) {
    results.push_back({largeDims(dims), element});
    return success();
  }
  auto axes = axisElements(*this, shapes, getAxes(), 0, dims.size());
  if (failed(axes))
    return failure();
  for (Dim axis : *axes)
    if (auto known = ShapeBuilder::known(axis))
      if (auto size = ShapeBuilder::known(dims[*known]); size && *size != 1)
        return emitOpError("operand 'axes': expected dims of size 1, found "
                           "size ")
               << *size << " at axis " << *known;
  if (axes->size() > dims.size())
    return emitOpError("operand 'axes': expected at most ")
           << dims.size() << " values, found " << axes->size();
  results.push_back({keptDims(shapes, dims, *axes), element});
  return success();
}

FailureOr<SmallVector<Value>> SqueezeOp::decomposeOperation(OpBuilder &b) {
  return decomposeView(*this, b);
}
