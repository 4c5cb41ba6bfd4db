#include "passes/ptx/ThreadEmitter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/BuiltinOps.h"

using namespace tw;

Value ThreadEmitter::constant(Type type, int64_t value) {
  return arith::ConstantOp::create(b, loc, b.getIntegerAttr(type, value));
}
Value ThreadEmitter::i32(int64_t value) {
  return constant(b.getI32Type(), value);
}
Value ThreadEmitter::i64(int64_t value) {
  return constant(b.getI64Type(), value);
}

static Value toWidth(OpBuilder &b, Location loc, Value value, Type type) {
  if (value.getType() == type)
    return value;
  if (value.getType().isIndex())
    return b.createOrFold<arith::IndexCastOp>(loc, type, value);
  if (value.getType().getIntOrFloatBitWidth() < type.getIntOrFloatBitWidth())
    return b.createOrFold<arith::ExtSIOp>(loc, type, value);
  return b.createOrFold<arith::TruncIOp>(loc, type, value);
}
Value ThreadEmitter::toI32(Value value) {
  return toWidth(b, loc, value, b.getI32Type());
}
Value ThreadEmitter::toI64(Value value) {
  return toWidth(b, loc, value, b.getI64Type());
}

Value ThreadEmitter::add(Value x, Value y) {
  return b.createOrFold<arith::AddIOp>(loc, x, y);
}
Value ThreadEmitter::add(Value x, int64_t y) {
  return y ? add(x, constant(x.getType(), y)) : x;
}
Value ThreadEmitter::sub(Value x, Value y) {
  return b.createOrFold<arith::SubIOp>(loc, x, y);
}
Value ThreadEmitter::mul(Value x, Value y) {
  return b.createOrFold<arith::MulIOp>(loc, x, y);
}
Value ThreadEmitter::mul(Value x, int64_t y) {
  return y == 1 ? x : mul(x, constant(x.getType(), y));
}
Value ThreadEmitter::div(Value x, Value y) {
  return b.createOrFold<arith::DivUIOp>(loc, x, y);
}
Value ThreadEmitter::div(Value x, int64_t y) {
  return y == 1 ? x : div(x, constant(x.getType(), y));
}
Value ThreadEmitter::rem(Value x, int64_t y) {
  return b.createOrFold<arith::RemUIOp>(loc, x, constant(x.getType(), y));
}
Value ThreadEmitter::bitXor(Value x, Value y) {
  return b.createOrFold<arith::XOrIOp>(loc, x, y);
}
Value ThreadEmitter::bitOr(Value x, Value y) {
  return b.createOrFold<arith::OrIOp>(loc, x, y);
}
Value ThreadEmitter::bitAnd(Value x, int64_t y) {
  return b.createOrFold<arith::AndIOp>(loc, x, constant(x.getType(), y));
}
Value ThreadEmitter::min(Value x, Value y) {
  return b.createOrFold<arith::MinSIOp>(loc, x, y);
}
Value ThreadEmitter::max(Value x, Value y) {
  return b.createOrFold<arith::MaxSIOp>(loc, x, y);
}
Value ThreadEmitter::isLess(Value x, Value y) {
  return b.createOrFold<arith::CmpIOp>(loc, arith::CmpIPredicate::slt, x, y);
}
Value ThreadEmitter::isBelow(Value x, Value y) {
  return b.createOrFold<arith::CmpIOp>(loc, arith::CmpIPredicate::ult, x, y);
}
Value ThreadEmitter::isZero(Value x) {
  return b.createOrFold<arith::CmpIOp>(loc, arith::CmpIPredicate::eq, x,
                                       constant(x.getType(), 0));
}
Value ThreadEmitter::both(Value x, Value y) {
  return b.createOrFold<arith::AndIOp>(loc, x, y);
}
Value ThreadEmitter::either(Value x, Value y) {
  return b.createOrFold<arith::OrIOp>(loc, x, y);
}
Value ThreadEmitter::select(Value condition, Value x, Value y) {
  return b.createOrFold<arith::SelectOp>(loc, condition, x, y);
}

void ThreadEmitter::ifThen(Value condition, llvm::function_ref<void()> body,
                           llvm::function_ref<void()> otherwise) {
  auto branch = [&](llvm::function_ref<void()> code) {
    return [this, code](OpBuilder &, Location) {
      code();
      scf::YieldOp::create(b, loc);
    };
  };
  if (otherwise)
    scf::IfOp::create(b, loc, condition, branch(body), branch(otherwise));
  else
    scf::IfOp::create(b, loc, condition, branch(body));
}

Value ThreadEmitter::choose(Value condition, llvm::function_ref<Value()> yes,
                            llvm::function_ref<Value()> no) {
  return chooseAll(
      condition, [&] { return SmallVector<Value>{yes()}; },
      [&] { return SmallVector<Value>{no()}; })[0];
}

SmallVector<Value>
ThreadEmitter::chooseAll(Value condition,
                         llvm::function_ref<SmallVector<Value>()> yes,
                         llvm::function_ref<SmallVector<Value>()> no) {
  auto branch = [&](llvm::function_ref<SmallVector<Value>()> code) {
    return [this, code](OpBuilder &, Location) {
      scf::YieldOp::create(b, loc, code());
    };
  };
  auto choice = scf::IfOp::create(b, loc, condition, branch(yes), branch(no));
  return SmallVector<Value>(choice.getResults());
}

Value ThreadEmitter::pack(Value low, Value high, Type element) {
  StringRef name =
      element.isF16() ? "llvm.nvvm.ff2f16x2.rn" : "llvm.nvvm.ff2bf16x2.rn";
  auto pair = LLVM::CallIntrinsicOp::create(b, loc, VectorType::get(2, element),
                                            b.getStringAttr(name),
                                            ValueRange{high, low});
  return LLVM::BitcastOp::create(b, loc, b.getI32Type(), pair.getResult(0));
}

