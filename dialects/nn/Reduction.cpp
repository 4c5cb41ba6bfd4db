#include "dialects/nn/Reduction.h"

#include "dialects/nn/Build.h"
#include "dialects/nn/Convert.h"

using namespace tw;
using namespace tw::nn;

Reduction tw::nn::sumReduction() {
  return {[](Scalar x) { return x.like(0); },
          [](Scalar sum, Scalar x) { return sum + x; }};
}

Reduction tw::nn::maxReduction() {
  return {[](Scalar x) { return lowest(x); },
          [](Scalar most, Scalar x) { return max(most, x); }};
}

Reduction tw::nn::minReduction() {
  return {[](Scalar x) { return highest(x); },
          [](Scalar least, Scalar x) { return min(least, x); }};
}

SmallVector<int64_t> tw::nn::axesFrom(int64_t first, int64_t end) {
  return llvm::to_vector(llvm::seq(first, end));
}

namespace {
/// The operands and attributes that all reductions have.
struct Form {
  explicit Form(Operation *op)
      : data(op->getOperand(0)),
        axes(op->getNumOperands() > 1 ? op->getOperand(1) : Value()),
        rank(ShapeBuilder::rank(data)), keepDims(isSet(op, "keepdims")),
        noopWithEmptyAxes(isSet(op, "noop_with_empty_axes")) {}

  static bool isSet(Operation *op, StringRef name) {
    return cast<IntegerAttr>(*op->getInherentAttr(name)).getInt() != 0;
  }
  /// The axes where there are none.
  SmallVector<int64_t> defaultAxes() const {
    return noopWithEmptyAxes ? SmallVector<int64_t>() : axesFrom(0, rank);
  }

  Value data, axes;
  int64_t rank;
  bool keepDims, noopWithEmptyAxes;
};
} // namespace

std::optional<SmallVector<int64_t>> tw::nn::knownAxes(Operation *op) {
  Form form(op);
  if (!form.axes || cast<RankedTensorType>(form.axes.getType()).getShape() ==
                        ArrayRef<int64_t>{0})
    return form.defaultAxes();
  auto axes = ShapeBuilder::constants(form.axes);
  if (axes)
    for (int64_t &axis : *axes)
      axis += axis < 0 ? form.rank : 0;
  return axes;
}

/// Whether each dim is reduced, as conditions on the axes.
static std::optional<Dims> reducedDims(ShapeBuilder &shapes, const Form &form) {
  auto axes = shapes.elements(form.axes);
  if (!axes)
    return std::nullopt;
  Dims reduced;
  for (int64_t i = 0; i < form.rank; ++i) {
    Dim any = shapes.constant(0);
    for (Dim axis : *axes)
      for (int64_t name : {i, i - form.rank})
        any = shapes.select(shapes.isEqual(axis, shapes.constant(name)),
                            shapes.constant(1), any);
    reduced.push_back(shapes.isEqual(any, shapes.constant(1)));
  }
  return reduced;
}

/// The `place`-th of the dims that are not reduced.
static Dim keptDim(ShapeBuilder &shapes, const Form &form,
                   ArrayRef<OpFoldResult> reduced, int64_t place) {
  Dim result = shapes.constant(1), before = shapes.constant(0);
  for (int64_t i = 0; i < form.rank; ++i) {
    Dim here = shapes.select(shapes.isEqual(before, shapes.constant(place)),
                             shapes.dim(form.data, i), result);
    result = shapes.select(reduced[i], result, here);
    before = shapes.add(before, shapes.select(reduced[i], shapes.constant(0),
                                              shapes.constant(1)));
  }
  return result;
}

/// Dims where the axes are known when the program runs only.
static std::optional<Dims> computedDims(ShapeBuilder &shapes,
                                        const Form &form) {
  auto reduced = reducedDims(shapes, form);
  if (!reduced)
    return std::nullopt;
  int64_t count = cast<RankedTensorType>(form.axes.getType()).getNumElements();
  Dims dims;
  if (form.keepDims)
    for (int64_t i = 0; i < form.rank; ++i)
      dims.push_back(shapes.select((*reduced)[i], shapes.constant(1),
                                   shapes.dim(form.data, i)));
  else
    for (int64_t place = 0; place < form.rank - count; ++place)
      dims.push_back(keptDim(shapes, form, *reduced, place));
  return dims;
}

static Dims staticDims(ShapeBuilder &shapes, const Form &form,
                       ArrayRef<int64_t> axes) {
  Dims dims;
  for (int64_t i = 0; i < form.rank; ++i) {
    if (!llvm::is_contained(axes, i))
      dims.push_back(shapes.dim(form.data, i));
    else if (form.keepDims)
      dims.push_back(shapes.constant(1));
  }
  return dims;
}

