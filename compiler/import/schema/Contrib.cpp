#include "compiler/import/schema/Contrib.h"

#include <cstdio>
#include <mutex>

using namespace tw_onnx;

namespace tw::schema {

std::vector<std::string> floatTypes() {
  return {"tensor(float)", "tensor(float16)", "tensor(bfloat16)",
          "tensor(double)"};
}

std::vector<std::string> byteTypes() {
  return {"tensor(uint8)", "tensor(int8)"};
}

std::string numberText(float number) {
  char text[32];
  std::snprintf(text, sizeof(text), "%.9e", number);
  return text;
}

const AttributeProto *Definition::attribute(const std::string &name) const {
  if (const AttributeProto *own = node.getAttribute(name))
    return own;
  auto known = schema.attributes().find(name);
  bool hasDefault = known != schema.attributes().end() &&
                    known->second.default_value.has_type();
  return hasDefault ? &known->second.default_value : nullptr;
}

int64_t Definition::integer(const std::string &name) const {
  const AttributeProto *found = attribute(name);
  return found ? found->i() : 0;
}

std::optional<float> Definition::number(const std::string &name) const {
  const AttributeProto *found = attribute(name);
  return found ? std::optional(found->f()) : std::nullopt;
}

std::vector<float> Definition::numbers(const std::string &name) const {
  const AttributeProto *found = attribute(name);
  if (!found)
    return {};
  return {found->floats().begin(), found->floats().end()};
}

std::string Definition::text(const std::string &name) const {
  const AttributeProto *found = attribute(name);
  return found ? found->s() : "";
}

int Definition::rank(int input) const {
  const TypeProto *type = node.getInputType(input);
  bool isKnown = type && type->tensor_type().has_shape();
  return isKnown ? type->tensor_type().shape().dim_size() : -1;
}

int32_t Definition::elementType(int input) const {
  const TypeProto *type = node.getInputType(input);
  return type ? type->tensor_type().elem_type() : TensorProto::UNDEFINED;
}

Definition &Definition::add(const std::string &nodes) {
  builder.Add(nodes.c_str());
  return *this;
}

Definition &Definition::constant(const std::string &name,
                                 std::vector<int64_t> values) {
  builder.Const(name, values);
  return *this;
}

Definition &Definition::addInput(const std::string &to, const std::string &from,
                                 int i, const std::string &more) {
  return add(hasInput(i) ? to + " = Add(" + from + ", " + more + ")"
                         : to + " = Identity(" + from + ")");
}

Definition &Definition::transpose(const std::string &to,
                                  const std::string &from,
                                  const std::vector<int> &perm) {
  std::string dims;
  for (int dim : perm)
    dims += (dims.empty() ? "" : ", ") + std::to_string(dim);
  return add(to + " = Transpose <perm = [" + dims + "]> (" + from + ")");
}

void Definition::nameInputs(const std::string &prefix) {
  body.clear_input();
  for (int i = 0; hasInput(i); ++i)
    body.add_input(prefix + std::to_string(i));
}

OpSchema contribSchema(const char *name) {
  return OpSchema(name, __FILE__, __LINE__)
      .SetDomain(kMicrosoft)
      .SinceVersion(1);
}

void registerContrib(OpSchema schema, Define define) {
  schema.SetContextDependentFunctionBodyBuilder(
      [define](const FunctionBodyBuildContext &node, const OpSchema &schema,
               FunctionProto &body) {
        schema.BuildFunction(body);
        body.clear_opset_import();
        for (auto [domain, version] :
             {std::pair{"", kBodyOpset}, {kMicrosoft, 1}}) {
          OperatorSetIdProto *opset = body.add_opset_import();
          opset->set_domain(domain);
          opset->set_version(version);
        }
        Definition definition(schema, node, body);
        return define(definition);
      });
  RegisterSchema(std::move(schema));
}

void registerContrib() {
  static std::once_flag once;
  std::call_once(once, [] {
    OpSchemaRegistry::DomainToVersionRange::Instance().AddDomainToVersion(
        kMicrosoft, 1, 1);
    registerContribFused();
    registerContribQuantized();
  });
}

} // namespace tw::schema
