// The signature of a host function.
#pragma once

#include "compiler/Signature.h"
#include "dialects/nn/NN.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace tw {

/// ONNX's number of an element type (tw_dtype).
int32_t dtypeOf(Type elementType);

/// Inputs and outputs of the host function, with their symbols.
Signature describeSignature(func::FuncOp main, llvm::StringRef modelName);

} // namespace tw
