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
                                                  const NodeAt &node) {
  if (node.proto.attribute_size() != 1)
    return userError("expected one attribute that gives the value, found ",
                     node.proto.attribute_size());
  const AttributeProto &attribute = node.proto.attribute(0);
  auto value = constantOf(importer, attribute, node.loc);
  if (!value)
    return withContext(value.takeError(),
                       "attribute '" + attribute.name() + "': ");
  return SmallVector<Value>{*value};
}

llvm::Expected<SmallVector<Value>> importIdentity(Importer &,
                                                  const NodeAt &node) {
  return SmallVector<Value>(node.inputs);
}

/// Whether an input asks for training; nothing where that is not known while
/// compiling.
std::optional<bool> isTraining(ArrayRef<Value> inputs) {
  if (inputs.size() < 3 || !inputs[2])
    return false;
  auto values = ShapeBuilder::constants(inputs[2]);
  return values ? std::optional(values->front() != 0) : std::nullopt;
}

/// True for each element of `like`.
Value allTrue(Importer &importer, Value like, Location loc) {
  auto type = cast<RankedTensorType>(like.getType())
                  .clone(importer.builder.getI1Type());
  if (type.hasStaticShape())
    return importer.constant(DenseElementsAttr::get(type, true), loc);
  OpBuilder &b = importer.builder;
  ShapeBuilder &shapes = importer.inference.shapes();
  Dims dims = shapes.dims(like);
  auto one = RankedTensorType::get({1}, b.getI1Type());
  Value kept = importer.constant(DenseElementsAttr::get(one, true), loc);
  Value shape = nn::shapeTensor(b, loc, dims);
  Value mask = nn::ExpandOp::create(b, loc, type, kept, shape);
  shapes.setDims(mask, dims);
  return mask;
}

/// In inference nothing is dropped: the data, and a mask that is true.
llvm::Expected<SmallVector<Value>> importDropout(Importer &importer,
                                                 const NodeAt &node) {
  if (isTraining(node.inputs) != false)
    return userError("input 'training_mode': expected the constant false, "
                     "found another value, which is not supported yet");
  Value data = node.inputs[0];
  SmallVector<Value> results{data};
  if (node.proto.output_size() < 2 || node.proto.output(1).empty())
    return results;
  results.push_back(allTrue(importer, data, node.loc));
  return results;
}

} // namespace

OperatorImport findOperatorImport(const std::string &domain,
                                  const std::string &name) {
  static const std::map<std::string, OperatorImport> imports = {
      {"Constant", importConstant}, {"Dropout", importDropout},
      {"Identity", importIdentity}, {"If", importIf},
      {"Loop", importLoop},         {"Scan", importScan},
  };
  auto it = imports.find(name);
  return domain.empty() && it != imports.end() ? it->second : nullptr;
}

} // namespace tw::onnx
