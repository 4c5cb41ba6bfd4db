#include "compiler/import/wire/Model.h"

#include "SmallModel.h"
#include "compiler/import/wire/TensorData.h"

#include <gtest/gtest.h>
#include <random>

using namespace tw::wire;
using namespace tw::wire::test;

namespace {

Result<Model> read(std::string bytes) {
  return readModel(Buffer::own(std::move(bytes)), "m.onnx");
}

/// Reads a model from damaged bytes and, where that succeeds, every tensor of
/// its graph: no input may do more than fail.
void exercise(std::string bytes) {
  Result<Model> model = read(std::move(bytes));
  if (!model) {
    EXPECT_TRUE(model.message().starts_with("m.onnx: ")) << model.message();
    return;
  }
  for (const tw_onnx::TensorProto &tensor :
       model->proto.graph().initializer()) {
    Result<Data> data = tensorData(*model, tensor);
    if (data)
      EXPECT_EQ(data->bytes().size(), data->range.length);
  }
}

TEST(Model, ReadsMappedTensors) {
  Result<Model> model = read(smallModel(1000).SerializeAsString());
  ASSERT_TRUE(model) << model.message();
  Result<Data> data = tensorData(*model, model->proto.graph().initializer(0));
  ASSERT_TRUE(data) << data.message();
  EXPECT_EQ(data->bytes(), rawTensor("", 1000).raw_data());
}

TEST(Model, TellsWhatIsNoModel) {
  EXPECT_EQ(read("").message(),
            "m.onnx: expected an ONNX model, found an empty file");
  EXPECT_EQ(read("hello, world").message().substr(0, 54),
            "m.onnx: expected an ONNX model, found something else (");
  EXPECT_EQ(read(std::string("\x08\x07", 2)).message(),
            "m.onnx: the ONNX model is truncated or damaged: it has no graph");
}

TEST(Model, TellsMissingFiles) {
  EXPECT_EQ(
      readModel("/nonexistent/m.onnx").message(),
      "/nonexistent/m.onnx: cannot open the file: No such file or directory");
  EXPECT_EQ(readModel("/").message(),
            "/: expected a regular file, found a folder");
  EXPECT_EQ(readModel("/dev/null").message(),
            "/dev/null: expected a regular file, found a device or pipe");
}

TEST(Model, SurvivesTruncationAtEveryByte) {
  tw_onnx::ModelProto proto = smallModel(300);
  proto.clear_opset_import(); // it would follow the graph
  std::string bytes = proto.SerializeAsString();
  for (size_t length = 0; length < bytes.size(); ++length) {
    EXPECT_FALSE(read(bytes.substr(0, length))) << length;
    exercise(bytes.substr(0, length));
  }
}

TEST(Model, SurvivesMutations) {
  std::string original = smallModel(300).SerializeAsString();
  std::mt19937 random(1);
  for (int round = 0; round < 20000; ++round) {
    std::string bytes = original;
    for (unsigned i = 0; i < 1 + random() % 8; ++i) {
      // Mostly hit the structure, not the tensor data.
      size_t at = random() % 4 ? random() % 64 : random() % bytes.size();
      bytes[at] = static_cast<char>(random());
    }
    exercise(std::move(bytes));
  }
}

} // namespace
