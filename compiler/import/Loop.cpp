#include "compiler/import/ControlFlow.h"

#include "compiler/Errors.h"

using namespace tw_onnx;

namespace tw::onnx {
namespace {

/// A host scalar as a tensor, of the rank that the subgraph declares for it.
Value scalarTensor(OpBuilder &b, Location loc, Value scalar,
                   const ValueInfoProto &declared) {
  bool isList = declared.type().tensor_type().shape().dim_size() == 1;
  auto type = RankedTensorType::get(
      isList ? ArrayRef<int64_t>{1} : ArrayRef<int64_t>{}, scalar.getType());
  return tensor::FromElementsOp::create(b, loc, type, scalar);
}

/// An input that counts, as an index; null where it is absent.
llvm::Expected<Value> countOf(OpBuilder &b, const NodeAt &node) {
  Value count = node.inputs.empty() ? Value() : node.inputs.front();
  if (!count)
    return Value();
  if (llvm::Error error = checkSingle(count, "input 'M'"))
    return std::move(error);
  return arith::IndexCastOp::create(b, node.loc, b.getIndexType(),
                                    elementOf(b, node.loc, count))
      .getResult();
}

llvm::Expected<Value> conditionOf(OpBuilder &b, const NodeAt &node) {
  Value condition = node.inputs.size() > 1 ? node.inputs[1] : Value();
  if (!condition)
    return arith::ConstantIntOp::create(b, node.loc, 1, 1).getResult();
  if (llvm::Error error = checkSingle(condition, "input 'cond'"))
    return std::move(error);
  return elementOf(b, node.loc, condition);
}

llvm::Expected<Iteration> iterate(Importer &importer, const NodeAt &node,
                                  const GraphProto &graph, Value number,
                                  Value condition, ArrayRef<Value> carried) {
  OpBuilder &b = importer.builder;
  Value wide = arith::IndexCastOp::create(b, node.loc, b.getI64Type(), number);
  SmallVector<Value> arguments{
      scalarTensor(b, node.loc, wide, graph.input(0)),
      scalarTensor(b, node.loc, condition, graph.input(1))};
  llvm::append_range(arguments, carried);
  auto outputs = importer.subgraph(graph, arguments, node);
  if (!outputs)
    return outputs.takeError();
  if (llvm::Error error = checkSingle(outputs->front(), "output 'cond'"))
    return std::move(error);
  ArrayRef<Value> rest = ArrayRef(*outputs).drop_front();
  return Iteration{elementOf(b, node.loc, outputs->front()),
                   SmallVector<Value>(rest.take_front(carried.size())),
                   SmallVector<Value>(rest.drop_front(carried.size()))};
}

} // namespace

llvm::Expected<SmallVector<Value>> importLoop(Importer &importer,
                                              const NodeAt &node) {
  if (llvm::Error error = checkPresent(node.inputs, 2))
    return std::move(error);
  const GraphProto &graph = *graphOf(node, "body");
  SmallVector<Value> carried(
      node.inputs.drop_front(std::min<size_t>(2, node.inputs.size())));
  int gathered = graph.output_size() - 1 - static_cast<int>(carried.size());
  if (graph.input_size() < 2 || gathered < 0)
    return userError("attribute 'body': expected at least 2 inputs and ",
                     carried.size() + 1, " outputs, found ", graph.input_size(),
                     " and ", graph.output_size());
  auto count = countOf(importer.builder, node);
  if (!count)
    return count.takeError();
  auto condition = conditionOf(importer.builder, node);
  if (!condition)
    return condition.takeError();
  auto body = [&](Value number, Value goesOn, ArrayRef<Value> values) {
    return iterate(importer, node, graph, number, goesOn, values);
  };
  SmallVector<Gathering> gatherings(gathered);
  return LoopBuilder(importer, node, gatherings, body)
      .build(*count, *condition, carried);
}

} // namespace tw::onnx
