// The nodes of a graph that its outputs need, each after what it needs itself.
#pragma once

#include "compiler/import/wire/Result.h"
#include "onnx/onnx_pb.h"

#include <functional>
#include <set>
#include <string>
#include <vector>

namespace tw::wire {

using Nodes = google::protobuf::RepeatedPtrField<tw_onnx::NodeProto>;

/// The node's name, or its operator and index where it has none.
std::string nodeName(const tw_onnx::NodeProto &node, int index);
/// As messages name it: "node 'conv1' (Conv)".
std::string nodeLabel(const tw_onnx::NodeProto &node, int index);

/// The values that the node reads, also those that its subgraphs take from
/// around it.
std::set<std::string> valuesRead(const tw_onnx::NodeProto &node);

/// Indices into `nodes`. `isKnown` says which values exist without any of these
/// nodes; empty outputs are absent ones. Fails on a value that two nodes
/// produce or none, and on cycles.
Result<std::vector<int>>
orderNodes(const Nodes &nodes, const std::vector<std::string> &outputs,
           const std::function<bool(const std::string &)> &isKnown);

} // namespace tw::wire
