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
  if (axes.empty())
    return elementwise(
        b, loc, input, ShapeBuilder(b, loc).dims(input), signless(accumulator),
        [&](OpBuilder &n, Location l, ValueRange args) {
          Value init = initialValue(n, l, reduction, element, accumulator);
          return step(n, l, reduction, args[0], element, init, accumulator);
        });
  Value init = initialValue(b, loc, reduction, element, accumulator);
  return reduce(b, loc, input, axes, keepDims, init,
                [&](OpBuilder &n, Location l, Value value, Value acc) {
                  return step(n, l, reduction, value, element, acc,
                              accumulator);
                });
}

static Value indexAs(OpBuilder &b, Location loc, Value index, Type element) {
  Value integer = arith::IndexCastOp::create(b, loc, b.getI64Type(), index);
  return castScalar(b, loc, integer, b.getI64Type(), element);
}

/// finish(value, count) as element type `element`.
static Value finishedScalar(OpBuilder &b, Location loc, Value value,
                            Value count, Type element, Type accumulator,
                            const Reduction &reduction) {
  Scalar x(b, loc, value, element.isUnsignedInteger());
  if (reduction.finish)
    x = reduction.finish(x, x.with(indexAs(b, loc, count, accumulator)));
  return castScalar(b, loc, x, accumulator, element);
}

static Value finished(OpBuilder &b, Location loc, Value value, Value count,
                      Type element, Type accumulator,
                      const Reduction &reduction) {
  if (!reduction.finish && element == accumulator)
    return value;
  ShapeBuilder shapes(b, loc);
  return elementwise(b, loc, value, shapes.dims(value), signless(element),
                     [&](OpBuilder &n, Location l, ValueRange args) {
                       return finishedScalar(n, l, args[0], count, element,
                                             accumulator, reduction);
                     });
}

static Type accumulatorOf(OpBuilder &b, Type element,
                          const Reduction &reduction) {
  // What is divided or rooted at the end must not wrap before.
  if (isa<IntegerType>(element) && (reduction.real || reduction.finish))
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

namespace {
/// A reduction over axes that are known when the program runs only: each result
/// element has its own loops over the input's dims, one step each where a dim
/// is not reduced.
struct ComputedReduction {
  ComputedReduction(Operation *op, OpBuilder &b, const Form &form,
                    Type accumulator, const Reduction &reduction)
      : form(form), reduction(reduction), accumulator(accumulator),
        element(ShapeBuilder::elementType(form.data)) {
    ShapeBuilder shapes(b, op->getLoc());
    data = signless(b, op->getLoc(), form.data);
    sizes = shapes.dims(data);
    reduced = *reducedDims(shapes, form);
    Dim elements = shapes.constant(1);
    for (auto [size, isReduced] : llvm::zip_equal(sizes, reduced))
      elements = shapes.mul(elements,
                            shapes.select(isReduced, size, shapes.constant(1)));
    count = shapes.value(elements);
  }

  /// The input's index of dim i that belongs to result index `at`.
  Dim index(ShapeBuilder &shapes, ValueRange at, int64_t i) const {
    if (form.keepDims)
      return getAsOpFoldResult(at[i]);
    Dim place = shapes.constant(0), result = shapes.constant(0);
    for (int64_t before = 0; before < i; ++before)
      place =
          shapes.add(place, shapes.select(reduced[before], shapes.constant(0),
                                          shapes.constant(1)));
    for (auto [candidate, value] : llvm::enumerate(at))
      result = shapes.select(shapes.isEqual(place, shapes.constant(candidate)),
                             getAsOpFoldResult(value), result);
    return result;
  }

  /// The loop over dim from.size() and those behind it.
  Value loop(OpBuilder &b, Location loc, ValueRange at, ValueRange from,
             Value acc) const {
    int64_t i = from.size();
    if (i == form.rank)
      return step(b, loc, reduction, extract(b, loc, data, from), element, acc,
                  accumulator);
    ShapeBuilder shapes(b, loc);
    Dim here = index(shapes, at, i), one = shapes.constant(1);
    Dim first = shapes.select(reduced[i], shapes.constant(0), here);
    Dim end = shapes.select(reduced[i], sizes[i], shapes.add(here, one));
    auto nest = scf::ForOp::create(
        b, loc, shapes.value(first), shapes.value(end), shapes.value(one), acc,
        [&](OpBuilder &n, Location l, Value position, ValueRange accs) {
          SmallVector<Value> next(from);
          next.push_back(position);
          scf::YieldOp::create(n, l, loop(n, l, at, next, accs[0]));
        });
    return nest.getResult(0);
  }

  Value elementAt(OpBuilder &b, Location loc, ValueRange at) const {
    Value init = initialValue(b, loc, reduction, element, accumulator);
    return finishedScalar(b, loc, loop(b, loc, at, {}, init), count, element,
                          accumulator, reduction);
  }

  const Form &form;
  const Reduction &reduction;
  Type accumulator, element;
  Value data, count;
  Dims sizes, reduced;
};
} // namespace

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
    ComputedReduction computed(op, b, form, accumulator, reduction);
    result = generate(b, loc, resultDims(b, op), signless(element),
                      [&](OpBuilder &n, Location l, ValueRange at) {
                        return computed.elementAt(n, l, at);
                      });
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
