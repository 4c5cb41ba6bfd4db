#include "python_api/Device.h"

#include "python_api/Model.h"

#include "llvm/Support/ErrorHandling.h"

namespace nb = nanobind;
using namespace tw;
using namespace tw::python;

namespace {
using Code = nb::dlpack::dtype_code;

struct TypeRow {
  tw_dtype type;
  Code code;
  uint8_t bits;
};
constexpr TypeRow kTypes[] = {
    {TW_FLOAT, Code::Float, 32},
    {TW_UINT8, Code::UInt, 8},
    {TW_INT8, Code::Int, 8},
    {TW_UINT16, Code::UInt, 16},
    {TW_INT16, Code::Int, 16},
    {TW_INT32, Code::Int, 32},
    {TW_INT64, Code::Int, 64},
    {TW_BOOL, Code::Bool, 8},
    {TW_FLOAT16, Code::Float, 16},
    {TW_DOUBLE, Code::Float, 64},
    {TW_UINT32, Code::UInt, 32},
    {TW_UINT64, Code::UInt, 64},
    {TW_COMPLEX64, Code::Complex, 64},
    {TW_COMPLEX128, Code::Complex, 128},
    {TW_BFLOAT16, Code::Bfloat, 16},
    {TW_FLOAT8E4M3FN, Code::Float8_E4M3FN, 8},
    {TW_FLOAT8E4M3FNUZ, Code::Float8_E4M3FNUZ, 8},
    {TW_FLOAT8E5M2, Code::Float8_E5M2, 8},
    {TW_FLOAT8E5M2FNUZ, Code::Float8_E5M2FNUZ, 8},
    {TW_FLOAT8E8M0, Code::Float8_E8M0FNU, 8},
};

tw_dtype dtypeOf(nb::dlpack::dtype type) {
  for (const TypeRow &row : kTypes)
    if (type.code == uint8_t(row.code) && type.bits == row.bits &&
        type.lanes == 1)
      return row.type;
  return TW_UNDEFINED;
}

bool isContiguous(const nb::ndarray<nb::ro> &array) {
  int64_t expected = 1;
  for (size_t i = array.ndim(); i-- > 0;) {
    if (array.shape(i) != 1 && array.stride(i) != expected)
      return false;
    expected *= int64_t(array.shape(i));
  }
  return true;
}
} // namespace

GivenTensor::GivenTensor(nb::handle capsule, int32_t index, const char *what)
    : array(nb::cast<nb::ndarray<nb::ro>>(capsule)) {
  if (array.device_id() != index)
    throw UserException(std::string(what) +
                        ": expected a tensor on cuda:" + std::to_string(index) +
                        ", where the model runs, found "
                        "one on cuda:" +
                        std::to_string(array.device_id()));
  if (!isContiguous(array))
    throw UserException(std::string(what) +
                        ": expected a contiguous tensor in the GPU's memory");
  for (size_t i = 0; i < array.ndim(); ++i)
    dims.push_back(int64_t(array.shape(i)));
  tensor.data = const_cast<void *>(array.data());
  tensor.dtype = dtypeOf(array.dtype());
  tensor.rank = int32_t(dims.size());
  tensor.dims = dims.data();
  tensor.memory = TW_DEVICE;
}

nb::object python::asDlpack(const tw_tensor &tensor, int32_t index,
                            std::shared_ptr<void> owner) {
  nb::dlpack::dtype type = {};
  for (const TypeRow &row : kTypes)
    if (row.type == tensor.dtype)
      type = {uint8_t(row.code), row.bits, 1};
  if (!type.bits)
    throw UserException(std::string("DLPack has no type for ") +
                        tw_dtype_name(tensor.dtype));
  nb::capsule keeper(new std::shared_ptr<void>(std::move(owner)),
                     [](void *memory) noexcept {
                       delete static_cast<std::shared_ptr<void> *>(memory);
                     });
  std::vector<size_t> shape(tensor.dims, tensor.dims + tensor.rank);
  nb::ndarray<nb::array_api> array(tensor.data, shape.size(), shape.data(),
                                   keeper, nullptr, type,
                                   nb::device::cuda::value, index);
  return nb::cast(array);
}
