#include "dialects/nn/Contraction.h"
#include "dialects/nn/NN.h"

using namespace tw;
using namespace tw::nn;

LogicalResult MatmulOp::inferResults(ShapeBuilder &shapes,
                                     SmallVectorImpl<ResultShape> &results) {
  FailureOr<Dims> dims = matmulDims(*this, shapes, getA(), getB());
  if (failed(dims))
    return failure();
  results.push_back({std::move(*dims), ShapeBuilder::elementType(getA())});
  return success();
}

FailureOr<SmallVector<Value>> MatmulOp::decomposeOperation(OpBuilder &b) {
  Location loc = getLoc();
  Value left = signless(b, loc, getA()), right = signless(b, loc, getB());
  bool row = ShapeBuilder::rank(left) == 1,
       column = ShapeBuilder::rank(right) == 1;
  Dims dims = resultDims(b, *this);
  if (row)
    dims.insert(dims.end() - (column ? 0 : 1), b.getIndexAttr(1));
  if (column)
    dims.push_back(b.getIndexAttr(1));
  Product product{.lhs = vectorAsMatrix(b, loc, left, true),
                  .rhs = vectorAsMatrix(b, loc, right, false),
                  .dims = dims,
                  .element = ShapeBuilder::elementType(left)};
  Value result = dropVectorDims(b, loc, product.build(b, loc), row, column);
  return SmallVector<Value>{asResult(b, *this, 0, result)};
}

FailureOr<SmallVector<Value>> MatmulOp::pack(RewriterBase &rewriter,
                                             const PackTarget &target) {
  FailureOr<Value> packed =
      packRightSide(rewriter, getLoc(), getB(), /*transposed=*/false, target);
  if (failed(packed))
    return failure();
  auto columns = cast<RankedTensorType>(getB().getType()).getShape().back();
  Value product = MatmulPackedOp::create(rewriter, getLoc(), getType(), getA(),
                                         *packed, columns, panelWidth(*packed));
  return SmallVector<Value>{product};
}
