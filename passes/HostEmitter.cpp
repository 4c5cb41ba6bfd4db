#include "passes/HostEmitter.h"

#include "runtime/host.h"
#include "runtime/tilewright.h"

#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"

using namespace tw;

namespace {
// Offsets in tw_tensor (runtime/tilewright.h).
constexpr int64_t kTensorBytes = sizeof(tw_tensor);
constexpr int64_t kTensorDims = offsetof(tw_tensor, dims);

/// The memory that a value is part of: what it is a view of.
Value rootOf(Value tensor) {
  while (Operation *producer = tensor.getDefiningOp()) {
    if (!isa<rt::ViewOp, tensor::CastOp, tensor::BitcastOp>(producer))
      break;
    tensor = producer->getOperand(0);
  }
  return tensor;
}

/// The number of the last op that reads a tensor, also by another name: control
/// flow hands on what it is given.
DenseMap<Value, int64_t>
findLastUses(Block &block, const DenseMap<Operation *, int64_t> &number) {
  DenseMap<Value, int64_t> lastUse;
  for (Operation &op : llvm::reverse(block)) {
    int64_t end = number.lookup(&op);
    if (op.getNumRegions() || isa<arith::SelectOp>(op))
      for (Value result : op.getResults())
        end = std::max(end, lastUse.lookup(result));
    op.walk([&](Operation *user) {
      for (Value operand : user->getOperands())
        if (isa<TensorType>(operand.getType())) {
          int64_t &last = lastUse[rootOf(operand)];
          last = std::max(last, end);
        }
    });
  }
  return lastUse;
}

RankedTensorType typeOf(Value tensor) {
  return cast<RankedTensorType>(tensor.getType());
}
} // namespace

int64_t tw::bytesInMemory(Type elementType) {
  return std::max<int64_t>(
      1, llvm::divideCeil(elementType.getIntOrFloatBitWidth(), 8));
}

std::string tw::bytesInMemory(nn::ConstantOp op) {
  std::string bytes;
  auto attr = cast<DenseElementsAttr>(op.getValue());
  int64_t width = bytesInMemory(attr.getElementType());
  for (APInt bits : nn::rawElements(attr)) {
    bits = bits.zextOrTrunc(width * 8);
    bytes.append(reinterpret_cast<const char *>(bits.getRawData()), width);
  }
  return bytes;
}

HostEmitter::HostEmitter(ModuleOp module, func::FuncOp source,
                         HostOptions options)
    : module(module), source(source), options(std::move(options)),
      b(module.getContext()), loc(source.getLoc()),
      pointerType(LLVM::LLVMPointerType::get(module.getContext())),
      i32(b.getI32Type()), i64(b.getI64Type()) {}

void HostEmitter::run() {
  b.setInsertionPointToEnd(module.getBody());
  auto type = b.getFunctionType({pointerType, pointerType, pointerType}, {i32});
  auto function = func::FuncOp::create(b, loc, options.entry, type);
  body = &function.getBody();
  Block *entry = function.addEntryBlock();
  context = entry->getArgument(0), inputs = entry->getArgument(1),
  outputs = entry->getArgument(2);
  b.setInsertionPointToEnd(entry);
  chooseOutputs();
  emitEntry();
  emitInputs();
  Block &block = source.getBody().front();
  for (Operation &op : block) {
    if (&op == firstLate)
      planArena();
    emit(&op);
  }
  auto names = [&](const llvm::MapVector<StringRef, int32_t> &numbers) {
    return b.getStrArrayAttr(llvm::to_vector(llvm::make_first_range(numbers)));
  };
  module->setAttr(kNodesAttr, names(nodes));
  if (options.device)
    module->setAttr(kDeviceKernelsAttr, names(deviceKernels));
}

/// Scalars computed before the first op that is not shape arithmetic are known
/// when the arena is planned.
bool HostEmitter::isEarly(Value scalar) const {
  Operation *producer = scalar.getDefiningOp();
  if (!producer)
    return true;
  return producer->getBlock() == firstLate->getBlock() &&
         producer->isBeforeInBlock(firstLate);
}

