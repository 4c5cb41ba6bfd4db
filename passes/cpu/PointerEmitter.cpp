#include "passes/cpu/PointerEmitter.h"

#include "passes/ElementSums.h"
#include "passes/cpu/VectorEmitter.h"

using namespace tw;

PointerEmitter::PointerEmitter(OpBuilder &builder, Operation *op,
                               const CpuTarget &target)
    : b(builder), loc(op->getLoc()), target(target),
      lanes(target.lanes(builder.getF32Type())),
      vector(VectorType::get(lanes, builder.getF32Type())),
      function(op->getParentOfType<FunctionOpInterface>()) {}

Value PointerEmitter::index(int64_t value) {
  Value &known = indices[value];
  if (!known) {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(&function->getRegion(0).front());
    known = arith::ConstantIndexOp::create(b, loc, value);
  }
  return known;
}

Value PointerEmitter::add(Value x, Value y) {
  return b.createOrFold<arith::AddIOp>(loc, x, y);
}
Value PointerEmitter::sub(Value x, Value y) {
  return b.createOrFold<arith::SubIOp>(loc, x, y);
}
Value PointerEmitter::mul(Value x, Value y) {
  return b.createOrFold<arith::MulIOp>(loc, x, y);
}
Value PointerEmitter::div(Value x, Value y) {
  return b.createOrFold<arith::DivUIOp>(loc, x, y);
}
Value PointerEmitter::rem(Value x, Value y) {
  return b.createOrFold<arith::RemUIOp>(loc, x, y);
}
Value PointerEmitter::ceilDiv(Value x, int64_t y) {
  return div(add(x, y - 1), index(y));
}
Value PointerEmitter::min(Value x, Value y) {
  return b.createOrFold<arith::MinSIOp>(loc, x, y);
}
Value PointerEmitter::max(Value x, Value y) {
  return b.createOrFold<arith::MaxSIOp>(loc, x, y);
}
Value PointerEmitter::isBelow(Value x, Value y) {
  return b.createOrFold<arith::CmpIOp>(loc, arith::CmpIPredicate::ult, x, y);
}
Value PointerEmitter::isEqual(Value x, Value y) {
  return b.createOrFold<arith::CmpIOp>(loc, arith::CmpIPredicate::eq, x, y);
}
Value PointerEmitter::both(Value x, Value y) {
  return b.createOrFold<arith::AndIOp>(loc, x, y);
}
Value PointerEmitter::select(Value condition, Value x, Value y) {
  if (x == y)
    return x;
  if (isa<LLVM::LLVMPointerType>(x.getType()))
    return LLVM::SelectOp::create(b, loc, condition, x, y);
  return b.createOrFold<arith::SelectOp>(loc, condition, x, y);
}

void PointerEmitter::loop(Value from, Value to, int64_t step,
                          llvm::function_ref<void(Value)> body) {
  loop(from, to, step, {}, [&](Value i, ValueRange) {
    body(i);
    return SmallVector<Value>();
  });
}

SmallVector<Value> PointerEmitter::loop(
    Value from, Value to, int64_t step, ValueRange carried,
    llvm::function_ref<SmallVector<Value>(Value, ValueRange)> body) {
  auto trips = getConstantIntValue(sub(to, from));
  if (trips && *trips <= step) {
    if (*trips <= 0)
      return carried;
    return body(from, carried);
  }
  auto op = scf::ForOp::create(b, loc, from, to, index(step), carried);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(op.getBody());
  SmallVector<Value> next = body(op.getInductionVar(), op.getRegionIterArgs());
  if (!carried.empty())
    scf::YieldOp::create(b, loc, next);
  return SmallVector<Value>(op.getResults());
}

void PointerEmitter::when(Value condition, llvm::function_ref<void()> then,
                          llvm::function_ref<void()> otherwise) {
  if (auto known = getConstantIntValue(condition)) {
    if (*known)
      then();
    else if (otherwise)
      otherwise();
    return;
  }
  auto op = scf::IfOp::create(b, loc, condition, bool(otherwise));
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(op.thenBlock());
  then();
  if (!otherwise)
    return;
  b.setInsertionPointToStart(op.elseBlock());
  otherwise();
}

void PointerEmitter::choose(Value value, ArrayRef<int64_t> cases,
                            llvm::function_ref<void(int64_t)> body) {
  if (auto known = getConstantIntValue(value)) {
    if (llvm::is_contained(cases, *known))
      body(*known);
    return;
  }
  auto op = scf::IndexSwitchOp::create(b, loc, TypeRange(), value, cases,
                                       cases.size());
  OpBuilder::InsertionGuard guard(b);
  auto fill = [&](Region &region, std::optional<int64_t> which) {
    b.createBlock(&region);
    if (which)
      body(*which);
    scf::YieldOp::create(b, loc);
  };
  fill(op.getDefaultRegion(), std::nullopt);
  for (auto [region, which] : llvm::zip_equal(op.getCaseRegions(), cases))
    fill(region, which);
}

