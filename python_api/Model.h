// A compiled model as Python holds it.
#pragma once

#include "compiler/MemoryFile.h"
#include "runtime/tilewright.h"

#include <memory>
#include <mutex>
#include <nanobind/nanobind.h>
#include <string>
#include <vector>

namespace tw::python {

/// Text that the caller of this module sees as tilewright.UserError.
struct UserException : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// tw_options.
struct OpenOptions {
  std::string device, emulator;
  int threads = 0, emulatorSeed = 0;
  bool profile = false, cudaGraph = false;
};

/// Owns a loaded model and the contexts that its runs take turns with. Safe to
/// use from many threads. Outputs in a GPU's memory keep it alive.
class LoadedModel {
public:
  LoadedModel(const std::string &path, MemoryFile memory,
              const OpenOptions &options);
  ~LoadedModel();
  LoadedModel(const LoadedModel &) = delete;
  LoadedModel &operator=(const LoadedModel &) = delete;

  tw_context *takeContext();
  void giveBack(tw_context *context);

  /// Stays open as long as the model, if it is one of memory.
  MemoryFile memory;
  tw_model *model = nullptr;
  std::mutex mutex;
  std::vector<tw_context *> idle, all;
};

class Model {
public:
  Model(const std::string &path, MemoryFile memory, const OpenOptions &options)
      : path(path),
        loaded(std::make_shared<LoadedModel>(path, std::move(memory), options)),
        model(loaded->model) {}

  /// Runs with contiguous arrays of the model's dtypes, in the model's order.
  /// An entry of `outputs` is an array to write into, or None. Returns for each
  /// output its shape, or, where None was given, (shape, bytes).
  nanobind::list run(nanobind::list inputs, nanobind::list outputs);
  /// Runs with DLPack capsules of a GPU's tensors, or arrays, in the model's
  /// order. Returns for each output its shape, the dtype's name and an object
  /// with DLPack, whose memory no later run changes.
  nanobind::list runOnDevice(nanobind::list inputs);
  void save(const std::string &path) const;

  nanobind::list inputs() const {
    return values(tw_model_input, tw_model_input_count(model));
  }
  nanobind::list outputs() const {
    return values(tw_model_output, tw_model_output_count(model));
  }
  std::string name() const { return tw_model_name(model); }
  std::string metadata() const { return tw_model_metadata(model); }
  int threads() const { return tw_model_threads(model); }
  std::string device() const { return tw_model_device(model); }
  std::string deviceReason() const { return tw_model_device_reason(model); }
  /// JSON, by kernel: what the device counted in every context. None where it
  /// counts nothing or nothing has run.
  nanobind::object counters();
  /// (node name, nanoseconds, calls) over all runs so far.
  nanobind::list profile();

private:
  using Describe = const tw_value_info *(*)(const tw_model *, int32_t);
  nanobind::list values(Describe describe, int32_t count) const;
  std::string path;
  std::shared_ptr<LoadedModel> loaded;
  tw_model *model;
};

} // namespace tw::python
