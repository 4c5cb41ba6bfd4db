// Where lanes that part at a branch meet again: its block's immediate
// post-dominator.
#include "runtime/emulator/Syntax.h"

#include <algorithm>

using namespace tw::emu;

namespace {
struct Graph {
  /// First instruction of each block; the last node is the way out.
  std::vector<uint32_t> starts;
  std::vector<std::vector<uint32_t>> successors, predecessors;
  std::vector<uint32_t> blockOf;
};
} // namespace

static std::vector<uint32_t> targetsOf(const Inst &inst) {
  std::vector<uint32_t> targets;
  for (unsigned n = 0; n < inst.count; ++n) {
    const Operand &o = inst.op(n);
    if (o.kind == Operand::Label)
      targets.push_back(o.row);
    for (uint32_t i = 0; o.kind == Operand::Labels && i < o.count; ++i)
      targets.push_back(o.elements[i].row);
  }
  return targets;
}

static Graph makeGraph(const Function &function) {
  const std::vector<Inst> &code = function.code;
  std::vector<bool> leads(code.size() + 1);
  leads[0] = true;
  for (size_t at = 0; at < code.size(); ++at) {
    if (code[at].flow == Flow::Next)
      continue;
    leads[at + 1] = true;
    for (uint32_t target : targetsOf(code[at]))
      leads[target] = true;
  }
  Graph graph;
  for (size_t at = 0; at < code.size(); ++at) {
    if (leads[at])
      graph.starts.push_back(uint32_t(at));
    graph.blockOf.push_back(uint32_t(graph.starts.size() - 1));
  }
  size_t blocks = graph.starts.size();
  graph.successors.resize(blocks + 1);
  graph.predecessors.resize(blocks + 1);
  for (size_t block = 0; block < blocks; ++block) {
    size_t end = block + 1 < blocks ? graph.starts[block + 1] : code.size();
    const Inst &last = code[end - 1];
    auto edge = [&](size_t to) {
      graph.successors[block].push_back(uint32_t(to));
      graph.predecessors[to].push_back(uint32_t(block));
    };
    if (last.flow == Flow::Return)
      edge(blocks);
    if (last.flow == Flow::Branch)
      for (uint32_t target : targetsOf(last))
        edge(graph.blockOf[target]);
    if (last.flow == Flow::Next || last.guard >= 0)
      edge(end < code.size() ? block + 1 : blocks);
  }
  return graph;
}

/// Blocks in post-order of a walk from the way out against the edges.
static std::vector<uint32_t> postOrder(const Graph &graph) {
  uint32_t out = uint32_t(graph.starts.size());
  std::vector<bool> seen(out + 1);
  std::vector<uint32_t> order;
  std::vector<std::pair<uint32_t, size_t>> stack{{out, 0}};
  seen[out] = true;
  while (!stack.empty()) {
    auto &[block, next] = stack.back();
    if (next == graph.predecessors[block].size()) {
      order.push_back(block);
      stack.pop_back();
      continue;
    }
    uint32_t before = graph.predecessors[block][next++];
    if (!seen[before]) {
      seen[before] = true;
      stack.emplace_back(before, 0);
    }
  }
  return order;
}

/// After "A Simple, Fast Dominance Algorithm" (Cooper, Harvey, Kennedy).
static std::vector<uint32_t> postDominators(const Graph &graph) {
  std::vector<uint32_t> order = postOrder(graph);
  std::vector<uint32_t> rank(graph.starts.size() + 1, 0);
  std::vector<uint32_t> parent(graph.starts.size() + 1, kNowhere);
  for (size_t at = 0; at < order.size(); ++at)
    rank[order[at]] = uint32_t(at);
  uint32_t out = uint32_t(graph.starts.size());
  parent[out] = out;
  for (bool changed = true; changed;) {
    changed = false;
    for (auto block = order.rbegin() + 1; block < order.rend(); ++block) {
      uint32_t found = kNowhere;
      for (uint32_t next : graph.successors[*block]) {
        if (parent[next] == kNowhere)
          continue;
        uint32_t other = next;
        while (found != kNowhere && found != other)
          if (rank[found] < rank[other])
            found = parent[found];
          else
            other = parent[other];
        found = other;
      }
      changed |= parent[*block] != found;
      parent[*block] = found;
    }
  }
  return parent;
}

void tw::emu::findReconvergence(Function &function) {
  Graph graph = makeGraph(function);
  std::vector<uint32_t> parent = postDominators(graph);
  for (size_t at = 0; at < function.code.size(); ++at) {
    uint32_t block = parent[graph.blockOf[at]];
    bool nowhere = block == kNowhere || block >= graph.starts.size();
    function.code[at].reconverge = nowhere ? kNowhere : graph.starts[block];
  }
}
