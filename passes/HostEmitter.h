// Writes the native host program: a function on pointers from the host function
// on tensors.
#pragma once

#include "dialects/nn/NN.h"
#include "dialects/rt/RT.h"
#include "passes/MemoryPlan.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/IRMapping.h"

namespace tw {

/// On a kernel's name: the symbol that computes its grid.
constexpr StringLiteral kGridSuffix = "_grid";
/// On nn.weight, and for devices on nn.constant too: where the bytes lie in the
/// artifact's weights.
constexpr StringLiteral kWeightOffsetAttr = "offset";
/// On the module, after lowering: names of the nodes that launches are counted
/// under.
constexpr StringLiteral kNodesAttr = "rt.nodes";
/// On the module, after lowering: the memory plan. {buffers = how many, arena =
/// bytes, separate = bytes that they would take side by side}; bytes are absent
/// where they depend on the inputs' sizes.
constexpr StringLiteral kMemoryAttr = "rt.memory";
/// On the module, after lowering for a device: names of the kernels, in the
/// order of their numbers.
constexpr StringLiteral kDeviceKernelsAttr = "rt.device_kernels";

/// Bytes that an element takes in memory: bool and sub-byte types take one.
int64_t bytesInMemory(Type elementType);

/// The constant as it lies in memory.
std::string bytesInMemory(nn::ConstantOp op);

struct HostOptions {
  /// Tensors lie in a device's memory.
  bool device = false;
  /// The function to make.
  std::string entry = "tw_main";
};

/// A tensor in the host program.
struct HostTensor {
  Value pointer;
  SmallVector<Value> dims;
};

class HostEmitter {
public:
  HostEmitter(ModuleOp module, func::FuncOp source, HostOptions options);

  /// Adds `i32 @ENTRY(ptr context, ptr inputs, ptr outputs)` to the module.
  void run();

private:
  void emitEntry();
  void emitInputs();
  void planArena();
  void describePlan(const MemoryPlan &plan, ArrayRef<PlannedBuffer> buffers);
  void chooseOutputs();
  bool isEarly(Value scalar) const;

  void emitBlock(Block &block);
  void emit(Operation *op);
  void emitScalar(Operation *op);
  void emitCheck(rt::CheckOp op);
  void emitLaunch(rt::LaunchOp op);
  void launchOnCpu(rt::LaunchOp op);
  void launchOnDevice(rt::LaunchOp op);
  void emitConstant(nn::ConstantOp op);
  void emitFromElements(tensor::FromElementsOp op);
  void emitExtract(tensor::ExtractOp op);
  void emitSelect(arith::SelectOp op);
  void emitIf(scf::IfOp op);
  void emitWhile(scf::WhileOp op);
  void emitReturn(func::ReturnOp op);

  /// Memory for `tensor`: its output, its place in the arena, or an allocation
  /// of its own.
  HostTensor allocate(Value tensor, SmallVector<Value> dims);
  Value allocateBytes(Value bytes);
  Value outputPointer(unsigned index, const HostTensor &tensor);
  Value byteSize(Type elementType, ValueRange dims);
  void storeArguments(rt::LaunchOp op, ArrayRef<HostTensor> results);
  Value asInt64(Value scalar);
  Value fromMemory(Type elementType, Value pointer, Value elementIndex);
  void returnIf(Value condition, int32_t status);
  void returnIfNull(Value pointer, int32_t status);
  /// Memory of the host for the whole run, wherever it is asked for.
  Value hostMemory(Type elementType, int64_t count);
  Value constantBytes(StringRef bytes, int64_t alignment);

  SmallVector<Value> flatten(ValueRange values);
  SmallVector<Type> flatTypes(TypeRange types);
  void bind(ValueRange values, ValueRange flat);

  Value call(StringRef function, Type result, ValueRange arguments);
  Value address(StringRef function, Type result, TypeRange arguments);
  LLVM::LLVMFuncOp declare(StringRef function, Type result,
                           TypeRange arguments);
  Value at(Value pointer, int64_t byteOffset);
  Value at(Value pointer, Value byteOffset);
  Value index(int64_t value);
  Value integer(Type type, int64_t value);
  Value lookup(Value scalar) { return scalars.lookupOrDefault(scalar); }
  int32_t nodeOf(Location loc);
  Block *newBlock(TypeRange arguments = {});

  ModuleOp module;
  func::FuncOp source;
  HostOptions options;
  OpBuilder b;
  Location loc;
  Type pointerType, i32, i64;
  Region *body = nullptr;
  Operation *firstLate = nullptr;

  Value context, inputs, outputs, weights, arena, arguments, bufferArray,
      intArray, gridArray;
  DenseMap<Value, HostTensor> tensors;
  IRMapping scalars;
  DenseMap<Value, Value> arenaOffsets;
  /// Results of launches that are written to an output at once, with the
  /// returned value that is a view of them.
  DenseMap<Value, std::pair<unsigned, Value>> directOutputs;
  llvm::SmallSetVector<unsigned, 4> writtenOutputs;
  llvm::MapVector<StringRef, int32_t> nodes, deviceKernels;
  int64_t constants = 0;
};

} // namespace tw
