#include "dialects/nn/Expr.h"
#include "dialects/nn/Index.h"
#include "dialects/nn/NN.h"

using namespace tw;
using namespace tw::nn;

/// The shape that the pooled input had, as far as the pooling attributes tell.
static FailureOr<Dims> pooledFrom(MaxUnpoolOp op, ShapeBuilder &shapes) {
  Dims dims = shapes.dims(op.getX());
  size_t spatial = op.getKernelShape().size();
  if (dims.size() != spatial + 2)
    return op.emitOpError("attribute 'kernel_shape': expected ")
           << static_cast<int64_t>(dims.size()) - 2 << " values, found "
           << spatial;
  for (size_t d = 0; d < spatial; ++d) {
    int64_t stride = op.getStrides() ? (*op.getStrides())[d] : 1;
    int64_t pads =
        op.getPads() ? (*op.getPads())[d] + (*op.getPads())[d + spatial] : 0;
    Dim steps = shapes.sub(dims[d + 2], shapes.constant(1));
    dims[d + 2] = shapes.add(shapes.mul(steps, shapes.constant(stride)),
                             shapes.constant(op.getKernelShape()[d] - pads));
  }
  return dims;
}

LogicalResult MaxUnpoolOp::inferResults(ShapeBuilder &shapes,
                                        SmallVectorImpl<ResultShape> &results) {
  FailureOr<Dims> dims = pooledFrom(*this, shapes);
  if (failed(dims))
    return failure();
  if (getOutputShape()) {
    size_t rank = dims->size();
    dims = hostElements(*this, shapes, getOutputShape(), "output_shape");
    if (failed(dims))
      return failure();
    if (dims->size() != rank)
      return emitOpError("operand 'output_shape': expected ")
             << rank << " values, found " << dims->size();
  }
  results.push_back({*dims, ShapeBuilder::elementType(getX())});
  return success();
}

FailureOr<SmallVector<Value>> MaxUnpoolOp::decomposeOperation(OpBuilder &b) {
  Location loc = getLoc();
  ShapeBuilder shapes(b, loc);
  Value source = signless(b, loc, getX());
  Dims pooled = *pooledFrom(*this, shapes), dims = resultDims(b, *this);
  Value zero = constantLikeInt(b, loc, ShapeBuilder::elementType(source), 0);
  auto put = [&](OpBuilder &n, Location l, ValueRange at, ValueRange state) {
    ShapeBuilder s(n, l);
    Expr position = Expr::read(n, l, getI(), at).toIndex();
    Dim place = getAsOpFoldResult(position.value());
    SmallVector<Value> to = delinearize(s, place, pooled);
    Expr fits = position >= 0.0;
    for (auto [i, size] : llvm::zip_equal(to, dims))
      fits = both(fits, position.with(i) < position.with(s.value(size)));
    return when(fits, state, [&](OpBuilder &m, Location k) {
      return SmallVector<Value>{tensor::InsertOp::create(
          m, k, extract(m, k, source, at), state[0], to)};
    });
  };
  Value result = loopNest(b, loc, shapes.dims(source),
                          filledByLoop(b, loc, dims, zero), put)
                     .front();
  return SmallVector<Value>{asResult(b, *this, 0, result)};
}
