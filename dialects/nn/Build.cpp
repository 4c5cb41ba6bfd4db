#include "dialects/nn/Build.h"

#include "dialects/nn/NN.h"

#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Utils/IndexingUtils.h"
#include "mlir/IR/IRMapping.h"

#include "llvm/ADT/APFloat.h"

using namespace tw;
using namespace tw::nn;

LogicalResult tw::nn::inferElementwise(ElementwiseOpInterface op,
                                       ShapeBuilder &shapes,
                                       SmallVectorImpl<ResultShape> &results) {
  Dims dims;
  for (Value operand : op->getOperands()) {
    Dims next = shapes.dims(operand);
    FailureOr<Dims> joined = shapes.broadcast(dims, next);
    if (failed(joined))
      return op->emitOpError("operands do not broadcast: ")
             << describe(dims) << " against " << describe(next);
    dims = std::move(*joined);
  }
  results.push_back({std::move(dims), op.inferElementType()});
  return success();
}

FailureOr<SmallVector<Value>>
tw::nn::decomposeElementwise(ElementwiseOpInterface op, OpBuilder &b) {
  Location loc = op->getLoc();
  SmallVector<Value> inputs;
  for (Value operand : op->getOperands())
    inputs.push_back(signless(b, loc, operand));
  Type element = signless(op.inferElementType());
  Value result =
      elementwise(b, loc, inputs, resultDims(b, op), element,
                  [&](OpBuilder &nested, Location l, ValueRange args) {
                    return op.buildScalar(nested, l, args);
                  });
  return SmallVector<Value>{asResult(b, op, 0, result)};
}

Type tw::nn::signless(Type elementType) {
  if (auto integer = dyn_cast<IntegerType>(elementType))
    return IntegerType::get(elementType.getContext(), integer.getWidth());
  return elementType;
}

Value tw::nn::signless(OpBuilder &b, Location loc, Value tensor) {
  auto type = cast<RankedTensorType>(tensor.getType());
  Type element = signless(type.getElementType());
  if (element == type.getElementType())
    return tensor;
  return tensor::BitcastOp::create(b, loc, type.clone(element), tensor);
}

Value tw::nn::asResult(OpBuilder &b, Operation *op, unsigned index,
                       Value tensor) {
  auto type = cast<RankedTensorType>(tensor.getType());
  auto wanted = cast<RankedTensorType>(op->getResult(index).getType());
  if (type.getElementType() != wanted.getElementType()) {
    type = RankedTensorType::get(type.getShape(), wanted.getElementType());
    tensor = tensor::BitcastOp::create(b, op->getLoc(), type, tensor);
  }
  if (type != wanted)
    tensor = tensor::CastOp::create(b, op->getLoc(), wanted, tensor);
  return tensor;
}

/// The dims of a result by the op's shape rule; what is static in the type wins
/// over what the rule alone can see.
static Dims inferredDims(OpBuilder &b, Operation *op, unsigned index) {
  ShapeBuilder shapes(b, op->getLoc());
  SmallVector<ResultShape> results;
  if (failed(cast<ShapeOpInterface>(op).inferResults(shapes, results)))
    llvm_unreachable("a verified op's shape rule failed");
  Dims dims = std::move(results[index].dims);
  auto type = cast<RankedTensorType>(op->getResult(index).getType());
  for (auto [i, d] : llvm::enumerate(dims))
    if (!type.isDynamicDim(i))
      d = b.getIndexAttr(type.getDimSize(i));
  return dims;
}

Dims tw::nn::resultDims(OpBuilder &b, Operation *op, unsigned index) {
  auto type = cast<RankedTensorType>(op->getResult(index).getType());
  Dims dims;
  for (auto [i, size] : llvm::enumerate(type.getShape())) {
    if (!ShapedType::isDynamic(size))
      dims.push_back(b.getIndexAttr(size));
    else if (Value symbol = annotatedDim(op->getResult(index), i))
      dims.push_back(symbol);
    else
      return inferredDims(b, op, index);
  }
  return dims;
}