void HostEmitter::chooseOutputs() {
  Block &block = source.getBody().front();
  for (Operation &op : block)
    if (isa<rt::LaunchOp>(op) || op.getNumRegions() ||
        op.hasTrait<OpTrait::IsTerminator>() ||
        llvm::any_of(op.getResultTypes(), llvm::IsaPred<TensorType>)) {
      firstLate = &op;
      break;
    }
  for (OpOperand &operand : block.getTerminator()->getOpOperands()) {
    Value root = rootOf(operand.get());
    auto view = operand.get().getDefiningOp<rt::ViewOp>();
    bool known = !view || llvm::all_of(view.getDims(),
                                       [&](Value d) { return isEarly(d); });
    if (root.getDefiningOp<rt::LaunchOp>() && root.getParentBlock() == &block &&
        known && (root == operand.get() || view))
      directOutputs.try_emplace(root, operand.getOperandNumber(),
                                operand.get());
  }
}

void HostEmitter::emitEntry() {
  int64_t buffers = 1, ints = 1;
  source.walk([&](rt::LaunchOp op) {
    buffers =
        std::max<int64_t>(buffers, op.getInputs().size() + op.getNumResults());
    ints =
        std::max<int64_t>(ints, op.getScalars().size() + op.getDims().size());
  });
  auto array = [&](int64_t count) -> Value {
    return LLVM::AllocaOp::create(b, loc, pointerType, i64, integer(i64, count),
                                  /*alignment=*/8);
  };
  bufferArray = array(buffers), intArray = array(ints),
  gridArray = array(sizeof(tw_grid) / sizeof(int64_t)), arguments = array(2);
  LLVM::StoreOp::create(b, loc, bufferArray, arguments);
  LLVM::StoreOp::create(b, loc, intArray, at(arguments, sizeof(void *)));
  weights = call("tw_rt_weights", pointerType, {context});
}

void HostEmitter::emitInputs() {
  for (BlockArgument argument : source.getArguments()) {
    Value tensor = at(inputs, kTensorBytes * argument.getArgNumber());
    HostTensor host{LLVM::LoadOp::create(b, loc, pointerType, tensor), {}};
    Value dims =
        LLVM::LoadOp::create(b, loc, pointerType, at(tensor, kTensorDims));
    for (auto [i, size] : llvm::enumerate(typeOf(argument).getShape())) {
      if (!ShapedType::isDynamic(size)) {
        host.dims.push_back(index(size));
        continue;
      }
      Value d =
          LLVM::LoadOp::create(b, loc, i64, at(dims, i * sizeof(int64_t)));
      host.dims.push_back(
          arith::IndexCastOp::create(b, loc, b.getIndexType(), d));
    }
    tensors[argument] = std::move(host);
  }
}

void HostEmitter::planArena() {
  Block &block = source.getBody().front();
  DenseMap<Operation *, int64_t> number;
  for (Operation &op : block)
    number[&op] = number.size();
  DenseMap<Value, int64_t> lastUse = findLastUses(block, number);
  ShapeBuilder shapes(b, loc);
  SmallVector<PlannedBuffer> buffers;
  for (auto launch : block.getOps<rt::LaunchOp>()) {
    auto dims = launch.getResultDims();
    for (Value result : launch.getResults()) {
      auto own = dims.take_front(typeOf(result).getNumDynamicDims());
      dims = dims.drop_front(own.size());
      if (directOutputs.contains(result) ||
          !llvm::all_of(own, [&](Value d) { return isEarly(d); }))
        continue;
      Dim bytes =
          shapes.constant(bytesInMemory(typeOf(result).getElementType()));
      for (int64_t size : typeOf(result).getShape())
        if (!ShapedType::isDynamic(size))
          bytes = shapes.mul(bytes, shapes.constant(size));
      for (Value d : own)
        bytes = shapes.mul(bytes, lookup(d));
      int64_t begin = number[launch];
      buffers.push_back(
          {result, bytes, begin, std::max(begin, lastUse.lookup(result))});
    }
  }
  MemoryPlan plan = planMemory(shapes, buffers);
  describePlan(plan, buffers);
  for (auto &[tensor, offset] : plan.offsets)
    arenaOffsets[tensor] = shapes.value(offset);
  Value bytes = asInt64(shapes.value(plan.arenaBytes));
  arena = call("tw_rt_arena", pointerType, {context, bytes});
  returnIfNull(arena, TW_OUT_OF_MEMORY);
}

