#include "dialects/nn/Contraction.h"
#include "dialects/nn/OpWriter.h"
#include "dialects/tile/Tile.h"

using namespace tw;
using namespace tw::nn;

LogicalResult MatmulIntegerOp::verify() {
  if (getTo().isInteger(32) || getTo().isF32())
    return success();
  return emitOpError("attribute 'to': expected i32 or f32, found ") << getTo();
}

LogicalResult
MatmulIntegerOp::inferResults(ShapeBuilder &shapes,
                              SmallVectorImpl<ResultShape> &results) {
  FailureOr<Dims> dims =
      matmulDims(*this, shapes, getA(), getB(), getTransposed());
  if (failed(dims))
    return failure();
  results.push_back({std::move(*dims), getTo()});
  return success();
}

static bool isByte(Value v) {
  Type element = ShapeBuilder::elementType(v);
  return isa<IntegerType>(element) && element.getIntOrFloatBitWidth() == 8;
}

bool MatmulIntegerOp::hasKernel(bool gpu) {
  return gpu && isByte(getA()) && isByte(getB()) &&
         ShapeBuilder::rank(getA()) > 1 && ShapeBuilder::rank(getB()) > 1;
}

/// `zero`, one number per row of a matrix, upright.
static Value upright(OpWriter &w, Value zero) {
  auto type = cast<RankedTensorType>(zero.getType());
  if (type.getRank() != 1 || type.getDimSize(0) == 1)
    return zero;
  return w.make<UnsqueezeOp>(zero, w.numbers({1}));
}

/// `x` minus its zero point, which is exact, as type `element`.
static Value centred(OpWriter &w, Value x, Value zero, bool isLeft,
                     Type element) {
  Value wide = w.cast(x, element);
  if (isZero(zero))
    return wide;
  Value offset = w.cast(zero, element);
  return w.make<SubOp>(wide, isLeft ? upright(w, offset) : offset);
}

FailureOr<SmallVector<Value>> MatmulIntegerOp::expand(RewriterBase &rewriter) {
  OpWriter w(rewriter, getLoc());
  Value b = getTransposed() ? w.transposeMatrix(getB()) : getB();
  Value left = centred(w, getA(), getAZero(), /*isLeft=*/true, getTo()),
        right = centred(w, b, getBZero(), /*isLeft=*/false, getTo());
  return SmallVector<Value>{w.make<MatmulOp>(left, right)};
}

/// (a - x)(b - y) = ab - (rows of a) y - x (columns of b - y).
FailureOr<SmallVector<Value>> MatmulIntegerOp::pack(RewriterBase &rewriter,
                                                    const PackTarget &target) {
  if (getTransposed() && !getAZero() && !getBZero())
    return failure();
  OpWriter w(rewriter, getLoc());
  Type i32 = rewriter.getI32Type();
  Value turned = getTransposed() ? getB() : w.transposeMatrix(getB());
  Value sum =
      w.make<MatmulIntegerOp>(getA(), turned, Value(), Value(),
                              rewriter.getUnitAttr(), TypeAttr::get(i32));
  if (!isZero(getBZero())) {
    Value rows = w.sum(w.cast(getA(), i32), {-1});
    Value offset = w.make<MulOp>(rows, w.cast(getBZero(), i32));
    sum = w.make<SubOp>(sum, offset);
  }
  if (!isZero(getAZero())) {
    Value b = getTransposed() ? w.transposeMatrix(getB()) : getB();
    Value columns = w.sum(centred(w, b, getBZero(), false, i32), {-2});
    Value offset = w.make<MulOp>(upright(w, w.cast(getAZero(), i32)), columns);
    sum = w.make<SubOp>(sum, offset);
  }
  return SmallVector<Value>{w.cast(sum, getTo())};
}

/// What pack leaves: bytes as they are, the right side transposed.
FailureOr<SmallVector<Value>>
MatmulIntegerOp::decomposeOperation(OpBuilder &b) {
  Location loc = getLoc();
  if (!hasKernel(/*gpu=*/true) || !getTransposed() || getAZero() ||
      getBZero() || !getTo().isInteger(32))
    return failure();
  Value init = emptyResult(b, *this);
  auto product = tile::MatmulOp::create(
      b, loc, signless(b, loc, getA()), signless(b, loc, getB()), init,
      b.getI32Type(), /*transposed=*/true, /*packed=*/false);
  product.setLhsUnsigned(ShapeBuilder::elementType(getA()).isUnsignedInteger());
  product.setRhsUnsigned(ShapeBuilder::elementType(getB()).isUnsignedInteger());
  return SmallVector<Value>{asResult(b, *this, 0, product.getResult())};
}

static FailureOr<Value> productOf(OnnxNode &node, ArrayRef<Value> operands,
                                  Type to) {
  return node.build<MatmulIntegerOp>(operands,
                                     {node.attribute("to", TypeAttr::get(to))});
}

static FailureOr<Value> asF32(OnnxNode &node, Value x) {
  return node.build<CastOp>(
      {x}, {node.attribute("to", TypeAttr::get(node.builder.getF32Type()))});
}

/// The factor from the integer product to the quantized result.
static FailureOr<Value> productScale(OnnxNode &node) {
  auto a = asF32(node, node.input(1)), b = asF32(node, node.input(4)),
       y = asF32(node, node.input(6));
  if (failed(a) || failed(b) || failed(y))
    return failure();
  auto aType = cast<RankedTensorType>(a->getType());
  if (aType.getRank() == 1 && aType.getDimSize(0) != 1)
    a = node.build<UnsqueezeOp>({*a, node.constant({1})});
  if (failed(a))
    return failure();
  auto both = node.build<MulOp>({*a, *b});
  if (failed(both))
    return failure();
  return node.build<DivOp>({*both, *y});
}

/// quantize((a - a_zero) @ (b - b_zero) * (a_scale * b_scale / y_scale)).
static FailureOr<SmallVector<Value>> importQLinearMatMul(OnnxNode &node) {
  auto product = productOf(
      node, {node.input(0), node.input(3), node.input(2), node.input(5)},
      node.builder.getF32Type());
  auto scale = productScale(node);
  if (failed(product) || failed(scale))
    return failure();
  auto scaled = node.build<MulOp>({*product, *scale});
  if (failed(scaled))
    return failure();
  Value one = node.scalar(node.builder.getF32Type(), 1);
  node.inputs = {*scaled, one, node.input(7)};
  return node.importAs<QuantizeLinearOp>();
}

FailureOr<SmallVector<Value>> MatmulIntegerOp::importOnnx(OnnxNode &node) {
  if (node.type == "QLinearMatMul")
    return importQLinearMatMul(node);
  auto product = productOf(
      node, {node.input(0), node.input(1), node.input(2), node.input(3)},
      node.builder.getI32Type());
  if (failed(product))
    return failure();
  return SmallVector<Value>{*product};
}
