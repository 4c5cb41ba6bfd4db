#include "compiler/import/schema/Operator.h"

#include "compiler/import/schema/Contrib.h"
#include "compiler/import/wire/ElementType.h"
#include "onnx/defs/data_type_utils.h"
#include "onnx/defs/schema.h"

#include <map>
#include <set>

namespace tw::schema {
namespace {

using namespace tw_onnx;
using wire::fail;
using wire::Status;

Parameter::Kind kindOf(const OpSchema::FormalParameter &parameter) {
  switch (parameter.GetOption()) {
  case OpSchema::Single:
    return Parameter::Single;
  case OpSchema::Optional:
    return Parameter::Optional;
  case OpSchema::Variadic:
    return Parameter::Variadic;
  }
  return Parameter::Single;
}

std::string rangeText(int least, int most) {
  if (least == most)
    return std::to_string(least);
  if (most == INT_MAX)
    return "at least " + std::to_string(least);
  return std::to_string(least) + " to " + std::to_string(most);
}

Status checkCount(const char *what, int least, int most, int found) {
  if (found >= least && found <= most)
    return {};
  return fail("expected ", rangeText(least, most), " ", what, ", found ",
              found);
}

/// The definition in terms of other operators: a fixed one, or one made for
/// these types.
std::optional<FunctionProto> buildBody(const OpSchema &schema,
                                       const FunctionBodyBuildContext &context,
                                       int opset) {
  if (const FunctionProto *fixed = schema.GetFunction(opset))
    return *fixed;
  if (!schema.HasContextDependentFunction())
    return std::nullopt;
  FunctionProto body;
  if (!schema.BuildContextDependentFunction(context, body, opset))
    return std::nullopt;
  return body;
}

} // namespace

std::string canonicalDomain(const std::string &domain) {
  return domain == "ai.onnx" ? "" : domain;
}

std::string domainName(const std::string &domain) {
  return domain.empty() ? "ai.onnx" : domain;
}

/// Of onnxruntime's domain a part only is known.
std::optional<std::pair<int, int>> knownOpsets(const std::string &domain) {
  if (domain == kMicrosoft)
    return std::nullopt;
  const auto &map = OpSchemaRegistry::DomainToVersionRange::Instance().Map();
  auto it = map.find(canonicalDomain(domain));
  return it == map.end() ? std::nullopt : std::optional(it->second);
}

std::optional<Operator> Operator::find(const std::string &domain,
                                       const std::string &name, int opset) {
  registerContrib();
  const OpSchema *schema =
      OpSchemaRegistry::Schema(name, opset, canonicalDomain(domain));
  return schema ? std::optional(Operator(schema)) : std::nullopt;
}

std::optional<Operator> Operator::newest(const std::string &domain,
                                         const std::string &name) {
  registerContrib();
  const OpSchema *schema =
      OpSchemaRegistry::Schema(name, canonicalDomain(domain));
  return schema ? std::optional(Operator(schema)) : std::nullopt;
}

int Operator::since() const { return schema->since_version(); }

bool Operator::isDeprecated() const { return schema->deprecated(); }

std::vector<Parameter> Operator::inputs() const {
  std::vector<Parameter> result;
  for (const OpSchema::FormalParameter &input : schema->inputs())
    result.push_back({input.GetName(), kindOf(input), input.GetTypeStr()});
  return result;
}

bool Operator::hasAttribute(const std::string &name) const {
  return schema->attributes().contains(name);
}

std::vector<AttributeProto> Operator::defaults() const {
  std::vector<AttributeProto> result;
  for (const auto &[name, attribute] : schema->attributes())
    if (attribute.default_value.has_type())
      result.push_back(attribute.default_value);
  return result;
}

Status Operator::checkCounts(const NodeProto &node) const {
  Status inputs = checkCount("inputs", schema->min_input(), schema->max_input(),
                             node.input_size());
  if (inputs.failed())
    return inputs;
  Status outputs = checkCount("outputs", schema->min_output(),
                              schema->max_output(), node.output_size());
  if (outputs.failed())
    return outputs;
  for (int i = 0; i < node.input_size(); ++i)
    if (node.input(i).empty() &&
        static_cast<size_t>(i) < schema->inputs().size() &&
        schema->inputs()[i].GetOption() == OpSchema::Single)
      return fail("input '", schema->inputs()[i].GetName(),
                  "': expected a value, found none");
  return {};
}

Status Operator::checkAttributes(const NodeProto &node) const {
  std::set<std::string> seen;
  for (const AttributeProto &attribute : node.attribute()) {
    const std::string &name = attribute.name();
    if (!seen.insert(name).second)
      return fail("attribute '", name, "': expected once, found twice");
    auto known = schema->attributes().find(name);
    if (known == schema->attributes().end())
      return fail("attribute '", name, "': no attribute of this operator");
    if (attribute.type() != known->second.type)
      return fail("attribute '", name, "': expected ",
                  AttributeProto_AttributeType_Name(known->second.type),
                  ", found ",
                  AttributeProto_AttributeType_Name(attribute.type()));
  }
  for (const auto &[name, attribute] : schema->attributes())
    if (attribute.required && !seen.contains(name))
      return fail("attribute '", name, "': expected a value, found none");
  return {};
}

Status Operator::check(const NodeProto &node) const {
  if (schema->deprecated())
    return fail("the operator was removed in opset ", schema->since_version());
  Status counts = checkCounts(node);
  return counts.failed() ? counts : checkAttributes(node);
}

static bool takes(const OpSchema::FormalParameter &parameter, int32_t element) {
  TypeProto type;
  type.mutable_tensor_type()->set_elem_type(element);
  return parameter.GetTypes().contains(Utils::DataTypeUtils::ToType(type));
}

Status Operator::checkTypes(const std::vector<int32_t> &elements) const {
  /// For each type constraint the first input that it holds for.
  std::map<std::string, size_t> first;
  const auto &parameters = schema->inputs();
  for (size_t i = 0; i < elements.size() && !parameters.empty(); ++i) {
    const auto &parameter = parameters[std::min(i, parameters.size() - 1)];
    if (elements[i] == TensorProto::UNDEFINED)
      continue;
    if (!takes(parameter, elements[i]))
      return fail("input '", parameter.GetName(),
                  "': expected another element type, found ",
                  wire::elementName(elements[i]));
    auto [known, isFirst] = first.emplace(parameter.GetTypeStr(), i);
    int32_t expected = elements[known->second];
    if (parameter.GetIsHomogeneous() && elements[i] != expected)
      return fail("input '", parameter.GetName(), "': expected ",
                  wire::elementName(expected), " as before, found ",
                  wire::elementName(elements[i]));
  }
  return {};
}

wire::Result<std::optional<FunctionProto>>
Operator::body(const NodeProto &node, const std::vector<TypeProto> &inputs,
               int opset) const {
  try {
    return buildBody(*schema, FunctionBodyBuildContextImpl(node, inputs),
                     opset);
  } catch (const std::exception &error) {
    return fail("its definition does not hold for these inputs: ",
                error.what());
  }
}

} // namespace tw::schema
