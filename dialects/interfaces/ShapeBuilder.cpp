#include "dialects/interfaces/ShapeBuilder.h"

#include "dialects/interfaces/DimAlgebra.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Interfaces/DestinationStyleOpInterface.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "llvm/Support/MathExtras.h"

#include <algorithm>
#include <numeric>

using namespace tw;

namespace {
/// The largest tensor whose elements the host keeps as scalars.
constexpr int64_t kMaxHostElements = 128;

bool isOne(Dim d) { return ShapeBuilder::known(d) == 1; }
bool isZero(Dim d) { return ShapeBuilder::known(d) == 0; }
} // namespace

/// The index argument that a kernel's `tile.dims` annotation names for a dim,
/// or null.
static Value annotated(Operation *kernelPart, ArrayAttr annotation,
                       unsigned position, int64_t index) {
  if (!annotation)
    return {};
  int64_t symbol = cast<DenseI64ArrayAttr>(annotation[position])[index];
  auto function = dyn_cast<FunctionOpInterface>(kernelPart);
  if (!function)
    function = kernelPart->getParentOfType<FunctionOpInterface>();
  if (symbol < 0)
    return {};
  for (BlockArgument arg : function.getArguments())
    if (arg.getType().isIndex() && symbol-- == 0)
      return arg;
  return {};
}

Value tw::annotatedDim(Value tensor, int64_t index) {
  if (auto result = dyn_cast<OpResult>(tensor))
    return annotated(result.getOwner(),
                     result.getOwner()->getAttrOfType<ArrayAttr>(kDimsAttr),
                     result.getResultNumber(), index);
  auto arg = cast<BlockArgument>(tensor);
  Operation *parent = arg.getOwner()->getParentOp();
  if (!isa_and_nonnull<FunctionOpInterface>(parent))
    return {};
  return annotated(parent, parent->getAttrOfType<ArrayAttr>(kDimsAttr),
                   arg.getArgNumber(), index);
}

Dim ShapeBuilder::dim(Value tensor, int64_t index) {
  if (index < 0)
    index += rank(tensor);
  auto type = cast<RankedTensorType>(tensor.getType());
  if (!type.isDynamicDim(index))
    return constant(type.getDimSize(index));
  if (auto it = knownDims.find(tensor); it != knownDims.end())
    return it->second[index];
  if (Value symbol = annotatedDim(tensor, index))
    return symbol;
  Operation *producer = tensor.getDefiningOp();
  if (isa_and_nonnull<tensor::CastOp, tensor::BitcastOp>(producer))
    return dim(producer->getOperand(0), index);
  if (auto empty = dyn_cast_or_null<tensor::EmptyOp>(producer))
    return empty.getMixedSizes()[index];
  if (auto expand = dyn_cast_or_null<tensor::ExpandShapeOp>(producer))
    return expand.getMixedOutputShape()[index];
  if (auto collapse = dyn_cast_or_null<tensor::CollapseShapeOp>(producer)) {
    Dims joined;
    SmallVector<ReassociationIndices> groups =
        collapse.getReassociationIndices();
    for (int64_t i : groups[index])
      joined.push_back(dim(collapse.getSrc(), i));
    return product(joined);
  }
  if (auto inPlace = dyn_cast_or_null<DestinationStyleOpInterface>(producer))
    return dim(inPlace.getTiedOpOperand(cast<OpResult>(tensor))->get(), index);
  if (auto argument = dyn_cast<BlockArgument>(tensor))
    return argumentDim(argument, index);
  return numbered(
      OperationName(tensor::DimOp::getOperationName(), b.getContext()),
      {tensor, value(constant(index))},
      [&] { return b.createOrFold<tensor::DimOp>(loc, tensor, index); });
}

/// The first function argument with the same symbolic dim, and which of its
/// dims that is.
static std::pair<BlockArgument, int64_t>
firstWithSymbol(FunctionOpInterface function, BlockArgument argument,
                int64_t index) {
  auto symbolOf = [&](unsigned arg, int64_t i) -> StringRef {
    auto names = function.getArgAttrOfType<ArrayAttr>(arg, kSymbolsAttr);
    return names && i < static_cast<int64_t>(names.size())
               ? cast<StringAttr>(names[i]).getValue()
               : StringRef();
  };
  StringRef symbol = symbolOf(argument.getArgNumber(), index);
  if (symbol.empty())
    return {argument, index};
  for (BlockArgument other : function.getArguments()) {
    auto type = dyn_cast<RankedTensorType>(other.getType());
    for (int64_t i = 0; type && i < type.getRank(); ++i)
      if (type.isDynamicDim(i) && symbolOf(other.getArgNumber(), i) == symbol)
        return {other, i};
  }
  return {argument, index};
}

