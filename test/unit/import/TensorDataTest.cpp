#include "compiler/import/wire/TensorData.h"

#include "SmallModel.h"
#include "compiler/import/wire/ElementType.h"

#include <gtest/gtest.h>

using namespace tw::wire;
using namespace tw_onnx;

namespace {

TensorProto tensorOf(TensorProto::DataType type, std::vector<int64_t> dims) {
  TensorProto tensor;
  tensor.set_data_type(type);
  for (int64_t dim : dims)
    tensor.add_dims(dim);
  return tensor;
}

/// What tensorData makes of the tensor, through a whole model so that large
/// data is mapped.
std::string dataOf(const TensorProto &tensor) {
  ModelProto proto;
  *proto.mutable_graph()->add_initializer() = tensor;
  Result<Model> model = readModel(Buffer::own(proto.SerializeAsString()), "m");
  if (!model)
    return "error: " + model.message();
  Result<Data> data = tensorData(*model, model->proto.graph().initializer(0));
  return data ? std::string(data->bytes()) : "error: " + data.message();
}

TEST(ElementType, CountsElements) {
  EXPECT_EQ(elementCount({}), 1u);
  EXPECT_EQ(elementCount({2, 3}), 6u);
  EXPECT_EQ(elementCount({0, INT64_MAX, INT64_MAX}), 0u);
  EXPECT_EQ(elementCount({-1}), std::nullopt);
  EXPECT_EQ(elementCount({INT64_MAX, 2}), std::nullopt);
}

TEST(TensorData, NarrowsIntegers) {
  TensorProto tensor = tensorOf(TensorProto::INT8, {3});
  for (int value : {-1, 2, 127})
    tensor.add_int32_data(value);
  EXPECT_EQ(dataOf(tensor), "\xff\x02\x7f");
}

TEST(TensorData, KeepsSubByteElementsPacked) {
  TensorProto tensor = tensorOf(TensorProto::INT4, {3});
  tensor.add_int32_data(0x21);
  tensor.add_int32_data(0x03);
  EXPECT_EQ(dataOf(tensor), "\x21\x03");
}

TEST(TensorData, ReadsHalves) {
  TensorProto tensor = tensorOf(TensorProto::FLOAT16, {2});
  tensor.add_int32_data(0x3c00);
  tensor.add_int32_data(0xc000);
  EXPECT_EQ(dataOf(tensor), std::string("\x00\x3c\x00\xc0", 4));
}

TEST(TensorData, DecodesLargeTypedData) {
  TensorProto tensor = tensorOf(TensorProto::INT64, {1000});
  std::string expected;
  for (int64_t i = 0; i < 1000; ++i) {
    tensor.add_int64_data(-i);
    int64_t value = -i;
    expected.append(reinterpret_cast<const char *>(&value), sizeof value);
  }
  EXPECT_EQ(dataOf(tensor), expected);
}

TEST(TensorData, ReadsDoublesAndComplex) {
  TensorProto tensor = tensorOf(TensorProto::DOUBLE, {1});
  tensor.add_double_data(1.0);
  EXPECT_EQ(dataOf(tensor).size(), 8u);
  TensorProto complex = tensorOf(TensorProto::COMPLEX64, {1});
  complex.add_float_data(1.0f);
  complex.add_float_data(2.0f);
  EXPECT_EQ(dataOf(complex).size(), 8u);
}

TEST(TensorData, RefusesTheWrongAmount) {
  TensorProto tensor = tensorOf(TensorProto::FLOAT, {2, 2});
  tensor.set_raw_data("1234");
  EXPECT_EQ(dataOf(tensor),
            "error: expected 16 bytes for float32 of shape [2, 2], found 4");
}

TEST(TensorData, RefusesImpossibleShapes) {
  EXPECT_EQ(dataOf(tensorOf(TensorProto::FLOAT, {-1})),
            "error: expected a shape whose elements fit in memory, found [-1]");
  EXPECT_EQ(dataOf(tensorOf(TensorProto::FLOAT, {INT64_MAX, 8})),
            "error: expected a shape whose elements fit in memory, found "
            "[9223372036854775807, 8]");
}

TEST(TensorData, RefusesUnknownTypesAndSegments) {
  EXPECT_EQ(
      dataOf(tensorOf(TensorProto::UNDEFINED, {1})),
      "error: expected an element type that has a size, found element type 0");
  TensorProto tensor = tensorOf(TensorProto::FLOAT, {1});
  tensor.mutable_segment()->set_begin(0);
  EXPECT_EQ(dataOf(tensor),
            "error: expected a whole tensor, found a segment of one");
}

TEST(TensorData, ReadsStrings) {
  TensorProto tensor = tensorOf(TensorProto::STRING, {2});
  tensor.add_string_data("a");
  EXPECT_EQ(tensorStrings(tensor).message(),
            "expected 2 strings for string of shape [2], found 1");
  tensor.add_string_data("b");
  EXPECT_EQ(*tensorStrings(tensor), (std::vector<std::string>{"a", "b"}));
}

} // namespace
