#include "passes/ptx/HopperEmitter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"

using namespace tw;

void HopperEmitter::initBarrier(Value barrier, int64_t arrivals) {
  NVVM::MBarrierInitOp::create(b, loc, barrier, i32(arrivals), Value());
}

void HopperEmitter::fenceBarrierInit() {
  NVVM::FenceMbarrierInitOp::create(b, loc);
}

void HopperEmitter::arrive(Value barrier) {
  NVVM::MBarrierArriveOp::create(b, loc, b.getI64Type(), barrier, Value(),
                                 NVVM::MemScopeKind::CTA, false);
}

void HopperEmitter::arriveExpecting(Value barrier, int64_t bytes) {
  NVVM::MBarrierArriveExpectTxOp::create(b, loc, TypeRange(), barrier,
                                         i32(bytes), NVVM::MemScopeKind::CTA,
                                         false, Value());
}

void HopperEmitter::waitBarrier(Value barrier, Value phase) {
  Value parity = bitAnd(phase, 1);
  scf::WhileOp::create(
      b, loc, TypeRange(), ValueRange(),
      [&](OpBuilder &, Location, ValueRange) {
        Value done = NVVM::MBarrierTryWaitOp::create(
                         b, loc, b.getI1Type(), barrier, parity, Value(),
                         NVVM::MemScopeKind::CTA, false)
                         .getRes();
        Value isRunning = isZero(done);
        scf::ConditionOp::create(b, loc, isRunning, ValueRange());
      },
      [&](OpBuilder &, Location, ValueRange) { scf::YieldOp::create(b, loc); });
}

void HopperEmitter::copyBox(Value toShared, Value map, ArrayRef<Value> at,
                            Value barrier) {
  // The shared memory of the cluster, of which the block's is a part: older
  // drivers know the instruction in this form only.
  auto cluster = LLVM::LLVMPointerType::get(b.getContext(), 7);
  Value to = LLVM::AddrSpaceCastOp::create(b, loc, cluster, toShared);
  SmallVector<Value> innermostFirst(llvm::reverse(at));
  NVVM::CpAsyncBulkTensorGlobalToSharedClusterOp::create(
      b, loc, to, map, innermostFirst, barrier, /*im2colOffsets=*/ValueRange(),
      /*multicastMask=*/Value(), /*l2CacheHint=*/Value(),
      NVVM::TMALoadMode::TILE, /*isCTAOnly=*/false, NVVM::CTAGroupKindAttr(),
      /*predicate=*/Value());
}

Value HopperEmitter::descriptor(Value shared, const MatrixLines &lines) {
  // In units of 16 bytes: the start in bits 0 to 13, the leading offset from
  // bit 16 and the stride offset from bit 32 on; the swizzle's number in bits
  // 62 and 63. Eight lines follow each other.
  auto units = [](int64_t bytes) {
    return static_cast<uint64_t>(bytes / MatrixLines::kUnit);
  };
  uint64_t leading = lines.alongRows ? units(lines.blockBytes) : 1,
           swizzle = lines.lineBytes == 128  ? 1
                     : lines.lineBytes == 64 ? 2
                                             : 3;
  uint64_t facts =
      leading << 16 | units(8 * lines.lineBytes) << 32 | swizzle << 62;
  Value address = LLVM::PtrToIntOp::create(b, loc, b.getI32Type(), shared);
  Value start = bitAnd(div(address, MatrixLines::kUnit), 0x3fff);
  Value wide = b.createOrFold<arith::ExtUIOp>(loc, b.getI64Type(), start);
  return bitOr(wide, i64(static_cast<int64_t>(facts)));
}

Value HopperEmitter::advance(Value descriptor, int64_t bytes) {
  return add(descriptor, bytes / MatrixLines::kUnit);
}

/// "{$0, $1, ...}" of so many operands from `first` on.
static std::string operands(unsigned first, unsigned count) {
  std::string list = "{";
  for (unsigned i = 0; i < count; ++i)
    list += llvm::formatv("{0}${1}", i ? ", " : "", first + i);
  return list + "}";
}

/// Inline assembly that changes `sums`, which are its first operands.
SmallVector<Value> HopperEmitter::assemble(StringRef code, ValueRange sums,
                                           ArrayRef<Value> inputs,
                                           StringRef constraints) {
  std::string all;
  for (size_t i = 0; i < sums.size(); ++i)
    all += "=f,";
  all += constraints;
  for (size_t i = 0; i < sums.size(); ++i)
    all += llvm::utostr(i) + ",";
  all += "~{memory}";
  auto type = LLVM::LLVMStructType::getLiteral(
      b.getContext(), SmallVector<Type>(sums.size(), b.getF32Type()));
  SmallVector<Value> operands(inputs);
  llvm::append_range(operands, sums);
  auto op = LLVM::InlineAsmOp::create(
      b, loc, type, operands, code, all, /*has_side_effects=*/true,
      /*is_align_stack=*/false, LLVM::TailCallKind::None,
      LLVM::AsmDialectAttr(), ArrayAttr());
  SmallVector<Value> results;
  for (size_t i = 0; i < sums.size(); ++i)
    results.push_back(LLVM::ExtractValueOp::create(b, loc, op.getResult(0), i));
  return results;
}