Value tw::nn::emptyTensor(OpBuilder &b, Location loc,
                          ArrayRef<OpFoldResult> dims, Type elementType) {
  return tensor::EmptyOp::create(b, loc, dims, elementType);
}

Value tw::nn::emptyResult(OpBuilder &b, Operation *op, unsigned index) {
  auto type = cast<RankedTensorType>(op->getResult(index).getType());
  return emptyTensor(b, op->getLoc(), resultDims(b, op, index),
                     signless(type.getElementType()));
}

Value tw::nn::filled(OpBuilder &b, Location loc, ArrayRef<OpFoldResult> dims,
                     Value scalar) {
  Value empty = emptyTensor(b, loc, dims, scalar.getType());
  return linalg::FillOp::create(b, loc, ValueRange{scalar}, ValueRange{empty})
      .getResult(0);
}

static Value splat(OpBuilder &b, Location loc, Type type, TypedAttr scalar) {
  if (auto vector = dyn_cast<VectorType>(type))
    return arith::ConstantOp::create(
        b, loc, DenseElementsAttr::get(vector, Attribute(scalar)));
  return arith::ConstantOp::create(b, loc, scalar);
}

Value tw::nn::constantLike(OpBuilder &b, Location loc, Type type,
                           double value) {
  Type element = getElementTypeOrSelf(type);
  if (isa<FloatType>(element))
    return splat(b, loc, type, b.getFloatAttr(element, value));
  return constantLikeInt(b, loc, type, static_cast<int64_t>(value));
}

Value tw::nn::constantLikeInt(OpBuilder &b, Location loc, Type type,
                              int64_t value) {
  Type element = getElementTypeOrSelf(type);
  if (isa<FloatType>(element))
    return constantLike(b, loc, type, static_cast<double>(value));
  if (element.isIndex())
    return splat(b, loc, type, b.getIndexAttr(value));
  APInt bits =
      APInt(64, value, true).sextOrTrunc(element.getIntOrFloatBitWidth());
  return splat(b, loc, type, b.getIntegerAttr(element, bits));
}

Type tw::nn::withElement(Type type, Type element) {
  if (auto vector = dyn_cast<VectorType>(type))
    return vector.clone(element);
  return element;
}

static bool isUnsignedElement(Type element) {
  return element.isUnsignedInteger() || element.isInteger(1);
}

static Value convertFloat(OpBuilder &b, Location loc, Value value, Type from,
                          Type to) {
  Type type = withElement(value.getType(), signless(to));
  if (to.isInteger(1)) {
    Value zero = constantLike(b, loc, value.getType(), 0.0);
    return arith::CmpFOp::create(b, loc, arith::CmpFPredicate::UNE, value,
                                 zero);
  }
  if (isa<IntegerType>(to)) {
    if (isUnsignedElement(to))
      return arith::FPToUIOp::create(b, loc, type, value);
    return arith::FPToSIOp::create(b, loc, type, value);
  }
  unsigned w0 = from.getIntOrFloatBitWidth(), w1 = to.getIntOrFloatBitWidth();
  if (w0 == w1) {
    // f16 and bf16 meet in f32.
    Type wide = withElement(value.getType(), b.getF32Type());
    value = arith::ExtFOp::create(b, loc, wide, value);
    return arith::TruncFOp::create(b, loc, type, value);
  }
  if (w0 < w1)
    return arith::ExtFOp::create(b, loc, type, value);
  return arith::TruncFOp::create(b, loc, type, value);
}

