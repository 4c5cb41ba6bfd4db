// Models built in memory for the tests of the importer.
#pragma once

#include "onnx/onnx_pb.h"

#include <string>

namespace tw::wire::test {

/// A float32 initializer of `count` elements i * 0.5, held as raw_data.
inline tw_onnx::TensorProto rawTensor(const std::string &name, int count) {
  tw_onnx::TensorProto tensor;
  tensor.set_name(name);
  tensor.set_data_type(tw_onnx::TensorProto::FLOAT);
  tensor.add_dims(count);
  std::string raw;
  for (int i = 0; i < count; ++i) {
    float value = 0.5f * static_cast<float>(i);
    raw.append(reinterpret_cast<const char *>(&value), sizeof value);
  }
  tensor.set_raw_data(raw);
  return tensor;
}

/// y = x + w, with a Constant and a subgraph on the side so that tensors lie at
/// every depth.
inline tw_onnx::ModelProto smallModel(int count) {
  tw_onnx::ModelProto model;
  model.set_ir_version(10);
  model.add_opset_import()->set_version(22);
  tw_onnx::GraphProto *graph = model.mutable_graph();
  graph->set_name("small");
  *graph->add_initializer() = rawTensor("w", count);
  tw_onnx::NodeProto *node = graph->add_node();
  node->set_op_type("Add");
  node->add_input("x");
  node->add_input("w");
  node->add_output("y");
  tw_onnx::NodeProto *branch = graph->add_node();
  branch->set_op_type("If");
  tw_onnx::AttributeProto *body = branch->add_attribute();
  body->set_name("then_branch");
  body->set_type(tw_onnx::AttributeProto::GRAPH);
  tw_onnx::AttributeProto *value =
      body->mutable_g()->add_node()->add_attribute();
  value->set_name("value");
  *value->mutable_t() = rawTensor("inner", count);
  return model;
}

} // namespace tw::wire::test
