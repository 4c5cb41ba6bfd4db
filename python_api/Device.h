// Tensors in a GPU's memory, as DLPack describes them.
#pragma once

#include "runtime/tilewright.h"

#include <memory>
#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <vector>

namespace tw::python {

/// A tensor of somebody else's; keeps it alive.
struct GivenTensor {
  /// From a DLPack capsule. Throws a UserException that begins with `what` if
  /// it is not contiguous or on another device than cuda:`index`.
  GivenTensor(nanobind::handle capsule, int32_t index, const char *what);

  tw_tensor tensor = {};

private:
  nanobind::ndarray<nanobind::ro> array;
  std::vector<int64_t> dims;
};

/// A tensor of ours, which keeps `owner` alive: an object with __dlpack__.
nanobind::object asDlpack(const tw_tensor &tensor, int32_t index,
                          std::shared_ptr<void> owner);

} // namespace tw::python
