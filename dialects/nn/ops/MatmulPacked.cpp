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
  if (auto width = ShapeBuilder::known(panels.back());
      width && *width != static_cast<int64_t>(getWidth()))
    return emitOpError("attribute 'width': expected that of the panels, ")
           << *width << ", found " << getWidth();
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

/// The panels, their width in their type.
static Value withStaticWidth(OpBuilder &b, Location loc, Value panels,
                             int64_t width) {
  auto type = cast<RankedTensorType>(panels.getType());
  if (!type.isDynamicDim(type.getRank() - 1))
    return panels;
  SmallVector<int64_t> sizes(type.getShape());
  sizes.back() = width;
  return tensor::CastOp::create(
      b, loc, RankedTensorType::get(sizes, type.getElementType()), panels);
}

FailureOr<SmallVector<Value>> MatmulPackedOp::decomposeOperation(OpBuilder &b) {
  Location loc = getLoc();
  Value left = signless(b, loc, getA());
  bool row = ShapeBuilder::rank(left) == 1;
  Dims dims = resultDims(b, *this);
  if (row)
    dims.insert(dims.end() - 1, b.getIndexAttr(1));
  Product product{
      .lhs = vectorAsMatrix(b, loc, left, true),
      .rhs = withStaticWidth(b, loc, signless(b, loc, getPanels()), getWidth()),
      .rightSide = RightSide::Packed,
      .dims = dims,
      .element = ShapeBuilder::elementType(left)};
  Value result = dropVectorDims(b, loc, product.build(b, loc), row, false);
  return SmallVector<Value>{asResult(b, *this, 0, result)};
}
