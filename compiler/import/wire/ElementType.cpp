#include "compiler/import/wire/ElementType.h"

#include "onnx/onnx_pb.h"

namespace tw::wire {
namespace {

using tw_onnx::TensorProto;

struct Row {
  TensorProto::DataType type;
  unsigned bits;
  const char *name;
};

constexpr Row kTypes[] = {
    {TensorProto::FLOAT, 32, "float32"},
    {TensorProto::UINT8, 8, "uint8"},
    {TensorProto::INT8, 8, "int8"},
    {TensorProto::UINT16, 16, "uint16"},
    {TensorProto::INT16, 16, "int16"},
    {TensorProto::INT32, 32, "int32"},
    {TensorProto::INT64, 64, "int64"},
    {TensorProto::STRING, 0, "string"},
    {TensorProto::BOOL, 8, "bool"},
    {TensorProto::FLOAT16, 16, "float16"},
    {TensorProto::DOUBLE, 64, "float64"},
    {TensorProto::UINT32, 32, "uint32"},
    {TensorProto::UINT64, 64, "uint64"},
    {TensorProto::COMPLEX64, 64, "complex64"},
    {TensorProto::COMPLEX128, 128, "complex128"},
    {TensorProto::BFLOAT16, 16, "bfloat16"},
    {TensorProto::FLOAT8E4M3FN, 8, "float8e4m3fn"},
    {TensorProto::FLOAT8E4M3FNUZ, 8, "float8e4m3fnuz"},
    {TensorProto::FLOAT8E5M2, 8, "float8e5m2"},
    {TensorProto::FLOAT8E5M2FNUZ, 8, "float8e5m2fnuz"},
    {TensorProto::UINT4, 4, "uint4"},
    {TensorProto::INT4, 4, "int4"},
    {TensorProto::FLOAT4E2M1, 4, "float4e2m1"},
    {TensorProto::FLOAT8E8M0, 8, "float8e8m0"},
    {TensorProto::UINT2, 2, "uint2"},
    {TensorProto::INT2, 2, "int2"},
};

const Row *find(int32_t type) {
  for (const Row &row : kTypes)
    if (row.type == type)
      return &row;
  return nullptr;
}

} // namespace

unsigned elementBits(int32_t type) {
  const Row *row = find(type);
  return row ? row->bits : 0;
}

std::string elementName(int32_t type) {
  const Row *row = find(type);
  return row ? row->name : "element type " + std::to_string(type);
}

std::optional<uint64_t> elementCount(const std::vector<int64_t> &dims) {
  // A zero wins over any overflow of the other sizes.
  uint64_t count = 1;
  bool overflow = false, empty = false;
  for (int64_t dim : dims) {
    if (dim < 0)
      return std::nullopt;
    empty |= dim == 0;
    overflow |=
        __builtin_mul_overflow(count, static_cast<uint64_t>(dim), &count);
  }
  if (empty)
    return 0;
  return overflow || count > INT64_MAX / 16 ? std::nullopt
                                            : std::optional(count);
}

std::string shapeText(const std::vector<int64_t> &dims) {
  std::string text = "[";
  for (int64_t dim : dims)
    text += (text.size() > 1 ? ", " : "") + std::to_string(dim);
  return text + "]";
}

} // namespace tw::wire