void HostEmitter::describePlan(const MemoryPlan &plan,
                               ArrayRef<PlannedBuffer> buffers) {
  NamedAttrList facts;
  facts.append("buffers", b.getI64IntegerAttr(buffers.size()));
  if (auto bytes = getConstantIntValue(plan.arenaBytes))
    facts.append("arena", b.getI64IntegerAttr(*bytes));
  int64_t separate = 0;
  bool isKnown = true;
  for (const PlannedBuffer &buffer : buffers) {
    auto bytes = getConstantIntValue(buffer.bytes);
    isKnown &= bytes.has_value();
    separate += bytes.value_or(0);
  }
  if (isKnown)
    facts.append("separate", b.getI64IntegerAttr(separate));
  module->setAttr(kMemoryAttr, facts.getDictionary(b.getContext()));
}

void HostEmitter::emit(Operation *op) {
  loc = op->getLoc();
  llvm::TypeSwitch<Operation *>(op)
      .Case<rt::LaunchOp>([&](auto o) { emitLaunch(o); })
      .Case<rt::CheckOp>([&](auto o) { emitCheck(o); })
      .Case<rt::ViewOp>([&](rt::ViewOp o) {
        HostTensor host{tensors.lookup(o.getSource()).pointer, {}};
        auto dynamic = o.getDims().begin();
        for (int64_t size : typeOf(o.getResult()).getShape())
          host.dims.push_back(ShapedType::isDynamic(size) ? lookup(*dynamic++)
                                                          : index(size));
        tensors[o.getResult()] = std::move(host);
      })
      .Case<nn::WeightOp>([&](nn::WeightOp o) {
        HostTensor host{
            at(weights,
               o->getAttrOfType<IntegerAttr>(kWeightOffsetAttr).getInt()),
            {}};
        for (int64_t size : typeOf(o.getResult()).getShape())
          host.dims.push_back(index(size));
        tensors[o.getResult()] = std::move(host);
      })
      .Case<nn::ConstantOp>([&](auto o) { emitConstant(o); })
      .Case<tensor::FromElementsOp>([&](auto o) { emitFromElements(o); })
      .Case<tensor::CastOp, tensor::BitcastOp>([&](auto o) {
        tensors[o.getResult()] = tensors.lookup(o.getSource());
      })
      .Case<tensor::DimOp>([&](tensor::DimOp o) {
        scalars.map(o.getResult(),
                    tensors.lookup(o.getSource()).dims[*o.getConstantIndex()]);
      })
      .Case<tensor::ExtractOp>([&](auto o) { emitExtract(o); })
      .Case<arith::SelectOp>([&](auto o) { emitSelect(o); })
      .Case<scf::IfOp>([&](auto o) { emitIf(o); })
      .Case<scf::WhileOp>([&](auto o) { emitWhile(o); })
      .Case<func::ReturnOp>([&](auto o) { emitReturn(o); })
      .Default([&](Operation *o) { b.clone(*o, scalars); });
}

void HostEmitter::emitCheck(rt::CheckOp op) {
  Block *fail = newBlock(), *go = newBlock();
  cf::CondBranchOp::create(b, loc, lookup(op.getCondition()), go, ValueRange(),
                           fail, ValueRange());
  b.setInsertionPointToEnd(fail);
  auto count = static_cast<int64_t>(op.getValues().size());
  Value values = hostMemory(i64, count);
  for (auto [i, value] : llvm::enumerate(op.getValues()))
    LLVM::StoreOp::create(b, loc, asInt64(lookup(value)),
                          at(values, i * sizeof(int64_t)));
  std::string message = op.getMessage().str() + '\0';
  Value format = constantBytes(message, /*alignment=*/1);
  Value status = call("tw_rt_fail", i32,
                      {context, integer(i32, TW_INVALID_ARGUMENT), format,
                       values, integer(i32, count)});
  func::ReturnOp::create(b, loc, status);
  b.setInsertionPointToEnd(go);
}