/// `inputs` are the left side, the right side and whether sums are added to.
SmallVector<Value> HopperEmitter::product(ValueRange sums,
                                          ArrayRef<Value> inputs,
                                          unsigned leftWords, Type element,
                                          bool rightAlongRows) {
  unsigned count = sums.size(), next = count + std::max(1u, leftWords);
  std::string left = leftWords ? operands(count, leftWords)
                               : llvm::formatv("${0}", count).str();
  StringRef name = element.isF16() ? "f16" : "bf16";
  // Neither side is negated; the left one's lines run along k.
  std::string code = llvm::formatv(
      "{{\n"
      ".reg .pred added;\n"
      "setp.ne.b32 added, ${0}, 0;\n"
      "wgmma.mma_async.sync.aligned.m64n{1}k16.f32.{2}.{2} {3}, {4}, ${5}, "
      "added, 1, 1, {6}{7};\n"
      "}",
      next + 1, 2 * count, name, operands(0, count), left, next,
      leftWords ? "" : "0, ", rightAlongRows ? 1 : 0);
  std::string constraints = leftWords ? "" : "l,";
  for (unsigned i = 0; i < leftWords; ++i)
    constraints += "r,";
  return assemble(code, sums, inputs, constraints + "l,r,");
}

SmallVector<Value> HopperEmitter::multiply(ValueRange sums, Value left,
                                           Value right, Value isAdded,
                                           Type element, bool rightAlongRows) {
  return product(sums, {left, right, isAdded}, 0, element, rightAlongRows);
}

SmallVector<Value> HopperEmitter::multiplyRegisters(ValueRange sums,
                                                    ValueRange left,
                                                    Value right, Value isAdded,
                                                    Type element,
                                                    bool rightAlongRows) {
  SmallVector<Value> inputs(left);
  inputs.append({right, isAdded});
  return product(sums, inputs, left.size(), element, rightAlongRows);
}

void HopperEmitter::fenceProducts() {
  NVVM::WgmmaFenceAlignedOp::create(b, loc);
}
void HopperEmitter::commitProducts() {
  NVVM::WgmmaGroupSyncAlignedOp::create(b, loc);
}
void HopperEmitter::waitProducts(int64_t pending) {
  NVVM::WgmmaWaitGroupSyncOp::create(b, loc, pending);
}
SmallVector<Value> HopperEmitter::finishProducts(ValueRange sums,
                                                 int64_t pending,
                                                 ValueRange held) {
  std::string code =
      llvm::formatv("wgmma.wait_group.sync.aligned {0};", pending);
  std::string constraints;
  for (size_t i = 0; i < held.size(); ++i)
    constraints += "r,";
  return assemble(code, sums, SmallVector<Value>(held), constraints);
}

void HopperEmitter::takeRegisters(int64_t count) {
  NVVM::SetMaxRegisterOp::create(b, loc, count,
                                 NVVM::SetMaxRegisterAction::increase);
}
void HopperEmitter::giveRegisters(int64_t count) {
  NVVM::SetMaxRegisterOp::create(b, loc, count,
                                 NVVM::SetMaxRegisterAction::decrease);
}

void HopperEmitter::namedBarrier(Value number, int64_t threads) {
  NVVM::BarrierOp::create(b, loc, TypeRange(), number, i32(threads),
                          NVVM::BarrierReductionAttr(), Value());
}

void HopperEmitter::arriveNamed(Value number, int64_t threads) {
  LLVM::InlineAsmOp::create(
      b, loc, TypeRange(), {number, i32(threads)}, "bar.arrive $0, $1;",
      "r,r,~{memory}", /*has_side_effects=*/true, /*is_align_stack=*/false,
      LLVM::TailCallKind::None, LLVM::AsmDialectAttr(), ArrayAttr());
}

void HopperEmitter::fenceProxy() {
  auto kind =
      NVVM::ProxyKindAttr::get(b.getContext(), NVVM::ProxyKind::async_shared);
  auto space =
      NVVM::SharedSpaceAttr::get(b.getContext(), NVVM::SharedSpace::shared_cta);
  NVVM::FenceProxyOp::create(b, loc, kind, space);
}

Value HopperEmitter::elect() {
  return NVVM::ElectSyncOp::create(b, loc, b.getI1Type(), Value());
}
