#include "compiler/import/ControlFlow.h"

#include "compiler/Errors.h"
#include "compiler/import/Types.h"

#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace tw_onnx;

namespace tw::onnx {

const GraphProto *graphOf(const NodeAt &node, StringRef name) {
  for (const AttributeProto &attribute : node.proto.attribute())
    if (attribute.name() == name)
      return &attribute.g();
  return nullptr;
}

Value elementOf(OpBuilder &b, Location loc, Value tensor) {
  if (auto from = tensor.getDefiningOp<tensor::FromElementsOp>())
    return from.getElements().front();
  SmallVector<Value> zeros;
  for (int64_t i = 0; i < ShapeBuilder::rank(tensor); ++i)
    zeros.push_back(arith::ConstantIndexOp::create(b, loc, 0));
  return tensor::ExtractOp::create(b, loc, tensor, zeros);
}

llvm::Error checkSingle(Value tensor, const char *name) {
  auto type = cast<RankedTensorType>(tensor.getType());
  if (llvm::all_of(type.getShape(), [](int64_t size) { return size == 1; }))
    return llvm::Error::success();
  return userError(name, ": expected one element, found ", typeText(type));
}

llvm::Error checkPresent(ArrayRef<Value> inputs, size_t first) {
  for (size_t i = first; i < inputs.size(); ++i)
    if (!inputs[i])
      return userError("input ", i, ": expected a value, found none");
  return llvm::Error::success();
}

/// The most precise type that values of both types have.
static llvm::Expected<RankedTensorType> join(Type first, Type second) {
  auto x = cast<RankedTensorType>(first), y = cast<RankedTensorType>(second);
  if (x.getElementType() != y.getElementType() || x.getRank() != y.getRank())
    return userError("expected values of one element type and rank, found ",
                     typeText(x), " and ", typeText(y),
                     ", which is not supported yet");
  SmallVector<int64_t> dims(x.getShape());
  for (auto [dim, other] : llvm::zip(dims, y.getShape()))
    if (dim != other)
      dim = ShapedType::kDynamic;
  return RankedTensorType::get(dims, x.getElementType());
}

llvm::Expected<SmallVector<Type>> join(TypeRange first, TypeRange second) {
  SmallVector<Type> types;
  for (auto [x, y] : llvm::zip_equal(first, second)) {
    auto type = join(x, y);
    if (!type)
      return type.takeError();
    types.push_back(*type);
  }
  return types;
}

SmallVector<Value> castTo(OpBuilder &b, Location loc, ValueRange values,
                          TypeRange types) {
  SmallVector<Value> results;
  for (auto [value, type] : llvm::zip_equal(values, types))
    results.push_back(value.getType() == type
                          ? value
                          : tensor::CastOp::create(b, loc, type, value));
  return results;
}

RegionInProgress::RegionInProgress(OpBuilder &b, TypeRange arguments,
                                   Location loc) {
  OperationState state(loc, scf::ExecuteRegionOp::getOperationName());
  Block &block = state.addRegion()->emplaceBlock();
  for (Type type : arguments)
    block.addArgument(type, loc);
  holder = b.create(state);
  b.setInsertionPointToEnd(&block);
}

Block &RegionInProgress::block() { return holder->getRegion(0).front(); }

std::unique_ptr<Region> RegionInProgress::take() {
  auto region = std::make_unique<Region>();
  region->takeBody(holder->getRegion(0));
  holder->erase();
  return region;
}

} // namespace tw::onnx