LogicalResult tw::nn::inferReduction(Operation *op, ShapeBuilder &shapes,
                                     SmallVectorImpl<ResultShape> &results) {
  Form form(op);
  std::optional<Dims> dims;
  if (auto axes = knownAxes(op)) {
    for (int64_t axis : *axes)
      if (axis < 0 || axis >= form.rank)
        return op->emitOpError("input 'axes': expected values in [")
               << -form.rank << ", " << form.rank - 1 << "], found "
               << (axis < 0 ? axis - form.rank : axis);
    dims = staticDims(shapes, form, *axes);
  } else {
    dims = computedDims(shapes, form);
  }
  if (!dims)
    return op->emitOpError(
               "input 'axes': expected a number of axes that is known when "
               "compiling, found ")
           << form.axes.getType();
  results.push_back({std::move(*dims), ShapeBuilder::elementType(form.data)});
  return success();
}

/// Lets sums be computed in any order, which vector code needs.
static Value reassociable(Value value) {
  if (auto add = value.getDefiningOp<arith::AddFOp>())
    add.setFastmath(arith::FastMathFlags::reassoc);
  if (auto mul = value.getDefiningOp<arith::MulFOp>())
    mul.setFastmath(arith::FastMathFlags::reassoc);
  return value;
}

/// combine(acc, prepare(value)) on signless scalars.
static Value step(OpBuilder &b, Location loc, const Reduction &reduction,
                  Value value, Type element, Value acc, Type accumulator) {
  bool isUnsigned = element.isUnsignedInteger() || element.isInteger(1);
  Scalar x(b, loc, castScalar(b, loc, value, element, accumulator), isUnsigned);
  return reassociable(reduction.combine(x.with(acc), reduction.prepare(x)));
}

static Value initialValue(OpBuilder &b, Location loc,
                          const Reduction &reduction, Type element,
                          Type accumulator) {
  bool isUnsigned = element.isUnsignedInteger() || element.isInteger(1);
  return reduction.init(Scalar(
      b, loc, constantLike(b, loc, signless(accumulator), 0), isUnsigned));
}

Value tw::nn::reduceAxes(OpBuilder &b, Location loc, Value input, Type element,
                         ArrayRef<int64_t> axes, bool keepDims,
                         Type accumulator, const Reduction &reduction) {
  Value init = initialValue(b, loc, reduction, element, accumulator);
  return reduce(b, loc, input, axes, keepDims, init,
                [&](OpBuilder &n, Location l, Value value, Value acc) {
                  return step(n, l, reduction, value, element, acc,
                              accumulator);
                });
}

/// Where the axes are known when the program runs only: each dim is walked by
/// two loops, one over the result and one over what is reduced, and one of the
/// two has one step.
static Value reduceComputedAxes(OpBuilder &b, Location loc, Value input,
                                Type element, ArrayRef<OpFoldResult> kept,
                                ArrayRef<OpFoldResult> summed, Type accumulator,
                                const Reduction &reduction) {
  int64_t rank = kept.size();
  Value init = initialValue(b, loc, reduction, element, accumulator);
  Value acc = filled(b, loc, kept, init);
  // Only its dims are used.
  Value range = emptyTensor(b, loc, summed, b.getI1Type());
  AffineMap all = b.getMultiDimIdentityMap(2 * rank);
  SmallVector<AffineMap> maps{all.getMinorSubMap(rank),
                              all.getMajorSubMap(rank)};
  SmallVector<utils::IteratorType> iterators(rank,
                                             utils::IteratorType::parallel);
  iterators.append(rank, utils::IteratorType::reduction);
  auto generic = linalg::GenericOp::create(
      b, loc, acc.getType(), range, acc, maps, iterators,
      [&](OpBuilder &n, Location l, ValueRange args) {
        SmallVector<Value> at;
        for (int64_t i = 0; i < rank; ++i)
          at.push_back(
              arith::AddIOp::create(n, l, linalg::IndexOp::create(n, l, i),
                                    linalg::IndexOp::create(n, l, rank + i)));
        Value value = extract(n, l, input, at);
        linalg::YieldOp::create(
            n, l, step(n, l, reduction, value, element, args[1], accumulator));
      });
  return generic.getResult(0);
}

static Value indexAs(OpBuilder &b, Location loc, Value index, Type element) {
  Value integer = arith::IndexCastOp::create(b, loc, b.getI64Type(), index);
  return castScalar(b, loc, integer, b.getI64Type(), element);
}

/// finish(value, count) as elements of type `element`.
static Value finished(OpBuilder &b, Location loc, Value value, Value count,
                      Type element, Type accumulator,
                      const Reduction &reduction) {
  if (!reduction.finish && element == accumulator)
    return value;
  ShapeBuilder shapes(b, loc);
  bool isUnsigned = element.isUnsignedInteger();
  return elementwise(b, loc, value, shapes.dims(value), signless(element),
                     [&](OpBuilder &n, Location l, ValueRange args) -> Value {
                       Scalar x(n, l, args[0], isUnsigned);
                       if (reduction.finish)
                         x = reduction.finish(
                             x, x.with(indexAs(n, l, count, accumulator)));
                       return castScalar(n, l, x, accumulator, element);
                     });
}

