#include "compiler/import/ControlFlow.h"

#include "compiler/Errors.h"
#include "compiler/import/Types.h"

#include "mlir/Dialect/SCF/IR/SCF.h"

namespace tw::onnx {

SmallVector<Type> LoopBuilder::types() const {
  SmallVector<Type> all{b.getIndexType(), b.getI1Type()};
  llvm::append_range(all, carriedTypes);
  llvm::append_range(all, gatheredTypes);
  return all;
}

llvm::Expected<RankedTensorType> LoopBuilder::gatheredType(Type slice,
                                                           Gathering how) {
  auto type = cast<RankedTensorType>(slice);
  SmallVector<int64_t> dims(type.getShape());
  if (how.axis > type.getRank())
    return userError("expected an axis of at most ", type.getRank(), ", found ",
                     how.axis);
  dims.insert(dims.begin() + how.axis, ShapedType::kDynamic);
  return RankedTensorType::get(dims, type.getElementType());
}

/// Imports the body for the types as they are; returns whether they hold for
/// what it carries on, and makes them hold for more where not.
llvm::Expected<bool> LoopBuilder::refineTypes() {
  OpBuilder::InsertionGuard guard(b);
  RegionInProgress region(b, types(), loc);
  auto arguments = region.block().getArguments();
  auto iteration = body(arguments[0], arguments[1],
                        SmallVector<Value>(arguments.drop_front(2)));
  if (!iteration)
    return iteration.takeError();
  region.discard(importer);
  auto joined = join(carriedTypes, ValueRange(iteration->carried).getTypes());
  if (!joined)
    return withContext(joined.takeError(), "carried values: ");
  if (*joined != carriedTypes) {
    carriedTypes = std::move(*joined);
    return false;
  }
  for (auto [slice, how] : llvm::zip_equal(iteration->slices, gatherings)) {
    auto type = gatheredType(slice.getType(), how);
    if (!type)
      return type.takeError();
    gatheredTypes.push_back(*type);
  }
  return true;
}

llvm::Error LoopBuilder::findTypes(ArrayRef<Value> carried) {
  llvm::append_range(carriedTypes, ValueRange(carried).getTypes());
  while (true) {
    auto isStable = refineTypes();
    if (!isStable)
      return isStable.takeError();
    if (*isStable)
      return llvm::Error::success();
  }
}

/// before: goes on while iterations are left and the condition holds.
std::unique_ptr<Region> LoopBuilder::test(Value tripCount) {
  OpBuilder::InsertionGuard guard(b);
  RegionInProgress region(b, types(), loc);
  auto arguments = region.block().getArguments();
  Value goesOn = arguments[1];
  if (tripCount) {
    Value isLeft = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::slt,
                                         arguments[0], tripCount);
    goesOn = arith::AndIOp::create(b, loc, goesOn, isLeft);
  }
  scf::ConditionOp::create(b, loc, goesOn, arguments);
  return region.take();
}

/// What was gathered so far, with the dims of `slice`: nothing yet has none of
/// those that the first slice gives.
llvm::Expected<Value> LoopBuilder::withDimsOf(Value slice, Value sofar,
                                              Gathering how) {
  if (cast<RankedTensorType>(slice.getType()).hasStaticShape())
    return sofar;
  ShapeBuilder &shapes = importer.inference.shapes();
  shapes.setLocation(loc);
  Dims dims = shapes.dims(slice);
  dims.insert(dims.begin() + how.axis, shapes.dim(sofar, how.axis));
  return importer.apply("Reshape", {sofar, nn::shapeTensor(b, loc, dims)},
                        {{"allowzero", 1}}, node);
}

llvm::Expected<Value> LoopBuilder::append(Value gathered, Value slice,
                                          Gathering how) {
  auto sofar = withDimsOf(slice, gathered, how);
  if (!sofar)
    return sofar.takeError();
  auto type = RankedTensorType::get({1}, b.getI64Type());
  Value axes = importer.constant(DenseElementsAttr::get(type, how.axis), loc);
  auto one = importer.apply("Unsqueeze", {slice, axes}, {}, node);
  if (!one)
    return one.takeError();
  SmallVector<Value> parts{*sofar, *one};
  if (how.backwards)
    std::swap(parts[0], parts[1]);
  return importer.apply("Concat", parts, {{"axis", how.axis}}, node);
}

/// One iteration; returns the values of the next.
llvm::Expected<SmallVector<Value>> LoopBuilder::iterate(Block &block) {
  auto arguments = block.getArguments();
  size_t count = carriedTypes.size();
  auto iteration =
      body(arguments[0], arguments[1],
           SmallVector<Value>(arguments.drop_front(2).take_front(count)));
  if (!iteration)
    return iteration.takeError();
  Value one = arith::ConstantIndexOp::create(b, loc, 1);
  SmallVector<Value> next{arith::AddIOp::create(b, loc, arguments[0], one),
                          iteration->condition};
  llvm::append_range(next, castTo(b, loc, iteration->carried, carriedTypes));
  auto gathered = arguments.drop_front(2 + count);
  for (auto [sofar, slice, how] :
       llvm::zip_equal(gathered, iteration->slices, gatherings)) {
    auto longer = append(sofar, slice, how);
    if (!longer)
      return longer.takeError();
    next.push_back(castTo(b, loc, *longer, sofar.getType()).front());
  }
  return next;
}

/// What the gathered outputs are before the first iteration: dims that only a
/// slice says are 0.
SmallVector<Value> LoopBuilder::noSlices() {
  SmallVector<Value> values;
  for (auto [type, how] : llvm::zip_equal(gatheredTypes, gatherings)) {
    auto tensor = cast<RankedTensorType>(type);
    SmallVector<int64_t> dims(tensor.getShape());
    dims[how.axis] = 0;
    std::replace(dims.begin(), dims.end(), ShapedType::kDynamic, int64_t(0));
    auto none = DenseElementsAttr::get(cast<ShapedType>(tensor.clone(dims)),
                                       ArrayRef<Attribute>());
    values.push_back(
        tensor::CastOp::create(b, loc, type, importer.constant(none, loc)));
  }
  return values;
}

/// after: one iteration.
llvm::Expected<std::unique_ptr<Region>> LoopBuilder::step() {
  OpBuilder::InsertionGuard guard(b);
  RegionInProgress region(b, types(), loc);
  auto next = iterate(region.block());
  if (!next)
    return next.takeError();
  scf::YieldOp::create(b, loc, *next);
  return region.take();
}

llvm::Expected<SmallVector<Value>>
LoopBuilder::build(Value tripCount, Value condition, ArrayRef<Value> carried) {
  if (llvm::Error error = findTypes(carried))
    return std::move(error);
  SmallVector<Value> start{arith::ConstantIndexOp::create(b, loc, 0),
                           condition};
  llvm::append_range(start, castTo(b, loc, carried, carriedTypes));
  llvm::append_range(start, noSlices());
  OperationState state(loc, scf::WhileOp::getOperationName());
  state.addOperands(start);
  state.addTypes(types());
  state.addRegion(test(tripCount));
  auto after = step();
  if (!after)
    return after.takeError();
  state.addRegion(std::move(*after));
  return SmallVector<Value>(llvm::drop_begin(b.create(state)->getResults(), 2));
}

} // namespace tw::onnx
