// ONNX's types as MLIR's and back.
#pragma once

#include "mlir/IR/BuiltinTypes.h"
#include "onnx/onnx_pb.h"

namespace tw::onnx {

/// Signless integers are signed, `uiN` unsigned, i1 boolean. Null where there
/// is no such type (strings, complex numbers).
mlir::Type elementType(mlir::MLIRContext *context, int32_t onnxType);

/// TensorProto::UNDEFINED where ONNX has no such type.
int32_t onnxElementType(mlir::Type elementType);

/// For the builders of function bodies; empty for a null type.
tw_onnx::TypeProto onnxType(mlir::Type type);

/// A dim's name if it is an identifier: equal ones are taken to be equal. `?`,
/// formulas and missing names say nothing and are empty.
std::string dimSymbol(const tw_onnx::TensorShapeProto::Dimension &dim);

/// Dims with a name or without any size are dynamic.
mlir::RankedTensorType tensorType(mlir::Type elementType,
                                  const tw_onnx::TensorShapeProto &shape);

/// Sizes that a wrong model asks for may be negative, or overflow.
bool fitsInMemory(mlir::RankedTensorType type);

/// As people write it: "float32[1, ?, 3]".
std::string typeText(mlir::Type type);

} // namespace tw::onnx
