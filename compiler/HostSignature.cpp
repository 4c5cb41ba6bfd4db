#include "compiler/HostSignature.h"

#include "runtime/tilewright.h"

using namespace tw;

static int32_t floatType(FloatType type) {
  return llvm::TypeSwitch<Type, int32_t>(type)
      .Case<Float32Type>([](auto) { return TW_FLOAT; })
      .Case<Float64Type>([](auto) { return TW_DOUBLE; })
      .Case<Float16Type>([](auto) { return TW_FLOAT16; })
      .Case<BFloat16Type>([](auto) { return TW_BFLOAT16; })
      .Case<Float8E4M3FNType>([](auto) { return TW_FLOAT8E4M3FN; })
      .Case<Float8E4M3FNUZType>([](auto) { return TW_FLOAT8E4M3FNUZ; })
      .Case<Float8E5M2Type>([](auto) { return TW_FLOAT8E5M2; })
      .Case<Float8E5M2FNUZType>([](auto) { return TW_FLOAT8E5M2FNUZ; })
      .Case<Float8E8M0FNUType>([](auto) { return TW_FLOAT8E8M0; })
      .Case<Float4E2M1FNType>([](auto) { return TW_FLOAT4E2M1; })
      .Default([](auto) { return TW_UNDEFINED; });
}

int32_t tw::dtypeOf(Type elementType) {
  if (auto type = dyn_cast<FloatType>(elementType))
    return floatType(type);
  auto type = dyn_cast<IntegerType>(elementType);
  if (!type)
    return TW_UNDEFINED;
  bool isUnsigned = type.isUnsigned();
  switch (type.getWidth()) {
  case 1:
    return TW_BOOL;
  case 2:
    return isUnsigned ? TW_UINT2 : TW_INT2;
  case 4:
    return isUnsigned ? TW_UINT4 : TW_INT4;
  case 8:
    return isUnsigned ? TW_UINT8 : TW_INT8;
  case 16:
    return isUnsigned ? TW_UINT16 : TW_INT16;
  case 32:
    return isUnsigned ? TW_UINT32 : TW_INT32;
  case 64:
    return isUnsigned ? TW_UINT64 : TW_INT64;
  default:
    return TW_UNDEFINED;
  }
}

static SignatureValue describeValue(Type type, StringAttr name,
                                    ArrayAttr symbols, Twine fallback) {
  auto tensor = cast<RankedTensorType>(type);
  SignatureValue value;
  value.name = name ? name.str() : fallback.str();
  value.dtype = dtypeOf(tensor.getElementType());
  for (auto [i, size] : llvm::enumerate(tensor.getShape())) {
    SignatureDim dim;
    if (!ShapedType::isDynamic(size))
      dim.size = size;
    else if (symbols && i < symbols.size())
      dim.symbol = cast<StringAttr>(symbols[i]).str();
    value.dims.push_back(dim);
  }
  return value;
}

Signature tw::describeSignature(func::FuncOp main, llvm::StringRef modelName) {
  Signature signature;
  signature.name = modelName.str();
  for (auto [i, type] : llvm::enumerate(main.getArgumentTypes()))
    signature.inputs.push_back(describeValue(
        type, main.getArgAttrOfType<StringAttr>(i, "nn.name"),
        main.getArgAttrOfType<ArrayAttr>(i, kSymbolsAttr), "input" + Twine(i)));
  for (auto [i, type] : llvm::enumerate(main.getResultTypes()))
    signature.outputs.push_back(describeValue(
        type, dyn_cast_or_null<StringAttr>(main.getResultAttr(i, "nn.name")),
        dyn_cast_or_null<ArrayAttr>(main.getResultAttr(i, kSymbolsAttr)),
        "output" + Twine(i)));
  return signature;
}
