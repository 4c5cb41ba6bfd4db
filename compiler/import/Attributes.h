// ONNX's attributes as MLIR's.
#pragma once

#include "compiler/import/wire/Model.h"

#include "mlir/IR/Operation.h"
#include "llvm/Support/Error.h"

namespace tw::onnx {

/// Integers are i64, floats f32, lists DenseI64ArrayAttr, DenseF32ArrayAttr or
/// ArrayAttr of strings, tensors DenseElementsAttr. Null for graphs and types.
llvm::Expected<mlir::Attribute>
convertAttribute(const wire::Model &model, mlir::MLIRContext *context,
                 const tw_onnx::AttributeProto &attribute);

/// Sets an attribute that `op`'s definition names, in the form that it wants:
/// an integer may be an element type or a truth value there. Fails where none
/// fits.
mlir::LogicalResult setInherent(mlir::Operation *op, llvm::StringRef name,
                                mlir::Attribute value);

/// For messages: "[1, 2]", "linear".
std::string attributeText(mlir::Attribute value);

} // namespace tw::onnx
