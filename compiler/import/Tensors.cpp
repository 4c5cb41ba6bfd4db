#include "compiler/import/Tensors.h"

#include "compiler/Errors.h"
#include "compiler/import/Types.h"
#include "compiler/import/wire/ElementType.h"

using namespace mlir;

namespace tw::onnx {

llvm::Expected<RankedTensorType> typeOf(MLIRContext *context,
                                        const tw_onnx::TensorProto &tensor) {
  Type element = elementType(context, tensor.data_type());
  if (!element)
    return userError("expected numbers, found ",
                     wire::elementName(tensor.data_type()),
                     ", which is not supported");
  for (int64_t dim : tensor.dims())
    if (dim < 0)
      return userError("expected sizes of at least 0, found ", dim);
  return RankedTensorType::get(
      SmallVector<int64_t>(tensor.dims().begin(), tensor.dims().end()),
      element);
}

/// Elements of fewer than eight bits, the first in the lowest bits of a byte.
static SmallVector<APInt> unpack(StringRef raw, unsigned bits, int64_t count) {
  SmallVector<APInt> elements;
  for (int64_t i = 0; i < count; ++i) {
    uint64_t bit = static_cast<uint64_t>(i) * bits;
    unsigned byte = static_cast<unsigned char>(raw[bit / 8]);
    elements.push_back(APInt(bits, byte >> (bit % 8), false, true));
  }
  return elements;
}

static DenseElementsAttr subByteAttr(RankedTensorType type, StringRef raw) {
  Type element = type.getElementType();
  auto elements =
      unpack(raw, element.getIntOrFloatBitWidth(), type.getNumElements());
  auto number = dyn_cast<FloatType>(element);
  if (!number)
    return DenseElementsAttr::get(type, elements);
  SmallVector<APFloat> floats;
  for (const APInt &bits : elements)
    floats.push_back(APFloat(number.getFloatSemantics(), bits));
  return DenseElementsAttr::get(type, floats);
}

DenseElementsAttr denseAttr(RankedTensorType type, StringRef raw) {
  Type element = type.getElementType();
  if (element.isInteger(1)) {
    SmallVector<bool> elements;
    for (char byte : raw)
      elements.push_back(byte != 0);
    return DenseElementsAttr::get(type, elements);
  }
  if (element.isIntOrFloat() && element.getIntOrFloatBitWidth() < 8)
    return subByteAttr(type, raw);
  return DenseElementsAttr::getFromRawBuffer(
      type, ArrayRef<char>(raw.data(), raw.size()));
}

llvm::Expected<DenseElementsAttr>
denseAttr(const wire::Model &model, MLIRContext *context,
          const tw_onnx::TensorProto &tensor) {
  llvm::Expected<RankedTensorType> type = typeOf(context, tensor);
  if (!type)
    return type.takeError();
  wire::Result<wire::Data> data = wire::tensorData(model, tensor);
  if (!data)
    return userError(data.message());
  return denseAttr(*type, StringRef(data->bytes()));
}

} // namespace tw::onnx
