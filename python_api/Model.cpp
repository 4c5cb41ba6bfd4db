#include "python_api/Model.h"

#include "python_api/Device.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

#include <deque>
#include <unistd.h>

namespace nb = nanobind;
using namespace tw;
using namespace tw::python;

//===----------------------------------------------------------------------===//
// Loading and saving
//===----------------------------------------------------------------------===//

static const char *orNull(const std::string &text) {
  return text.empty() ? nullptr : text.c_str();
}

LoadedModel::LoadedModel(const std::string &path, MemoryFile memory,
                         const OpenOptions &opening)
    : memory(std::move(memory)) {
  tw_options options = {};
  options.threads = opening.threads;
  options.profile = opening.profile;
  options.device = orNull(opening.device);
  options.emulator = orNull(opening.emulator);
  options.emulator_seed = opening.emulatorSeed;
  options.cuda_graph = opening.cudaGraph;
  char error[1024];
  if (tw_model_open(path.c_str(), &options, &model, error, sizeof error) !=
      TW_OK)
    throw UserException(error);
}

LoadedModel::~LoadedModel() {
  for (tw_context *context : all)
    tw_context_destroy(context);
  tw_model_close(model);
}

/// Copies to a new file beside `to` and renames it, so that no half file shows.
static std::error_code copyWhole(const std::string &from,
                                 const std::string &to) {
  int fd;
  llvm::SmallString<128> part;
  if (auto error = llvm::sys::fs::createUniqueFile(to + ".%%%%%%.tmp", fd, part,
                                                   llvm::sys::fs::OF_None,
                                                   llvm::sys::fs::all_all))
    return error;
  std::error_code error = llvm::sys::fs::copy_file(from, fd);
  if (close(fd) != 0 && !error)
    error = {errno, std::generic_category()};
  if (!error)
    error = llvm::sys::fs::rename(part, to);
  if (error)
    llvm::sys::fs::remove(part);
  return error;
}

void Model::save(const std::string &to) const {
  std::error_code error;
  {
    nb::gil_scoped_release release;
    error = copyWhole(path, to);
  }
  if (error)
    throw UserException("cannot write '" + to + "': " + error.message());
}

//===----------------------------------------------------------------------===//
// What the model says about itself
//===----------------------------------------------------------------------===//

/// A dim is its size, its symbol, or None.
static nb::object describeDim(const tw_model *model, const tw_value_info &info,
                              int32_t dim) {
  if (info.dims[dim] >= 0)
    return nb::int_(info.dims[dim]);
  if (info.symbols[dim] >= 0)
    return nb::str(tw_model_symbol(model, info.symbols[dim]));
  return nb::none();
}

/// (name, dtype's name, tuple of dims or None for any rank).
static nb::tuple describeValue(const tw_model *model,
                               const tw_value_info &info) {
  nb::object shape = nb::none();
  if (info.rank >= 0) {
    nb::list dims;
    for (int32_t dim = 0; dim < info.rank; ++dim)
      dims.append(describeDim(model, info, dim));
    shape = nb::tuple(dims);
  }
  return nb::make_tuple(info.name, tw_dtype_name(info.dtype), shape);
}

nb::list Model::values(Describe describe, int32_t count) const {
  nb::list list;
  for (int32_t i = 0; i < count; ++i)
    list.append(describeValue(model, *describe(model, i)));
  return list;
}

nb::list Model::profile() {
  std::lock_guard lock(loaded->mutex);
  nb::list list;
  for (int32_t node = 0; node < tw_model_node_count(model); ++node) {
    int64_t total = 0, calls = 0;
    for (tw_context *context : loaded->all) {
      int64_t time = 0, count = 0;
      if (tw_context_profile(context, node, &time, &count) != TW_OK)
        throw UserException("expected a model loaded with profile=True");
      total += time;
      calls += count;
    }
    list.append(nb::make_tuple(tw_model_node(model, node), total, calls));
  }
  return list;
}

//===----------------------------------------------------------------------===//
// Running
//===----------------------------------------------------------------------===//

namespace {
/// An array's memory and shape, through numpy's own description of it: the one
/// way that holds for types of ml_dtypes too.
struct ArrayView {
  explicit ArrayView(nb::handle array) {
    nb::dict interface = nb::cast<nb::dict>(array.attr("__array_interface__"));
    auto data = nb::cast<nb::tuple>(interface["data"]);
    address = reinterpret_cast<void *>(nb::cast<uintptr_t>(data[0]));
    for (nb::handle dim : nb::cast<nb::tuple>(interface["shape"]))
      dims.push_back(nb::cast<int64_t>(dim));
  }

  void *address;
  std::vector<int64_t> dims;
};
} // namespace

