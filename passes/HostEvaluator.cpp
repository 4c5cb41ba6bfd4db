#include "passes/HostEvaluator.h"

#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Matchers.h"
#include "llvm/Support/MathExtras.h"

using namespace tw;

namespace {
/// The largest tensor that is kept as scalars, and the largest loop nest
/// unrolled to compute one.
constexpr int64_t kMaxElements = 128;
constexpr int64_t kMaxPoints = 1024;

std::optional<int64_t> staticElements(Value tensor) {
  auto type = dyn_cast<RankedTensorType>(tensor.getType());
  if (!type || !type.hasStaticShape())
    return std::nullopt;
  // Sizes that a wrong model asks for may be negative, or overflow.
  int64_t count = 1;
  for (int64_t size : type.getShape())
    if (size < 0 || llvm::MulOverflow(count, size, count))
      return std::nullopt;
  return count;
}

/// Row-major position of `point` under `map` in `type`.
int64_t position(RankedTensorType type, ArrayRef<int64_t> indices) {
  int64_t at = 0;
  for (auto [index, size] : llvm::zip_equal(indices, type.getShape()))
    at = at * size + index;
  return at;
}
} // namespace

bool HostEvaluator::isHost(Value tensor) {
  auto elements = staticElements(tensor);
  if (!elements || *elements > kMaxElements)
    return false;
  return tensor.getDefiningOp<tensor::FromElementsOp>() ||
         matchPattern(tensor, m_Constant());
}

FailureOr<SmallVector<Value>> HostEvaluator::constantElements(Value tensor) {
  DenseElementsAttr attr;
  if (!matchPattern(tensor, m_Constant(&attr)))
    return failure();
  SmallVector<Value> elements;
  for (Attribute element : attr.getValues<Attribute>()) {
    TypedAttr typed = cast<TypedAttr>(element);
    if (auto integer = dyn_cast<IntegerAttr>(element);
        integer && !integer.getType().isSignlessInteger())
      typed =
          b.getIntegerAttr(b.getIntegerType(integer.getValue().getBitWidth()),
                           integer.getValue());
    elements.push_back(arith::ConstantOp::create(b, tensor.getLoc(), typed));
  }
  return elements;
}

FailureOr<SmallVector<Value>> HostEvaluator::evaluate(Value tensor) {
  if (auto it = memo.find(tensor); it != memo.end())
    return it->second;
  Operation *producer = tensor.getDefiningOp();
  auto count = staticElements(tensor);
  if (!producer || !count || *count > kMaxElements)
    return failure();
  FailureOr<SmallVector<Value>> elements = failure();
  if (auto from = dyn_cast<tensor::FromElementsOp>(producer))
    elements = SmallVector<Value>(from.getElements());
  else if (isa<tensor::EmptyOp>(producer))
    elements = SmallVector<Value>(*count, Value());
  else if (isa<tensor::CastOp, tensor::BitcastOp, tensor::ExpandShapeOp,
               tensor::CollapseShapeOp>(producer))
    elements = evaluate(producer->getOperand(0));
  else if (auto op = dyn_cast<tensor::ExtractSliceOp>(producer))
    elements = evaluateSlice(op);
  else if (auto op = dyn_cast<tensor::ConcatOp>(producer))
    elements = evaluateConcat(op);
  else if (auto op = dyn_cast<linalg::LinalgOp>(producer))
    elements = evaluateLinalg(op, cast<OpResult>(tensor).getResultNumber());
  else
    elements = constantElements(tensor);
  if (succeeded(elements))
    memo[tensor] = *elements;
  return elements;
}

/// Row-major positions, in a tensor of type `whole`, of the elements of a slice
/// in order; failure where the slice is not static.
static FailureOr<SmallVector<int64_t>>
slicePositions(OffsetSizeAndStrideOpInterface op, RankedTensorType whole) {
  auto isDynamic = [](int64_t v) { return ShapedType::isDynamic(v); };
  ArrayRef<int64_t> offsets = op.getStaticOffsets(),
                    sizes = op.getStaticSizes(),
                    strides = op.getStaticStrides();
  if (llvm::any_of(offsets, isDynamic) || llvm::any_of(sizes, isDynamic) ||
      llvm::any_of(strides, isDynamic))
    return failure();
  SmallVector<int64_t> positions{0};
  for (auto [d, size] : llvm::enumerate(whole.getShape())) {
    SmallVector<int64_t> longer;
    for (int64_t p : positions)
      for (int64_t i = 0; i < sizes[d]; ++i)
        longer.push_back(p * size + offsets[d] + i * strides[d]);
    positions = std::move(longer);
  }
  return positions;
}

