#include "python_api/Model.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/ScopeExit.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

#include <unistd.h>

namespace nb = nanobind;
using namespace tw;
using namespace tw::python;

//===----------------------------------------------------------------------===//
// Loading and saving
//===----------------------------------------------------------------------===//

Model::Model(const std::string &path, MemoryFile memory, int threads,
             bool profile)
    : path(path), memory(std::move(memory)) {
  tw_options options = {};
  options.threads = threads;
  options.profile = profile;
  char error[1024];
  if (tw_model_open(path.c_str(), &options, &model, error, sizeof error) !=
      TW_OK)
    throw UserException(error);
}

Model::~Model() {
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
  std::lock_guard lock(mutex);
  nb::list list;
  for (int32_t node = 0; node < tw_model_node_count(model); ++node) {
    int64_t total = 0, calls = 0;
    for (tw_context *context : all) {
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

tw_context *Model::takeContext() {
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

void Model::giveBack(tw_context *context) {
  std::lock_guard lock(mutex);
  idle.push_back(context);
}

nb::list Model::run(nb::list inputs, nb::list outputs) {
  std::vector<ArrayView> views;
  std::vector<tw_tensor> in, out;
  for (nb::handle array : inputs)
    views.emplace_back(array);
  for (auto [index, view] : llvm::enumerate(views)) {
    const tw_value_info *info = tw_model_input(model, index);
    in.push_back({view.address, info ? info->dtype : TW_UNDEFINED,
                  static_cast<int32_t>(view.dims.size()), view.dims.data(), 0});
  }
  for (nb::handle array : outputs) {
    tw_tensor tensor = {};
    if (!array.is_none()) {
      tensor.data = ArrayView(array).address;
      tensor.capacity = nb::cast<int64_t>(array.attr("nbytes"));
    }
    out.push_back(tensor);
  }

  tw_context *context = takeContext();
  llvm::scope_exit restore([&] { giveBack(context); });
  tw_status status;
  {
    nb::gil_scoped_release release;
    status =
        tw_context_run(context, in.data(), in.size(), out.data(), out.size());
  }
  if (status != TW_OK)
    throw UserException(tw_context_error(context));
  nb::list results;
  for (auto [array, tensor] : llvm::zip_equal(outputs, out))
    results.append(describeResult(tensor, !array.is_none()));
  return results;
}