static nb::tuple shapeOf(const tw_tensor &tensor) {
  nb::list dims;
  for (int32_t i = 0; i < tensor.rank; ++i)
    dims.append(tensor.dims[i]);
  return nb::tuple(dims);
}

static nb::object describeResult(const tw_tensor &tensor, bool owned) {
  nb::tuple shape = shapeOf(tensor);
  if (owned)
    return shape;
  int64_t size = tw_dtype_size(tensor.dtype);
  for (int32_t i = 0; i < tensor.rank; ++i)
    size *= tensor.dims[i];
  nb::bytearray bytes(tensor.data, size);
  return nb::make_tuple(shape, bytes);
}

tw_context *LoadedModel::takeContext() {
  std::lock_guard lock(mutex);
  if (idle.empty()) {
    tw_context *context;
    if (tw_context_create(model, &context) != TW_OK)
      throw std::bad_alloc();
    all.push_back(context);
    return context;
  }
  tw_context *context = idle.back();
  idle.pop_back();
  return context;
}

void LoadedModel::giveBack(tw_context *context) {
  std::lock_guard lock(mutex);
  idle.push_back(context);
}

nb::object Model::counters() {
  std::lock_guard lock(loaded->mutex);
  // The emulator counts for all contexts of a model together.
  const char *text =
      loaded->all.empty() ? nullptr : tw_context_counters(loaded->all.front());
  return text ? nb::object(nb::str(text)) : nb::none();
}

namespace {
/// A context in use: by a run, and by the outputs that it owns.
struct Lease {
  explicit Lease(std::shared_ptr<LoadedModel> model)
      : model(std::move(model)), context(this->model->takeContext()) {}
  ~Lease() { model->giveBack(context); }

  std::shared_ptr<LoadedModel> model;
  tw_context *context;
};

/// N of "cuda:N (...)".
int32_t deviceIndex(llvm::StringRef device) {
  int32_t index = 0;
  if (device.consume_front("cuda:"))
    device.consumeInteger(10, index);
  return index;
}

tw_tensor asTensor(const ArrayView &view, const tw_value_info *info) {
  tw_tensor tensor = {};
  tensor.data = view.address;
  tensor.dtype = info ? info->dtype : TW_UNDEFINED;
  tensor.rank = static_cast<int32_t>(view.dims.size());
  tensor.dims = view.dims.data();
  return tensor;
}

void runIn(tw_context *context, const std::vector<tw_tensor> &in,
           std::vector<tw_tensor> &out) {
  tw_status status;
  {
    nb::gil_scoped_release release;
    status =
        tw_context_run(context, in.data(), in.size(), out.data(), out.size());
  }
  if (status != TW_OK)
    throw UserException(tw_context_error(context));
}
} // namespace

nb::list Model::runOnDevice(nb::list inputs) {
  int32_t device = deviceIndex(tw_model_device(model));
  std::deque<GivenTensor> given;
  std::deque<ArrayView> views;
  std::vector<tw_tensor> in, out(tw_model_output_count(model));
  for (auto [index, value] : llvm::enumerate(inputs)) {
    const tw_value_info *info = tw_model_input(model, index);
    std::string what = "input '" + std::string(info ? info->name : "") + "'";
    if (nb::isinstance<nb::capsule>(value))
      in.push_back(given.emplace_back(value, device, what.c_str()).tensor);
    else
      in.push_back(asTensor(views.emplace_back(value), info));
  }
  for (tw_tensor &output : out)
    output.memory = TW_DEVICE;
  auto lease = std::make_shared<Lease>(loaded);
  runIn(lease->context, in, out);
  nb::list results;
  for (const tw_tensor &output : out)
    results.append(nb::make_tuple(shapeOf(output), tw_dtype_name(output.dtype),
                                  asDlpack(output, device, lease)));
  return results;
}

nb::list Model::run(nb::list inputs, nb::list outputs) {
  std::vector<ArrayView> views;
  std::vector<tw_tensor> in, out;
  for (nb::handle array : inputs)
    views.emplace_back(array);
  for (auto [index, view] : llvm::enumerate(views))
    in.push_back(asTensor(view, tw_model_input(model, index)));
  for (nb::handle array : outputs) {
    tw_tensor tensor = {};
    if (!array.is_none()) {
      tensor.data = ArrayView(array).address;
      tensor.capacity = nb::cast<int64_t>(array.attr("nbytes"));
    }
    out.push_back(tensor);
  }

  Lease lease(loaded);
  runIn(lease.context, in, out);
  nb::list results;
  for (auto [array, tensor] : llvm::zip_equal(outputs, out))
    results.append(describeResult(tensor, !array.is_none()));
  return results;
}