/// Where `block` has or surrounds the place that `b` inserts at; null for its
/// end.
static Operation *placeIn(Block *block, OpBuilder &b) {
  Block *inner = b.getInsertionBlock();
  if (b.getInsertionPoint() != inner->end())
    return block->findAncestorOpInBlock(*b.getInsertionPoint());
  return inner == block ? nullptr
                        : block->findAncestorOpInBlock(*inner->getParentOp());
}

/// Whether a value of a block that surrounds the place that `b` inserts at
/// comes before that place: who visits the block first may have made it later.
static bool isBefore(Value value, Block *block, OpBuilder &b) {
  Operation *op = value.getDefiningOp();
  if (!op || op->getBlock() != block || block == b.getInsertionBlock())
    return true;
  Operation *place = placeIn(block, b);
  return !place || op->isBeforeInBlock(place);
}

/// Where a dim of an argument is read at the top of its function. Two reads
/// would be two sizes that are not known to be equal.
static SmallVector<tensor::DimOp> readsOf(BlockArgument argument,
                                          int64_t index) {
  SmallVector<tensor::DimOp> reads;
  for (Operation *user : argument.getUsers()) {
    auto dim = dyn_cast<tensor::DimOp>(user);
    if (dim && dim->getBlock() == argument.getOwner() &&
        dim.getConstantIndex() == index)
      reads.push_back(dim);
  }
  return reads;
}

/// The first of these reads if it comes before where `b` is, or null.
static Value readBefore(ArrayRef<tensor::DimOp> reads, Block *block,
                        OpBuilder &b) {
  Operation *place = placeIn(block, b), *first = nullptr;
  for (tensor::DimOp read : reads)
    if (!first || read->isBeforeInBlock(first))
      first = read;
  bool isBefore = first && (!place || first->isBeforeInBlock(place));
  return isBefore ? first->getResult(0) : Value();
}

/// A function's own dims are read at its start, so that every block sees the
/// same value; who reads them later is given it, too.
Dim ShapeBuilder::argumentDim(BlockArgument argument, int64_t index) {
  OpBuilder::InsertionGuard guard(b);
  auto function =
      dyn_cast_or_null<FunctionOpInterface>(argument.getOwner()->getParentOp());
  if (function)
    std::tie(argument, index) = firstWithSymbol(function, argument, index);
  auto [it, isNew] = argumentDims.try_emplace({argument, index});
  Value &size = it->second;
  if (!isNew)
    return size;
  SmallVector<tensor::DimOp> reads;
  if (function) {
    reads = readsOf(argument, index);
    size = readBefore(reads, argument.getOwner(), b);
    b.setInsertionPointToStart(argument.getOwner());
  }
  if (!size)
    size = b.createOrFold<tensor::DimOp>(loc, argument, index);
  for (tensor::DimOp later : reads)
    if (later.getResult() != size)
      later.getResult().replaceAllUsesWith(size);
  return size;
}

Dims ShapeBuilder::dims(Value tensor) {
  Dims result;
  for (int64_t i = 0, e = rank(tensor); i < e; ++i)
    result.push_back(dim(tensor, i));
  return result;
}

Dim ShapeBuilder::toIndex(Value scalar) {
  IntegerAttr constantValue;
  if (matchPattern(scalar, m_Constant(&constantValue)))
    return constant(constantValue.getType().isInteger(1)
                        ? constantValue.getValue().getZExtValue()
                        : constantValue.getValue().getSExtValue());
  if (auto cast = scalar.getDefiningOp<arith::IndexCastOp>();
      cast && cast.getIn().getType().isIndex())
    return cast.getIn();
  if (scalar.getType().isIndex())
    return scalar;
  auto key = std::make_pair(b.getInsertionBlock(), scalar);
  if (auto it = indices.find(key); it != indices.end())
    return it->second;
  Dim result = arithmeticToIndex(scalar);
  if (!result)
    result = numbered(
        OperationName(arith::IndexCastOp::getOperationName(), b.getContext()),
        scalar, [&]() -> Value {
          return arith::IndexCastOp::create(b, loc, b.getIndexType(), scalar);
        });
  indices[key] = result;
  return result;
}

