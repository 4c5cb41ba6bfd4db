#include "compiler/import/wire/Order.h"

#include <map>
#include <queue>

namespace tw::wire {
namespace {

using namespace tw_onnx;

void addValuesRead(const GraphProto &graph, std::set<std::string> &names) {
  std::set<std::string> inside, read;
  for (const ValueInfoProto &input : graph.input())
    inside.insert(input.name());
  for (const TensorProto &tensor : graph.initializer())
    inside.insert(tensor.name());
  for (const NodeProto &node : graph.node()) {
    read.merge(valuesRead(node));
    inside.insert(node.output().begin(), node.output().end());
  }
  for (const ValueInfoProto &output : graph.output())
    read.insert(output.name());
  for (const std::string &name : read)
    if (!inside.contains(name))
      names.insert(name);
}

class Sorter {
public:
  Sorter(const Nodes &nodes,
         const std::function<bool(const std::string &)> &isKnown)
      : nodes(nodes), isKnown(isKnown), reads(nodes.size()),
        isNeeded(nodes.size()) {}

  Status findProducers();
  Status findNeeded(const std::vector<std::string> &outputs);
  Result<std::vector<int>> sort() const;

private:
  Status need(const std::string &name, const std::string &reader);
  Failure cycle(const std::vector<int> &missing) const;

  const Nodes &nodes;
  const std::function<bool(const std::string &)> &isKnown;
  std::map<std::string, int> producers;
  std::vector<std::set<std::string>> reads;
  std::vector<bool> isNeeded;
  std::vector<int> toVisit;
};

Status Sorter::findProducers() {
  for (int i = 0; i < nodes.size(); ++i)
    for (const std::string &name : nodes[i].output()) {
      if (name.empty())
        continue;
      auto [known, isNew] = producers.emplace(name, i);
      if (!isNew)
        return fail(nodeLabel(nodes[i], i), ": output '", name,
                    "': expected a new name, found that of an output of ",
                    nodeLabel(nodes[known->second], known->second));
    }
  return {};
}

Status Sorter::need(const std::string &name, const std::string &reader) {
  auto producer = producers.find(name);
  if (producer == producers.end()) {
    if (isKnown(name))
      return {};
    return fail(reader, " '", name,
                "': expected a value of the graph, found none of this name");
  }
  if (!isNeeded[producer->second])
    toVisit.push_back(producer->second);
  isNeeded[producer->second] = true;
  return {};
}

Status Sorter::findNeeded(const std::vector<std::string> &outputs) {
  for (const std::string &name : outputs) {
    Status status = name.empty() ? Status() : need(name, "output");
    if (status.failed())
      return status;
  }
  while (!toVisit.empty()) {
    int node = toVisit.back();
    toVisit.pop_back();
    reads[node] = valuesRead(nodes[node]);
    for (const std::string &name : reads[node]) {
      Status status = need(name, nodeLabel(nodes[node], node) + ": input");
      if (status.failed())
        return status;
    }
  }
  return {};
}

Failure Sorter::cycle(const std::vector<int> &missing) const {
  std::string names;
  for (int node = 0; node < nodes.size(); ++node)
    if (missing[node] > 0)
      names += (names.empty() ? "" : ", ") + nodeLabel(nodes[node], node);
  return fail("expected a graph without cycles, found one through ", names);
}

/// Takes the ready node that comes first in the file, so that a sorted graph
/// stays as it is.
Result<std::vector<int>> Sorter::sort() const {
  std::vector<std::vector<int>> readers(nodes.size());
  std::vector<int> missing(nodes.size()), order;
  std::priority_queue<int, std::vector<int>, std::greater<>> ready;
  size_t count = 0;
  for (int node = 0; node < nodes.size(); ++node) {
    if (!isNeeded[node])
      continue;
    ++count;
    for (const std::string &name : reads[node])
      if (auto producer = producers.find(name); producer != producers.end()) {
        readers[producer->second].push_back(node);
        ++missing[node];
      }
    if (missing[node] == 0)
      ready.push(node);
  }
  while (!ready.empty()) {
    int node = ready.top();
    ready.pop();
    order.push_back(node);
    for (int reader : readers[node])
      if (--missing[reader] == 0)
        ready.push(reader);
  }
  if (order.size() < count)
    return cycle(missing);
  return order;
}

} // namespace

std::string nodeName(const NodeProto &node, int index) {
  return node.name().empty() ? node.op_type() + "_" + std::to_string(index)
                             : node.name();
}

std::string nodeLabel(const NodeProto &node, int index) {
  return "node '" + nodeName(node, index) + "' (" + node.op_type() + ")";
}

std::set<std::string> valuesRead(const NodeProto &node) {
  std::set<std::string> names;
  for (const std::string &name : node.input())
    if (!name.empty())
      names.insert(name);
  for (const AttributeProto &attribute : node.attribute()) {
    if (attribute.has_g())
      addValuesRead(attribute.g(), names);
    for (const GraphProto &graph : attribute.graphs())
      addValuesRead(graph, names);
  }
  return names;
}

Result<std::vector<int>>
orderNodes(const Nodes &nodes, const std::vector<std::string> &outputs,
           const std::function<bool(const std::string &)> &isKnown) {
  Sorter sorter(nodes, isKnown);
  Status status = sorter.findProducers();
  if (!status.failed())
    status = sorter.findNeeded(outputs);
  if (status.failed())
    return status.takeFailure();
  return sorter.sort();
}

} // namespace tw::wire
