#include "dialects/nn/NN.h"

#include <numbers>

using namespace tw;
using namespace tw::nn;

namespace {
/// The transform's axis and lengths, which may be known when the program runs
/// only.
struct Transform {
  Transform(DftOp op, ShapeBuilder &shapes)
      : rank(ShapeBuilder::rank(op.getInput())), inverse(op.getInverse() != 0),
        onesided(op.getOnesided() != 0) {
    Dim axis = op.getAxis() ? shapes.elements(op.getAxis())->front()
                            : shapes.constant(rank - 2);
    axis = shapes.select(shapes.isNegative(axis),
                         shapes.add(axis, shapes.constant(rank)), axis);
    size = shapes.constant(1);
    for (int64_t i = 0; i < rank; ++i) {
      isAxis.push_back(shapes.isEqual(axis, shapes.constant(i)));
      size = shapes.select(isAxis[i], shapes.dim(op.getInput(), i), size);
    }
    length = op.getDftLength() ? shapes.elements(op.getDftLength())->front()
             : isHalfGiven() ? shapes.mul(shapes.sub(size, shapes.constant(1)),
                                          shapes.constant(2))
                             : size;
  }

  /// Whether the input is the first half of a real signal's transform.
  bool isHalfGiven() const { return onesided && inverse; }
  Dim resultSize(ShapeBuilder &shapes) const {
    if (!onesided || inverse)
      return length;
    return shapes.add(shapes.floorDiv(length, shapes.constant(2)),
                      shapes.constant(1));
  }

  int64_t rank;
  bool inverse, onesided;
  Dims isAxis;
  Dim size, length;
};
} // namespace

/// One integer known to the host, or absent.
static bool isHostScalar(ShapeBuilder &shapes, Value tensor) {
  if (!tensor)
    return true;
  auto elements = shapes.elements(tensor);
  return elements && elements->size() == 1;
}

LogicalResult DftOp::inferResults(ShapeBuilder &shapes,
                                  SmallVectorImpl<ResultShape> &results) {
  if (ShapeBuilder::rank(getInput()) < 2)
    return emitOpError("expected an input of rank 2 or more, found ")
           << getInput().getType();
  for (Value scalar : {getDftLength(), getAxis()})
    if (!isHostScalar(shapes, scalar))
      return emitOpError("inputs 'dft_length' and 'axis': expected one "
                         "integer, found ")
             << scalar.getType();
  Transform transform(*this, shapes);
  Dim size = transform.resultSize(shapes);
  Dims dims = shapes.dims(getInput());
  for (int64_t i = 0; i + 1 < transform.rank; ++i)
    dims[i] = shapes.select(transform.isAxis[i], size, dims[i]);
  dims.back() = shapes.constant(transform.isHalfGiven() ? 1 : 2);
  results.push_back({std::move(dims), ShapeBuilder::elementType(getInput())});
  return success();
}

namespace {
/// A complex number.
struct Complex {
  Scalar re, im;
};

/// One result element's sum.
struct Sum {
  /// Part `part` of the input's element `position` along the axis, 0 where the
  /// input is real.
  Value read(OpBuilder &b, Location loc, Value position, int64_t part) const {
    auto type = cast<RankedTensorType>(input.getType());
    Type element = type.getElementType(), wide = wideElement(element);
    if (part == 1 && type.getShape().back() == 1)
      return constantLike(b, loc, wide, 0);
    ShapeBuilder shapes(b, loc);
    SmallVector<Value> from;
    for (auto [index, isAxis] : llvm::zip_equal(at, transform.isAxis))
      from.push_back(shapes.value(shapes.select(
          isAxis, getAsOpFoldResult(position), getAsOpFoldResult(index))));
    from.back() = arith::ConstantIndexOp::create(b, loc, part);
    return castScalar(b, loc, extract(b, loc, input, from), element, wide);
  }

