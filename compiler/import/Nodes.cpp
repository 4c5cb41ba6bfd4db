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

llvm::Error Importer::node(const NodeProto &unresolved, int index, Scope &scope,
                           const Frame &frame) {
  NodeProto node = resolveReferences(unresolved, frame);
  std::string name = frame.prefix + wire::nodeName(node, index);
  Location loc =
      NameLoc::get(builder.getStringAttr(name),
                   NameLoc::get(builder.getStringAttr(node.op_type())));
  SmallVector<Value> inputs;
  for (const std::string &input : node.input()) {
    auto found = value(scope, input);
    if (!found)
      return found.takeError();
    inputs.push_back(*found);
  }
  auto results = nodeResults(node, inputs, loc, name, frame);
  if (!results)
    return withContext(results.takeError(),
                       wire::nodeLabel(node, index) + ": ");
  for (int i = 0; i < node.output_size(); ++i) {
    if (node.output(i).empty())
      continue;
    Value value =
        static_cast<size_t>(i) < results->size() ? (*results)[i] : Value();
    scope.set(node.output(i), value);
    auto declared = scope.declared.find(node.output(i));
    if (!value || declared == scope.declared.end())
      continue;
    if (llvm::Error error = checkOutput(*declared->second, value))
      return withContext(std::move(error), wire::nodeLabel(node, index) + ": ");
  }
  return llvm::Error::success();
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
  auto known = schema::knownOpsets(node.domain());
  if (!known)
    return userError("expected an operator of ai.onnx or a function of the "
                     "model, found one of domain ",
                     domain);
  auto newest = schema::Operator::newest(node.domain(), node.op_type());
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

llvm::Expected<SmallVector<Value>>
Importer::nodeResults(const NodeProto &node, ArrayRef<Value> inputs,
                      Location loc, const std::string &name,
                      const Frame &frame) {
  if (const FunctionProto *function = localFunction(node))
    return expand(node, *function, inputs,
                  {function->attribute_proto().begin(),
                   function->attribute_proto().end()},
                  name, frame);
  std::string domain = schema::canonicalDomain(node.domain());
  auto opset = frame.opsets.find(domain);
  if (opset == frame.opsets.end())
    return userError("expected an opset for domain ",
                     schema::domainName(domain), ", found none");
  auto form = schema::Operator::find(domain, node.op_type(), opset->second);
  if (form) {
    wire::Status status = form->check(node);
    if (status.failed())
      return userError(status.message());
  }
  if (OperatorImport special = findOperatorImport(domain, node.op_type()))
    return special(*this, node, inputs, loc);
  const nn::OpInfo *info = findOp(domain, node.op_type());
  bool knowsDomain = schema::knownOpsets(domain).has_value();
  if (info && (form || !knowsDomain))
    return importAsOp(*this, *info, form, node, inputs, loc);
  if (!form)
    return unsupported(node, opset->second);
  std::vector<TypeProto> types;
  for (Value input : inputs)
    types.push_back(onnxType(input ? input.getType() : Type()));
  auto body = form->body(node, types, opset->second);
  if (!body)
    return userError(body.message());
  if (!*body)
    return unsupported(node, opset->second);
  return expand(node, **body, inputs, form->defaults(), name, frame);
}

static Frame frameOf(const FunctionProto &body, const NodeProto &node,
                     const std::vector<AttributeProto> &defaults,
                     const std::string &name, const Frame &outer) {
  Frame frame;
  frame.prefix = name + "/";
  frame.depth = outer.depth + 1;
  // Some of ONNX's own definitions leave it to the node around them.
  frame.opsets = outer.opsets;
  for (const auto &opset : body.opset_import())
    frame.opsets[schema::canonicalDomain(opset.domain())] = opset.version();
  for (const AttributeProto &attribute : defaults)
    frame.attributes[attribute.name()] = attribute;
  for (const AttributeProto &attribute : node.attribute())
    frame.attributes[attribute.name()] = attribute;
  return frame;
}

llvm::Expected<SmallVector<Value>>
Importer::expand(const NodeProto &node, const FunctionProto &body,
                 ArrayRef<Value> inputs,
                 const std::vector<AttributeProto> &defaults,
                 const std::string &name, const Frame &frame) {
  if (frame.depth == kMaxDepth)
    return userError("function '", body.name(),
                     "': functions call each other more than ", kMaxDepth,
                     " deep");
  if (static_cast<size_t>(body.input_size()) < inputs.size())
    return userError("function '", body.name(), "': expected at most ",
                     body.input_size(), " inputs, found ", inputs.size());
  Scope scope;
  for (int i = 0; i < body.input_size(); ++i)
    scope.set(body.input(i),
              static_cast<size_t>(i) < inputs.size() ? inputs[i] : Value());
  std::vector<std::string> outputs;
  for (int i = 0; i < node.output_size() && i < body.output_size(); ++i)
    outputs.push_back(node.output(i).empty() ? "" : body.output(i));
  return nodes(body.node(), outputs, scope,
               frameOf(body, node, defaults, name, frame));
}

} // namespace tw::onnx
