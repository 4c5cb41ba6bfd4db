#include "compiler/import/wire/TensorData.h"

#include "SmallModel.h"

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <sys/stat.h>

using namespace tw::wire;
using namespace tw::wire::test;
using namespace tw_onnx;
namespace fs = std::filesystem;

namespace {

class ExternalData : public testing::Test {
protected:
  void SetUp() override {
    std::string pattern = fs::temp_directory_path() / "import-XXXXXX";
    ASSERT_TRUE(mkdtemp(pattern.data()));
    outside = pattern;
    folder = outside / "model";
    fs::create_directory(folder);
    write(folder / "weights.bin", "pad!" + rawTensor("", 2).raw_data());
    write(outside / "secret.bin", rawTensor("", 2).raw_data());
  }
  void TearDown() override { fs::remove_all(outside); }

  static void write(const fs::path &path, const std::string &bytes) {
    std::ofstream(path, std::ios::binary) << bytes;
  }

  /// Reads a model whose only initializer, two floats, has the given
  /// external_data entries.
  Result<Model> read(std::vector<std::pair<std::string, std::string>> entries) {
    ModelProto proto;
    TensorProto *tensor = proto.mutable_graph()->add_initializer();
    *tensor = rawTensor("w", 2);
    tensor->clear_raw_data();
    tensor->set_data_location(TensorProto::EXTERNAL);
    for (auto &[key, value] : entries) {
      StringStringEntryProto *entry = tensor->add_external_data();
      entry->set_key(key);
      entry->set_value(value);
    }
    write(folder / "m.onnx", proto.SerializeAsString());
    return readModel(folder / "m.onnx");
  }

  std::string
  errorOf(std::vector<std::pair<std::string, std::string>> entries) {
    Result<Model> model = read(std::move(entries));
    std::string prefix =
        (folder / "m.onnx").string() + ": external data of tensor 'w': ";
    EXPECT_TRUE(!model && model.message().starts_with(prefix))
        << model.message();
    return model ? "" : model.message().substr(prefix.size());
  }

  fs::path outside, folder;
};

TEST_F(ExternalData, IsMappedFromTheModelsFolder) {
  Result<Model> model =
      read({{"location", "weights.bin"}, {"offset", "4"}, {"length", "8"}});
  ASSERT_TRUE(model) << model.message();
  Result<Data> data = tensorData(*model, model->proto.graph().initializer(0));
  ASSERT_TRUE(data) << data.message();
  EXPECT_EQ(data->bytes(), rawTensor("", 2).raw_data());
}

TEST_F(ExternalData, TakesItsLengthFromTheTensor) {
  Result<Model> model = read({{"location", "weights.bin"}});
  ASSERT_TRUE(model) << model.message();
  EXPECT_EQ(model->data[0].range.length, 8u);
}

TEST_F(ExternalData, FollowsLinksInsideTheFolder) {
  fs::create_symlink("weights.bin", folder / "link.bin");
  EXPECT_TRUE(read({{"location", "link.bin"}}));
}

TEST_F(ExternalData, StaysInTheFolder) {
  EXPECT_EQ(errorOf({{"location", "/etc/passwd"}}),
            "expected a path inside the model's folder, found the absolute "
            "path '/etc/passwd'");
  EXPECT_EQ(errorOf({{"location", "../secret.bin"}}),
            "expected a path inside the model's folder, found '..' in "
            "'../secret.bin'");
  fs::create_symlink("../secret.bin", folder / "link.bin");
  EXPECT_EQ(errorOf({{"location", "link.bin"}}),
            "'link.bin': a symbolic link leads out of the model's folder");
  fs::create_directory_symlink("..", folder / "up");
  EXPECT_EQ(errorOf({{"location", "up/secret.bin"}}),
            "'up/secret.bin': a symbolic link leads out of the model's folder");
}

TEST_F(ExternalData, RefusesWhatIsNoFile) {
  EXPECT_EQ(errorOf({{"location", "none.bin"}}),
            "'none.bin': cannot open the file: No such file or directory");
  ASSERT_EQ(mkfifo((folder / "pipe").c_str(), 0600), 0);
  EXPECT_EQ(errorOf({{"location", "pipe"}}),
            "'pipe': expected a regular file, found a device or pipe");
  EXPECT_EQ(errorOf({{"location", std::string("a\0b", 3)}}),
            "expected a path, found one with a zero byte");
}

TEST_F(ExternalData, ChecksOffsetAndLength) {
  EXPECT_EQ(errorOf({{"location", "weights.bin"}, {"offset", "5"}}),
            "expected 8 bytes at offset 5 of 'weights.bin', which has 12");
  EXPECT_EQ(errorOf({{"location", "weights.bin"},
                     {"offset", "18446744073709551615"}}),
            "expected 8 bytes at offset 18446744073709551615 of 'weights.bin', "
            "which has 12");
  EXPECT_EQ(errorOf({{"location", "weights.bin"}, {"length", "99"}}),
            "expected 99 bytes at offset 0 of 'weights.bin', which has 12");
  EXPECT_EQ(errorOf({{"location", "weights.bin"}, {"offset", "-4"}}),
            "offset: expected a number of bytes, found '-4'");
  EXPECT_EQ(errorOf({}), "expected a location, found none");
}

TEST_F(ExternalData, NeedsAFolder) {
  ModelProto proto;
  TensorProto *tensor = proto.mutable_graph()->add_initializer();
  *tensor = rawTensor("w", 2);
  tensor->set_data_location(TensorProto::EXTERNAL);
  StringStringEntryProto *entry = tensor->add_external_data();
  entry->set_key("location");
  entry->set_value("w.bin");
  EXPECT_EQ(
      readModel(Buffer::own(proto.SerializeAsString()), "bytes").message(),
      "bytes: external data of tensor 'w': a model given as bytes has no "
      "folder to look for 'w.bin' in");
}

} // namespace
