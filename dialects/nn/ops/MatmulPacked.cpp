#include "dialects/nn/Contraction.h"
#include "dialects/nn/NN.h"

using namespace tw;
using namespace tw::nn;

LogicalResult
MatmulPackedOp::inferResults(ShapeBuilder &shapes,
                             SmallVectorImpl<ResultShape> &results) {
  if (ShapeBuilder::rank(getA()) < 1 || ShapeBuilder::rank(getPanels()) < 3)
    return emitOpError("expected a matrix and panels, found ")
           << getA().getType() << " and " << getPanels().getType();
  Dims panels = shapes.dims(getPanels());
  Matrix right{Dims(ArrayRef(panels).drop_back(3)), panels.end()[-2],
               shapes.constant(getColumns())};
  FailureOr<Dims> dims =
      productDims(*this, shapes, asMatrix(shapes, getA(), true), right);
  if (failed(dims))
    return failure();
  if (ShapeBuilder::rank(getA()) == 1)
    dims->erase(dims->end() - 2);
  results.push_back({std::move(*dims), ShapeBuilder::elementType(getA())});
  return success();
}

FailureOr<SmallVector<Value>> MatmulPackedOp::decomposeOperation(OpBuilder &b) {
  Location loc = getLoc();
  Value left = signless(b, loc, getA());
  bool row = ShapeBuilder::rank(left) == 1;
  Dims dims = resultDims(b, *this);
  if (row)
    dims.insert(dims.end() - 1, b.getIndexAttr(1));
  Product product{.lhs = vectorAsMatrix(b, loc, left, true),
                  .rhs = signless(b, loc, getPanels()),
                  .rightSide = RightSide::Packed,
                  .dims = dims,
                  .element = ShapeBuilder::elementType(left)};
  Value result = dropVectorDims(b, loc, product.build(b, loc), row, false);
  return SmallVector<Value>{asResult(b, *this, 0, result)};
}