/// index_cast(muli(x, y) : i64) => muli(index_cast x, index_cast y) : index, so
/// that sizes which the model computes meet those of shape rules; null where
/// `scalar` is no such arithmetic.
Dim ShapeBuilder::arithmeticToIndex(Value scalar) {
  Operation *op = scalar.getDefiningOp();
  if (!op || !scalar.getType().isInteger(64))
    return {};
  if (auto choice = dyn_cast<arith::SelectOp>(op))
    return select(choice.getCondition(), toIndex(choice.getTrueValue()),
                  toIndex(choice.getFalseValue()));
  if (!isa<arith::AddIOp, arith::SubIOp, arith::MulIOp, arith::MinSIOp,
           arith::MaxSIOp, arith::DivSIOp, arith::FloorDivSIOp>(op))
    return {};
  // Both round down where nothing is negative.
  bool truncates = isa<arith::DivSIOp>(op);
  if (truncates && !llvm::all_of(op->getOperands(), [](Value operand) {
        return isSurelyNonNegative(getAsOpFoldResult(operand));
      }))
    return {};
  Dim x = toIndex(op->getOperand(0)), y = toIndex(op->getOperand(1));
  if (isa<arith::AddIOp>(op))
    return add(x, y);
  if (isa<arith::SubIOp>(op))
    return sub(x, y);
  if (isa<arith::MulIOp>(op))
    return mul(x, y);
  if (isa<arith::MinSIOp>(op))
    return min(x, y);
  if (isa<arith::MaxSIOp>(op))
    return max(x, y);
  return floorDiv(x, y);
}

std::optional<SmallVector<int64_t>> ShapeBuilder::constants(Value tensor) {
  DenseIntElementsAttr attr;
  if (!matchPattern(tensor, m_Constant(&attr)))
    return std::nullopt;
  bool isUnsigned = attr.getElementType().isUnsignedInteger() ||
                    attr.getElementType().isInteger(1);
  SmallVector<int64_t> values;
  for (const APInt &v : attr.getValues<APInt>())
    values.push_back(isUnsigned ? v.getZExtValue() : v.getSExtValue());
  return values;
}

std::optional<SmallVector<OpFoldResult>> ShapeBuilder::elements(Value tensor) {
  auto type = dyn_cast<RankedTensorType>(tensor.getType());
  if (!type || !type.hasStaticShape() ||
      type.getNumElements() > kMaxHostElements ||
      !type.getElementType().isInteger())
    return std::nullopt;
  SmallVector<OpFoldResult> result;
  if (auto values = constants(tensor)) {
    for (int64_t v : *values)
      result.push_back(constant(v));
    return result;
  }
  if (auto from = tensor.getDefiningOp<tensor::FromElementsOp>()) {
    for (Value v : from.getElements())
      result.push_back(toIndex(v));
    return result;
  }
  if (type.getRank() > 1)
    return std::nullopt;
  for (int64_t i = 0; i < type.getNumElements(); ++i) {
    SmallVector<Value> at;
    if (type.getRank() == 1)
      at.push_back(value(constant(i)));
    result.push_back(toIndex(tensor::ExtractOp::create(b, loc, tensor, at)));
  }
  return result;
}

Value ShapeBuilder::numbered(OperationName name, ValueRange operands,
                             llvm::function_ref<Value()> build) {
  auto at = [&](unsigned i) {
    return i < operands.size() ? operands[i] : Value();
  };
  // What an enclosing block has computed already dominates this one.
  for (Block *block = b.getInsertionBlock(); block;) {
    if (auto it = numbers.find({block, name, at(0), at(1), at(2)});
        it != numbers.end() && isBefore(it->second, block, b))
      return it->second;
    Operation *parent = block->getParentOp();
    block = parent ? parent->getBlock() : nullptr;
  }
  Value result = build();
  numbers[{b.getInsertionBlock(), name, at(0), at(1), at(2)}] = result;
  return result;
}

