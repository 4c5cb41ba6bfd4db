#include "dialects/nn/Convolution.h"
#include "dialects/nn/NN.h"
#include "dialects/tile/WinogradPoints.h"

using namespace tw;
using namespace tw::nn;

LogicalResult
TransformConvOp::inferResults(ShapeBuilder &shapes,
                              SmallVectorImpl<ResultShape> &results) {
  auto type = cast<RankedTensorType>(getWeight().getType());
  if (type.getRank() != 4 || type.getDimSize(2) != 3 || type.getDimSize(3) != 3)
    return emitOpError("expected a weight [M, C, 3, 3], found ") << type;
  if (getSize() != 2 && getSize() != 4)
    return emitOpError("attribute 'size': expected 2 or 4, found ")
           << getSize();
  auto reach = static_cast<int64_t>(getSize()) + 2;
  Dim width = shapes.constant(getWidth());
  results.push_back({{shapes.constant(reach * reach),
                      shapes.ceilDiv(shapes.dim(getWeight(), 0), width),
                      shapes.dim(getWeight(), 1), width},
                     type.getElementType()});
  return success();
}

namespace {
/// The element at [product, panel, c, lane]: sum over y, x of
/// G[i, y] G[j, x] w[m, c, y, x] with product = i * reach + j, in f64.
struct TransformedElement {
  TransformConvOp op;
  Value weight, matrix;

  Value factor(OpBuilder &b, Location loc, Value row, int64_t column) const {
    Value at = arith::ConstantIndexOp::create(b, loc, column);
    return extract(b, loc, matrix, {row, at});
  }

  /// sum over x of G[j, x] w[m, c, y, x].
  Value rowSum(OpBuilder &b, Location loc, Value output, Value channel, Value j,
               int64_t y) const {
    Value row = arith::ConstantIndexOp::create(b, loc, y), total;
    for (int64_t x = 0; x < 3; ++x) {
      Value column = arith::ConstantIndexOp::create(b, loc, x);
      Value w = extract(b, loc, weight, {output, channel, row, column});
      w = arith::ExtFOp::create(b, loc, b.getF64Type(), w);
      Value term = mulScalars(b, loc, factor(b, loc, j, x), w);
      total = total ? addScalars(b, loc, total, term) : term;
    }
    return total;
  }

  Value build(OpBuilder &b, Location loc, ValueRange at) {
    ShapeBuilder s(b, loc);
    Dim reach = s.constant(op.getSize() + 2), outputs = s.dim(weight, 0);
    SmallVector<Value> ij = delinearize(s, at[0], {reach, reach});
    Dim column = s.add(s.mul(at[1], s.constant(op.getWidth())), at[3]);
    Value inside = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::slt,
                                         s.value(column), s.value(outputs));
    Value output = s.value(s.min(column, s.sub(outputs, s.constant(1))));
    Value total;
    for (int64_t y = 0; y < 3; ++y) {
      Value term = mulScalars(b, loc, factor(b, loc, ij[0], y),
                              rowSum(b, loc, output, at[2], ij[1], y));
      total = total ? addScalars(b, loc, total, term) : term;
    }
    Value rounded = arith::TruncFOp::create(b, loc, b.getF32Type(), total);
    Value zero = constantLike(b, loc, b.getF32Type(), 0.0);
    return arith::SelectOp::create(b, loc, inside, rounded, zero);
  }
};
} // namespace

static Value filterMatrix(OpBuilder &b, Location loc, int64_t size) {
  SmallVector<double> entries = tile::winogradFilterMatrix(size);
  auto type = RankedTensorType::get({size + 2, 3}, b.getF64Type());
  return arith::ConstantOp::create(
      b, loc, DenseElementsAttr::get(type, ArrayRef(entries)));
}

FailureOr<SmallVector<Value>>
TransformConvOp::decomposeOperation(OpBuilder &b) {
  TransformedElement body{
      *this, getWeight(),
      filterMatrix(b, getLoc(), static_cast<int64_t>(getSize()))};
  Value result = generate(b, getLoc(), resultDims(b, *this), b.getF32Type(),
                          [&](OpBuilder &n, Location l, ValueRange at) {
                            return body.build(n, l, at);
                          });
  return SmallVector<Value>{asResult(b, *this, 0, result)};
}
