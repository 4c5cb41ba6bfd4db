#include "compiler/import/wire/Order.h"

#include <gtest/gtest.h>

using namespace tw::wire;
using namespace tw_onnx;

namespace {

class Order : public testing::Test {
protected:
  NodeProto *add(const std::string &op, std::vector<std::string> inputs,
                 std::vector<std::string> outputs) {
    NodeProto *node = nodes.Add();
    node->set_op_type(op);
    for (const std::string &name : inputs)
      node->add_input(name);
    for (const std::string &name : outputs)
      node->add_output(name);
    return node;
  }

  Result<std::vector<int>> order(std::vector<std::string> outputs) {
    return orderNodes(nodes, outputs,
                      [](const std::string &name) { return name == "x"; });
  }

  google::protobuf::RepeatedPtrField<NodeProto> nodes;
};

TEST_F(Order, KeepsSortedGraphs) {
  add("A", {"x"}, {"a"});
  add("B", {"a"}, {"b"});
  EXPECT_EQ(*order({"b"}), (std::vector<int>{0, 1}));
}

TEST_F(Order, SortsAndLeavesOutWhatIsNotNeeded) {
  add("B", {"a", ""}, {"b"});
  add("Unneeded", {"nowhere"}, {"c"});
  add("A", {"x"}, {"a", ""});
  EXPECT_EQ(*order({"b", ""}), (std::vector<int>{2, 0}));
}

TEST_F(Order, SeesWhatSubgraphsTake) {
  GraphProto *branch = add("If", {"x"}, {"y"})->add_attribute()->mutable_g();
  NodeProto *inner = branch->add_node();
  inner->add_input("a");
  inner->add_output("local");
  branch->add_output()->set_name("local");
  add("A", {"x"}, {"a"});
  EXPECT_EQ(valuesRead(nodes[0]), (std::set<std::string>{"a", "x"}));
  EXPECT_EQ(*order({"y"}), (std::vector<int>{1, 0}));
}

TEST_F(Order, TellsCycles) {
  add("A", {"b"}, {"a"});
  add("B", {"a"}, {"b"});
  EXPECT_EQ(order({"b"}).message(),
            "expected a graph without cycles, found one "
            "through node 'A_0' (A), node 'B_1' (B)");
}

TEST_F(Order, TellsMissingValues) {
  add("A", {"nowhere"}, {"a"});
  EXPECT_EQ(order({"a"}).message(),
            "node 'A_0' (A): input 'nowhere': expected a value of the graph, "
            "found none of this name");
  EXPECT_EQ(order({"c"}).message(), "output 'c': expected a value of the "
                                    "graph, found none of this name");
}

TEST_F(Order, TellsNamesGivenTwice) {
  add("A", {"x"}, {"a"})->set_name("first");
  add("A", {"x"}, {"a"});
  EXPECT_EQ(order({"a"}).message(),
            "node 'A_1' (A): output 'a': expected a new name, found that of an "
            "output of node 'first' (A)");
}

} // namespace
