#include "dialects/nn/NN.h"

#include "dialects/tile/Tile.h"

using namespace tw;
using namespace tw::nn;

#include "dialects/nn/Dialect.cpp.inc"

#define GET_OP_CLASSES
#include "dialects/nn/Ops.cpp.inc"

void NNDialect::initialize() {
  addOperations<
#define GET_OP_LIST
#include "dialects/nn/Ops.cpp.inc"
      >();
}

Operation *NNDialect::materializeConstant(OpBuilder &b, Attribute value,
                                          Type type, Location loc) {
  if (auto elements = dyn_cast<ElementsAttr>(value))
    return ConstantOp::create(b, loc, type, elements);
  return nullptr;
}

template <typename Op, unsigned... N>
static std::optional<unsigned>
fixedResults(std::integer_sequence<unsigned, N...>) {
  std::optional<unsigned> count;
  if (Op::template hasTrait<OpTrait::OneResult>())
    count = 1;
  ((Op::template hasTrait<OpTrait::NResults<N + 2>::template Impl>()
        ? void(count = N + 2)
        : void()),
   ...);
  return count;
}

template <typename Op>
static OpInfo infoOf() {
  OpInfo info;
  info.name = Op::getOperationName();
  info.onnx = Op::kOnnxName;
  info.onnxDomain = Op::kOnnxDomain;
  if constexpr (requires(OnnxNode &node) { Op::importOnnx(node); })
    info.importOnnx = &Op::importOnnx;
  if constexpr (Op::template hasTrait<OpTrait::AttrSizedOperandSegments>())
    info.operandSegments =
        std::tuple_size_v<typename Op::Properties::operandSegmentSizesTy>;
  info.results = fixedResults<Op>(std::make_integer_sequence<unsigned, 8>());
  return info;
}

template <typename... Ops>
static std::vector<OpInfo> tabulate() {
  return {infoOf<Ops>()...};
}

ArrayRef<OpInfo> tw::nn::opTable() {
  static const std::vector<OpInfo> table = tabulate<
#define GET_OP_LIST
#include "dialects/nn/Ops.cpp.inc"
      >();
  return table;
}

/// The more precise of two types of the same tensor, or failure where they
/// contradict each other.
static FailureOr<RankedTensorType> meet(RankedTensorType inferred,
                                        Type declared) {
  auto ranked = dyn_cast<RankedTensorType>(declared);
  if (!ranked)
    return inferred;
  if (ranked.getRank() != inferred.getRank())
    return failure();
  SmallVector<int64_t> dims(inferred.getShape());
  for (auto [d, known] : llvm::zip(dims, ranked.getShape())) {
    if (ShapedType::isDynamic(d))
      d = known;
    else if (!ShapedType::isDynamic(known) && known != d)
      return failure();
  }
  return RankedTensorType::get(dims, inferred.getElementType());
}

LogicalResult
tw::nn::refineResults(ShapeBuilder &shapes, Operation *op,
                      SmallVectorImpl<ResultShape> *inferredShapes) {
  auto rule = dyn_cast<ShapeOpInterface>(op);
  if (!rule)
    return success();
  SmallVector<ResultShape> results;
  shapes.setLocation(op->getLoc());
  if (failed(rule.inferResults(shapes, results)))
    return failure();
  for (auto [result, shape] : llvm::zip_equal(op->getResults(), results)) {
    RankedTensorType inferred = tensorType(shape);
    FailureOr<RankedTensorType> type = meet(inferred, result.getType());
    if (failed(type))
      return op->emitOpError("contradicting shapes: its operands give ")
             << inferred << ", but " << result.getType()
             << " was expected of it";
    result.setType(*type);
    // A static shape is in the type. Nothing of it may be remembered: such a
    // result can become host scalars, and its place in memory another value.
    if (!type->hasStaticShape())
      shapes.setDims(result, shape.dims);
  }
  if (inferredShapes)
    llvm::append_range(*inferredShapes, results);
  return success();
}