Value ShapeBuilder::value(Dim d) {
  if (auto v = dyn_cast<Value>(d))
    return v;
  for (Block *block = b.getInsertionBlock(); block;) {
    if (auto it = constantOps.find({block, *known(d)});
        it != constantOps.end() && isBefore(it->second, block, b))
      return it->second;
    Operation *parent = block->getParentOp();
    block = parent ? parent->getBlock() : nullptr;
  }
  Value result = arith::ConstantIndexOp::create(b, loc, *known(d));
  constantOps[{b.getInsertionBlock(), *known(d)}] = result;
  return result;
}

template <typename OpT>
Dim ShapeBuilder::binary(Dim x, Dim y, int64_t (*fold)(int64_t, int64_t)) {
  if (known(x) && known(y))
    return constant(fold(*known(x), *known(y)));
  Value vx = value(x), vy = value(y);
  return numbered(OperationName(OpT::getOperationName(), b.getContext()),
                  {vx, vy},
                  [&]() -> Value { return OpT::create(b, loc, vx, vy); });
}

Dim ShapeBuilder::add(Dim x, Dim y) {
  if (isZero(x))
    return y;
  if (isZero(y))
    return x;
  return binary<arith::AddIOp>(x, y,
                               [](int64_t l, int64_t r) { return l + r; });
}

Dim ShapeBuilder::sub(Dim x, Dim y) {
  if (isZero(y))
    return x;
  if (equal(x, y))
    return constant(0);
  // (n + m) - m
  auto sum =
      isa<Value>(x) ? cast<Value>(x).getDefiningOp<arith::AddIOp>() : nullptr;
  for (int i : {0, 1})
    if (sum && equalSizes(getAsOpFoldResult(sum->getOperand(1 - i)), y))
      return getAsOpFoldResult(sum->getOperand(i));
  return binary<arith::SubIOp>(x, y,
                               [](int64_t l, int64_t r) { return l - r; });
}

Dim ShapeBuilder::mul(Dim x, Dim y) {
  if (isOne(x) || isZero(y))
    return y;
  if (isOne(y) || isZero(x))
    return x;
  return binary<arith::MulIOp>(x, y,
                               [](int64_t l, int64_t r) { return l * r; });
}

namespace {
/// A product of SSA values times a constant.
struct Product {
  int64_t constant = 1;
  SmallVector<Value> factors;

  void multiply(Dim d) {
    if (auto k = ShapeBuilder::known(d)) {
      constant *= *k;
      return;
    }
    if (auto mul = cast<Value>(d).getDefiningOp<arith::MulIOp>()) {
      multiply(getAsOpFoldResult(mul.getLhs()));
      multiply(getAsOpFoldResult(mul.getRhs()));
      return;
    }
    factors.push_back(cast<Value>(d));
  }
};
} // namespace

/// Factors that both sides share cancel out: a dim of size 0 makes both sides
/// 0, and any quotient right.
Dim ShapeBuilder::floorDiv(Dim x, Dim y) {
  if (isOne(y))
    return x;
  Product numerator, denominator;
  numerator.multiply(x);
  denominator.multiply(y);
  for (Value &factor : denominator.factors)
    if (auto *it = llvm::find(numerator.factors, factor);
        it != numerator.factors.end()) {
      numerator.factors.erase(it);
      factor = nullptr;
    }
  llvm::erase(denominator.factors, nullptr);
  if (int64_t common = std::gcd(numerator.constant, denominator.constant)) {
    numerator.constant /= common;
    denominator.constant /= common;
  }
  x = rebuild(numerator.constant, numerator.factors),
  y = rebuild(denominator.constant, denominator.factors);
  if (isOne(y))
    return x;
  return binary<arith::FloorDivSIOp>(x, y, [](int64_t l, int64_t r) {
    return r ? llvm::divideFloorSigned(l, r) : 0;
  });
}

Dim ShapeBuilder::rebuild(int64_t factor, ArrayRef<Value> factors) {
  Dim product = constant(factor);
  for (Value f : factors)
    product = mul(product, f);
  return product;
}

Dim ShapeBuilder::ceilDiv(Dim x, Dim y) {
  if (isOne(y))
    return x;
  return binary<arith::CeilDivSIOp>(x, y, [](int64_t l, int64_t r) {
    return r ? llvm::divideCeilSigned(l, r) : 0;
  });
}