void HostEmitter::emitLaunch(rt::LaunchOp op) {
  auto dynamic = op.getResultDims().begin();
  SmallVector<HostTensor> results;
  for (Value result : op.getResults()) {
    SmallVector<Value> dims;
    for (int64_t size : typeOf(result).getShape())
      dims.push_back(ShapedType::isDynamic(size) ? lookup(*dynamic++)
                                                 : index(size));
    results.push_back(allocate(result, dims));
    tensors[result] = results.back();
  }
  storeArguments(op, results);
  if (options.device)
    launchOnDevice(op);
  else
    launchOnCpu(op);
}

void HostEmitter::launchOnDevice(rt::LaunchOp op) {
  int32_t number =
      deviceKernels.try_emplace(op.getKernel(), deviceKernels.size())
          .first->second;
  call("tw_rt_launch_device", LLVM::LLVMVoidType::get(b.getContext()),
       {context, integer(i32, number), arguments,
        integer(i32, nodeOf(op.getLoc()))});
}

void HostEmitter::launchOnCpu(rt::LaunchOp op) {
  StringRef kernel = op.getKernel();
  Type none = LLVM::LLVMVoidType::get(b.getContext());
  call((kernel + kGridSuffix).str(), none, {arguments, gridArray});
  Value function =
      address(kernel, none, {pointerType, i64, i64, pointerType, pointerType});
  call("tw_rt_launch", none,
       {context, function, arguments, gridArray,
        integer(i32, nodeOf(op.getLoc()))});
}

void HostEmitter::storeArguments(rt::LaunchOp op,
                                 ArrayRef<HostTensor> results) {
  int64_t next = 0;
  auto store = [&](Value value, Value array) {
    LLVM::StoreOp::create(b, loc, value, at(array, next++ * sizeof(int64_t)));
  };
  for (Value input : op.getInputs())
    store(tensors.lookup(input).pointer, bufferArray);
  for (const HostTensor &result : results)
    store(result.pointer, bufferArray);
  next = 0;
  for (Value scalar : op.getScalars())
    store(asInt64(lookup(scalar)), intArray);
  for (Value d : op.getDims())
    store(asInt64(lookup(d)), intArray);
}

void HostEmitter::emitConstant(nn::ConstantOp op) {
  HostTensor host;
  for (int64_t size : typeOf(op.getResult()).getShape())
    host.dims.push_back(index(size));
  if (options.device) {
    host.pointer =
        at(weights, op->getAttrOfType<IntegerAttr>(kWeightOffsetAttr).getInt());
    tensors[op.getResult()] = std::move(host);
    return;
  }
  host.pointer = constantBytes(bytesInMemory(op), /*alignment=*/64);
  tensors[op.getResult()] = std::move(host);
}

Value HostEmitter::constantBytes(StringRef bytes, int64_t alignment) {
  std::string name = "tw_constant_" + std::to_string(constants++);
  {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToEnd(module.getBody());
    auto type = LLVM::LLVMArrayType::get(b.getI8Type(), bytes.size());
    LLVM::GlobalOp::create(b, loc, type, /*isConstant=*/true,
                           LLVM::Linkage::Internal, name,
                           b.getStringAttr(bytes), alignment);
  }
  return LLVM::AddressOfOp::create(b, loc, pointerType, name);
}

void HostEmitter::emitFromElements(tensor::FromElementsOp op) {
  if (llvm::all_of(
          op->getUsers(),
          [](Operation *user) { return isa<tensor::ExtractOp>(user); }) &&
      !op->use_empty())
    return;
  int64_t width = bytesInMemory(op.getType().getElementType());
  Value bytes = integer(i64, width * op.getElements().size());
  HostTensor host{allocateBytes(bytes), {}};
  Value values = options.device ? hostMemory(b.getI8Type(),
                                             width * op.getElements().size())
                                : host.pointer;
  for (auto [i, element] : llvm::enumerate(op.getElements())) {
    Value scalar = lookup(element);
    if (scalar.getType().isInteger() &&
        scalar.getType().getIntOrFloatBitWidth() < 8)
      scalar = arith::ExtUIOp::create(b, loc, b.getI8Type(), scalar);
    LLVM::StoreOp::create(b, loc, scalar, at(values, i * width));
  }
  if (options.device)
    call("tw_rt_write", LLVM::LLVMVoidType::get(b.getContext()),
         {context, host.pointer, values, bytes});
  for (int64_t size : op.getType().getShape())
    host.dims.push_back(index(size));
  tensors[op.getResult()] = std::move(host);
}

