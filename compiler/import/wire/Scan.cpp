#include "compiler/import/wire/Scan.h"

#include "compiler/import/wire/Varint.h"
#include "onnx/onnx_pb.h"

namespace tw::wire {
namespace {

/// The messages on the way to a tensor. `Other` is copied as it is.
enum class Kind {
  Model,
  Graph,
  Node,
  Attribute,
  Tensor,
  SparseTensor,
  Function,
  Training,
  Other
};

struct Child {
  Kind parent;
  int field;
  Kind kind;
};

using namespace tw_onnx;

constexpr Child kChildren[] = {
    {Kind::Model, ModelProto::kGraphFieldNumber, Kind::Graph},
    {Kind::Model, ModelProto::kTrainingInfoFieldNumber, Kind::Training},
    {Kind::Model, ModelProto::kFunctionsFieldNumber, Kind::Function},
    {Kind::Graph, GraphProto::kNodeFieldNumber, Kind::Node},
    {Kind::Graph, GraphProto::kInitializerFieldNumber, Kind::Tensor},
    {Kind::Graph, GraphProto::kSparseInitializerFieldNumber,
     Kind::SparseTensor},
    {Kind::Node, NodeProto::kAttributeFieldNumber, Kind::Attribute},
    {Kind::Attribute, AttributeProto::kTFieldNumber, Kind::Tensor},
    {Kind::Attribute, AttributeProto::kTensorsFieldNumber, Kind::Tensor},
    {Kind::Attribute, AttributeProto::kGFieldNumber, Kind::Graph},
    {Kind::Attribute, AttributeProto::kGraphsFieldNumber, Kind::Graph},
    {Kind::Attribute, AttributeProto::kSparseTensorFieldNumber,
     Kind::SparseTensor},
    {Kind::Attribute, AttributeProto::kSparseTensorsFieldNumber,
     Kind::SparseTensor},
    {Kind::SparseTensor, SparseTensorProto::kValuesFieldNumber, Kind::Tensor},
    {Kind::SparseTensor, SparseTensorProto::kIndicesFieldNumber, Kind::Tensor},
    {Kind::Function, FunctionProto::kNodeFieldNumber, Kind::Node},
    {Kind::Function, FunctionProto::kAttributeProtoFieldNumber,
     Kind::Attribute},
    {Kind::Training, TrainingInfoProto::kInitializationFieldNumber,
     Kind::Graph},
    {Kind::Training, TrainingInfoProto::kAlgorithmFieldNumber, Kind::Graph},
};

Kind childKind(Kind parent, uint64_t field) {
  for (const Child &child : kChildren)
    if (child.parent == parent && static_cast<uint64_t>(child.field) == field)
      return child.kind;
  return Kind::Other;
}

bool isVarintData(uint64_t field) {
  return field == TensorProto::kInt32DataFieldNumber ||
         field == TensorProto::kInt64DataFieldNumber ||
         field == TensorProto::kUint64DataFieldNumber;
}

bool isData(uint64_t field) {
  return isVarintData(field) || field == TensorProto::kRawDataFieldNumber ||
         field == TensorProto::kFloatDataFieldNumber ||
         field == TensorProto::kDoubleDataFieldNumber;
}

enum WireType : unsigned { Varint = 0, Fixed64 = 1, Bytes = 2, Fixed32 = 5 };

/// As protobuf itself bounds it.
constexpr int kMaxDepth = 100;

class Scanner {
public:
  Scanner(std::string_view bytes, uint64_t threshold)
      : bytes(bytes), threshold(threshold) {}

  /// Copies the message in [at, end) to `out` without its large data.
  Status message(Kind kind, size_t at, size_t end, std::string &out, int depth);

  std::vector<DataRange> ranges;

private:
  struct Field {
    uint64_t number;
    unsigned type;
    /// Where the field, and what it holds, begin and end.
    size_t begin, payload, end;
  };

  Result<Field> readField(size_t at, size_t end) const;
  Result<size_t> payloadEnd(unsigned type, size_t &payload, size_t end) const;
  Status copyField(Kind kind, const Field &field, std::string &out, int depth);
  Status child(Kind kind, const Field &field, std::string &out, int depth);
  void mapData(const Field &field, std::string &out);

