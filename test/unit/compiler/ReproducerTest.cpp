#include "tools/cli/Report.h"

#include "compiler/Errors.h"
#include "onnx/onnx_pb.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "gtest/gtest.h"

using namespace tw;
using namespace tw::cli;

static void addValue(tw_onnx::ValueInfoProto &value, const char *name) {
  value.set_name(name);
  auto &type = *value.mutable_type()->mutable_tensor_type();
  type.set_elem_type(tw_onnx::TensorProto::FLOAT);
  type.mutable_shape()->add_dim()->set_dim_value(4096);
}

/// y = x + w with 4096 weights.
static ModelSource makeModel() {
  tw_onnx::ModelProto model;
  model.set_ir_version(10);
  model.add_opset_import()->set_version(20);
  auto &graph = *model.mutable_graph();
  graph.set_name("g");
  addValue(*graph.add_input(), "x");
  addValue(*graph.add_output(), "y");
  auto &node = *graph.add_node();
  node.set_op_type("Add");
  node.add_input("x");
  node.add_input("w");
  node.add_output("y");
  auto &weight = *graph.add_initializer();
  weight.set_name("w");
  weight.set_data_type(tw_onnx::TensorProto::FLOAT);
  weight.add_dims(4096);
  weight.set_raw_data(std::string(4096 * 4, '\1'));
  return ModelSource::ofBytes(model.SerializeAsString(), "model");
}

namespace {
class Reproducer : public testing::Test {
protected:
  void SetUp() override {
    llvm::sys::fs::createUniqueDirectory("tilewright-test", folder);
    output = (folder + "/out").str();
  }
  void TearDown() override { llvm::sys::fs::remove_directories(folder); }

  std::string report(llvm::Error error) {
    error = withReproducer(std::move(error), makeModel(), {}, output);
    wasBug = error.isA<CompilerBug>();
    return llvm::toString(std::move(error));
  }

  llvm::SmallString<128> folder;
  std::string output;
  bool wasBug = false;
};
} // namespace

TEST_F(Reproducer, HoldsTheGraphWithoutItsWeights) {
  std::string path = output + ".reproducer.mlir";
  EXPECT_EQ(report(compilerBug("pass X failed")),
            "pass X failed\nreproducer (without weights): " + path);
  EXPECT_TRUE(wasBug);
  auto file = llvm::MemoryBuffer::getFile(path);
  ASSERT_TRUE(bool(file));
  llvm::StringRef text = (*file)->getBuffer();
  EXPECT_TRUE(text.contains("//   pass X failed"));
  EXPECT_TRUE(text.contains("nn.add"));
  EXPECT_LT(text.size(), 4096u);
}

TEST_F(Reproducer, UserErrorsPass) {
  EXPECT_EQ(report(userError("your file")), "your file");
  EXPECT_FALSE(wasBug);
  EXPECT_FALSE(llvm::sys::fs::exists(output + ".reproducer.mlir"));
}

TEST_F(Reproducer, SaysWhyThereIsNone) {
  output = (folder + "/missing/out").str();
  std::string message = report(compilerBug("pass X failed"));
  EXPECT_TRUE(
      llvm::StringRef(message).starts_with("pass X failed\nno reproducer: "))
      << message;
  EXPECT_TRUE(wasBug);
}
