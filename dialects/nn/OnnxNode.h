// An ONNX node while it is imported, as an op sees it whose import is not
// one-to-one.
//
// Such an op declares in its .td's `cpp`
//   static ::llvm::FailureOr<::llvm::SmallVector<::mlir::Value>>
//   importOnnx(::tw::nn::OnnxNode &node);
// and usually changes the node's inputs and attributes into what the newest
// form of the operator has, then calls `importAs`. Before the hook is asked,
// these have been done for every operator: attributes that became inputs of the
// same name in a newer form (axes, starts, min, ...) are inputs, and opset 1's
// `broadcast` and `axis` are reshapes of the second input. All attributes with
// a default are present.
#pragma once

#include "dialects/interfaces/Base.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/OperationSupport.h"

namespace tw::nn {

class OnnxNode {
public:
  OnnxNode(OpBuilder &builder, Location loc) : builder(builder), loc(loc) {}
  virtual ~OnnxNode() = default;

  OpBuilder &builder;
  Location loc;
  /// The operator's name ("Resize"), and the opset that introduced the form in
  /// which this node is written.
  StringRef type;
  int64_t since = 0;
  /// The operator's domain, "" for ai.onnx.
  std::string domain;
  /// Null where an optional input is absent. All are ranked tensors.
  SmallVector<Value> inputs;
  unsigned numOutputs = 0;
  /// Integers are i64, floats f32, lists DenseI64ArrayAttr, DenseF32ArrayAttr
  /// or ArrayAttr of strings, tensors ElementsAttr.
  NamedAttrList attributes;

  Value input(unsigned i) const {
    return i < inputs.size() ? inputs[i] : Value();
  }
  void setInput(unsigned i, Value value) {
    if (inputs.size() <= i)
      inputs.resize(i + 1);
    inputs[i] = value;
  }

  std::optional<int64_t> integer(StringRef name) const {
    auto attr = dyn_cast_or_null<IntegerAttr>(attributes.get(name));
    return attr ? std::optional(attr.getInt()) : std::nullopt;
  }
  std::optional<float> number(StringRef name) const {
    auto attr = dyn_cast_or_null<FloatAttr>(attributes.get(name));
    return attr ? std::optional(attr.getValue().convertToFloat())
                : std::nullopt;
  }
  StringRef string(StringRef name) const {
    auto attr = dyn_cast_or_null<StringAttr>(attributes.get(name));
    return attr ? attr.getValue() : StringRef();
  }
  std::optional<ArrayRef<int64_t>> integers(StringRef name) const {
    auto attr = dyn_cast_or_null<DenseI64ArrayAttr>(attributes.get(name));
    return attr ? std::optional(attr.asArrayRef()) : std::nullopt;
  }
  /// Takes an attribute away; importAs refuses attributes that the op has not.
  Attribute take(StringRef name) { return attributes.erase(name); }

  /// Builds op `name` from the inputs and attributes as they are now, with as
  /// many results as it has.
  virtual FailureOr<SmallVector<Value>> importAs(StringRef name) = 0;
  template <typename OpT>
  FailureOr<SmallVector<Value>> importAs() {
    return importAs(OpT::getOperationName());
  }

  /// Builds an op on the way; absent operands are null.
  virtual FailureOr<SmallVector<Value>>
  build(StringRef name, ArrayRef<Value> operands,
        ArrayRef<NamedAttribute> attributes) = 0;
  template <typename OpT>
  FailureOr<Value> build(ArrayRef<Value> operands,
                         ArrayRef<NamedAttribute> attrs = {}) {
    auto results = build(OpT::getOperationName(), operands, attrs);
    if (failed(results))
      return failure();
    return results->front();
  }
  NamedAttribute attribute(StringRef name, Attribute value) const {
    return builder.getNamedAttr(name, value);
  }

  /// A one-dimensional constant of i64.
  virtual Value constant(ArrayRef<int64_t> values) = 0;
  /// A constant scalar of the given element type.
  virtual Value scalar(Type elementType, double value) = 0;

  /// The message is about this node, whose name and operator it will name:
  /// "attribute 'mode': expected linear or nearest, found cubic".
  InFlightDiagnostic error() const { return emitError(loc); }
};

} // namespace tw::nn