  std::string_view bytes;
  uint64_t threshold;
};

/// Where the field's contents end; moves `payload` behind the length where
/// there is one.
Result<size_t> Scanner::payloadEnd(unsigned type, size_t &payload,
                                   size_t end) const {
  size_t at = payload;
  uint64_t length = type == Fixed64 ? 8 : 4;
  if (type == Varint || type == Bytes) {
    std::optional<uint64_t> value = readVarint(bytes.substr(0, end), at);
    if (!value)
      return fail("byte ", payload, ": an integer is cut off or too long");
    if (type == Varint)
      return at;
    payload = at;
    length = *value;
  }
  if (length > end - at)
    return fail("byte ", at, ": expected ", length, " bytes of a field, found ",
                end - at);
  return at + length;
}

Result<Scanner::Field> Scanner::readField(size_t at, size_t end) const {
  size_t begin = at;
  std::optional<uint64_t> tag = readVarint(bytes.substr(0, end), at);
  if (!tag || (*tag >> 3) == 0 || *tag > UINT32_MAX)
    return fail("byte ", begin, ": expected a field, found none");
  unsigned type = *tag & 7;
  if (type != Varint && type != Fixed64 && type != Bytes && type != Fixed32)
    return fail("byte ", begin, ": expected a field, found wire type ", type);
  Result<size_t> fieldEnd = payloadEnd(type, at, end);
  if (!fieldEnd)
    return Failure{fieldEnd.message()};
  return Field{*tag >> 3, type, begin, at, *fieldEnd};
}

void Scanner::mapData(const Field &field, std::string &out) {
  appendVarint(out, static_cast<uint64_t>(TensorProto::kMappedFieldNumber)
                            << 3 |
                        Varint);
  appendVarint(out, ranges.size());
  ranges.push_back(
      {field.payload, field.end - field.payload, isVarintData(field.number)});
}

Status Scanner::child(Kind kind, const Field &field, std::string &out,
                      int depth) {
  if (depth == kMaxDepth)
    return fail("byte ", field.begin, ": messages are nested more than ",
                kMaxDepth, " deep");
  std::string inner;
  Status status = message(kind, field.payload, field.end, inner, depth + 1);
  if (status.failed())
    return status;
  appendVarint(out, field.number << 3 | Bytes);
  appendVarint(out, inner.size());
  out += inner;
  return {};
}

Status Scanner::copyField(Kind kind, const Field &field, std::string &out,
                          int depth) {
  // Only the scan itself may say where data lies.
  if (kind == Kind::Tensor &&
      field.number == static_cast<uint64_t>(TensorProto::kMappedFieldNumber))
    return {};
  if (field.type == Bytes) {
    if (kind == Kind::Tensor && isData(field.number) &&
        field.end - field.payload > threshold) {
      mapData(field, out);
      return {};
    }
    Kind inner = childKind(kind, field.number);
    if (inner != Kind::Other)
      return child(inner, field, out, depth);
  }
  out += bytes.substr(field.begin, field.end - field.begin);
  return {};
}

Status Scanner::message(Kind kind, size_t at, size_t end, std::string &out,
                        int depth) {
  size_t rangesBefore = ranges.size();
  while (at < end) {
    Result<Field> field = readField(at, end);
    if (!field)
      return Failure{field.message()};
    Status status = copyField(kind, *field, out, depth);
    if (status.failed())
      return status;
    if (kind == Kind::Tensor && ranges.size() > rangesBefore + 1)
      return fail("byte ", field->begin, ": a tensor gives its data twice");
    at = field->end;
  }
  return {};
}

} // namespace

Result<Scan> scanModel(std::string_view bytes, uint64_t threshold) {
  Scanner scanner(bytes, threshold);
  Scan scan;
  Status status =
      scanner.message(Kind::Model, 0, bytes.size(), scan.message, 0);
  if (status.failed())
    return status.takeFailure();
  scan.ranges = std::move(scanner.ranges);
  return scan;
}

} // namespace tw::wire
