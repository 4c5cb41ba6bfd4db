#include "dialects/nn/Index.h"

#include "dialects/nn/Expr.h"

using namespace tw;
using namespace tw::nn;

Dim tw::nn::wrapIndex(ShapeBuilder &shapes, Dim index, Dim size) {
  return shapes.select(shapes.isNegative(index), shapes.add(index, size),
                       index);
}

Dim tw::nn::clamp(ShapeBuilder &shapes, Dim index, Dim low, Dim high) {
  return shapes.max(shapes.min(index, high), low);
}

Dim tw::nn::pick(ShapeBuilder &shapes, ArrayRef<OpFoldResult> list, Dim index) {
  Dim result = list.back();
  for (size_t i = list.size() - 1; i-- > 0;)
    result = shapes.select(shapes.isEqual(index, shapes.constant(i)), list[i],
                           result);
  return result;
}

FailureOr<Dims> tw::nn::hostElements(Operation *op, ShapeBuilder &shapes,
                                     Value tensor, StringRef name) {
  if (auto elements = shapes.elements(tensor))
    return *elements;
  return op->emitOpError("operand '")
         << name << "': expected an integer tensor of known small size, found "
         << tensor.getType();
}

FailureOr<SmallVector<Value>> tw::nn::floatElements(Operation *op,
                                                    ShapeBuilder &shapes,
                                                    Value tensor, Type type,
                                                    StringRef name) {
  auto tensorType = cast<RankedTensorType>(tensor.getType());
  // One op is built per element; a wrong model may ask for any number.
  constexpr int64_t kMost = 128;
  if (tensorType.getRank() != 1 || !tensorType.hasStaticShape() ||
      tensorType.getDimSize(0) > kMost)
    return op->emitOpError("operand '")
           << name << "': expected one dim of known small size, found "
           << tensorType;
  OpBuilder &b = shapes.builder();
  SmallVector<Value> elements;
  for (int64_t i = 0; i < tensorType.getNumElements(); ++i) {
    Value at = shapes.value(shapes.constant(i));
    Expr element = Expr::read(b, op->getLoc(), tensor, at);
    elements.push_back(element.toFloat(type));
  }
  return elements;
}

FailureOr<SmallVector<int64_t>>
tw::nn::attributeAxes(Operation *op, std::optional<ArrayRef<int64_t>> axes,
                      int64_t rank) {
  if (!axes)
    return llvm::to_vector(llvm::seq<int64_t>(rank));
  SmallVector<int64_t> result;
  for (int64_t axis : *axes) {
    if (axis < -rank || axis >= rank)
      return op->emitOpError("attribute 'axes': expected values in [")
             << -rank << ", " << rank - 1 << "], found " << axis;
    result.push_back(axis < 0 ? axis + rank : axis);
  }
  return result;
}

bool tw::nn::isGiven(Value operand) {
  if (!operand)
    return false;
  auto type = cast<RankedTensorType>(operand.getType());
  return !type.hasStaticShape() || type.getNumElements() > 0;
}

FailureOr<Dims> tw::nn::axisElements(Operation *op, ShapeBuilder &shapes,
                                     Value axes, int64_t count, int64_t rank) {
  Dims result;
  if (!axes) {
    for (int64_t i = 0; i < count; ++i)
      result.push_back(shapes.constant(i));
    return result;
  }
  FailureOr<Dims> elements = hostElements(op, shapes, axes, "axes");
  if (failed(elements))
    return failure();
  for (Dim axis : *elements) {
    if (auto known = ShapeBuilder::known(axis);
        known && (*known < -rank || *known >= rank))
      return op->emitOpError("operand 'axes': expected values in [")
             << -rank << ", " << rank - 1 << "], found " << *known;
    result.push_back(wrapIndex(shapes, axis, shapes.constant(rank)));
  }
  return result;
}

Dims tw::nn::scatterByAxis(ShapeBuilder &shapes, ArrayRef<OpFoldResult> axes,
                           ArrayRef<OpFoldResult> values,
                           ArrayRef<OpFoldResult> defaults) {
  Dims result(defaults);
  for (auto [d, entry] : llvm::enumerate(result))
    for (auto [axis, value] : llvm::zip_equal(axes, values))
      entry =
          shapes.select(shapes.isEqual(axis, shapes.constant(d)), value, entry);
  return result;
}

Value tw::nn::toIndex(OpBuilder &b, Location loc, Value scalar, Type type) {
  if (type.isUnsignedInteger() || type.isInteger(1))
    return arith::IndexCastUIOp::create(b, loc, b.getIndexType(), scalar);
  return arith::IndexCastOp::create(b, loc, b.getIndexType(), scalar);
}

