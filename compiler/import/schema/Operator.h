// What ONNX's own C++ library knows of an operator. The library throws; this
// folder is compiled with exceptions and turns them into values, so that the
// rest of the importer needs none.
#pragma once

#include "compiler/import/wire/Result.h"
#include "onnx/onnx_pb.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tw_onnx {
class OpSchema;
}

namespace tw::schema {

struct Parameter {
  enum Kind { Single, Optional, Variadic };
  std::string name;
  Kind kind;
  /// The type constraint's name: parameters of the same one have the same type.
  std::string type;
};

/// One form of an operator: it holds from the opset that introduced it up to
/// the next one that changed it.
class Operator {
public:
  /// The form that holds in `opset` of `domain` ("" is ai.onnx).
  static std::optional<Operator> find(const std::string &domain,
                                      const std::string &name, int opset);
  static std::optional<Operator> newest(const std::string &domain,
                                        const std::string &name);

  int since() const;
  bool isDeprecated() const;
  std::vector<Parameter> inputs() const;
  bool hasAttribute(const std::string &name) const;
  /// The attributes that have a default, with it.
  std::vector<tw_onnx::AttributeProto> defaults() const;

  /// Numbers of inputs and outputs, names and types of attributes.
  wire::Status check(const tw_onnx::NodeProto &node) const;

  /// Element types of the inputs, UNDEFINED where there is none: each must be
  /// one that the operator takes, and equal where it asks for that.
  wire::Status checkTypes(const std::vector<int32_t> &elements) const;

  /// The operator's definition in terms of others, where it has one for these
  /// inputs. Absent and unknown types are empty.
  wire::Result<std::optional<tw_onnx::FunctionProto>>
  body(const tw_onnx::NodeProto &node,
       const std::vector<tw_onnx::TypeProto> &inputs, int opset) const;

private:
  explicit Operator(const tw_onnx::OpSchema *schema) : schema(schema) {}
  wire::Status checkCounts(const tw_onnx::NodeProto &node) const;
  wire::Status checkAttributes(const tw_onnx::NodeProto &node) const;

  const tw_onnx::OpSchema *schema;
};

/// The opsets of a domain that the library knows; none for an unknown domain.
std::optional<std::pair<int, int>> knownOpsets(const std::string &domain);

/// "ai.onnx" for the default domain, under either of its two names.
std::string domainName(const std::string &domain);
/// "" for the default domain, under either of its two names.
std::string canonicalDomain(const std::string &domain);

} // namespace tw::schema