static Type accumulatorOf(OpBuilder &b, Type element,
                          const Reduction &reduction) {
  if (isa<IntegerType>(element) && reduction.real)
    return b.getF64Type();
  return wideElement(element);
}

/// How many elements are reduced into one, as an index.
static Value reducedCount(OpBuilder &b, Location loc, Value input,
                          ArrayRef<int64_t> axes) {
  ShapeBuilder shapes(b, loc);
  Dim count = shapes.constant(1);
  for (int64_t axis : axes)
    count = shapes.mul(count, shapes.dim(input, axis));
  return shapes.value(count);
}

static Value decomposeComputed(Operation *op, OpBuilder &b, const Form &form,
                               Value data, Type accumulator,
                               const Reduction &reduction) {
  Location loc = op->getLoc();
  ShapeBuilder shapes(b, loc);
  Type element = ShapeBuilder::elementType(form.data);
  Dims reduced = *reducedDims(shapes, form), kept, summed;
  for (int64_t i = 0; i < form.rank; ++i) {
    Dim size = shapes.dim(form.data, i), one = shapes.constant(1);
    kept.push_back(shapes.select(reduced[i], one, size));
    summed.push_back(shapes.select(reduced[i], size, one));
  }
  Value value = reduceComputedAxes(b, loc, data, element, kept, summed,
                                   accumulator, reduction);
  value = finished(b, loc, value, shapes.value(shapes.product(summed)), element,
                   accumulator, reduction);
  return form.keepDims ? value : reshaped(b, loc, value, resultDims(b, op));
}

FailureOr<SmallVector<Value>>
tw::nn::decomposeReduction(Operation *op, OpBuilder &b,
                           const Reduction &reduction) {
  Form form(op);
  Location loc = op->getLoc();
  Type element = ShapeBuilder::elementType(form.data);
  Type accumulator = accumulatorOf(b, element, reduction);
  Value data = signless(b, loc, form.data);
  Value result;
  if (auto axes = knownAxes(op)) {
    result = reduceAxes(b, loc, data, element, *axes, form.keepDims,
                        accumulator, reduction);
    result = finished(b, loc, result, reducedCount(b, loc, data, *axes),
                      element, accumulator, reduction);
  } else {
    result = decomposeComputed(op, b, form, data, accumulator, reduction);
  }
  return SmallVector<Value>{asResult(b, op, 0, result)};
}

static Value reduceReal(OpBuilder &b, Location loc, Value input,
                        ArrayRef<int64_t> axes, const Reduction &reduction) {
  Type element = ShapeBuilder::elementType(input);
  return reduceAxes(b, loc, input, element, axes, true, wideElement(element),
                    reduction);
}

Value tw::nn::sumOf(OpBuilder &b, Location loc, Value input,
                    ArrayRef<int64_t> axes) {
  return reduceReal(b, loc, input, axes, sumReduction());
}

Value tw::nn::maxOf(OpBuilder &b, Location loc, Value input,
                    ArrayRef<int64_t> axes) {
  return reduceReal(b, loc, input, axes, maxReduction());
}

Value tw::nn::countOf(OpBuilder &b, Location loc, Value input,
                      ArrayRef<int64_t> axes, Type element) {
  return indexAs(b, loc, reducedCount(b, loc, input, axes), element);
}

Value tw::nn::meanOf(OpBuilder &b, Location loc, Value input,
                     ArrayRef<int64_t> axes) {
  Value sum = sumOf(b, loc, input, axes);
  ShapeBuilder shapes(b, loc);
  Type element = ShapeBuilder::elementType(sum);
  Value count = countOf(b, loc, input, axes, element);
  return mapReal(b, loc, sum, shapes.dims(sum), element,
                 [&](ArrayRef<Scalar> x) { return x[0] / x[0].with(count); });
}

Value tw::nn::withoutDims(OpBuilder &b, Location loc, Value tensor,
                          ArrayRef<int64_t> axes) {
  SmallVector<ReassociationIndices> groups;
  ReassociationIndices leading;
  for (int64_t i = 0, rank = ShapeBuilder::rank(tensor); i < rank; ++i) {
    bool isKept = !llvm::is_contained(axes, i);
    if (isKept)
      groups.push_back(std::exchange(leading, {}));
    ReassociationIndices &group = groups.empty() ? leading : groups.back();
    group.push_back(i);
  }
  return tensor::CollapseShapeOp::create(b, loc, tensor, groups);
}

Value tw::nn::mapReal(OpBuilder &b, Location loc, ValueRange inputs,
                      ArrayRef<OpFoldResult> dims, Type resultElement,
                      llvm::function_ref<Value(ArrayRef<Scalar>)> body) {
  return elementwise(
      b, loc, inputs, dims, resultElement,
      [&](OpBuilder &n, Location l, ValueRange args) {
        SmallVector<Scalar> values;
        for (Value arg : args) {
          Type from = arg.getType();
          values.emplace_back(n, l,
                              castScalar(n, l, arg, from, wideElement(from)));
        }
        Value result = body(values);
        return castScalar(n, l, result, result.getType(), resultElement);
      });
}
