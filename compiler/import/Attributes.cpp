#include "compiler/import/Attributes.h"

#include "compiler/import/Tensors.h"
#include "compiler/import/Types.h"

#include "mlir/IR/Builders.h"

using namespace mlir;
using tw_onnx::AttributeProto;

namespace tw::onnx {

static Attribute convertStrings(Builder &b, const AttributeProto &attribute) {
  SmallVector<Attribute> strings;
  for (const std::string &text : attribute.strings())
    strings.push_back(b.getStringAttr(text));
  return b.getArrayAttr(strings);
}

llvm::Expected<Attribute> convertAttribute(const wire::Model &model,
                                           MLIRContext *context,
                                           const AttributeProto &attribute) {
  Builder b(context);
  switch (attribute.type()) {
  case AttributeProto::INT:
    return b.getI64IntegerAttr(attribute.i());
  case AttributeProto::FLOAT:
    return b.getF32FloatAttr(attribute.f());
  case AttributeProto::STRING:
    return b.getStringAttr(attribute.s());
  case AttributeProto::INTS:
    return b.getDenseI64ArrayAttr(
        SmallVector<int64_t>(attribute.ints().begin(), attribute.ints().end()));
  case AttributeProto::FLOATS:
    return b.getDenseF32ArrayAttr(SmallVector<float>(attribute.floats().begin(),
                                                     attribute.floats().end()));
  case AttributeProto::STRINGS:
    return convertStrings(b, attribute);
  case AttributeProto::TENSOR:
    return denseAttr(model, context, attribute.t());
  default:
    return Attribute();
  }
}

/// The forms in which ODS may want an attribute, the usual one first.
static SmallVector<Attribute> formsOf(Attribute value) {
  Builder b(value.getContext());
  SmallVector<Attribute> forms{value};
  if (auto integer = dyn_cast<IntegerAttr>(value)) {
    if (Type element = elementType(value.getContext(), integer.getInt()))
      forms.push_back(TypeAttr::get(element));
    forms.push_back(b.getBoolAttr(integer.getInt() != 0));
  }
  if (auto integers = dyn_cast<DenseI64ArrayAttr>(value))
    forms.push_back(b.getI64ArrayAttr(integers.asArrayRef()));
  if (auto numbers = dyn_cast<DenseF32ArrayAttr>(value))
    forms.push_back(b.getF32ArrayAttr(numbers.asArrayRef()));
  return forms;
}

LogicalResult setInherent(Operation *op, StringRef name, Attribute value) {
  for (Attribute form : formsOf(value)) {
    op->setAttr(name, form);
    if (op->getInherentAttr(name).value_or(Attribute()) == form)
      return success();
  }
  return failure();
}

template <typename Range>
static std::string listText(Range values) {
  std::string text;
  llvm::raw_string_ostream os(text);
  os << "[";
  llvm::interleaveComma(values, os);
  os << "]";
  return text;
}

std::string attributeText(Attribute value) {
  std::string text;
  llvm::raw_string_ostream os(text);
  if (auto integer = dyn_cast<IntegerAttr>(value))
    os << integer.getInt();
  else if (auto number = dyn_cast<FloatAttr>(value))
    os << number.getValueAsDouble();
  else if (auto string = dyn_cast<StringAttr>(value))
    os << string.getValue();
  else if (auto integers = dyn_cast<DenseI64ArrayAttr>(value))
    os << listText(integers.asArrayRef());
  else if (auto numbers = dyn_cast<DenseF32ArrayAttr>(value))
    os << listText(numbers.asArrayRef());
  else
    os << value;
  return text;
}

} // namespace tw::onnx
