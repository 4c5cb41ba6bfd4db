// Operators of onnxruntime's (domain com.microsoft) that ONNX's library does
// not know, defined by ONNX's own: what its optimiser and its quantiser leave
// in a graph. Those with nn ops of their own are not here.
#pragma once

#include "onnx/defs/function.h"
#include "onnx/defs/schema.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace tw::schema {

constexpr const char *kMicrosoft = "com.microsoft";
/// The opset that the definitions are written for.
constexpr int kBodyOpset = 23;

/// Registers all of them, once.
void registerContrib();

/// As ONNX's textual form has it.
std::string numberText(float number);

/// Element types that a type constraint permits.
std::vector<std::string> floatTypes();
std::vector<std::string> byteTypes();

/// A definition while it is built for one node.
class Definition {
public:
  Definition(const tw_onnx::OpSchema &schema,
             const tw_onnx::FunctionBodyBuildContext &node,
             tw_onnx::FunctionProto &body)
      : schema(schema), node(node), builder(body), body(body) {}

  bool hasInput(int i) const { return node.hasInput(i); }
  bool hasOutput(int i) const { return node.hasOutput(i); }
  /// Attributes of the node, or else defaults.
  int64_t integer(const std::string &name) const;
  std::optional<float> number(const std::string &name) const;
  std::vector<float> numbers(const std::string &name) const;
  std::string text(const std::string &name) const;
  /// -1: not known.
  int rank(int input) const;
  int32_t elementType(int input) const;

  /// Nodes in ONNX's textual form.
  Definition &add(const std::string &nodes);
  /// A constant of one dim.
  Definition &constant(const std::string &name, std::vector<int64_t> values);
  /// `to` = `from`, plus `more` if input `i` is there.
  Definition &addInput(const std::string &to, const std::string &from, int i,
                       const std::string &more);
  Definition &transpose(const std::string &to, const std::string &from,
                        const std::vector<int> &perm);
  /// Inputs of an operator that takes any number: as many as the node has.
  void nameInputs(const std::string &prefix);

private:
  const tw_onnx::AttributeProto *attribute(const std::string &name) const;

  const tw_onnx::OpSchema &schema;
  const tw_onnx::FunctionBodyBuildContext &node;
  tw_onnx::FunctionBuilder builder;
  tw_onnx::FunctionProto &body;
};

/// False: the operator is not supported for such a node.
using Define = std::function<bool(Definition &)>;
tw_onnx::OpSchema contribSchema(const char *name);
void registerContrib(tw_onnx::OpSchema schema, Define define);

void registerContribQuantized();
void registerContribFused();

} // namespace tw::schema
