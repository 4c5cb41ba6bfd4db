#include "compiler/import/wire/Scan.h"

#include "SmallModel.h"
#include "compiler/import/wire/Varint.h"

#include <gtest/gtest.h>

using namespace tw::wire;
using namespace tw::wire::test;
using namespace tw_onnx;

namespace {

ModelProto parse(const Scan &scan) {
  ModelProto model;
  EXPECT_TRUE(model.ParseFromString(scan.message));
  return model;
}

/// `depth` graphs, each inside an attribute of the one around it.
ModelProto nestedModel(int depth) {
  ModelProto model;
  GraphProto *graph = model.mutable_graph();
  for (int i = 0; i < depth; ++i)
    graph = graph->add_node()->add_attribute()->mutable_g();
  return model;
}

TEST(Varint, RoundTrips) {
  for (uint64_t value : {uint64_t(0), uint64_t(127), uint64_t(128),
                         uint64_t(1) << 35, UINT64_MAX}) {
    std::string bytes;
    appendVarint(bytes, value);
    size_t at = 0;
    EXPECT_EQ(readVarint(bytes, at), value);
    EXPECT_EQ(at, bytes.size());
  }
}

TEST(Varint, RefusesMoreThanTenBytes) {
  std::string bytes(11, '\x80');
  size_t at = 0;
  EXPECT_FALSE(readVarint(bytes, at));
}

TEST(Scan, KeepsSmallModelsAsTheyAre) {
  std::string bytes = smallModel(4).SerializeAsString();
  Result<Scan> scan = scanModel(bytes);
  ASSERT_TRUE(scan) << scan.message();
  EXPECT_EQ(scan->message, bytes);
  EXPECT_TRUE(scan->ranges.empty());
}

TEST(Scan, LeavesLargeDataWhereItLies) {
  std::string bytes = smallModel(1000).SerializeAsString();
  Result<Scan> scan = scanModel(bytes);
  ASSERT_TRUE(scan) << scan.message();
  ASSERT_EQ(scan->ranges.size(), 2u);
  EXPECT_LT(scan->message.size(), 300u);
  ModelProto model = parse(*scan);
  const TensorProto &outer = model.graph().initializer(0);
  const TensorProto &inner =
      model.graph().node(1).attribute(0).g().node(0).attribute(0).t();
  std::string data = rawTensor("", 1000).raw_data();
  for (const TensorProto *tensor : {&outer, &inner}) {
    ASSERT_TRUE(tensor->has_mapped());
    EXPECT_FALSE(tensor->has_raw_data());
    DataRange range = scan->ranges[tensor->mapped()];
    EXPECT_EQ(bytes.substr(range.offset, range.length), data);
  }
}

TEST(Scan, MapsTypedData) {
  ModelProto model;
  TensorProto *floats = model.mutable_graph()->add_initializer(),
              *ints = model.mutable_graph()->add_initializer();
  for (int i = 0; i < 1000; ++i) {
    floats->add_float_data(static_cast<float>(i));
    ints->add_int64_data(-i);
  }
  Result<Scan> scan = scanModel(model.SerializeAsString());
  ASSERT_TRUE(scan) << scan.message();
  ASSERT_EQ(scan->ranges.size(), 2u);
  EXPECT_FALSE(scan->ranges[0].varint);
  EXPECT_TRUE(scan->ranges[1].varint);
}

TEST(Scan, FilesCannotClaimMappedData) {
  ModelProto model = smallModel(4);
  model.mutable_graph()->mutable_initializer(0)->set_mapped(7);
  Result<Scan> scan = scanModel(model.SerializeAsString());
  ASSERT_TRUE(scan) << scan.message();
  EXPECT_FALSE(parse(*scan).graph().initializer(0).has_mapped());
}

TEST(Scan, RefusesDataGivenTwice) {
  ModelProto model = smallModel(1000);
  model.mutable_graph()->mutable_initializer(0)->mutable_float_data()->Resize(
      1000, 1.0f);
  Result<Scan> scan = scanModel(model.SerializeAsString());
  ASSERT_FALSE(scan);
  EXPECT_NE(scan.message().find("a tensor gives its data twice"),
            std::string::npos)
      << scan.message();
}

TEST(Scan, BoundsNesting) {
  EXPECT_TRUE(scanModel(nestedModel(30).SerializeAsString()));
  Result<Scan> deep = scanModel(nestedModel(40).SerializeAsString());
  ASSERT_FALSE(deep);
  EXPECT_NE(deep.message().find("messages are nested more than 100 deep"),
            std::string::npos)
      << deep.message();
}

TEST(Scan, SaysWhichByteIsWrong) {
  EXPECT_EQ(scanModel(std::string("\x08\x07\x3a\x7f", 4)).message(),
            "byte 4: expected 127 bytes of a field, found 0");
  EXPECT_EQ(scanModel(std::string("\x08\x80", 2)).message(),
            "byte 1: an integer is cut off or too long");
  EXPECT_EQ(scanModel(std::string("\x0b", 1)).message(),
            "byte 0: expected a field, found wire type 3");
  EXPECT_EQ(scanModel(std::string("\x00", 1)).message(),
            "byte 0: expected a field, found none");
}

} // namespace
