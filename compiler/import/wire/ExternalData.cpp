#include "compiler/import/wire/ExternalData.h"

#include "compiler/import/wire/ElementType.h"
#include "compiler/import/wire/Model.h"

#include <charconv>
#include <map>

namespace tw::wire {
namespace {

using namespace tw_onnx;

struct Location {
  std::string path;
  std::optional<uint64_t> offset, length;
};

std::optional<uint64_t> parseNumber(const std::string &text) {
  uint64_t value = 0;
  auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), value);
  bool whole = error == std::errc() && end == text.data() + text.size();
  return whole ? std::optional(value) : std::nullopt;
}

Result<Location> readLocation(const TensorProto &tensor) {
  Location location;
  for (const StringStringEntryProto &entry : tensor.external_data()) {
    if (entry.key() == "location") {
      location.path = entry.value();
      continue;
    }
    if (entry.key() != "offset" && entry.key() != "length")
      continue;
    std::optional<uint64_t> number = parseNumber(entry.value());
    if (!number)
      return fail(entry.key(), ": expected a number of bytes, found '",
                  entry.value(), "'");
    (entry.key() == "offset" ? location.offset : location.length) = number;
  }
  if (location.path.empty())
    return fail("expected a location, found none");
  return location;
}

bool hasParentStep(const std::string &path) {
  return ("/" + path + "/").find("/../") != std::string::npos;
}

Status checkPath(const std::string &path) {
  if (path.front() == '/')
    return fail(
        "expected a path inside the model's folder, found the absolute path '",
        path, "'");
  if (hasParentStep(path))
    return fail("expected a path inside the model's folder, found '..' in '",
                path, "'");
  if (path.find('\0') != std::string::npos)
    return fail("expected a path, found one with a zero byte");
  return {};
}

/// The bytes that the tensor's type and shape ask for.
Result<uint64_t> wantedBytes(const TensorProto &tensor) {
  std::vector<int64_t> dims(tensor.dims().begin(), tensor.dims().end());
  std::optional<uint64_t> count = elementCount(dims);
  unsigned bits = elementBits(tensor.data_type());
  if (!count || !bits)
    return fail("a tensor of ", elementName(tensor.data_type()), " and shape ",
                shapeText(dims), " cannot be external");
  return (*count * bits + 7) / 8;
}

class Mapper {
public:
  Mapper(Model &model, const std::string &folder)
      : model(model), folder(folder) {}

  Status graph(GraphProto &graph);
  Status nodes(google::protobuf::RepeatedPtrField<NodeProto> &nodes);
  Status attribute(AttributeProto &attribute);

private:
  Status tensor(TensorProto &tensor);
  Status sparse(SparseTensorProto &tensor);
  Status mapTensor(TensorProto &tensor);
  Result<std::shared_ptr<const Buffer>> open(const std::string &path);

  Model &model;
  const std::string &folder;
  std::map<std::string, std::shared_ptr<const Buffer>> files;
};

Result<std::shared_ptr<const Buffer>> Mapper::open(const std::string &path) {
  auto known = files.find(path);
  if (known != files.end())
    return known->second;
  Status status = checkPath(path);
  if (status.failed())
    return status.takeFailure();
  if (folder.empty())
    return fail("a model given as bytes has no folder to look for '", path,
                "' in");
  Result<std::shared_ptr<const Buffer>> file =
      Buffer::map(folder + "/" + path, folder);
  if (!file)
    return fail("'", path, "': ", file.message());
  files[path] = *file;
  return *file;
}

Status Mapper::mapTensor(TensorProto &tensor) {
  Result<Location> location = readLocation(tensor);
  if (!location)
    return Failure{location.message()};
  Result<std::shared_ptr<const Buffer>> file = open(location->path);
  if (!file)
    return Failure{file.message()};
  Result<uint64_t> wanted = wantedBytes(tensor);
  if (!wanted)
    return Failure{wanted.message()};
  uint64_t size = (*file)->bytes().size(),
           offset = location->offset.value_or(0);
  uint64_t length = location->length.value_or(*wanted);
  if (offset > size || length > size - offset)
    return fail("expected ", length, " bytes at offset ", offset, " of '",
                location->path, "', which has ", size);
  tensor.clear_external_data();
  tensor.clear_data_location();
  tensor.set_mapped(model.data.size());
  model.data.push_back({*file, {offset, length, false}});
  return {};
}

Status Mapper::tensor(TensorProto &tensor) {
  if (tensor.data_location() != TensorProto::EXTERNAL)
    return {};
  Status status = mapTensor(tensor);
  if (status.failed())
    return fail("external data of tensor '", tensor.name(),
                "': ", status.message());
  return {};
}

Status Mapper::sparse(SparseTensorProto &sparse) {
  Status status = tensor(*sparse.mutable_values());
  return status.failed() ? status : tensor(*sparse.mutable_indices());
}

/// Applies `visit` to each element up to the first failure.
template <typename Field, typename Visit>
Status forEach(Field &field, Visit visit) {
  for (auto &element : field) {
    Status status = visit(element);
    if (status.failed())
      return status;
  }
  return {};
}

/// The first of the statuses that failed. They are all computed: one message is
/// wanted, not speed.
template <typename... Statuses>
Status firstFailure(Statuses... statuses) {
  Status result;
  ((result = result.failed() ? result : statuses), ...);
  return result;
}

Status Mapper::attribute(AttributeProto &attribute) {
  auto visitTensor = [&](TensorProto &t) { return tensor(t); };
  auto visitSparse = [&](SparseTensorProto &t) { return sparse(t); };
  auto visitGraph = [&](GraphProto &g) { return graph(g); };
  return firstFailure(
      attribute.has_t() ? tensor(*attribute.mutable_t()) : Status(),
      attribute.has_g() ? graph(*attribute.mutable_g()) : Status(),
      attribute.has_sparse_tensor() ? sparse(*attribute.mutable_sparse_tensor())
                                    : Status(),
      forEach(*attribute.mutable_tensors(), visitTensor),
      forEach(*attribute.mutable_graphs(), visitGraph),
      forEach(*attribute.mutable_sparse_tensors(), visitSparse));
}

Status Mapper::nodes(google::protobuf::RepeatedPtrField<NodeProto> &nodes) {
  return forEach(nodes, [&](NodeProto &node) {
    return forEach(*node.mutable_attribute(),
                   [&](AttributeProto &a) { return attribute(a); });
  });
}

Status Mapper::graph(GraphProto &graph) {
  return firstFailure(forEach(*graph.mutable_initializer(),
                              [&](TensorProto &t) { return tensor(t); }),
                      forEach(*graph.mutable_sparse_initializer(),
                              [&](SparseTensorProto &t) { return sparse(t); }),
                      nodes(*graph.mutable_node()));
}

} // namespace

Status mapExternalData(Model &model, const std::string &folder) {
  Mapper mapper(model, folder);
  return firstFailure(
      mapper.graph(*model.proto.mutable_graph()),
      forEach(*model.proto.mutable_functions(), [&](FunctionProto &function) {
        return firstFailure(mapper.nodes(*function.mutable_node()),
                            forEach(*function.mutable_attribute_proto(),
                                    [&](AttributeProto &attribute) {
                                      return mapper.attribute(attribute);
                                    }));
      }));
}

} // namespace tw::wire
