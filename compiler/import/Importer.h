// The importer's state while it walks a model.
#pragma once

#include "compiler/import/Import.h"
#include "compiler/import/schema/Operator.h"
#include "compiler/import/wire/Order.h"
#include "passes/InferShapes.h"

#include "llvm/ADT/StringMap.h"

namespace tw::onnx {

using namespace mlir;

/// What a list of nodes means: the opsets it is written in, the attributes that
/// its nodes may refer to, and what its nodes' names begin with. Each function
/// body has its own.
struct Frame {
  std::map<std::string, int64_t> opsets;
  std::map<std::string, tw_onnx::AttributeProto> attributes;
  std::string prefix;
  unsigned depth = 0;
};

/// The values of a graph by name; a subgraph also sees those around it.
class Scope {
public:
  explicit Scope(const Scope *outer = nullptr) : outer(outer) {}

  /// Null for the name of an absent optional input.
  void set(const std::string &name, Value value) { values[name] = value; }
  std::optional<Value> find(const std::string &name) const;

  /// Made into values where they are first used.
  llvm::StringMap<const tw_onnx::TensorProto *> initializers;
  /// Types that the model declares, as hints.
  llvm::StringMap<const tw_onnx::ValueInfoProto *> declared;
  const Scope *outer;

private:
  llvm::StringMap<Value> values;
};

/// A node at its place.
struct NodeAt {
  const tw_onnx::NodeProto &proto;
  /// Null where an optional input is absent.
  ArrayRef<Value> inputs;
  Location loc;
  /// With the names of the functions and subgraphs around it.
  std::string name;
  Scope &scope;
  const Frame &frame;
};

class Importer {
public:
  Importer(const wire::Model &model, MLIRContext *context,
           const ImportOptions &options);

  llvm::Expected<ImportedModel> run();

  /// The value of a name; an absent one is null.
  llvm::Expected<Value> value(Scope &scope, const std::string &name);
  /// A constant, or a weight where it is large.
  llvm::Expected<Value> constant(const tw_onnx::TensorProto &tensor,
                                 Location loc);
  Value constant(DenseElementsAttr value, Location loc);

  /// Imports the nodes that the outputs need, and returns the outputs.
  llvm::Expected<SmallVector<Value>>
  nodes(const wire::Nodes &nodes, const std::vector<std::string> &outputs,
        Scope &scope, const Frame &frame);

  /// Imports a subgraph of `node` where the builder stands, and returns its
  /// outputs. It sees the values around the node.
  llvm::Expected<SmallVector<Value>> subgraph(const tw_onnx::GraphProto &graph,
                                              ArrayRef<Value> arguments,
                                              const NodeAt &node);

  /// The result of an operator of ai.onnx, as if the model had it there.
  llvm::Expected<Value>
  apply(StringRef operatorName, ArrayRef<Value> inputs,
        ArrayRef<std::pair<StringRef, int64_t>> attributes, const NodeAt &node);

  /// Erases an op, but not before the import ends.
  void discard(Operation *op) { discarded.push_back(op); }

  const wire::Model &model;
  MLIRContext *context;
  OpBuilder builder;
  ShapeInference inference;
  /// Sizes that the block checks already.
  std::set<std::tuple<Block *, const void *, const void *, bool>> checkedSizes;

private:
  llvm::Error prepare();
  llvm::Error checkOpsets() const;
  llvm::Error checkDims() const;
  template <typename OpT, typename... Args>
  Value createConstant(Args &&...args);
  llvm::Error main();
  llvm::Error arguments(Scope &scope);
  llvm::Expected<RankedTensorType>
  argumentType(const tw_onnx::ValueInfoProto &input,
               SmallVectorImpl<Attribute> &dims);
  llvm::Error bindInitializers(const tw_onnx::GraphProto &graph, Scope &scope);
  llvm::Error checkOutput(const tw_onnx::ValueInfoProto &output, Value value);
  ArrayAttr outputDims(const tw_onnx::ValueInfoProto &output, Type type);
  llvm::Error finish();

  llvm::Error node(const tw_onnx::NodeProto &node, int index, Scope &scope,
                   const Frame &frame);
  llvm::Error bindOutput(const tw_onnx::NodeProto &node, int index, Value value,
                         Scope &scope);
  llvm::Expected<SmallVector<Value>> nodeResults(const NodeAt &node);
  llvm::Expected<SmallVector<Value>>
  expandDefinition(const NodeAt &node, const schema::Operator &form,
                   int64_t opset);
  llvm::Expected<SmallVector<Value>>
  expand(const NodeAt &node, const tw_onnx::FunctionProto &body,
         const std::vector<tw_onnx::AttributeProto> &defaults);
  Location location(StringRef name, StringRef operatorName);
  llvm::Error unsupported(const tw_onnx::NodeProto &node, int64_t opset) const;
  const tw_onnx::FunctionProto *
  localFunction(const tw_onnx::NodeProto &node) const;

  const ImportOptions &options;
  SmallVector<Operation *> discarded;
  ImportedModel result;
  /// The names of dims that the inputs have.
  std::set<std::string> symbols;
  Operation *function = nullptr;
  /// Where constants go: the front of the function, so that every use of them
  /// sees them.
  Operation *lastConstant = nullptr;
};

/// Puts `context` before an error's text: where it happened, which only callers
/// know. It may depend on the text.
llvm::Error withContext(llvm::Error error, const std::string &context);
llvm::Error withContext(llvm::Error error,
                        llvm::function_ref<std::string(StringRef)> context);

/// Imports a node as the nn op that stands for its operator.
llvm::Expected<SmallVector<Value>>
importAsOp(Importer &importer, const nn::OpInfo &info,
           const std::optional<schema::Operator> &form, const NodeAt &node);

/// The nn op that stands for an operator, or null.
const nn::OpInfo *findOp(const std::string &domain, const std::string &name);

/// An operator that the importer deals with itself.
using OperatorImport = llvm::Expected<SmallVector<Value>> (*)(Importer &,
                                                              const NodeAt &);
OperatorImport findOperatorImport(const std::string &domain,
                                  const std::string &name);

llvm::Expected<SmallVector<Value>> importIf(Importer &, const NodeAt &);
llvm::Expected<SmallVector<Value>> importLoop(Importer &, const NodeAt &);
llvm::Expected<SmallVector<Value>> importScan(Importer &, const NodeAt &);

} // namespace tw::onnx