void PointerEmitter::forall(ArrayRef<Value> sizes, Value nanoseconds,
                            llvm::function_ref<void(ValueRange)> body) {
  SmallVector<OpFoldResult> upper = getAsOpFoldResult(sizes);
  auto op = scf::ForallOp::create(b, loc, upper, ValueRange(), std::nullopt);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(op.getBody());
  tile::CostOp::create(b, loc, nanoseconds);
  body(op.getInductionVars());
}

/// About a vector a cycle at 3 GHz.
Value PointerEmitter::timeFor(Value multiplyAdds) {
  return add(div(multiplyAdds, index(3 * lanes)), 1);
}

/// The cast that gave a kernel's argument its shape, if `memref` is one.
static memref::ReinterpretCastOp shapedBy(Value memref) {
  while (auto cast = memref.getDefiningOp<memref::CastOp>())
    memref = cast.getSource();
  return memref.getDefiningOp<memref::ReinterpretCastOp>();
}

Value PointerEmitter::size(Value memref, unsigned dim) {
  auto type = cast<MemRefType>(memref.getType());
  if (!type.isDynamicDim(dim))
    return index(type.getDimSize(dim));
  if (auto shaped = shapedBy(memref))
    return getValueOrCreateConstantIndexOp(b, loc, shaped.getMixedSizes()[dim]);
  return b.createOrFold<memref::DimOp>(loc, memref, dim);
}

static Value alignedPointer(OpBuilder &b, Location loc, Value memref) {
  Value address =
      memref::ExtractAlignedPointerAsIndexOp::create(b, loc, memref);
  Value bits = arith::IndexCastOp::create(b, loc, b.getI64Type(), address);
  auto pointer = LLVM::LLVMPointerType::get(b.getContext());
  return LLVM::IntToPtrOp::create(b, loc, pointer, bits);
}

BufferView PointerEmitter::view(Value memref) {
  auto type = cast<MemRefType>(memref.getType());
  BufferView view{
      alignedPointer(b, loc, memref), type.getElementType(), {}, {}};
  for (int64_t i = 0; i < type.getRank(); ++i)
    view.sizes.push_back(size(memref, i));
  if (type.getLayout().isIdentity()) {
    Value stride = index(1);
    view.strides.resize(type.getRank());
    for (int64_t i = type.getRank(); i-- > 0;) {
      view.strides[i] = stride;
      if (i > 0)
        stride = mul(stride, view.sizes[i]);
    }
    return view;
  }
  auto meta = memref::ExtractStridedMetadataOp::create(b, loc, memref);
  for (OpFoldResult stride : meta.getConstifiedMixedStrides())
    view.strides.push_back(getValueOrCreateConstantIndexOp(b, loc, stride));
  Value offset =
      getValueOrCreateConstantIndexOp(b, loc, meta.getConstifiedMixedOffset());
  view.pointer = at(view.pointer, offset, view.element);
  return view;
}

Value PointerEmitter::at(Value pointer, Value offset, Type element) {
  if (auto known = getConstantIntValue(offset))
    return at(pointer, *known, element);
  Value wide = arith::IndexCastOp::create(b, loc, b.getI64Type(), offset);
  return LLVM::GEPOp::create(b, loc, pointer.getType(),
                             element ? element : b.getF32Type(), pointer,
                             ArrayRef<LLVM::GEPArg>{wide});
}

Value PointerEmitter::at(Value pointer, int64_t offset, Type element) {
  if (offset == 0)
    return pointer;
  if (!llvm::isInt<32>(offset)) {
    Value wide = arith::ConstantOp::create(b, loc, b.getI64IntegerAttr(offset));
    return LLVM::GEPOp::create(b, loc, pointer.getType(),
                               element ? element : b.getF32Type(), pointer,
                               ArrayRef<LLVM::GEPArg>{wide});
  }
  return LLVM::GEPOp::create(
      b, loc, pointer.getType(), element ? element : b.getF32Type(), pointer,
      ArrayRef<LLVM::GEPArg>{static_cast<int32_t>(offset)});
}

Value PointerEmitter::at(const BufferView &view, ValueRange position) {
  Value offset = index(0);
  for (auto [i, stride] : llvm::zip_equal(position, view.strides))
    offset = add(offset, mul(i, stride));
  return at(view.pointer, offset, view.element);
}

Value PointerEmitter::loadScalar(Value pointer, Type element) {
  return LLVM::LoadOp::create(b, loc, element ? element : b.getF32Type(),
                              pointer);
}