SmallVector<Value> ThreadEmitter::loop(
    Value from, Value to, int64_t step, ValueRange carried,
    llvm::function_ref<SmallVector<Value>(Value, ValueRange)> body) {
  auto op = scf::ForOp::create(
      b, loc, from, to, constant(from.getType(), step), carried,
      [&](OpBuilder &, Location, Value i, ValueRange values) {
        scf::YieldOp::create(b, loc, body(i, values));
      });
  return SmallVector<Value>(op.getResults());
}

Value ThreadEmitter::globalPointer(Value buffer) {
  auto parts = memref::ExtractStridedMetadataOp::create(b, loc, buffer);
  Value address =
      memref::ExtractAlignedPointerAsIndexOp::create(b, loc, buffer);
  auto type = LLVM::LLVMPointerType::get(b.getContext(), 1);
  Value pointer = LLVM::IntToPtrOp::create(b, loc, type, toI64(address));
  auto memref = cast<MemRefType>(buffer.getType());
  if (memref.getLayout().isIdentity())
    return pointer;
  return at(pointer, memref.getElementType(), toI64(parts.getOffset()));
}

Value ThreadEmitter::at(Value pointer, Type element, Value offset) {
  return LLVM::GEPOp::create(b, loc, pointer.getType(), element, pointer,
                             ValueRange(offset));
}
Value ThreadEmitter::at(Value pointer, Type element, int64_t offset) {
  return offset ? at(pointer, element, i64(offset)) : pointer;
}
Value ThreadEmitter::load(Value pointer, Type type, int64_t alignment) {
  return LLVM::LoadOp::create(b, loc, type, pointer, alignment);
}
void ThreadEmitter::store(Value value, Value pointer, int64_t alignment) {
  LLVM::StoreOp::create(b, loc, value, pointer, alignment);
}
Value ThreadEmitter::zero(Type type) {
  return arith::ConstantOp::create(b, loc, b.getZeroAttr(type));
}

Value ThreadEmitter::power(Value x) {
  auto name = b.getStringAttr("llvm.nvvm.ex2.approx.ftz.f32");
  return LLVM::CallIntrinsicOp::create(b, loc, x.getType(), name, x)
      .getResult(0);
}

Value ThreadEmitter::threadIndex() {
  return NVVM::ThreadIdXOp::create(b, loc, b.getI32Type());
}
void ThreadEmitter::barrier() { NVVM::Barrier0Op::create(b, loc); }

void ThreadEmitter::copyAsync(Value toShared, Value fromGlobal, Value bytes) {
  auto cache = NVVM::LoadCacheModifierKindAttr::get(
      b.getContext(), NVVM::LoadCacheModifierKind::CG);
  NVVM::CpAsyncOp::create(b, loc, toShared, fromGlobal, b.getI32IntegerAttr(16),
                          cache, bytes);
}
void ThreadEmitter::commitCopies() {
  NVVM::CpAsyncCommitGroupOp::create(b, loc);
}
void ThreadEmitter::waitCopies(int64_t pending) {
  NVVM::CpAsyncWaitGroupOp::create(b, loc, b.getI32IntegerAttr(pending));
}

GlobalView::GlobalView(ThreadEmitter &e, Value buffer)
    : type(cast<MemRefType>(buffer.getType())), element(type.getElementType()),
      pointer(e.globalPointer(buffer)) {
  auto parts = memref::ExtractStridedMetadataOp::create(e.b, e.loc, buffer);
  SmallVector<int64_t> known = type.getStridesAndOffset().first;
  for (int64_t i = 0; i < type.getRank(); ++i) {
    sizes.push_back(type.isDynamicDim(i) ? e.toI64(parts.getSizes()[i])
                                         : e.i64(type.getDimSize(i)));
    strides.push_back(ShapedType::isDynamic(known[i])
                          ? e.toI64(parts.getStrides()[i])
                          : e.i64(known[i]));
  }
}

Value GlobalView::isAligned(ThreadEmitter &e, ArrayRef<int64_t> dims,
                            int64_t alignment) const {
  int64_t bytes = element.getIntOrFloatBitWidth() / 8;
  Value bits = LLVM::PtrToIntOp::create(e.b, e.loc, e.b.getI64Type(), pointer);
  for (int64_t d : dims)
    bits = e.bitOr(bits, e.mul(strides[d], bytes));
  return e.isZero(e.bitAnd(bits, alignment - 1));
}

Value GlobalView::address(ThreadEmitter &e, ValueRange at) const {
  Value offset = e.i64(0);
  for (auto [index, stride] : llvm::zip_equal(at, strides))
    offset = e.add(offset, e.mul(index, stride));
  return e.at(pointer, element, offset);
}

void tw::declareSharedMemory(ModuleOp module, int64_t alignment) {
  if (auto known = module.lookupSymbol<LLVM::GlobalOp>(kSharedMemory)) {
    if (known.getAlignment().value_or(0) < static_cast<uint64_t>(alignment))
      known.setAlignment(alignment);
    return;
  }
  OpBuilder b(module.getBodyRegion());
  auto type = LLVM::LLVMArrayType::get(b.getI8Type(), 0);
  LLVM::GlobalOp::create(b, module.getLoc(), type, /*isConstant=*/false,
                         LLVM::Linkage::External, kSharedMemory, Attribute(),
                         alignment, /*addrSpace=*/3);
}

Value tw::sharedMemory(ThreadEmitter &e) {
  auto type = LLVM::LLVMPointerType::get(e.b.getContext(), 3);
  return LLVM::AddressOfOp::create(e.b, e.loc, type, kSharedMemory);
}
