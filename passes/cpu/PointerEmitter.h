// Writes vector code on plain pointers: what hand-scheduled kernels are made
// of.
#pragma once

#include "dialects/tile/Images.h"
#include "dialects/tile/Tile.h"
#include "passes/cpu/CpuTarget.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

namespace tw {

/// A buffer as a pointer to its first element, with sizes and strides in
/// elements.
struct BufferView {
  Value pointer;
  Type element;
  SmallVector<Value> sizes, strides;
};

class PointerEmitter {
public:
  /// Code is written at `builder`'s insertion point, at
  /// `op`.
  PointerEmitter(OpBuilder &builder, Operation *op, const CpuTarget &target);

  OpBuilder &b;
  Location loc;
  const CpuTarget &target;
  /// f32 elements per vector.
  int64_t lanes;
  VectorType vector;

  // Indices. Unsigned where it matters: a negative number is a large one.
  Value index(int64_t value);
  Value add(Value x, Value y);
  Value add(Value x, int64_t y) { return add(x, index(y)); }
  Value sub(Value x, Value y);
  Value sub(Value x, int64_t y) { return sub(x, index(y)); }
  Value mul(Value x, Value y);
  Value mul(Value x, int64_t y) { return mul(x, index(y)); }
  Value div(Value x, Value y);
  Value rem(Value x, Value y);
  Value ceilDiv(Value x, int64_t y);
  Value min(Value x, Value y);
  Value max(Value x, Value y);
  Value isBelow(Value x, Value y);
  Value isEqual(Value x, Value y);
  Value both(Value x, Value y);
  Value select(Value condition, Value x, Value y);

  // Control flow.
  void loop(Value from, Value to, int64_t step,
            llvm::function_ref<void(Value)> body);
  SmallVector<Value>
  loop(Value from, Value to, int64_t step, ValueRange carried,
       llvm::function_ref<SmallVector<Value>(Value, ValueRange)> body);
  void when(Value condition, llvm::function_ref<void()> then,
            llvm::function_ref<void()> otherwise = {});
  /// Runs body(k) for the case k that `value` equals; none where it equals
  /// none.
  void choose(Value value, ArrayRef<int64_t> cases,
              llvm::function_ref<void(int64_t)> body);
  /// A loop whose trips are work for threads; one costs `nanoseconds`.
  void forall(ArrayRef<Value> sizes, Value nanoseconds,
              llvm::function_ref<void(ValueRange)> body);
  /// One thread's time for so many multiply-adds of one element each.
  Value timeFor(Value multiplyAdds);

  // Memory.
  BufferView view(Value memref);
  /// Size `dim` of a memref, where possible as the value it was made from.
  Value size(Value memref, unsigned dim);
  Value at(Value pointer, Value offset, Type element = {});
  Value at(Value pointer, int64_t offset, Type element = {});
  /// The element of `view` at `position`.
  Value at(const BufferView &view, ValueRange position);
  Value loadScalar(Value pointer, Type element = {});
  /// The first `count` elements at `pointer`; the other lanes are 0.
  Value load(Value pointer, int64_t count, Type element = {});
  void store(Value vector, Value pointer, int64_t count);
  void prefetch(Value pointer);
  /// A pointer to `count` copies of `value` that nobody writes to.
  Value constants(float value, int64_t count);

  // Vectors.
  Value splat(float value);
  Value broadcast(Value scalar);
  /// x * y + z.
  Value multiplyAdd(Value x, Value y, Value z);
  /// The first `count` lanes.
  Value mask(int64_t count);

private:
  Operation *function;
  DenseMap<int64_t, Value> indices;
};

/// The epilogue of a tile op on vectors. The lanes are consecutive elements of
/// the result's last dim.
class VectorEpilogue {
public:
  VectorEpilogue(PointerEmitter &emitter, EpilogueOpInterface op);
  /// Finishes `acc`, whose first lane is the result element at `position`, and
  /// stores its first `count` lanes.
  void store(Value acc, ValueRange position, int64_t count);

  const BufferView &result() const { return init; }

private:
  PointerEmitter &e;
  EpilogueOpInterface op;
  BufferView init;
};

/// Whether an op on images reads and sums f32, which vectors are for.
bool isOfSingles(EpilogueOpInterface op);
/// Other types: scalar loops, a row of pixels per trip.
LogicalResult lowerByElements(EpilogueOpInterface op, OpBuilder &b);

/// Lowers all ops of a kind in `module` with `lower(op, builder, target)`; an
/// error where `cpu` is no CPU's name.
template <typename OpT, typename Lower>
LogicalResult lowerTileOps(ModuleOp module, StringRef cpu, Lower lower) {
  llvm::Expected<CpuTarget> target = CpuTarget::get(cpu);
  if (!target)
    return module.emitError(llvm::toString(target.takeError()));
  SmallVector<OpT> ops;
  module.walk([&](OpT op) { ops.push_back(op); });
  for (OpT op : ops) {
    OpBuilder b(op);
    auto heavy = dyn_cast<EpilogueOpInterface>(op.getOperation());
    if (!heavy || isOfSingles(heavy))
      lower(op, b, *target);
    else if (failed(lowerByElements(heavy, b)))
      return failure();
    op.erase();
  }
  return success();
}

} // namespace tw