static Value convertInteger(OpBuilder &b, Location loc, Value value, Type from,
                            Type to) {
  Type type = withElement(value.getType(), signless(to));
  if (isa<FloatType>(to)) {
    if (isUnsignedElement(from))
      return arith::UIToFPOp::create(b, loc, type, value);
    return arith::SIToFPOp::create(b, loc, type, value);
  }
  if (to.isInteger(1)) {
    Value zero = constantLikeInt(b, loc, value.getType(), 0);
    return arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ne, value, zero);
  }
  unsigned w0 = from.getIntOrFloatBitWidth(), w1 = to.getIntOrFloatBitWidth();
  if (w0 == w1)
    return value;
  if (w0 > w1)
    return arith::TruncIOp::create(b, loc, type, value);
  if (isUnsignedElement(from))
    return arith::ExtUIOp::create(b, loc, type, value);
  return arith::ExtSIOp::create(b, loc, type, value);
}

Value tw::nn::convertScalar(OpBuilder &b, Location loc, Value value, Type from,
                            Type to) {
  if (from == to)
    return value;
  return isa<FloatType>(from) ? convertFloat(b, loc, value, from, to)
                              : convertInteger(b, loc, value, from, to);
}

/// How an input of `type` is read in an iteration space of `dims`: trailing
/// dims aligned, dims of size 1 stretched.
static AffineMap broadcastMap(OpBuilder &b, RankedTensorType type,
                              ArrayRef<OpFoldResult> dims) {
  SmallVector<AffineExpr> exprs;
  int64_t offset = static_cast<int64_t>(dims.size()) - type.getRank();
  for (int64_t i = 0; i < type.getRank(); ++i)
    exprs.push_back(type.getDimSize(i) == 1 &&
                            ShapeBuilder::known(dims[offset + i]) != 1
                        ? b.getAffineConstantExpr(0)
                        : b.getAffineDimExpr(offset + i));
  return AffineMap::get(dims.size(), 0, exprs, b.getContext());
}

/// A dynamic dim may turn out to be 1 where the result's is not: such an input
/// is read through tensor.extract.
static bool mayStretch(ShapeBuilder &shapes, Value input,
                       ArrayRef<OpFoldResult> dims) {
  auto type = cast<RankedTensorType>(input.getType());
  int64_t offset = static_cast<int64_t>(dims.size()) - type.getRank();
  for (int64_t i = 0; i < type.getRank(); ++i)
    if (type.isDynamicDim(i) &&
        !ShapeBuilder::equal(shapes.dim(input, i), dims[offset + i]))
      return true;
  return false;
}

/// Reads `input` at the current indices, index 0 along dims that turn out to
/// have size 1.
static Value stretchedElement(OpBuilder &b, Location loc, Value input,
                              int64_t rank) {
  auto type = cast<RankedTensorType>(input.getType());
  Value zero = arith::ConstantIndexOp::create(b, loc, 0),
        one = arith::ConstantIndexOp::create(b, loc, 1);
  SmallVector<Value> at;
  for (int64_t i = 0; i < type.getRank(); ++i) {
    Value index = linalg::IndexOp::create(b, loc, rank - type.getRank() + i);
    if (type.getDimSize(i) == 1)
      index = zero;
    else if (type.isDynamicDim(i)) {
      Value size = tensor::DimOp::create(b, loc, input, i);
      Value stretch =
          arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq, size, one);
      index = arith::SelectOp::create(b, loc, stretch, zero, index);
    }
    at.push_back(index);
  }
  return extract(b, loc, input, at);
}

Value tw::nn::elementwise(
    OpBuilder &b, Location loc, ValueRange inputs, ArrayRef<OpFoldResult> dims,
    Type resultElement,
    llvm::function_ref<Value(OpBuilder &, Location, ValueRange)> body) {
  ShapeBuilder shapes(b, loc);
  SmallVector<AffineMap> maps;
  SmallVector<Value> mapped;
  for (Value input : inputs) {
    if (mayStretch(shapes, input, dims))
      continue;
    mapped.push_back(input);
    maps.push_back(
        broadcastMap(b, cast<RankedTensorType>(input.getType()), dims));
  }
  maps.push_back(b.getMultiDimIdentityMap(dims.size()));
  Value empty = emptyTensor(b, loc, dims, resultElement);
  SmallVector<utils::IteratorType> iterators(dims.size(),
                                             utils::IteratorType::parallel);
  auto generic = linalg::GenericOp::create(
      b, loc, empty.getType(), mapped, empty, maps, iterators,
      [&](OpBuilder &nested, Location l, ValueRange args) {
        SmallVector<Value> elements;
        for (Value input : inputs) {
          bool direct = llvm::is_contained(mapped, input);
          elements.push_back(
              direct ? args[llvm::find(mapped, input) - mapped.begin()]
                     : stretchedElement(nested, l, input, dims.size()));
        }
        linalg::YieldOp::create(nested, l, body(nested, l, elements));
      });
  return generic.getResult(0);
}

