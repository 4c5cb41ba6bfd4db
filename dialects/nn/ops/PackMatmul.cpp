#include "dialects/nn/Contraction.h"
#include "dialects/nn/NN.h"

using namespace tw;
using namespace tw::nn;

LogicalResult
PackMatmulOp::inferResults(ShapeBuilder &shapes,
                           SmallVectorImpl<ResultShape> &results) {
  if (ShapeBuilder::rank(getMatrix()) < 2)
    return emitOpError("expected a matrix, found ") << getMatrix().getType();
  Dims dims = shapes.dims(getMatrix());
  Dim columns = dims.pop_back_val(), depth = dims.pop_back_val();
  if (getTransposed())
    std::swap(columns, depth);
  Dim width = shapes.constant(getWidth());
  dims.append({shapes.ceilDiv(columns, width), depth, width});
  results.push_back({std::move(dims), ShapeBuilder::elementType(getMatrix())});
  return success();
}

/// The element at [..., panel, k, lane], 0 beyond the last column.
static Value packedElement(OpBuilder &b, Location loc, PackMatmulOp op,
                           Value matrix, Dim columns, ValueRange at) {
  ShapeBuilder s(b, loc);
  Value panel = at[at.size() - 3], k = at[at.size() - 2], lane = at.back();
  Value column = s.value(s.add(s.mul(panel, s.constant(op.getWidth())), lane));
  Value inside = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::slt,
                                       column, s.value(columns));
  SmallVector<Value> place(at.drop_back(3));
  place.push_back(k);
  place.push_back(s.value(s.min(column, s.sub(columns, s.constant(1)))));
  if (op.getTransposed())
    std::swap(place[place.size() - 1], place[place.size() - 2]);
  Value element = extract(b, loc, matrix, place);
  Value zero = constantLike(b, loc, element.getType(), 0);
  return arith::SelectOp::create(b, loc, inside, element, zero);
}

FailureOr<SmallVector<Value>> PackMatmulOp::decomposeOperation(OpBuilder &b) {
  Location loc = getLoc();
  Value matrix = signless(b, loc, getMatrix());
  ShapeBuilder shapes(b, loc);
  Dim columns = shapes.dim(matrix, getTransposed() ? -2 : -1);
  Value packed =
      generate(b, loc, resultDims(b, *this), ShapeBuilder::elementType(matrix),
               [&](OpBuilder &nested, Location l, ValueRange at) {
                 return packedElement(nested, l, *this, matrix, columns, at);
               });
  return SmallVector<Value>{asResult(b, *this, 0, packed)};
}

FailureOr<Value> tw::nn::packRightSide(RewriterBase &rewriter, Location loc,
                                       Value matrix, bool transposed,
                                       const PackTarget &target) {
  auto type = dyn_cast<RankedTensorType>(matrix.getType());
  if (!type || !type.hasStaticShape() || type.getRank() < 2 ||
      !isWeight(matrix))
    return failure();
  ArrayRef<int64_t> shape = type.getShape();
  int64_t columns = transposed ? shape.end()[-2] : shape.back();
  Type accumulator = accumulatorType(signless(type.getElementType()));
  int64_t width = target.panelWidth(columns, accumulator);
  // Padding must not outweigh what is read faster.
  if (columns * 4 < width)
    return failure();
  SmallVector<int64_t> panels(shape.drop_back(2));
  panels.append({llvm::divideCeilSigned(columns, width),
                 transposed ? shape.back() : shape.end()[-2], width});
  return PackMatmulOp::create(
             rewriter, loc,
             RankedTensorType::get(panels, type.getElementType()), matrix,
             width, transposed)
      .getPanels();
}

int64_t tw::nn::panelWidth(Value panels) {
  return cast<RankedTensorType>(panels.getType()).getShape().back();
}
