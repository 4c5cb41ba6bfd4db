// Operators that stand for no computation: the importer answers with a value.
#include "compiler/Errors.h"
#include "compiler/import/Attributes.h"
#include "compiler/import/Importer.h"
#include "compiler/import/Tensors.h"

using namespace tw_onnx;

namespace tw::onnx {
namespace {

DenseElementsAttr scalarAttr(Attribute value, Type element) {
  return DenseElementsAttr::get(RankedTensorType::get({}, element), value);
}

template <typename T>
DenseElementsAttr listAttr(ArrayRef<T> values, Type element) {
  return DenseElementsAttr::get(
      RankedTensorType::get({static_cast<int64_t>(values.size())}, element),
      values);
}

/// The tensor that one of Constant's short forms stands for; null for others.
DenseElementsAttr shortConstant(Builder &b, const AttributeProto &attribute,
                                Attribute value) {
  if (attribute.name() == "value_float")
    return scalarAttr(value, b.getF32Type());
  if (attribute.name() == "value_int")
    return scalarAttr(value, b.getI64Type());
  if (attribute.name() == "value_floats")
    return listAttr(cast<DenseF32ArrayAttr>(value).asArrayRef(),
                    b.getF32Type());
  if (attribute.name() == "value_ints")
    return listAttr(cast<DenseI64ArrayAttr>(value).asArrayRef(),
                    b.getI64Type());
  return {};
}

llvm::Expected<Value>
constantOf(Importer &importer, const AttributeProto &attribute, Location loc) {
  if (attribute.name() == "value")
    return importer.constant(attribute.t(), loc);
  auto value = convertAttribute(importer.model, importer.context, attribute);
  if (!value)
    return value.takeError();
  DenseElementsAttr elements =
      *value ? shortConstant(importer.builder, attribute, *value)
             : DenseElementsAttr();
  if (!elements)
    return userError("expected a dense tensor of numbers, found another kind "
                     "of constant, which is not supported yet");
  return importer.constant(elements, loc);
}

llvm::Expected<SmallVector<Value>> importConstant(Importer &importer,
                                                  const NodeProto &node,
                                                  ArrayRef<Value>,
                                                  Location loc) {
  if (node.attribute_size() != 1)
    return userError("expected one attribute that gives the value, found ",
                     node.attribute_size());
  auto value = constantOf(importer, node.attribute(0), loc);
  if (!value)
    return withContext(value.takeError(),
                       "attribute '" + node.attribute(0).name() + "': ");
  return SmallVector<Value>{*value};
}

llvm::Expected<SmallVector<Value>> importIdentity(Importer &, const NodeProto &,
                                                  ArrayRef<Value> inputs,
                                                  Location) {
  return SmallVector<Value>{inputs.front()};
}

} // namespace

OperatorImport findOperatorImport(const std::string &domain,
                                  const std::string &name) {
  static const std::map<std::string, OperatorImport> imports = {
      {"Constant", importConstant},
      {"Identity", importIdentity},
  };
  auto it = imports.find(name);
  return domain.empty() && it != imports.end() ? it->second : nullptr;
}

} // namespace tw::onnx