void HostEmitter::emitExtract(tensor::ExtractOp op) {
  HostTensor host = tensors.lookup(op.getTensor());
  Value position = index(0);
  for (auto [i, d] : llvm::zip_equal(op.getIndices(), host.dims)) {
    Value scaled = arith::MulIOp::create(b, loc, position, d);
    position = arith::AddIOp::create(b, loc, scaled, lookup(i));
  }
  scalars.map(op.getResult(),
              fromMemory(nn::signless(op.getType()), host.pointer, position));
}

Value HostEmitter::fromMemory(Type elementType, Value pointer,
                              Value elementIndex) {
  Value width = index(bytesInMemory(elementType));
  Value place =
      at(pointer, asInt64(arith::MulIOp::create(b, loc, elementIndex, width)));
  if (options.device) {
    place = call("tw_rt_read", pointerType, {context, place, asInt64(width)});
    returnIfNull(place, TW_RUN_FAILED);
  }
  if (elementType.getIntOrFloatBitWidth() >= 8)
    return LLVM::LoadOp::create(b, loc, elementType, place);
  Value byte = LLVM::LoadOp::create(b, loc, b.getI8Type(), place);
  return arith::TruncIOp::create(b, loc, elementType, byte);
}

HostTensor HostEmitter::allocate(Value tensor, SmallVector<Value> dims) {
  if (auto it = directOutputs.find(tensor); it != directOutputs.end()) {
    auto [index, returned] = it->second;
    HostTensor shape{{}, dims};
    if (auto view = returned.getDefiningOp<rt::ViewOp>()) {
      shape.dims.clear();
      auto dynamic = view.getDims().begin();
      for (int64_t size : typeOf(returned).getShape())
        shape.dims.push_back(ShapedType::isDynamic(size) ? lookup(*dynamic++)
                                                         : this->index(size));
    }
    return {outputPointer(index, shape), dims};
  }
  if (auto it = arenaOffsets.find(tensor); it != arenaOffsets.end())
    return {at(arena, asInt64(it->second)), dims};
  return {allocateBytes(byteSize(typeOf(tensor).getElementType(), dims)), dims};
}

Value HostEmitter::allocateBytes(Value bytes) {
  Value pointer = call("tw_rt_alloc", pointerType, {context, bytes});
  returnIfNull(pointer, TW_OUT_OF_MEMORY);
  return pointer;
}

Value HostEmitter::outputPointer(unsigned index, const HostTensor &tensor) {
  writtenOutputs.insert(index);
  auto count = static_cast<int64_t>(tensor.dims.size());
  Value dims = count ? hostMemory(i64, count)
                     : LLVM::ZeroOp::create(b, loc, pointerType).getResult();
  for (auto [i, d] : llvm::enumerate(tensor.dims))
    LLVM::StoreOp::create(b, loc, asInt64(d), at(dims, i * sizeof(int64_t)));
  Value pointer =
      call("tw_rt_output", pointerType,
           {context, integer(i32, index), integer(i32, count), dims});
  returnIfNull(pointer, TW_OUT_OF_MEMORY);
  return pointer;
}

Value HostEmitter::byteSize(Type elementType, ValueRange dims) {
  Value size = integer(i64, bytesInMemory(elementType));
  for (Value d : dims)
    size = arith::MulIOp::create(b, loc, size, asInt64(d));
  return size;
}

void HostEmitter::emitReturn(func::ReturnOp op) {
  for (OpOperand &operand : op->getOpOperands()) {
    unsigned number = operand.getOperandNumber();
    if (writtenOutputs.contains(number))
      continue;
    HostTensor host = tensors.lookup(operand.get());
    Value target = outputPointer(number, host);
    Value bytes = byteSize(typeOf(operand.get()).getElementType(), host.dims);
    if (options.device)
      call("tw_rt_copy", LLVM::LLVMVoidType::get(b.getContext()),
           {context, target, host.pointer, bytes});
    else
      LLVM::MemcpyOp::create(b, loc, target, host.pointer, bytes,
                             /*isVolatile=*/false);
  }
  func::ReturnOp::create(b, loc, integer(i32, TW_OK));
}

