#include "compiler/import/Types.h"

#include "compiler/import/wire/ElementType.h"

#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using tw_onnx::TensorProto;

namespace tw::onnx {

Type elementType(MLIRContext *context, int32_t onnxType) {
  Builder b(context);
  auto unsignedType = [&](unsigned width) {
    return IntegerType::get(context, width, IntegerType::Unsigned);
  };
  switch (onnxType) {
  case TensorProto::FLOAT:
    return b.getF32Type();
  case TensorProto::DOUBLE:
    return b.getF64Type();
  case TensorProto::FLOAT16:
    return b.getF16Type();
  case TensorProto::BFLOAT16:
    return b.getBF16Type();
  case TensorProto::FLOAT8E4M3FN:
    return Float8E4M3FNType::get(context);
  case TensorProto::FLOAT8E4M3FNUZ:
    return Float8E4M3FNUZType::get(context);
  case TensorProto::FLOAT8E5M2:
    return Float8E5M2Type::get(context);
  case TensorProto::FLOAT8E5M2FNUZ:
    return Float8E5M2FNUZType::get(context);
  case TensorProto::FLOAT8E8M0:
    return Float8E8M0FNUType::get(context);
  case TensorProto::FLOAT4E2M1:
    return Float4E2M1FNType::get(context);
  case TensorProto::BOOL:
    return b.getI1Type();
  case TensorProto::INT2:
  case TensorProto::INT4:
  case TensorProto::INT8:
  case TensorProto::INT16:
  case TensorProto::INT32:
  case TensorProto::INT64:
    return b.getIntegerType(wire::elementBits(onnxType));
  case TensorProto::UINT2:
  case TensorProto::UINT4:
  case TensorProto::UINT8:
  case TensorProto::UINT16:
  case TensorProto::UINT32:
  case TensorProto::UINT64:
    return unsignedType(wire::elementBits(onnxType));
  default:
    return {};
  }
}

int32_t onnxElementType(Type type) {
  for (int32_t onnx = 1; TensorProto::DataType_IsValid(onnx); ++onnx)
    if (type && elementType(type.getContext(), onnx) == type)
      return onnx;
  return TensorProto::UNDEFINED;
}

tw_onnx::TypeProto onnxType(Type type) {
  tw_onnx::TypeProto proto;
  auto tensor = dyn_cast_or_null<RankedTensorType>(type);
  if (!tensor)
    return proto;
  auto *onnx = proto.mutable_tensor_type();
  onnx->set_elem_type(onnxElementType(tensor.getElementType()));
  onnx->mutable_shape();
  for (int64_t size : tensor.getShape()) {
    auto *dim = onnx->mutable_shape()->add_dim();
    if (!ShapedType::isDynamic(size))
      dim->set_dim_value(size);
  }
  return proto;
}

std::string dimSymbol(const tw_onnx::TensorShapeProto::Dimension &dim) {
  const std::string &name = dim.dim_param();
  bool isIdentifier = !name.empty() && !llvm::isDigit(name.front()) &&
                      llvm::all_of(name, [](char c) {
                        return llvm::isAlnum(c) || c == '_' || c == '.';
                      });
  return isIdentifier ? name : "";
}

RankedTensorType tensorType(Type elementType,
                            const tw_onnx::TensorShapeProto &shape) {
  SmallVector<int64_t> dims;
  for (const auto &dim : shape.dim()) {
    bool isStatic = dim.has_dim_value() && dim.dim_value() >= 0;
    dims.push_back(isStatic ? dim.dim_value() : ShapedType::kDynamic);
  }
  return RankedTensorType::get(dims, elementType);
}

bool fitsInMemory(RankedTensorType type) {
  std::vector<int64_t> sizes;
  for (int64_t size : type.getShape())
    if (!ShapedType::isDynamic(size))
      sizes.push_back(size);
  return wire::elementCount(sizes).has_value();
}

std::string typeText(Type type) {
  auto tensor = cast<RankedTensorType>(type);
  std::string text =
      wire::elementName(onnxElementType(tensor.getElementType())) + "[";
  llvm::raw_string_ostream os(text);
  llvm::interleaveComma(tensor.getShape(), os, [&](int64_t size) {
    ShapedType::isDynamic(size) ? os << "?" : os << size;
  });
  os << "]";
  return text;
}

} // namespace tw::onnx