Dim ShapeBuilder::max(Dim x, Dim y) {
  if (equal(x, y) || (isZero(y) && isSurelyNonNegative(x)))
    return x;
  if (isZero(x) && isSurelyNonNegative(y))
    return y;
  return binary<arith::MaxSIOp>(
      x, y, [](int64_t l, int64_t r) { return std::max(l, r); });
}

Dim ShapeBuilder::min(Dim x, Dim y) {
  if (equal(x, y))
    return x;
  return binary<arith::MinSIOp>(
      x, y, [](int64_t l, int64_t r) { return std::min(l, r); });
}

Dim ShapeBuilder::select(Dim condition, Dim x, Dim y) {
  if (auto c = known(condition))
    return *c ? x : y;
  if (equal(x, y))
    return x;
  if (Dim simpler = simplerSelect(cast<Value>(condition), x, y))
    return simpler;
  return arith::SelectOp::create(b, loc, cast<Value>(condition), value(x),
                                 value(y))
      .getResult();
}

/// A comparison as a condition.
static Dim compare(ShapeBuilder &shapes, arith::CmpIPredicate predicate, Dim x,
                   Dim y) {
  OpBuilder &b = shapes.builder();
  if (auto result = knownComparison(predicate, x, y))
    return b.getIntegerAttr(b.getI1Type(), *result);
  return arith::CmpIOp::create(b, shapes.location(), predicate, shapes.value(x),
                               shapes.value(y))
      .getResult();
}

Dim ShapeBuilder::isNegative(Dim x) {
  return compare(*this, arith::CmpIPredicate::slt, x, constant(0));
}

Dim ShapeBuilder::isEqual(Dim x, Dim y) {
  if (equal(x, y))
    return b.getIntegerAttr(b.getI1Type(), 1);
  if (known(x))
    std::swap(x, y);
  return compare(*this, arith::CmpIPredicate::eq, x, y);
}

Dim ShapeBuilder::isLess(Dim x, Dim y) {
  if (equal(x, y))
    return b.getIntegerAttr(b.getI1Type(), 0);
  return compare(*this, arith::CmpIPredicate::slt, x, y);
}

Dim ShapeBuilder::product(ArrayRef<OpFoldResult> dims) {
  Dim result = constant(1);
  for (Dim d : dims)
    result = mul(result, d);
  return result;
}

bool ShapeBuilder::demandEqual(Dim x, Dim y) {
  if (equalSizes(x, y))
    return true;
  if (known(x) && known(y))
    return false;
  demands.push_back({x, y, /*stretches=*/false});
  return true;
}

FailureOr<Dim> ShapeBuilder::broadcast(Dim x, Dim y) {
  if (isOne(y) || equalSizes(x, y))
    return x;
  if (isOne(x))
    return y;
  if (known(x) && known(y))
    return failure();
  demands.push_back({x, y, /*stretches=*/true});
  if (known(x))
    return x;
  if (known(y))
    return y;
  // Both unknown: 1 stretches to the other; a 0 stays 0.
  return select(isEqual(x, constant(1)), y, x);
}

FailureOr<Dims> ShapeBuilder::broadcast(ArrayRef<OpFoldResult> x,
                                        ArrayRef<OpFoldResult> y) {
  if (x.size() < y.size())
    std::swap(x, y);
  Dims result(x);
  for (size_t i = 0, offset = x.size() - y.size(); i < y.size(); ++i) {
    FailureOr<Dim> d = broadcast(x[offset + i], y[i]);
    if (failed(d))
      return failure();
    result[offset + i] = *d;
  }
  return result;
}

RankedTensorType tw::tensorType(const ResultShape &shape) {
  SmallVector<int64_t> sizes;
  for (Dim d : shape.dims)
    sizes.push_back(ShapeBuilder::known(d).value_or(ShapedType::kDynamic));
  return RankedTensorType::get(sizes, shape.elementType);
}

std::string tw::describe(ArrayRef<OpFoldResult> dims) {
  std::string text;
  llvm::raw_string_ostream os(text);
  llvm::interleave(
      dims, os,
      [&](Dim d) {
        if (auto k = ShapeBuilder::known(d))
          os << *k;
        else
          os << '?';
      },
      "x");
  return text.empty() ? "a scalar" : text;
}

std::string tw::describe(Type type) {
  std::string text;
  llvm::raw_string_ostream(text) << type;
  return text;
}
