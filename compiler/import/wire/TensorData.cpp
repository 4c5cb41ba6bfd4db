#include "compiler/import/wire/TensorData.h"

#include "compiler/import/wire/ElementType.h"
#include "compiler/import/wire/Varint.h"

#include <bit>
#include <cstring>

namespace tw::wire {
namespace {

using tw_onnx::TensorProto;
static_assert(std::endian::native == std::endian::little,
              "raw_data is little-endian and read as it is");

/// Bytes that one entry of int32_data, int64_data or uint64_data fills:
/// sub-byte elements come packed into bytes.
unsigned entryBytes(int32_t type) { return (elementBits(type) + 7) / 8; }

void appendLowBytes(std::string &out, uint64_t value, unsigned bytes) {
  out.append(reinterpret_cast<const char *>(&value), bytes);
}

template <typename Field>
std::string integersToBytes(const Field &entries, unsigned bytes) {
  std::string out;
  for (auto entry : entries)
    appendLowBytes(out, static_cast<uint64_t>(static_cast<int64_t>(entry)),
                   bytes);
  return out;
}

template <typename Field>
std::string copyBytes(const Field &entries) {
  return {reinterpret_cast<const char *>(entries.data()),
          entries.size() * sizeof(entries[0])};
}

Result<std::string> varintsToBytes(std::string_view varints, unsigned bytes) {
  std::string out;
  for (size_t at = 0; at < varints.size();) {
    std::optional<uint64_t> value = readVarint(varints, at);
    if (!value)
      return fail("its data ends within a number");
    appendLowBytes(out, *value, bytes);
  }
  return out;
}

/// The data that the tensor's message holds itself, from the field that its
/// type uses.
std::string inlineBytes(const TensorProto &tensor) {
  if (tensor.has_raw_data())
    return tensor.raw_data();
  unsigned bytes = entryBytes(tensor.data_type());
  switch (tensor.data_type()) {
  case TensorProto::FLOAT:
  case TensorProto::COMPLEX64:
    return copyBytes(tensor.float_data());
  case TensorProto::DOUBLE:
  case TensorProto::COMPLEX128:
    return copyBytes(tensor.double_data());
  case TensorProto::INT64:
    return integersToBytes(tensor.int64_data(), bytes);
  case TensorProto::UINT32:
  case TensorProto::UINT64:
    return integersToBytes(tensor.uint64_data(), bytes);
  default:
    return integersToBytes(tensor.int32_data(), bytes);
  }
}

Data ownedData(std::string bytes) {
  uint64_t size = bytes.size();
  return {Buffer::own(std::move(bytes)), {0, size, false}};
}

Result<Data> anyData(const Model &model, const TensorProto &tensor) {
  if (!tensor.has_mapped())
    return ownedData(inlineBytes(tensor));
  const Data &data = model.data.at(tensor.mapped());
  if (!data.range.varint)
    return data;
  Result<std::string> bytes =
      varintsToBytes(data.bytes(), entryBytes(tensor.data_type()));
  if (!bytes)
    return Failure{bytes.message()};
  return ownedData(std::move(*bytes));
}

Result<uint64_t> checkedCount(const TensorProto &tensor) {
  std::vector<int64_t> dims(tensor.dims().begin(), tensor.dims().end());
  std::optional<uint64_t> count = elementCount(dims);
  if (!count)
    return fail("expected a shape whose elements fit in memory, found ",
                shapeText(dims));
  if (tensor.has_segment())
    return fail("expected a whole tensor, found a segment of one");
  return *count;
}

Failure wrongAmount(const TensorProto &tensor, uint64_t wanted, uint64_t found,
                    const char *unit) {
  std::vector<int64_t> dims(tensor.dims().begin(), tensor.dims().end());
  return fail("expected ", wanted, unit, " for ",
              elementName(tensor.data_type()), " of shape ", shapeText(dims),
              ", found ", found);
}

} // namespace

Result<Data> tensorData(const Model &model, const TensorProto &tensor) {
  unsigned bits = elementBits(tensor.data_type());
  if (!bits)
    return fail("expected an element type that has a size, found ",
                elementName(tensor.data_type()));
  Result<uint64_t> count = checkedCount(tensor);
  if (!count)
    return Failure{count.message()};
  Result<Data> data = anyData(model, tensor);
  if (!data)
    return data;
  uint64_t wanted = (*count * bits + 7) / 8;
  if (data->range.length != wanted)
    return wrongAmount(tensor, wanted, data->range.length, " bytes");
  return data;
}

Result<std::vector<std::string>> tensorStrings(const TensorProto &tensor) {
  if (tensor.data_type() != TensorProto::STRING)
    return fail("expected strings, found ", elementName(tensor.data_type()));
  Result<uint64_t> count = checkedCount(tensor);
  if (!count)
    return Failure{count.message()};
  auto found = static_cast<uint64_t>(tensor.string_data_size());
  if (found != *count)
    return wrongAmount(tensor, *count, found, " strings");
  return std::vector<std::string>(tensor.string_data().begin(),
                                  tensor.string_data().end());
}

} // namespace tw::wire
