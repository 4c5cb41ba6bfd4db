// The nn dialect and its table of ops.
#pragma once

#include "dialects/interfaces/Interfaces.h"
#include "dialects/nn/Build.h"
#include "dialects/nn/Convert.h"
#include "dialects/nn/OnnxNode.h"
#include "dialects/nn/Reduction.h"

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Dialect.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "dialects/nn/Dialect.h.inc"

#define GET_OP_CLASSES
#include "dialects/nn/Ops.h.inc"

namespace tw::nn {

/// What is known of an op without an instance of it.
struct OpInfo {
  StringRef name; ///< "nn.add"
  /// "Add"; "Resize,Upsample" where several operators are imported as this op;
  /// "Attention,com.microsoft:Attention" where one is of another domain; ""
  /// where none is.
  StringRef onnx;
  StringRef onnxDomain; ///< "" for ai.onnx
  /// The op's own import, where it is not one-to-one.
  FailureOr<SmallVector<Value>> (*importOnnx)(OnnxNode &node) = nullptr;
  /// How many operands the op's definition names, where they may be absent or
  /// variadic; else 0.
  unsigned operandSegments = 0;
  /// How many results the op has; none where that varies.
  std::optional<unsigned> results;
};

/// All ops of the dialect.
ArrayRef<OpInfo> opTable();

/// Runs `op`'s shape rule and sets its result types (refining, never widening);
/// remembers dynamic dims in `shapes`. Appends what the rule said to `inferred`
/// where that is asked for.
LogicalResult refineResults(ShapeBuilder &shapes, Operation *op,
                            SmallVectorImpl<ResultShape> *inferred = nullptr);

} // namespace tw::nn