  /// exp(+-2 pi i * frequency * position / length).
  Complex rotation(OpBuilder &b, Location loc, Value position) const {
    Value turns = arith::RemUIOp::create(
        b, loc, arith::MulIOp::create(b, loc, frequency, position), length);
    auto asReal = [&](Value index) {
      Value integer = arith::IndexCastOp::create(b, loc, b.getI64Type(), index);
      return castScalar(b, loc, integer, b.getI64Type(), b.getF64Type());
    };
    Scalar turn(b, loc, asReal(turns));
    double full = (transform.inverse ? 2 : -2) * std::numbers::pi;
    Scalar angle = turn * full / turn.with(asReal(length));
    Type wide = wideElement(ShapeBuilder::elementType(input));
    auto narrow = [&](Value v) {
      return angle.with(castScalar(b, loc, v, b.getF64Type(), wide));
    };
    return {narrow(math::CosOp::create(b, loc, Value(angle))),
            narrow(math::SinOp::create(b, loc, Value(angle)))};
  }

  Value input;
  const Transform &transform;
  SmallVector<Value> at;
  Value frequency, length;
};
} // namespace

/// The term that position adds to the real or (where `part` is 1) the imaginary
/// part.
static Scalar term(OpBuilder &b, Location loc, const Sum &sum, Value position,
                   Value part) {
  Complex turn = sum.rotation(b, loc, position);
  Scalar re = turn.re.with(sum.read(b, loc, position, 0)),
         im = turn.re.with(sum.read(b, loc, position, 1));
  Scalar real = re * turn.re - im * turn.im,
         imaginary = re * turn.im + im * turn.re;
  Value zero = arith::ConstantIndexOp::create(b, loc, 0);
  Value isReal =
      arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq, part, zero);
  return select(real.with(isReal), real, imaginary);
}

/// A half transform's other half is its conjugate: all but the first and the
/// middle element count twice.
static Scalar weight(OpBuilder &b, Location loc, const Sum &sum, Scalar value,
                     Value position) {
  if (!sum.transform.isHalfGiven())
    return value;
  Value twice = arith::AddIOp::create(b, loc, position, position);
  Value zero = arith::ConstantIndexOp::create(b, loc, 0);
  auto equals = [&](Value other) {
    return value.with(
        arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq, twice, other));
  };
  return select(equals(zero) | equals(sum.length), value, value + value);
}

static Value total(OpBuilder &b, Location loc, const Sum &sum, Value part) {
  ShapeBuilder shapes(b, loc);
  Type wide = wideElement(ShapeBuilder::elementType(sum.input));
  Value end =
      shapes.value(shapes.min(sum.transform.size, sum.transform.length));
  auto loop = scf::ForOp::create(
      b, loc, arith::ConstantIndexOp::create(b, loc, 0), end,
      arith::ConstantIndexOp::create(b, loc, 1),
      ValueRange{constantLike(b, loc, wide, 0)},
      [&](OpBuilder &n, Location l, Value position, ValueRange acc) {
        Scalar value =
            weight(n, l, sum, term(n, l, sum, position, part), position);
        scf::YieldOp::create(n, l, ValueRange{value.with(acc[0]) + value});
      });
  return loop.getResult(0);
}

FailureOr<SmallVector<Value>> DftOp::decomposeOperation(OpBuilder &b) {
  Location loc = getLoc();
  ShapeBuilder shapes(b, loc);
  Transform transform(*this, shapes);
  Value length = shapes.value(transform.length);
  Type element = ShapeBuilder::elementType(getInput()),
       wide = wideElement(element);
  Value result = generate(
      b, loc, resultDims(b, *this), element,
      [&](OpBuilder &n, Location l, ValueRange at) -> Value {
        ShapeBuilder inner(n, l);
        Dim frequency = inner.constant(0);
        for (auto [index, isAxis] : llvm::zip_equal(at, transform.isAxis))
          frequency = inner.select(isAxis, getAsOpFoldResult(index), frequency);
        Sum sum{getInput(), transform, SmallVector<Value>(at),
                inner.value(frequency), length};
        Scalar value(n, l, total(n, l, sum, at.back()));
        if (transform.inverse) {
          Value count =
              arith::IndexCastOp::create(n, l, n.getI64Type(), length);
          value =
              value / value.with(castScalar(n, l, count, n.getI64Type(), wide));
        }
        return castScalar(n, l, value, wide, element);
      });
  return SmallVector<Value>{asResult(b, *this, 0, result)};
}