FailureOr<SmallVector<Value>>
HostEvaluator::evaluateSlice(tensor::ExtractSliceOp op) {
  auto positions = slicePositions(op, op.getSourceType());
  auto source = evaluate(op.getSource());
  if (failed(positions) || failed(source))
    return failure();
  return llvm::map_to_vector(*positions,
                             [&](int64_t p) { return (*source)[p]; });
}

/// In rows: one from each input in turn.
FailureOr<SmallVector<Value>>
HostEvaluator::evaluateConcat(tensor::ConcatOp op) {
  SmallVector<SmallVector<Value>> inputs;
  for (Value input : op.getInputs()) {
    auto elements = evaluate(input);
    if (failed(elements))
      return failure();
    inputs.push_back(*elements);
  }
  int64_t rows = ShapedType::getNumElements(
      op.getResultType().getShape().take_front(op.getDim()));
  SmallVector<Value> result;
  for (int64_t row = 0; row < rows; ++row)
    for (ArrayRef<Value> input : inputs)
      llvm::append_range(result, input.slice(row * (input.size() / rows),
                                             input.size() / rows));
  return result;
}

FailureOr<SmallVector<Value>> HostEvaluator::evaluateLinalg(linalg::LinalgOp op,
                                                            unsigned result) {
  SmallVector<int64_t> ranges = op.getStaticLoopRanges();
  int64_t points = 1;
  for (int64_t r : ranges)
    points = ShapedType::isDynamic(r) ? kMaxPoints + 1 : points * r;
  if (points > kMaxPoints || op.getNumDpsInits() != 1)
    return failure();
  SmallVector<SmallVector<Value>> operands;
  for (OpOperand &operand : op->getOpOperands()) {
    if (!isa<RankedTensorType>(operand.get().getType())) {
      operands.push_back({operand.get()});
      continue;
    }
    auto elements = evaluate(operand.get());
    if (failed(elements))
      return failure();
    operands.push_back(*elements);
  }
  SmallVector<int64_t> point(ranges.size(), 0);
  for (int64_t n = 0; n < points; ++n) {
    SmallVector<Value> arguments;
    int64_t target = 0;
    for (auto [i, operand] : llvm::enumerate(op->getOpOperands())) {
      auto type = dyn_cast<RankedTensorType>(operand.get().getType());
      target =
          type ? position(type,
                          op.getMatchingIndexingMap(&operand).compose(point))
               : 0;
      arguments.push_back(operands[i][target]);
    }
    FailureOr<Value> element = evaluatePoint(op, result, point, arguments);
    if (failed(element))
      return failure();
    operands.back()[target] = *element;
    for (size_t d = point.size(); d-- > 0;) {
      if (++point[d] < ranges[d])
        break;
      point[d] = 0;
    }
  }
  return operands.back();
}

FailureOr<Value> HostEvaluator::evaluatePoint(linalg::LinalgOp op,
                                              unsigned result,
                                              ArrayRef<int64_t> point,
                                              ArrayRef<Value> arguments) {
  IRMapping mapping;
  Block *body = op.getBlock();
  for (auto [argument, value] :
       llvm::zip_equal(body->getArguments(), arguments))
    mapping.map(argument, value);
  for (Operation &inner : body->without_terminator()) {
    if (auto index = dyn_cast<linalg::IndexOp>(inner)) {
      mapping.map(index.getResult(),
                  arith::ConstantIndexOp::create(b, inner.getLoc(),
                                                 point[index.getDim()])
                      .getResult());
      continue;
    }
    if (auto extract = dyn_cast<tensor::ExtractOp>(inner)) {
      FailureOr<Value> element = evaluateExtract(extract, mapping);
      if (failed(element))
        return failure();
      mapping.map(extract.getResult(), *element);
      continue;
    }
    bool reads = llvm::any_of(inner.getOperands(), [&](Value v) {
      return !mapping.lookupOrDefault(v);
    });
    if (inner.getNumRegions() || reads)
      return failure();
    Operation *clone = b.clone(inner, mapping);
    SmallVector<Value> folded;
    if (succeeded(b.tryFold(clone, folded)) && !folded.empty())
      for (auto [from, to] : llvm::zip_equal(inner.getResults(), folded))
        mapping.map(from, to);
  }
  return mapping.lookupOrDefault(body->getTerminator()->getOperand(result));
}

FailureOr<Value> HostEvaluator::evaluateExtract(tensor::ExtractOp op,
                                                IRMapping &mapping) {
  auto elements = evaluate(op.getTensor());
  if (failed(elements))
    return failure();
  SmallVector<int64_t> indices;
  for (auto [i, index] : llvm::enumerate(op.getIndices())) {
    auto known = getConstantIntValue(mapping.lookupOrDefault(index));
    if (!known || *known < 0 ||
        *known >= op.getTensor().getType().getDimSize(i))
      return failure();
    indices.push_back(*known);
  }
  Value element = (*elements)[position(op.getTensor().getType(), indices)];
  if (!element)
    return failure();
  return element;
}
