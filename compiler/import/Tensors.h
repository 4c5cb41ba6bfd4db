// ONNX's tensors as attributes, constants and weights.
#pragma once

#include "compiler/import/wire/TensorData.h"

#include "mlir/IR/BuiltinAttributes.h"
#include "llvm/Support/Error.h"

namespace tw::onnx {

/// The tensor's type; an error where its element type or its shape cannot be.
llvm::Expected<mlir::RankedTensorType>
typeOf(mlir::MLIRContext *context, const tw_onnx::TensorProto &tensor);

/// The elements of a tensor, as raw_data has them, in an attribute.
mlir::DenseElementsAttr denseAttr(mlir::RankedTensorType type,
                                  llvm::StringRef raw);

/// The attribute of a tensor of any size.
llvm::Expected<mlir::DenseElementsAttr>
denseAttr(const wire::Model &model, mlir::MLIRContext *context,
          const tw_onnx::TensorProto &tensor);

/// Larger tensors become weights, whose bytes stay outside the IR.
constexpr uint64_t kMaxConstantBytes = 1024;

} // namespace tw::onnx
