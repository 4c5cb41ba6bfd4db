#include "compiler/import/schema/Operator.h"

#include <gtest/gtest.h>

using namespace tw::schema;
using namespace tw_onnx;

namespace {

NodeProto nodeOf(const std::string &op, std::vector<std::string> inputs) {
  NodeProto node;
  node.set_op_type(op);
  for (const std::string &name : inputs)
    node.add_input(name);
  node.add_output("y");
  return node;
}

TEST(Operator, FindsTheFormOfAnOpset) {
  EXPECT_EQ(Operator::find("", "Add", 13)->since(), 13);
  EXPECT_EQ(Operator::find("ai.onnx", "Add", 6)->since(), 6);
  EXPECT_FALSE(Operator::find("", "Mish", 13));
  EXPECT_GT(Operator::newest("", "Mish")->since(), 13);
  EXPECT_FALSE(Operator::newest("", "Frobnicate"));
  EXPECT_EQ(knownOpsets("")->first, 1);
  EXPECT_FALSE(knownOpsets("com.acme"));
}

TEST(Operator, KnowsInputsAndDefaults) {
  std::vector<Parameter> inputs = Operator::find("", "Clip", 13)->inputs();
  ASSERT_EQ(inputs.size(), 3u);
  EXPECT_EQ(inputs[1].name, "min");
  EXPECT_EQ(inputs[1].kind, Parameter::Optional);
  EXPECT_EQ(inputs[1].type, inputs[0].type);
  EXPECT_EQ(Operator::find("", "Concat", 13)->inputs()[0].kind,
            Parameter::Variadic);
  std::vector<AttributeProto> defaults =
      Operator::find("", "Softmax", 11)->defaults();
  ASSERT_EQ(defaults.size(), 1u);
  EXPECT_EQ(defaults[0].i(), 1);
}

TEST(Operator, ChecksNodes) {
  Operator clip = *Operator::find("", "Clip", 13);
  EXPECT_FALSE(clip.check(nodeOf("Clip", {"x", "", "max"})).failed());
  EXPECT_EQ(clip.check(nodeOf("Clip", {})).message(),
            "expected 1 to 3 inputs, found 0");
  NodeProto concat = nodeOf("Concat", {"x"});
  EXPECT_EQ(Operator::find("", "Concat", 13)->check(concat).message(),
            "attribute 'axis': expected a value, found none");
  AttributeProto *axis = concat.add_attribute();
  axis->set_name("axis");
  axis->set_type(AttributeProto::INT);
  *concat.add_attribute() = *axis;
  EXPECT_EQ(Operator::find("", "Concat", 13)->check(concat).message(),
            "attribute 'axis': expected once, found twice");
}

TEST(Operator, DefinesOperatorsByOthers) {
  TypeProto type;
  type.mutable_tensor_type()->set_elem_type(TensorProto::FLOAT);
  NodeProto celu = nodeOf("Celu", {"x"});
  auto body = Operator::find("", "Celu", 12)->body(celu, {type}, 12);
  ASSERT_TRUE(body) << body.message();
  ASSERT_TRUE(*body);
  EXPECT_GT((**body).node_size(), 1);
  auto none = Operator::find("", "Add", 13)
                  ->body(nodeOf("Add", {"x", "x"}), {type, type}, 13);
  ASSERT_TRUE(none) << none.message();
  EXPECT_FALSE(*none);
}

} // namespace