Value PointerEmitter::mask(int64_t count) {
  SmallVector<bool> bits(lanes, false);
  std::fill_n(bits.begin(), count, true);
  auto type = VectorType::get(lanes, b.getI1Type());
  return arith::ConstantOp::create(b, loc, DenseElementsAttr::get(type, bits));
}

static unsigned bytesOf(Type element) {
  return llvm::divideCeil(element.getIntOrFloatBitWidth(), 8);
}

Value PointerEmitter::load(Value pointer, int64_t count, Type element) {
  element = element ? element : b.getF32Type();
  auto type = VectorType::get(lanes, element);
  if (count == lanes)
    return LLVM::LoadOp::create(b, loc, type, pointer, bytesOf(element));
  Value zero = arith::ConstantOp::create(b, loc, b.getZeroAttr(type));
  return LLVM::MaskedLoadOp::create(b, loc, type, pointer, mask(count), zero,
                                    bytesOf(element));
}

void PointerEmitter::store(Value value, Value pointer, int64_t count) {
  unsigned align = bytesOf(getElementTypeOrSelf(value.getType()));
  if (count == lanes)
    LLVM::StoreOp::create(b, loc, value, pointer, align);
  else
    LLVM::MaskedStoreOp::create(b, loc, value, pointer, mask(count), align);
}

void PointerEmitter::prefetch(Value pointer) {
  LLVM::Prefetch::create(b, loc, pointer, /*rw=*/0, /*hint=*/3, /*cache=*/1);
}

Value PointerEmitter::constants(float value, int64_t count) {
  auto module = function->getParentOfType<ModuleOp>();
  std::string name = value == 0 ? "zeros_" : "lowest_";
  name += std::to_string(count);
  auto global = module.lookupSymbol<LLVM::GlobalOp>(name);
  if (!global) {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(module.getBody());
    auto type = RankedTensorType::get(count, b.getF32Type());
    global = LLVM::GlobalOp::create(
        b, loc, LLVM::LLVMArrayType::get(b.getF32Type(), count),
        /*isConstant=*/true, LLVM::Linkage::Internal, name,
        DenseElementsAttr::get(type, value), /*alignment=*/64);
  }
  return LLVM::AddressOfOp::create(b, loc, global);
}

Value PointerEmitter::splat(float value) {
  return arith::ConstantOp::create(b, loc,
                                   DenseElementsAttr::get(vector, value));
}

Value PointerEmitter::broadcast(Value scalar) {
  auto type = VectorType::get(lanes, scalar.getType());
  return vector::BroadcastOp::create(b, loc, type, scalar);
}

/// Fused where the CPU can: elsewhere a call per lane would be the price.
Value PointerEmitter::multiplyAdd(Value x, Value y, Value z) {
  return LLVM::FMulAddOp::create(b, loc, x, y, z);
}

VectorEpilogue::VectorEpilogue(PointerEmitter &emitter, EpilogueOpInterface op)
    : e(emitter), op(op), init(e.view(op.getDpsInits()[0])) {}

void VectorEpilogue::store(Value acc, ValueRange position, int64_t count) {
  Value mask = count == e.lanes ? Value() : e.mask(count);
  int64_t laneDim = static_cast<int64_t>(position.size()) - 1;
  Value finished = VectorEmitter(e.b, e.loc, e.target)
                       .finish(op, acc, position, laneDim, mask);
  e.store(finished, e.at(init, position), count);
}

bool tw::isOfSingles(EpilogueOpInterface op) {
  return getElementTypeOrSelf(op->getOperand(0).getType()).isF32() &&
         op.getAccumulatorType().isF32();
}

LogicalResult tw::lowerByElements(EpilogueOpInterface op, OpBuilder &b) {
  Location loc = op.getLoc();
  Dims sizes = memref::getMixedSizes(b, loc, op.getDpsInits()[0]);
  auto rows = scf::ForallOp::create(b, loc, ArrayRef(sizes).take_front(2),
                                    ValueRange(), std::nullopt);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(rows.getBody());
  SmallVector<Value> at(rows.getInductionVars()), ends;
  for (Dim size : ArrayRef(sizes).drop_front(2))
    ends.push_back(getValueOrCreateConstantIndexOp(b, loc, size));
  Value zero = arith::ConstantIndexOp::create(b, loc, 0),
        one = arith::ConstantIndexOp::create(b, loc, 1);
  for (Value end : ends) {
    auto loop = scf::ForOp::create(b, loc, zero, end, one);
    b.setInsertionPointToStart(loop.getBody());
    at.push_back(loop.getInductionVar());
  }
  return storeElement(b, op, at);
}
