#include "dialects/nn/Contraction.h"
#include "dialects/nn/NN.h"

using namespace tw;
using namespace tw::nn;

/// `tensor` is a matrix of the dims it has after transposing.
static Matrix maybeTransposed(ShapeBuilder &shapes, Value tensor, bool swap) {
  Matrix matrix = asMatrix(shapes, tensor, true);
  if (swap)
    std::swap(matrix.rows, matrix.columns);
  return matrix;
}

LogicalResult GemmOp::inferResults(ShapeBuilder &shapes,
                                   SmallVectorImpl<ResultShape> &results) {
  if (ShapeBuilder::rank(getA()) != 2 || ShapeBuilder::rank(getB()) != 2)
    return emitOpError("expected matrices, found ")
           << getA().getType() << " and " << getB().getType();
  FailureOr<Dims> dims =
      productDims(*this, shapes, maybeTransposed(shapes, getA(), getTransA()),
                  maybeTransposed(shapes, getB(), getTransB()));
  if (failed(dims))
    return failure();
  if (getC() && (ShapeBuilder::rank(getC()) > 2 ||
                 failed(shapes.broadcast(*dims, shapes.dims(getC())))))
    return emitOpError("operand C: expected dims that broadcast to ")
           << describe(*dims) << ", found " << getC().getType();
  results.push_back({std::move(*dims), ShapeBuilder::elementType(getA())});
  return success();
}

/// C as it is read from the product's dims (m, n): a dim that may turn out to
/// be 1 is stretched first.
static std::pair<Value, AffineMap> broadcastAddend(OpBuilder &b, Location loc,
                                                   Value c, const Dims &dims) {
  ShapeBuilder shapes(b, loc);
  Dims own = shapes.dims(c);
  size_t offset = dims.size() - own.size();
  SmallVector<AffineExpr> exprs;
  for (auto [i, d] : llvm::enumerate(own)) {
    if (ShapeBuilder::equal(d, dims[offset + i]))
      exprs.push_back(b.getAffineDimExpr(offset + i));
    else if (ShapeBuilder::known(d) == 1)
      exprs.push_back(b.getAffineConstantExpr(0));
  }
  if (exprs.size() == own.size())
    return {c, AffineMap::get(dims.size(), 0, exprs, b.getContext())};
  Value whole = elementwise(
      b, loc, c, dims, ShapeBuilder::elementType(c),
      [](OpBuilder &, Location, ValueRange args) { return args[0]; });
  return {whole, b.getMultiDimIdentityMap(dims.size())};
}

/// `value` times `factor` in the accumulator's type.
static Value scaled(OpBuilder &b, Location loc, Value value, float factor) {
  if (factor == 1.0f)
    return value;
  Value f = constantLike(b, loc, value.getType(), factor);
  if (isa<FloatType>(value.getType()))
    return arith::MulFOp::create(b, loc, value, f);
  return arith::MulIOp::create(b, loc, value, f);
}

static Value finish(OpBuilder &b, Location loc, GemmOp op, ValueRange args) {
  Value sum = scaled(b, loc, args[0], op.getAlpha().convertToFloat());
  if (args.size() == 1)
    return sum;
  Value addend =
      convertScalar(b, loc, args[1], args[1].getType(), sum.getType());
  addend = scaled(b, loc, addend, op.getBeta().convertToFloat());
  if (isa<FloatType>(sum.getType()))
    return arith::AddFOp::create(b, loc, sum, addend);
  return arith::AddIOp::create(b, loc, sum, addend);
}

/// `matrix` transposed in memory.
static Value transposedMatrix(OpBuilder &b, Location loc, Value matrix) {
  ShapeBuilder shapes(b, loc);
  Dims dims = shapes.dims(matrix);
  std::swap(dims[0], dims[1]);
  Value empty = emptyTensor(b, loc, dims, ShapeBuilder::elementType(matrix));
  return linalg::TransposeOp::create(b, loc, matrix, empty,
                                     ArrayRef<int64_t>{1, 0})
      ->getResult(0);
}

FailureOr<SmallVector<Value>> GemmOp::decomposeOperation(OpBuilder &b) {
  Location loc = getLoc();
  Value left = signless(b, loc, getA());
  auto finishSum = [&](OpBuilder &nested, Location l, ValueRange args) {
    return finish(nested, l, *this, args);
  };
  Product product{.lhs = getTransA() ? transposedMatrix(b, loc, left) : left,
                  .rhs = signless(b, loc, getB()),
                  .rightSide =
                      getTransB() ? RightSide::Transposed : RightSide::Plain,
                  .dims = resultDims(b, *this),
                  .element = ShapeBuilder::elementType(left),
                  .finish = finishSum};
  if (getC()) {
    auto [addend, map] =
        broadcastAddend(b, loc, signless(b, loc, getC()), product.dims);
    product.extras.push_back(addend);
    product.extraMaps.push_back(map);
  }
  return SmallVector<Value>{asResult(b, *this, 0, product.build(b, loc))};
}

/// `value` times `factor`, as nn ops.
static Value scaledTensor(OpBuilder &b, Location loc, Value value,
                          float factor) {
  if (factor == 1.0f)
    return value;
  auto type = cast<RankedTensorType>(value.getType());
  auto scalar = RankedTensorType::get({}, type.getElementType());
  auto number = b.getFloatAttr(type.getElementType(), factor);
  Value f = ConstantOp::create(
      b, loc, scalar, DenseElementsAttr::get(scalar, Attribute(number)));
  return MulOp::create(b, loc, type, value, f);
}

/// A packed product; what C adds is an nn.add, which joins the product's
/// epilogue when kernels are made.
FailureOr<SmallVector<Value>> GemmOp::pack(RewriterBase &rewriter,
                                           const PackTarget &target) {
  Location loc = getLoc();
  auto type = cast<RankedTensorType>(getB().getType());
  if (!isa<FloatType>(type.getElementType()))
    return failure();
  FailureOr<Value> packed =
      packRightSide(rewriter, loc, getB(), getTransB(), target);
  if (failed(packed))
    return failure();
  Value left = getA();
  if (getTransA()) {
    auto leftType = cast<RankedTensorType>(left.getType());
    auto swapped =
        RankedTensorType::get({leftType.getDimSize(1), leftType.getDimSize(0)},
                              leftType.getElementType());
    left = TransposeOp::create(rewriter, loc, swapped, left,
                               rewriter.getDenseI64ArrayAttr({1, 0}));
  }
  Value result = MatmulPackedOp::create(rewriter, loc, getType(), left, *packed,
                                        type.getDimSize(getTransB() ? 0 : 1),
                                        panelWidth(*packed));
  result = scaledTensor(rewriter, loc, result, getAlpha().convertToFloat());
  if (getC()) {
    Value addend =
        scaledTensor(rewriter, loc, getC(), getBeta().convertToFloat());
    result = AddOp::create(rewriter, loc, getType(), result, addend);
  }
  return SmallVector<Value>{result};
}
