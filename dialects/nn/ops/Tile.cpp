#include "dialects/nn/Index.h"
#include "dialects/nn/NN.h"

using namespace tw;
using namespace tw::nn;

LogicalResult TileOp::inferResults(ShapeBuilder &shapes,
                                   SmallVectorImpl<ResultShape> &results) {
  auto repeats = hostElements(*this, shapes, getRepeats(), "repeats");
  if (failed(repeats))
    return failure();
  Dims dims = shapes.dims(getInput());
  if (repeats->size() != dims.size())
    return emitOpError("operand 'repeats': expected ")
           << dims.size() << " values, one a dim, found " << repeats->size();
  for (auto [d, times] : llvm::zip_equal(dims, *repeats))
    d = shapes.mul(d, times);
  results.push_back({dims, ShapeBuilder::elementType(getInput())});
  return success();
}

/// result[i] = input[i mod dim]; dims that are surely not repeated need no
/// division.
FailureOr<SmallVector<Value>> TileOp::decomposeOperation(OpBuilder &b) {
  ShapeBuilder shapes(b, getLoc());
  Value source = signless(b, getLoc(), getInput());
  Dims dims = shapes.dims(source), repeats = *shapes.elements(getRepeats());
  Value result = generate(
      b, getLoc(), resultDims(b, *this), ShapeBuilder::elementType(source),
      [&](OpBuilder &n, Location l, ValueRange at) {
        ShapeBuilder s(n, l);
        SmallVector<Value> from;
        for (auto [i, d, times] : llvm::zip_equal(at, dims, repeats))
          from.push_back(
              ShapeBuilder::known(times) == 1
                  ? i
                  : arith::RemUIOp::create(n, l, i, s.value(d)).getResult());
        return extract(n, l, source, from);
      });
  return SmallVector<Value>{asResult(b, *this, 0, result)};
}
