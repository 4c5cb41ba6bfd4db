// What code of a thread is written with: 32-bit and 64-bit arithmetic, pointers
// into global and shared memory.
#pragma once

#include "dialects/interfaces/Base.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/Builders.h"

#include <optional>

namespace tw {

class ThreadEmitter {
public:
  ThreadEmitter(OpBuilder &b, Location loc) : b(b), loc(loc) {}

  Value i32(int64_t value);
  Value i64(int64_t value);
  /// An index or integer as i32 or i64.
  Value toI32(Value value);
  Value toI64(Value value);

  /// Arithmetic on equal integer types; a number takes the other side's type.
  Value add(Value x, Value y);
  Value add(Value x, int64_t y);
  Value sub(Value x, Value y);
  Value mul(Value x, Value y);
  Value mul(Value x, int64_t y);
  Value div(Value x, Value y); ///< unsigned
  Value div(Value x, int64_t y);
  Value rem(Value x, int64_t y);
  Value bitXor(Value x, Value y);
  Value bitOr(Value x, Value y);
  Value bitAnd(Value x, int64_t y);
  Value min(Value x, Value y); ///< signed
  Value max(Value x, Value y);
  Value isLess(Value x, Value y);  ///< signed
  Value isBelow(Value x, Value y); ///< unsigned: 0 <= x < y
  Value isZero(Value x);
  Value both(Value x, Value y);
  Value either(Value x, Value y);
  Value select(Value condition, Value x, Value y);

  void ifThen(Value condition, llvm::function_ref<void()> body,
              llvm::function_ref<void()> otherwise = {});
  /// One of two values, made only where it is chosen.
  Value choose(Value condition, llvm::function_ref<Value()> yes,
               llvm::function_ref<Value()> no);
  SmallVector<Value> chooseAll(Value condition,
                               llvm::function_ref<SmallVector<Value>()> yes,
                               llvm::function_ref<SmallVector<Value>()> no);
  /// `carried = body(i, carried)` for i in [from, to); i has their type.
  SmallVector<Value>
  loop(Value from, Value to, int64_t step, ValueRange carried,
       llvm::function_ref<SmallVector<Value>(Value, ValueRange)> body);

  /// Where a buffer's first element lies, in global memory.
  Value globalPointer(Value buffer);
  /// `pointer` plus a number of elements.
  Value at(Value pointer, Type element, Value offset);
  Value at(Value pointer, Type element, int64_t offset);
  /// `alignment` in bytes; 0 is the type's own.
  Value load(Value pointer, Type type, int64_t alignment = 0);
  void store(Value value, Value pointer, int64_t alignment = 0);
  Value zero(Type type);

  /// Two f32 as a word of two 16-bit floats, the first one in the low half.
  Value pack(Value low, Value high, Type element);
  /// 2^x of an f32, by the instruction: to 2 ulp, exact at 0.
  Value power(Value x);

  Value threadIndex();
  void barrier();
  /// Copies 16 bytes, of which `bytes` are read and the others are zero.
  void copyAsync(Value toShared, Value fromGlobal, Value bytes);
  void commitCopies();
  void waitCopies(int64_t pending);

  OpBuilder &b;
  Location loc;

private:
  Value constant(Type type, int64_t value);
};

/// A buffer in global memory, in elements; sizes and strides are i64.
struct GlobalView {
  GlobalView(ThreadEmitter &e, Value buffer);

  /// i1: the first element and all steps along `dims` lie at multiples of
  /// `alignment` bytes.
  Value isAligned(ThreadEmitter &e, ArrayRef<int64_t> dims,
                  int64_t alignment = 16) const;
  /// `at` are i64.
  Value address(ThreadEmitter &e, ValueRange at) const;

  MemRefType type;
  Type element;
  Value pointer;
  SmallVector<Value> sizes, strides;
};

/// The block's dynamic shared memory, declared once per module with the largest
/// alignment that is asked for.
constexpr StringLiteral kSharedMemory = "tw_shared";
void declareSharedMemory(ModuleOp module, int64_t alignment = 128);
Value sharedMemory(ThreadEmitter &e);

} // namespace tw