Value tw::nn::generate(
    OpBuilder &b, Location loc, ArrayRef<OpFoldResult> dims, Type resultElement,
    llvm::function_ref<Value(OpBuilder &, Location, ValueRange)> body) {
  Value empty = emptyTensor(b, loc, dims, resultElement);
  SmallVector<AffineMap> maps{b.getMultiDimIdentityMap(dims.size())};
  SmallVector<utils::IteratorType> iterators(dims.size(),
                                             utils::IteratorType::parallel);
  auto generic = linalg::GenericOp::create(
      b, loc, empty.getType(), ValueRange(), empty, maps, iterators,
      [&](OpBuilder &nested, Location l, ValueRange) {
        SmallVector<Value> at;
        for (size_t i = 0; i < dims.size(); ++i)
          at.push_back(linalg::IndexOp::create(nested, l, i));
        linalg::YieldOp::create(nested, l, body(nested, l, at));
      });
  return generic.getResult(0);
}

Value tw::nn::reduce(
    OpBuilder &b, Location loc, Value input, ArrayRef<int64_t> axes,
    bool keepDims, Value init,
    llvm::function_ref<Value(OpBuilder &, Location, Value, Value)> body) {
  int64_t rank = ShapeBuilder::rank(input);
  ShapeBuilder shapes(b, loc);
  Dims dims;
  SmallVector<AffineExpr> exprs;
  SmallVector<utils::IteratorType> iterators(rank,
                                             utils::IteratorType::parallel);
  for (int64_t i = 0; i < rank; ++i) {
    bool reduced = llvm::is_contained(axes, i);
    if (reduced)
      iterators[i] = utils::IteratorType::reduction;
    if (reduced && !keepDims)
      continue;
    dims.push_back(reduced ? shapes.constant(1) : shapes.dim(input, i));
    exprs.push_back(reduced ? b.getAffineConstantExpr(0)
                            : b.getAffineDimExpr(i));
  }
  Value acc = filled(b, loc, dims, init);
  SmallVector<AffineMap> maps{b.getMultiDimIdentityMap(rank),
                              AffineMap::get(rank, 0, exprs, b.getContext())};
  auto generic = linalg::GenericOp::create(
      b, loc, acc.getType(), input, acc, maps, iterators,
      [&](OpBuilder &nested, Location l, ValueRange args) {
        linalg::YieldOp::create(nested, l, body(nested, l, args[0], args[1]));
      });
  return generic.getResult(0);
}

static SmallVector<ReassociationIndices> allInOne(int64_t rank) {
  if (rank == 0)
    return {};
  return {llvm::to_vector<2>(llvm::seq<int64_t>(rank))};
}

Value tw::nn::reshaped(OpBuilder &b, Location loc, Value tensor,
                       ArrayRef<OpFoldResult> dims) {
  ShapeBuilder shapes(b, loc);
  int64_t rank = ShapeBuilder::rank(tensor), to = dims.size();
  Dim total = shapes.product(dims);
  Type element = ShapeBuilder::elementType(tensor);
  if (rank == 0)
    tensor = tensor::ExpandShapeOp::create(
        b, loc, RankedTensorType::get(1, element), tensor,
        ArrayRef<ReassociationIndices>(), Dims{shapes.constant(1)});
  else if (rank > 1)
    tensor = tensor::CollapseShapeOp::create(b, loc, tensor, allInOne(rank));
  RankedTensorType flat = tensorType({{total}, element});
  if (tensor.getType() != flat)
    tensor = tensor::CastOp::create(b, loc, flat, tensor);
  RankedTensorType type = tensorType({Dims(dims), element});
  if (to == 0)
    return tensor::CollapseShapeOp::create(b, loc, type, tensor, allInOne(0));
  if (to == 1)
    return tensor;
  return tensor::ExpandShapeOp::create(b, loc, type, tensor, allInOne(to),
                                       dims);
}