//===----------------------------------------------------------------------===//
// Control flow: tensors cross blocks as a pointer and their dynamic dims.
//===----------------------------------------------------------------------===//

void HostEmitter::emitBlock(Block &block) {
  for (Operation &op : block.without_terminator())
    emit(&op);
}

SmallVector<Value> HostEmitter::flatten(ValueRange values) {
  SmallVector<Value> flat;
  for (Value value : values) {
    if (!isa<TensorType>(value.getType())) {
      flat.push_back(lookup(value));
      continue;
    }
    const HostTensor &host = tensors.find(value)->second;
    flat.push_back(host.pointer);
    llvm::append_range(flat, host.dims);
  }
  return flat;
}

SmallVector<Type> HostEmitter::flatTypes(TypeRange types) {
  SmallVector<Type> flat;
  for (Type type : types) {
    auto tensor = dyn_cast<RankedTensorType>(type);
    flat.push_back(tensor ? pointerType : type);
    if (tensor)
      flat.append(tensor.getRank(), b.getIndexType());
  }
  return flat;
}

void HostEmitter::bind(ValueRange values, ValueRange flat) {
  for (Value value : values) {
    auto type = dyn_cast<RankedTensorType>(value.getType());
    if (!type) {
      scalars.map(value, flat.front());
      flat = flat.drop_front();
      continue;
    }
    auto dims = flat.slice(1, type.getRank());
    tensors[value] = {flat.front(), SmallVector<Value>(dims)};
    flat = flat.drop_front(1 + type.getRank());
  }
}

/// A branch without work is canonicalized to a choice between tensors.
void HostEmitter::emitSelect(arith::SelectOp op) {
  if (!isa<TensorType>(op.getType())) {
    b.clone(*op, scalars);
    return;
  }
  Value condition = lookup(op.getCondition());
  SmallVector<Value> yes = flatten(op.getTrueValue()),
                     no = flatten(op.getFalseValue());
  SmallVector<Value> chosen;
  for (auto [x, y] : llvm::zip_equal(yes, no))
    chosen.push_back(arith::SelectOp::create(b, loc, condition, x, y));
  bind(op->getResults(), chosen);
}

void HostEmitter::emitIf(scf::IfOp op) {
  Block *thenBlock = newBlock(), *elseBlock = newBlock(),
        *after = newBlock(flatTypes(op.getResultTypes()));
  cf::CondBranchOp::create(b, loc, lookup(op.getCondition()), thenBlock,
                           ValueRange(), elseBlock, ValueRange());
  for (auto [block, region] : {std::pair{thenBlock, &op.getThenRegion()},
                               {elseBlock, &op.getElseRegion()}}) {
    b.setInsertionPointToEnd(block);
    SmallVector<Value> yielded;
    if (!region->empty()) {
      emitBlock(region->front());
      yielded = flatten(region->front().getTerminator()->getOperands());
    }
    cf::BranchOp::create(b, loc, after, yielded);
  }
  b.setInsertionPointToEnd(after);
  bind(op.getResults(), after->getArguments());
}

void HostEmitter::emitWhile(scf::WhileOp op) {
  Block *before = newBlock(flatTypes(op.getInits().getTypes()));
  Block *after = newBlock(flatTypes(op.getResultTypes())),
        *exit = newBlock(flatTypes(op.getResultTypes()));
  cf::BranchOp::create(b, loc, before, flatten(op.getInits()));
  b.setInsertionPointToEnd(before);
  bind(op.getBeforeArguments(), before->getArguments());
  emitBlock(*op.getBeforeBody());
  scf::ConditionOp condition = op.getConditionOp();
  SmallVector<Value> passed = flatten(condition.getArgs());
  cf::CondBranchOp::create(b, loc, lookup(condition.getCondition()), after,
                           passed, exit, passed);
  b.setInsertionPointToEnd(after);
  bind(op.getAfterArguments(), after->getArguments());
  emitBlock(*op.getAfterBody());
  cf::BranchOp::create(b, loc, before, flatten(op.getYieldOp().getOperands()));
  b.setInsertionPointToEnd(exit);
  bind(op.getResults(), exit->getArguments());
}

