#include "compiler/import/wire/Model.h"

#include "compiler/import/wire/ExternalData.h"

#include <climits>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

namespace tw::wire {
namespace {

/// Whether the bytes begin as a model does, with its IR version: tells a
/// damaged model from some other file.
bool beginsLikeModel(std::string_view bytes) {
  return bytes.size() > 1 && bytes[0] == 0x08 && bytes[1] < 0x40;
}

Failure notAModel(const std::string &name, std::string_view bytes,
                  const std::string &why) {
  if (bytes.empty())
    return fail(name, ": expected an ONNX model, found an empty file");
  if (beginsLikeModel(bytes))
    return fail(name, ": the ONNX model is truncated or damaged: ", why);
  return fail(name, ": expected an ONNX model, found something else (", why,
              ")");
}

Status parse(Model &model, const std::string &message) {
  if (message.size() > INT_MAX)
    return fail("the graph without its tensors takes ", message.size(),
                " bytes, at most ", INT_MAX, " can be read");
  if (!model.proto.ParseFromArray(message.data(),
                                  static_cast<int>(message.size())))
    return fail("a message is malformed");
  if (!model.proto.has_graph())
    return fail("it has no graph");
  return {};
}

} // namespace

Result<Model> readModel(std::shared_ptr<const Buffer> bytes,
                        const std::string &name, const std::string &folder) {
  Result<Scan> scan = scanModel(bytes->bytes());
  if (!scan)
    return notAModel(name, bytes->bytes(), scan.message());
  Model model;
  model.name = name;
  for (const DataRange &range : scan->ranges)
    model.data.push_back({bytes, range});
  Status status = parse(model, scan->message);
  if (status.failed())
    return notAModel(name, bytes->bytes(), status.message());
  status = mapExternalData(model, folder);
  if (status.failed())
    return fail(name, ": ", status.message());
  return model;
}

Result<Model> readModel(const std::string &path) {
  Result<std::shared_ptr<const Buffer>> file = Buffer::map(path);
  if (!file)
    return fail(path, ": ", file.message());
  size_t slash = path.rfind('/');
  std::string folder =
      slash == std::string::npos ? "." : path.substr(0, slash + 1);
  return readModel(*file, path, folder);
}

} // namespace tw::wire
