// The nn dialect and its table of ops.
#pragma once

#include "dialects/interfaces/Interfaces.h"
#include "dialects/nn/Build.h"

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
  StringRef onnx; ///< "Add", or "" where no ONNX operator is one-to-one with it
  StringRef onnxDomain; ///< "" for ai.onnx
};

/// All ops of the dialect.
ArrayRef<OpInfo> opTable();

/// Runs `op`'s shape rule and sets its result types (refining, never widening);
/// remembers dynamic dims in `shapes`.
LogicalResult refineResults(ShapeBuilder &shapes, Operation *op);

} // namespace tw::nn
