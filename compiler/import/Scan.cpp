#include "compiler/import/ControlFlow.h"

#include "compiler/Errors.h"
#include "compiler/import/Types.h"

using namespace tw_onnx;

namespace tw::onnx {
namespace {

SmallVector<int64_t> integersOf(const NodeAt &node, StringRef name,
                                size_t count) {
  SmallVector<int64_t> values;
  for (const AttributeProto &attribute : node.proto.attribute())
    if (attribute.name() == name)
      values.assign(attribute.ints().begin(), attribute.ints().end());
  values.resize(count, 0);
  return values;
}

/// A scanned input: which dim it is taken apart along, and from which end.
struct Scanned {
  Value value;
  int64_t axis;
  bool backwards;
};

llvm::Expected<SmallVector<Scanned>> scannedInputs(const NodeAt &node,
                                                   size_t count) {
  auto axes = integersOf(node, "scan_input_axes", count);
  auto directions = integersOf(node, "scan_input_directions", count);
  SmallVector<Scanned> scanned;
  for (auto [value, axis, direction] :
       llvm::zip_equal(node.inputs.take_back(count), axes, directions)) {
    int64_t rank = ShapeBuilder::rank(value);
    int64_t fromFront = axis < 0 ? axis + rank : axis;
    if (fromFront < 0 || fromFront >= rank)
      return userError("attribute 'scan_input_axes': expected a dim of ",
                       typeText(value.getType()), ", found ", axis);
    scanned.push_back({value, fromFront, direction == 1});
  }
  return scanned;
}

/// Slice `number` of a scanned input.
llvm::Expected<Value> sliceOf(Importer &importer, const NodeAt &node,
                              const Scanned &input, Value number, Value count) {
  OpBuilder &b = importer.builder;
  if (input.backwards) {
    Value one = arith::ConstantIndexOp::create(b, node.loc, 1);
    Value last = arith::SubIOp::create(b, node.loc, count, one);
    number = arith::SubIOp::create(b, node.loc, last, number);
  }
  Value wide = arith::IndexCastOp::create(b, node.loc, b.getI64Type(), number);
  Value index = tensor::FromElementsOp::create(
      b, node.loc, RankedTensorType::get({}, wide.getType()), wide);
  return importer.apply("Gather", {input.value, index}, {{"axis", input.axis}},
                        node);
}

llvm::Expected<SmallVector<Gathering>>
scannedOutputs(const NodeAt &node, const GraphProto &graph, size_t count) {
  auto axes = integersOf(node, "scan_output_axes", count);
  auto directions = integersOf(node, "scan_output_directions", count);
  SmallVector<Gathering> gatherings;
  for (auto [i, axis] : llvm::enumerate(axes)) {
    const ValueInfoProto &output =
        graph.output(graph.output_size() - count + i);
    int64_t rank = output.type().tensor_type().shape().dim_size() + 1;
    int64_t fromFront = axis < 0 ? axis + rank : axis;
    if (fromFront < 0)
      return userError("attribute 'scan_output_axes': expected at least ",
                       -rank, ", found ", axis);
    gatherings.push_back({fromFront, directions[i] == 1});
  }
  return gatherings;
}

struct ScanParts {
  const GraphProto &graph;
  SmallVector<Value> carried;
  SmallVector<Scanned> scanned;
  SmallVector<Gathering> gatherings;
};

int64_t scanCount(const NodeAt &node) {
  for (const AttributeProto &attribute : node.proto.attribute())
    if (attribute.name() == "num_scan_inputs")
      return attribute.i();
  return 0;
}

llvm::Expected<ScanParts> readScan(const NodeAt &node) {
  // The first form had a batch dim and lengths.
  if (node.frame.opsets.at("") < 9)
    return userError("operator 'Scan' before opset 9 is not supported yet");
  int64_t scans = scanCount(node);
  int64_t inputs = static_cast<int64_t>(node.inputs.size());
  if (scans < 1 || scans > inputs)
    return userError("attribute 'num_scan_inputs': expected 1 to ", inputs,
                     ", found ", scans);
  ScanParts parts{*graphOf(node, "body"), {}, {}, {}};
  parts.carried.append(node.inputs.begin(), node.inputs.end() - scans);
  size_t carried = parts.carried.size();
  size_t outputs = static_cast<size_t>(parts.graph.output_size());
  if (outputs < carried)
    return userError("attribute 'body': expected at least ", carried,
                     " outputs, found ", outputs);
  auto scanned = scannedInputs(node, scans);
  if (!scanned)
    return scanned.takeError();
  parts.scanned = std::move(*scanned);
  auto gatherings = scannedOutputs(node, parts.graph, outputs - carried);
  if (!gatherings)
    return gatherings.takeError();
  parts.gatherings = std::move(*gatherings);
  return parts;
}

llvm::Expected<Iteration> iterate(Importer &importer, const NodeAt &node,
                                  const ScanParts &parts, Value count,
                                  Value number, ArrayRef<Value> carried) {
  SmallVector<Value> arguments(carried);
  for (const Scanned &input : parts.scanned) {
    auto slice = sliceOf(importer, node, input, number, count);
    if (!slice)
      return slice.takeError();
    arguments.push_back(*slice);
  }
  auto outputs = importer.subgraph(parts.graph, arguments, node);
  if (!outputs)
    return outputs.takeError();
  ArrayRef<Value> all = *outputs;
  return Iteration{Value(), SmallVector<Value>(all.take_front(carried.size())),
                   SmallVector<Value>(all.drop_front(carried.size()))};
}

} // namespace

llvm::Expected<SmallVector<Value>> importScan(Importer &importer,
                                              const NodeAt &node) {
  if (llvm::Error error = checkPresent(node.inputs, 0))
    return std::move(error);
  auto parts = readScan(node);
  if (!parts)
    return parts.takeError();
  ShapeBuilder &shapes = importer.inference.shapes();
  shapes.setLocation(node.loc);
  const Scanned &first = parts->scanned.front();
  Value count = shapes.value(shapes.dim(first.value, first.axis));
  Value always = arith::ConstantIntOp::create(importer.builder, node.loc, 1, 1);
  auto body = [&](Value number, Value condition, ArrayRef<Value> carried) {
    auto iteration = iterate(importer, node, *parts, count, number, carried);
    if (iteration)
      iteration->condition = condition;
    return iteration;
  };
  return LoopBuilder(importer, node, parts->gatherings, body)
      .build(count, always, parts->carried);
}

} // namespace tw::onnx