Value tw::nn::fromIndex(OpBuilder &b, Location loc, Value index, Type type) {
  return arith::IndexCastOp::create(b, loc, type, index);
}

Value tw::nn::safeIndex(OpBuilder &b, Location loc, Value scalar, Type type,
                        Dim size) {
  ShapeBuilder shapes(b, loc);
  Dim index = getAsOpFoldResult(toIndex(b, loc, scalar, type));
  if (!type.isUnsignedInteger())
    index = wrapIndex(shapes, index, size);
  return shapes.value(clamp(shapes, index, shapes.constant(0),
                            shapes.sub(size, shapes.constant(1))));
}

Value tw::nn::slice(OpBuilder &b, Location loc, Value source,
                    ArrayRef<OpFoldResult> offsets,
                    ArrayRef<OpFoldResult> sizes) {
  Dims strides(offsets.size(), b.getIndexAttr(1));
  return tensor::ExtractSliceOp::create(b, loc, source, offsets, sizes,
                                        strides);
}

Value tw::nn::concatenated(OpBuilder &b, Location loc, ValueRange parts,
                           int64_t axis) {
  if (parts.size() == 1)
    return parts.front();
  return tensor::ConcatOp::create(b, loc, axis, parts);
}

Value tw::nn::scalarOf(OpBuilder &b, Location loc, ElementsAttr attr,
                       Type elementType) {
  Type type = signless(elementType);
  if (!attr)
    return constantLikeInt(b, loc, type, 0);
  if (isa<FloatType>(type))
    return arith::ConstantOp::create(
        b, loc, b.getFloatAttr(type, *attr.value_begin<APFloat>()));
  return arith::ConstantOp::create(
      b, loc, b.getIntegerAttr(type, *attr.value_begin<APInt>()));
}

Value tw::nn::choose(OpBuilder &b, Location loc, Value condition, Value x,
                     Value y) {
  return arith::SelectOp::create(b, loc, condition, x, y);
}

Value tw::nn::copied(OpBuilder &b, Location loc, Value tensor) {
  Dims dims = ShapeBuilder(b, loc).dims(tensor);
  Value empty = emptyTensor(b, loc, dims, ShapeBuilder::elementType(tensor));
  return loopNest(
             b, loc, dims, empty,
             [&](OpBuilder &n, Location l, ValueRange at, ValueRange state) {
               return SmallVector<Value>{tensor::InsertOp::create(
                   n, l, extract(n, l, tensor, at), state[0], at)};
             })
      .front();
}

Value tw::nn::filledByLoop(OpBuilder &b, Location loc,
                           ArrayRef<OpFoldResult> dims, Value scalar) {
  Value empty = emptyTensor(b, loc, dims, scalar.getType());
  return loopNest(
             b, loc, dims, empty,
             [&](OpBuilder &n, Location l, ValueRange at, ValueRange state) {
               return SmallVector<Value>{
                   tensor::InsertOp::create(n, l, scalar, state[0], at)};
             })
      .front();
}

template <typename FloatOp, typename SignedOp, typename UnsignedOp = SignedOp>
static Value combineWith(OpBuilder &b, Location loc, Type type, Value x,
                         Value y) {
  if (isa<FloatType>(type))
    return FloatOp::create(b, loc, x, y);
  if (type.isUnsignedInteger() || type.isInteger(1))
    return UnsignedOp::create(b, loc, x, y);
  return SignedOp::create(b, loc, x, y);
}

Value tw::nn::combine(OpBuilder &b, Location loc, StringRef reduction,
                      Type type, Value before, Value update) {
  using namespace arith;
  if (reduction == "add")
    return combineWith<AddFOp, AddIOp>(b, loc, type, before, update);
  if (reduction == "mul")
    return combineWith<MulFOp, MulIOp>(b, loc, type, before, update);
  if (reduction == "max")
    return combineWith<MaximumFOp, MaxSIOp, MaxUIOp>(b, loc, type, before,
                                                     update);
  if (reduction == "min")
    return combineWith<MinimumFOp, MinSIOp, MinUIOp>(b, loc, type, before,
                                                     update);
  return update;
}

LogicalResult tw::nn::checkReduction(Operation *op, StringRef reduction) {
  if (llvm::is_contained({"none", "add", "mul", "min", "max"}, reduction))
    return success();
  return op->emitOpError("attribute 'reduction': expected none, add, mul, min "
                         "or max, found ")
         << reduction;
}