FailureOr<SmallVector<Value>> tw::nn::decomposeView(Operation *op,
                                                    OpBuilder &b) {
  Value source = signless(b, op->getLoc(), op->getOperand(0));
  Value result = reshaped(b, op->getLoc(), source, resultDims(b, op));
  return SmallVector<Value>{asResult(b, op, 0, result)};
}

FailureOr<SmallVector<Value>> tw::nn::decomposeHostElements(ShapeOpInterface op,
                                                            OpBuilder &b) {
  ShapeBuilder shapes(b, op->getLoc());
  SmallVector<ResultShape> results;
  if (failed(op.inferResults(shapes, results)))
    return failure();
  RankedTensorType type = tensorType(results.front());
  SmallVector<Value> elements;
  for (Dim d : *results.front().elements)
    elements.push_back(arith::IndexCastOp::create(
        b, op->getLoc(), type.getElementType(), shapes.value(d)));
  Value result =
      tensor::FromElementsOp::create(b, op->getLoc(), type, elements);
  return SmallVector<Value>{asResult(b, op, 0, result)};
}

Value tw::nn::extract(OpBuilder &b, Location loc, Value tensor,
                      ValueRange indices) {
  return b.createOrFold<tensor::ExtractOp>(loc, tensor, indices);
}

Dim tw::nn::linearize(ShapeBuilder &shapes, ValueRange indices,
                      ArrayRef<OpFoldResult> dims) {
  Dim position = shapes.constant(0);
  for (auto [index, size] : llvm::zip_equal(indices, dims))
    position = shapes.add(shapes.mul(position, size), getAsOpFoldResult(index));
  return position;
}

SmallVector<Value> tw::nn::delinearize(ShapeBuilder &shapes, Dim position,
                                       ArrayRef<OpFoldResult> dims) {
  SmallVector<Value> indices(dims.size());
  for (size_t i = dims.size(); i-- > 0;) {
    Dim rest = i == 0 ? shapes.constant(0) : shapes.floorDiv(position, dims[i]);
    indices[i] = shapes.value(shapes.sub(position, shapes.mul(rest, dims[i])));
    position = rest;
  }
  return indices;
}

SmallVector<APInt> tw::nn::rawElements(DenseElementsAttr constant) {
  SmallVector<APInt> bits;
  if (isa<FloatType>(constant.getElementType()))
    for (const APFloat &v : constant.getValues<APFloat>())
      bits.push_back(v.bitcastToAPInt());
  else
    llvm::append_range(bits, constant.getValues<APInt>());
  return bits;
}

FailureOr<int64_t> tw::nn::normalizeAxis(Operation *op, int64_t axis,
                                         int64_t rank) {
  if (axis < -rank || axis >= rank)
    return op->emitOpError("attribute 'axis': expected a value in [")
           << -rank << ", " << rank - 1 << "], found " << axis;
  return axis < 0 ? axis + rank : axis;
}

Value tw::nn::shapeTensor(OpBuilder &b, Location loc,
                          ArrayRef<OpFoldResult> dims) {
  auto type = RankedTensorType::get(dims.size(), b.getI64Type());
  SmallVector<int64_t> known;
  for (Dim d : dims)
    if (auto k = ShapeBuilder::known(d))
      known.push_back(*k);
  if (known.size() == dims.size())
    return ConstantOp::create(b, loc, type,
                              DenseElementsAttr::get(type, ArrayRef(known)));
  SmallVector<Value> elements;
  for (Dim d : dims) {
    Value index = getValueOrCreateConstantIndexOp(b, loc, d);
    elements.push_back(
        arith::IndexCastOp::create(b, loc, b.getI64Type(), index));
  }
  return tensor::FromElementsOp::create(b, loc, type, elements);
}