void HostEmitter::returnIf(Value condition, int32_t status) {
  Block *fail = newBlock(), *go = newBlock();
  cf::CondBranchOp::create(b, loc, condition, fail, ValueRange(), go,
                           ValueRange());
  b.setInsertionPointToEnd(fail);
  func::ReturnOp::create(b, loc, integer(i32, status));
  b.setInsertionPointToEnd(go);
}

void HostEmitter::returnIfNull(Value pointer, int32_t status) {
  returnIf(LLVM::ICmpOp::create(b, loc, LLVM::ICmpPredicate::eq, pointer,
                                LLVM::ZeroOp::create(b, loc, pointerType)),
           status);
}

Value HostEmitter::hostMemory(Type elementType, int64_t count) {
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(&body->front());
  return LLVM::AllocaOp::create(b, loc, pointerType, elementType,
                                integer(i64, count), /*alignment=*/8);
}

//===----------------------------------------------------------------------===//
// Small change.
//===----------------------------------------------------------------------===//

Value HostEmitter::asInt64(Value scalar) {
  Type type = scalar.getType();
  if (type == i64)
    return scalar;
  if (type.isIndex())
    return arith::IndexCastOp::create(b, loc, i64, scalar);
  if (isa<FloatType>(type)) {
    Type bits = b.getIntegerType(type.getIntOrFloatBitWidth());
    return asInt64(arith::BitcastOp::create(b, loc, bits, scalar));
  }
  if (type.isInteger(1))
    return arith::ExtUIOp::create(b, loc, i64, scalar);
  return arith::ExtSIOp::create(b, loc, i64, scalar);
}

LLVM::LLVMFuncOp HostEmitter::declare(StringRef function, Type result,
                                      TypeRange arguments) {
  if (auto known = module.lookupSymbol<LLVM::LLVMFuncOp>(function))
    return known;
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(module.getBody());
  auto type = LLVM::LLVMFunctionType::get(result, llvm::to_vector(arguments));
  return LLVM::LLVMFuncOp::create(b, module.getLoc(), function, type);
}

Value HostEmitter::call(StringRef function, Type result, ValueRange arguments) {
  auto op = LLVM::CallOp::create(
      b, loc, declare(function, result, arguments.getTypes()), arguments);
  return op->getNumResults() ? op->getResult(0) : Value();
}

Value HostEmitter::address(StringRef function, Type result,
                           TypeRange arguments) {
  return LLVM::AddressOfOp::create(b, loc,
                                   declare(function, result, arguments));
}

Value HostEmitter::at(Value pointer, int64_t byteOffset) {
  if (!byteOffset)
    return pointer;
  return at(pointer, integer(i64, byteOffset));
}

Value HostEmitter::at(Value pointer, Value byteOffset) {
  return LLVM::GEPOp::create(b, loc, pointerType, b.getI8Type(), pointer,
                             ArrayRef<LLVM::GEPArg>{byteOffset});
}

Value HostEmitter::index(int64_t value) {
  return arith::ConstantIndexOp::create(b, loc, value);
}

Value HostEmitter::integer(Type type, int64_t value) {
  return arith::ConstantOp::create(b, loc, b.getIntegerAttr(type, value));
}

Block *HostEmitter::newBlock(TypeRange arguments) {
  Block *block = new Block;
  body->push_back(block);
  block->addArguments(arguments, SmallVector<Location>(arguments.size(), loc));
  return block;
}

/// Collects the ONNX node names of a location: "conv1+relu1".
static void collectNames(Location loc,
                         llvm::SmallSetVector<StringRef, 4> &names) {
  if (auto name = dyn_cast<NameLoc>(loc)) {
    names.insert(name.getName());
    return;
  }
  if (auto fused = dyn_cast<FusedLoc>(loc))
    for (Location part : fused.getLocations())
      collectNames(part, names);
}

int32_t HostEmitter::nodeOf(Location location) {
  llvm::SmallSetVector<StringRef, 4> names;
  collectNames(location, names);
  if (names.empty())
    return -1;
  StringAttr joined = b.getStringAttr(llvm::join(names, "+"));
  return nodes.try_emplace(joined.getValue(), nodes.size()).first->second;
}
