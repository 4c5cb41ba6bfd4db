// A list of nodes, each imported as an nn op, by its definition, or by the
// importer itself.
#include "compiler/Errors.h"
#include "compiler/import/Importer.h"
#include "compiler/import/Types.h"

using namespace tw_onnx;

namespace tw::onnx {

/// Functions may call functions; more than this is a function that calls
/// itself.
constexpr unsigned kMaxDepth = 32;

llvm::Expected<SmallVector<Value>>
Importer::nodes(const wire::Nodes &nodes,
                const std::vector<std::string> &outputs, Scope &scope,
                const Frame &frame) {
  auto isKnown = [&](const std::string &name) {
    for (const Scope *s = &scope; s; s = s->outer)
      if (s->initializers.contains(name))
        return true;
    return scope.find(name).has_value();
  };
  wire::Result<std::vector<int>> order =
      wire::orderNodes(nodes, outputs, isKnown);
  if (!order)
    return userError(order.message());
  for (int index : *order)
    if (llvm::Error error = node(nodes[index], index, scope, frame))
      return std::move(error);
  SmallVector<Value> values;
  for (const std::string &name : outputs) {
    auto found = value(scope, name);
    if (!found)
      return found.takeError();
    values.push_back(*found);
  }
  return values;
}

/// The node with the attributes of the function around it in place of
/// references to them.
static NodeProto resolveReferences(const NodeProto &node, const Frame &frame) {
  NodeProto resolved = node;
  resolved.clear_attribute();
  for (const AttributeProto &attribute : node.attribute()) {
    if (attribute.ref_attr_name().empty()) {
      *resolved.add_attribute() = attribute;
      continue;
    }
    auto value = frame.attributes.find(attribute.ref_attr_name());
    if (value == frame.attributes.end())
      continue;
    AttributeProto *copy = resolved.add_attribute();
    *copy = value->second;
    copy->set_name(attribute.name());
  }
  return resolved;
}

/// Of nested functions' nodes, messages name the outermost, which the user
/// wrote, and the innermost, where it happened.
static llvm::Error atNode(llvm::Error error, const std::string &label,
                          const Frame &frame) {
  return withContext(std::move(error), [&](StringRef text) {
    bool isPlaced = frame.depth > 0 && text.starts_with("node '");
    return isPlaced ? "" : label + ": ";
  });
}

static bool hasReferences(const NodeProto &node) {
  return llvm::any_of(node.attribute(), [](const AttributeProto &attribute) {
    return !attribute.ref_attr_name().empty();
  });
}

llvm::Error Importer::bindOutput(const NodeProto &node, int index, Value value,
                                 Scope &scope) {
  const std::string &name = node.output(index);
  if (name.empty())
    return llvm::Error::success();
  scope.set(name, value);
  auto declared = scope.declared.find(name);
  if (!value || declared == scope.declared.end())
    return llvm::Error::success();
  return checkOutput(*declared->second, value);
}

llvm::Error Importer::node(const NodeProto &node, int index, Scope &scope,
                           const Frame &frame) {
  if (hasReferences(node))
    return this->node(resolveReferences(node, frame), index, scope, frame);
  std::string name = frame.prefix + wire::nodeName(node, index);
  SmallVector<Value> inputs;
  for (const std::string &input : node.input()) {
    auto found = value(scope, input);
    if (!found)
      return found.takeError();
    inputs.push_back(*found);
  }
  std::string label = wire::nodeLabel(node, index);
  auto results = nodeResults(
      {node, inputs, location(name, node.op_type()), name, scope, frame});
  if (!results)
    return atNode(results.takeError(), label, frame);
  results->resize(node.output_size());
  for (auto [i, result] : llvm::enumerate(*results))
    if (llvm::Error error = bindOutput(node, i, result, scope))
      return atNode(std::move(error), label, frame);
  return llvm::Error::success();
}

Location Importer::location(StringRef name, StringRef operatorName) {
  return NameLoc::get(builder.getStringAttr(name),
                      NameLoc::get(builder.getStringAttr(operatorName)));
}

const FunctionProto *Importer::localFunction(const NodeProto &node) const {
  for (const FunctionProto &function : model.proto.functions())
    if (function.name() == node.op_type() &&
        schema::canonicalDomain(function.domain()) ==
            schema::canonicalDomain(node.domain()) &&
        function.overload() == node.overload())
      return &function;
  return nullptr;
}

llvm::Error Importer::unsupported(const NodeProto &node, int64_t opset) const {
  std::string domain = schema::domainName(node.domain());
  auto newest = schema::Operator::newest(node.domain(), node.op_type());
  if (!newest && !schema::knownOpsets(node.domain()))
    return userError("expected an operator of ai.onnx or a function of the "
                     "model, found one of domain ",
                     domain);
  if (!newest)
    return userError("expected an operator of ", domain, ", found '",
                     node.op_type(), "', which it does not have");
  if (!schema::Operator::find(node.domain(), node.op_type(), opset))
    return userError("expected an operator of ", domain, " opset ", opset,
                     ", found '", node.op_type(), "', which came with opset ",
                     newest->since());
  return userError("operator '", node.op_type(), "' of ", domain, " opset ",
                   opset, " is not supported yet");
}

/// Inside a function an input that has a name can be absent still.
static llvm::Error checkInputs(const schema::Operator &form,
                               ArrayRef<Value> inputs) {
  for (auto [parameter, input] : llvm::zip(form.inputs(), inputs))
    if (!input && parameter.kind == schema::Parameter::Single)
      return userError("input '", parameter.name,
                       "': expected a value, found none");
  std::vector<int32_t> elements;
  for (Value input : inputs)
    elements.push_back(input ? onnxElementType(ShapeBuilder::elementType(input))
                             : TensorProto::UNDEFINED);
  wire::Status types = form.checkTypes(elements);
  return types.failed() ? userError(types.message()) : llvm::Error::success();
}

llvm::Expected<SmallVector<Value>> Importer::nodeResults(const NodeAt &node) {
  if (const FunctionProto *function = localFunction(node.proto))
    return expand(node, *function,
                  {function->attribute_proto().begin(),
                   function->attribute_proto().end()});
  std::string domain = schema::canonicalDomain(node.proto.domain());
  const std::string &type = node.proto.op_type();
  auto opset = node.frame.opsets.find(domain);
  if (opset == node.frame.opsets.end())
    return userError("expected an opset for domain ",
                     schema::domainName(domain), ", found none");
  auto form = schema::Operator::find(domain, type, opset->second);
  wire::Status status = form ? form->check(node.proto) : wire::Status();
  if (status.failed())
    return userError(status.message());
  if (form)
    if (llvm::Error error = checkInputs(*form, node.inputs))
      return std::move(error);
  if (OperatorImport special = findOperatorImport(domain, type))
    return special(*this, node);
  const nn::OpInfo *info = findOp(domain, type);
  if (info && (form || !schema::knownOpsets(domain)))
    return importAsOp(*this, *info, form, node);
  if (!form)
    return unsupported(node.proto, opset->second);
  return expandDefinition(node, *form, opset->second);
}

/// An operator by its definition in terms of others.
llvm::Expected<SmallVector<Value>>
Importer::expandDefinition(const NodeAt &node, const schema::Operator &form,
                           int64_t opset) {
  std::vector<TypeProto> types;
  for (Value input : node.inputs)
    types.push_back(onnxType(input ? input.getType() : Type()));
  auto body = form.body(node.proto, types, opset);
  if (!body)
    return userError(body.message());
  if (!*body)
    return unsupported(node.proto, opset);
  return expand(node, **body, form.defaults());
}

static Frame frameOf(const FunctionProto &body, const NodeAt &node,
                     const std::vector<AttributeProto> &defaults) {
  Frame frame;
  frame.prefix = node.name + "/";
  frame.depth = node.frame.depth + 1;
  // Some of ONNX's own definitions leave it to the node around them.
  frame.opsets = node.frame.opsets;
  for (const auto &opset : body.opset_import())
    frame.opsets[schema::canonicalDomain(opset.domain())] = opset.version();
  for (const AttributeProto &attribute : defaults)
    frame.attributes[attribute.name()] = attribute;
  for (const AttributeProto &attribute : node.proto.attribute())
    frame.attributes[attribute.name()] = attribute;
  return frame;
}

llvm::Expected<SmallVector<Value>>
Importer::expand(const NodeAt &node, const FunctionProto &body,
                 const std::vector<AttributeProto> &defaults) {
  if (node.frame.depth == kMaxDepth)
    return userError("function '", body.name(),
                     "': functions call each other more than ", kMaxDepth,
                     " deep");
  if (static_cast<size_t>(body.input_size()) < node.inputs.size())
    return userError("function '", body.name(), "': expected at most ",
                     body.input_size(), " inputs, found ", node.inputs.size());
  Scope scope;
  for (auto [i, name] : llvm::enumerate(body.input()))
    scope.set(name, i < node.inputs.size() ? node.inputs[i] : Value());
  std::vector<std::string> outputs;
  for (int i = 0; i < node.proto.output_size() && i < body.output_size(); ++i)
    outputs.push_back(node.proto.output(i).empty() ? "" : body.output(i));
  return nodes(body.node(), outputs, scope, frameOf(body, node, defaults));
}

llvm::Expected<SmallVector<Value>> Importer::subgraph(const GraphProto &graph,
                                                      ArrayRef<Value> arguments,
                                                      const NodeAt &node) {
  if (static_cast<size_t>(graph.input_size()) != arguments.size())
    return userError("subgraph '", graph.name(), "': expected ",
                     arguments.size(), " inputs, found ", graph.input_size());
  Scope scope(&node.scope);
  if (llvm::Error error = bindInitializers(graph, scope))
    return std::move(error);
  for (auto [input, value] : llvm::zip_equal(graph.input(), arguments))
    scope.set(input.name(), value);
  std::vector<std::string> outputs;
  for (const ValueInfoProto &output : graph.output())
    outputs.push_back(output.name());
  Frame frame = node.frame;
  frame.prefix = node.name + "/";
  return nodes(graph.node(), outputs, scope, frame);
}

llvm::Expected<Value>
Importer::apply(StringRef operatorName, ArrayRef<Value> inputs,
                ArrayRef<std::pair<StringRef, int64_t>> attributes,
                const NodeAt &node) {
  NodeProto proto;
  proto.set_op_type(operatorName.str());
  proto.add_output("result");
  for (Value input : inputs)
    proto.add_input(input ? "input" : "");
  for (auto [name, value] : attributes) {
    AttributeProto *attribute = proto.add_attribute();
    attribute->set_name(name.str());
    attribute->set_type(AttributeProto::INT);
    attribute->set_i(value);
  }
  Frame frame;
  frame.opsets[""] = schema::knownOpsets("")->second;
  frame.depth = node.frame.depth + 1;
  std::string name = node.name + "/" + operatorName.str();
  auto results = nodeResults(
      {proto, inputs, location(name, operatorName), name, node.scope, frame});
  if (!results)
    return results.takeError();
  return results->front();
}

} // namespace tw::onnx