Value tw::nn::transposed(OpBuilder &b, Location loc, Value x,
                         ArrayRef<int64_t> perm) {
  auto type = cast<RankedTensorType>(x.getType());
  auto shape = applyPermutation(type.getShape(), perm);
  return TransposeOp::create(b, loc, type.clone(shape), x,
                             b.getDenseI64ArrayAttr(perm));
}

RankedTensorType tw::nn::undoTranspose(RankedTensorType type,
                                       ArrayRef<int64_t> perm) {
  return type.clone(
      applyPermutation(type.getShape(), invertPermutationVector(perm)));
}

Value tw::nn::undoTranspose(OpBuilder &b, Value operand,
                            ArrayRef<int64_t> perm) {
  if (auto transpose = operand.getDefiningOp<TransposeOp>())
    if (ArrayRef<int64_t>(transpose.getPermutation()) == perm)
      return transpose.getData();
  auto type = cast<RankedTensorType>(operand.getType());
  Location loc = operand.getLoc();
  if (auto missing = static_cast<int64_t>(perm.size()) - type.getRank()) {
    if (!type.hasStaticShape())
      return {};
    if (type.getRank() == 0)
      return operand;
    SmallVector<int64_t> shape(missing, 1);
    llvm::append_range(shape, type.getShape());
    SmallVector<OpFoldResult> dims =
        getAsIndexOpFoldResult(b.getContext(), shape);
    operand = ReshapeOp::create(b, loc, type.clone(shape), operand,
                                shapeTensor(b, loc, dims));
  }
  return transposed(b, loc, operand, invertPermutationVector(perm));
}

FailureOr<SmallVector<Value>>
tw::nn::sinkTransposeThrough(TransposeOpInterface op, OpBuilder &b,
                             ArrayRef<int64_t> perm,
                             llvm::function_ref<void(Operation *)> adjust) {
  SmallVector<Value> transposable = op.getTransposableOperands();
  auto isBlocked = [&](Value v) {
    auto type = cast<RankedTensorType>(v.getType());
    return type.getRank() < static_cast<int64_t>(perm.size()) &&
           !type.hasStaticShape();
  };
  if (llvm::any_of(transposable, isBlocked))
    return failure();
  IRMapping mapping;
  for (Value operand : transposable)
    if (!mapping.contains(operand))
      mapping.map(operand, undoTranspose(b, operand, perm));
  Operation *clone = b.clone(*op, mapping);
  for (Value result : clone->getResults())
    result.setType(
        undoTranspose(cast<RankedTensorType>(result.getType()), perm));
  if (adjust)
    adjust(clone);
  return SmallVector<Value>(clone->getResults());
}

Value tw::nn::perChannel(OpBuilder &b, Location loc, Value vector,
                         int64_t rank) {
  auto type = cast<RankedTensorType>(vector.getType());
  SmallVector<int64_t> shape(rank - 1, 1);
  shape[0] = type.getDimSize(0);
  Dims dims = getAsIndexOpFoldResult(b.getContext(), shape);
  return ReshapeOp::create(b, loc, type.clone(shape), vector,
                           shapeTensor(b, loc, dims));
}

static bool dependsOnWeights(Value v, int depth) {
  Operation *op = v.getDefiningOp();
  if (isa_and_nonnull<WeightOp, ConstantOp>(op))
    return true;
  return op && depth > 0 && isa<ShapeOpInterface>(op) && isPure(op) &&
         llvm::all_of(op->getOperands(), [&](Value operand) {
           return dependsOnWeights(operand, depth - 1);
         });
}

bool tw::nn::isWeightComputation(Value v) {
  return dependsOnWeights(v, /*depth=*/16);
}
