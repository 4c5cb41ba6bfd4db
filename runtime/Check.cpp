#include "runtime/Check.h"

using namespace tw;

int64_t tw::elementCount(int32_t rank, const int64_t *dims) {
  int64_t count = 1;
  bool overflow = false, empty = false;
  for (int32_t i = 0; i < rank; ++i) {
    if (dims[i] < 0)
      return -1;
    empty |= dims[i] == 0;
    overflow |= __builtin_mul_overflow(count, dims[i], &count);
  }
  if (empty)
    return 0;
  return overflow ? -1 : count;
}

int64_t tw::byteCount(int32_t dtype, int32_t rank, const int64_t *dims) {
  int64_t count = elementCount(rank, dims), bytes;
  if (count < 0 || __builtin_mul_overflow(count, tw_dtype_size(dtype), &bytes))
    return -1;
  return bytes;
}

void tw::addDeclaredDims(Message &message, const tw_program &program,
                         const tw_value_info &info) {
  message.add("[");
  for (int32_t i = 0; i < info.rank; ++i) {
    message.add("%s", i ? ", " : "");
    if (info.dims[i] >= 0)
      message.add("%ld", static_cast<long>(info.dims[i]));
    else
      message.add("%s", info.symbols[i] >= 0 ? program.symbols[info.symbols[i]]
                                             : "?");
  }
  message.add("]");
}

static bool checkType(const tw_value_info &info, const tw_tensor &tensor,
                      Message &error) {
  if (tensor.dtype == info.dtype)
    return true;
  error.add("input '%s': expected %s, found %s", info.name,
            tw_dtype_name(info.dtype), tw_dtype_name(tensor.dtype));
  return false;
}

static bool fitsStaticDims(const tw_value_info &info, const tw_tensor &tensor) {
  if (tensor.rank != info.rank)
    return false;
  for (int32_t i = 0; i < info.rank; ++i)
    if (info.dims[i] >= 0 && info.dims[i] != tensor.dims[i])
      return false;
  return elementCount(tensor.rank, tensor.dims) >= 0;
}

static bool checkShape(const tw_program &program, const tw_value_info &info,
                       const tw_tensor &tensor, Message &error) {
  if (fitsStaticDims(info, tensor))
    return true;
  error.add("input '%s': expected shape ", info.name);
  addDeclaredDims(error, program, info);
  error.add(", found ").addDims(tensor.rank < 0 ? 0 : tensor.rank, tensor.dims);
  return false;
}

static bool checkData(const tw_value_info &info, const tw_tensor &tensor,
                      Message &error) {
  if (tensor.data || elementCount(tensor.rank, tensor.dims) == 0)
    return true;
  error.add("input '%s': expected data, found a null pointer", info.name);
  return false;
}

namespace {
/// The first place that a symbol's size comes from.
struct Place {
  int32_t input = -1;
  int32_t dim = -1;
};
} // namespace

/// Where `symbol` is met first, among inputs up to and including `last`.
static Place firstUse(const tw_program &program, int32_t symbol, int32_t last) {
  for (int32_t i = 0; i <= last; ++i)
    for (int32_t d = 0; d < program.inputs[i].rank; ++d)
      if (program.inputs[i].symbols[d] == symbol)
        return {i, d};
  return {};
}

static bool checkSymbols(const tw_program &program, const tw_tensor *inputs,
                         int32_t index, Message &error) {
  const tw_value_info &info = program.inputs[index];
  for (int32_t d = 0; d < info.rank; ++d) {
    if (info.symbols[d] < 0)
      continue;
    Place first = firstUse(program, info.symbols[d], index);
    int64_t expected = inputs[first.input].dims[first.dim];
    if (inputs[index].dims[d] == expected)
      continue;
    error.add("input '%s': dimension %d ('%s'): expected %ld as in dimension "
              "%d of input '%s', found %ld",
              info.name, d, program.symbols[info.symbols[d]],
              static_cast<long>(expected), first.dim,
              program.inputs[first.input].name,
              static_cast<long>(inputs[index].dims[d]));
    return false;
  }
  return true;
}

bool tw::checkInputs(const tw_program &program, const tw_tensor *inputs,
                     int32_t count, Message &error) {
  if (count != program.input_count) {
    error.add("model '%s': expected %d inputs, found %d", program.name,
              program.input_count, count);
    return false;
  }
  for (int32_t i = 0; i < count; ++i) {
    const tw_value_info &info = program.inputs[i];
    if (!checkType(info, inputs[i], error) ||
        !checkShape(program, info, inputs[i], error) ||
        !checkData(info, inputs[i], error) ||
        !checkSymbols(program, inputs, i, error))
      return false;
  }
  return true;
}
