// A compiled model as Python holds it.
#pragma once

#include "compiler/MemoryFile.h"
#include "runtime/tilewright.h"

#include <mutex>
#include <nanobind/nanobind.h>
#include <string>
#include <vector>

namespace tw::python {

/// Text that the caller of this module sees as tilewright.UserError.
struct UserException : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Owns a loaded model and the contexts that its runs take turns with. Safe to
/// use from many threads.
class Model {
public:
  /// `memory` stays open as long as the model, if it is one of memory.
  Model(const std::string &path, MemoryFile memory, int threads, bool profile);
  ~Model();
  Model(const Model &) = delete;
  Model &operator=(const Model &) = delete;

  /// Runs with contiguous arrays of the model's dtypes, in the model's order.
  /// An entry of `outputs` is an array to write into, or None. Returns for each
  /// output its shape, or, where None was given, (shape, bytes).
  nanobind::list run(nanobind::list inputs, nanobind::list outputs);
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
  /// (node name, nanoseconds, calls) over all runs so far.
  nanobind::list profile();

private:
  using Describe = const tw_value_info *(*)(const tw_model *, int32_t);
  nanobind::list values(Describe describe, int32_t count) const;
  tw_context *takeContext();
  void giveBack(tw_context *context);

  std::string path;
  MemoryFile memory;
  tw_model *model = nullptr;
  std::mutex mutex;
  std::vector<tw_context *> idle, all;
};

} // namespace tw::python
