#include "dialects/nn/Index.h"
#include "dialects/nn/NN.h"

using namespace tw;
using namespace tw::nn;

/// The sizes of the parts along the axis.
static FailureOr<Dims> partSizes(SplitOp op, ShapeBuilder &shapes, Dim size) {
  int64_t count = op->getNumResults();
  if (auto wanted = op.getNumOutputs();
      wanted && static_cast<int64_t>(*wanted) != count)
    return op.emitOpError("attribute 'num_outputs': expected ")
           << count << ", the number of results, found " << *op.getNumOutputs();
  if (op.getSplit()) {
    auto sizes = hostElements(op, shapes, op.getSplit(), "split");
    if (succeeded(sizes) && static_cast<int64_t>(sizes->size()) != count)
      return op.emitOpError("operand 'split': expected ")
             << count << " sizes, one a result, found " << sizes->size();
    return sizes;
  }
  Dim part = shapes.ceilDiv(size, shapes.constant(count));
  Dims sizes;
  Dim rest = size;
  for (int64_t i = 0; i < count; ++i) {
    sizes.push_back(shapes.min(part, rest));
    rest = shapes.sub(rest, sizes.back());
  }
  return sizes;
}

LogicalResult SplitOp::inferResults(ShapeBuilder &shapes,
                                    SmallVectorImpl<ResultShape> &results) {
  Dims dims = shapes.dims(getInput());
  auto axis = normalizeAxis(*this, getAxis(), dims.size());
  if (failed(axis))
    return failure();
  auto sizes = partSizes(*this, shapes, dims[*axis]);
  if (failed(sizes))
    return failure();
  Dim total = shapes.constant(0);
  for (Dim size : *sizes)
    total = shapes.add(total, size);
  if (ShapeBuilder::known(total) && ShapeBuilder::known(dims[*axis]) &&
      !ShapeBuilder::equal(total, dims[*axis]))
    return emitOpError("operand 'split': expected sizes that add up to ")
           << *ShapeBuilder::known(dims[*axis]) << ", found "
           << *ShapeBuilder::known(total);
  for (Dim size : *sizes) {
    dims[*axis] = size;
    results.push_back({dims, ShapeBuilder::elementType(getInput())});
  }
  return success();
}

/// A part starts where the one before ends.
FailureOr<SmallVector<Value>> SplitOp::decomposeOperation(OpBuilder &b) {
  ShapeBuilder shapes(b, getLoc());
  Value source = signless(b, getLoc(), getInput());
  int64_t rank = ShapeBuilder::rank(source);
  int64_t axis = *normalizeAxis(*this, getAxis(), rank);
  Dims offsets(rank, shapes.constant(0));
  SmallVector<Value> parts;
  for (unsigned i = 0; i < getNumResults(); ++i) {
    Dims dims = resultDims(b, *this, i);
    Value part = slice(b, getLoc(), source, offsets, dims);
    parts.push_back(asResult(b, *this, i, part));
    offsets[axis] = shapes.add(offsets[axis], dims[axis]);
  }
  return parts;
}
