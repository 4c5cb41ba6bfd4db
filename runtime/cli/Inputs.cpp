#include "runtime/cli/Inputs.h"

#include "runtime/Check.h"
#include "runtime/cli/Random.h"

using namespace tw;

/// The part after "NAME=" if `text` starts so, else NULL.
static const char *valueOf(const char *text, const char *name) {
  size_t length = strlen(name);
  bool matches = strncmp(text, name, length) == 0 && text[length] == '=';
  return matches ? text + length + 1 : nullptr;
}

static const char *findValue(const Array<const char *> &texts, int64_t count,
                             const char *name) {
  for (int64_t i = 0; i < count; ++i)
    if (const char *value = valueOf(texts[i], name))
      return value;
  return nullptr;
}

namespace {
class Binder {
public:
  Binder(const tw_program &program, const Options &options, Message &error,
         ReadArray read)
      : program(program), options(options), error(error), read(read) {}

  bool bind(Inputs &inputs) {
    if (!checkInputNames() || !checkDims())
      return false;
    if (!inputs.values.create(program.input_count) ||
        !inputs.tensors.create(program.input_count))
      return fail("out of memory");
    for (int32_t i = 0; i < program.input_count; ++i)
      if (!bindOne(i, inputs.values[i], inputs.tensors[i]))
        return false;
    return true;
  }

private:
  bool fail(const char *reason) {
    error.add("%s", reason);
    return false;
  }

  bool checkInputNames() {
    for (int64_t i = 0; i < options.inputCount; ++i) {
      bool known = false;
      for (int32_t k = 0; k < program.input_count && !known; ++k)
        known = valueOf(options.inputs[i], program.inputs[k].name);
      if (!known)
        return failInputName(options.inputs[i]);
    }
    return true;
  }

  bool failInputName(const char *text) {
    error.add("--input %s: expected NAME=VALUE with one of the names", text);
    for (int32_t k = 0; k < program.input_count; ++k)
      error.add("%s '%s'", k ? "," : "", program.inputs[k].name);
    return false;
  }

  /// A --dim is the size of a symbol, or of "INPUT.N".
  bool checkDims() {
    for (int64_t i = 0; i < options.dimCount; ++i) {
      const char *text = options.dims[i], *sign = strrchr(text, '=');
      int64_t size;
      if (!sign || !parseNumber(sign + 1, size) || size < 0) {
        error.add("--dim %s: expected NAME=SIZE", text);
        return false;
      }
      if (!namesDim(text))
        return failDimName(text);
    }
    return true;
  }

  bool namesDim(const char *text) {
    for (int32_t s = 0; s < program.symbol_count; ++s)
      if (valueOf(text, program.symbols[s]))
        return true;
    for (int32_t i = 0; i < program.input_count; ++i)
      for (int32_t d = 0; d < program.inputs[i].rank; ++d)
        if (program.inputs[i].dims[d] < 0 && valueOf(text, dimName(i, d).str()))
          return true;
    return false;
  }

  bool failDimName(const char *text) {
    error.add("--dim %s: no such dimension; the model's are", text);
    for (int32_t s = 0; s < program.symbol_count; ++s)
      error.add("%s '%s'", s ? "," : "", program.symbols[s]);
    if (program.symbol_count == 0)
      error.add(" all fixed or without a name (use INPUT.N=SIZE)");
    return false;
  }

  Message dimName(int32_t input, int32_t dim) {
    Message name;
    name.add("%s.%d", program.inputs[input].name, dim);
    return name;
  }

  bool bindOne(int32_t index, Input &input, tw_tensor &tensor) {
    const tw_value_info &info = program.inputs[index];
    const char *value =
        findValue(options.inputs, options.inputCount, info.name);
    if (!value && options.bench)
      value = "random";
    if (!value) {
      error.add("input '%s' is missing: give --input %s=FILE.npy or --input "
                "%s=random",
                info.name, info.name, info.name);
      return false;
    }
    tensor.dtype = info.dtype;
    if (strcmp(value, "random") == 0 || strncmp(value, "random:", 7) == 0)
      return makeRandom(index, value, input, tensor);
    return readFile(info, value, input.array, tensor);
  }

  bool readFile(const tw_value_info &info, const char *path, NpyArray &array,
                tw_tensor &tensor) {
    Message reason;
    if (!read(info, path, array, reason)) {
      error.add("input '%s': %s", info.name, reason.str());
      return false;
    }
    if (!npyHolds(array, info.dtype)) {
      error.add("input '%s': expected %s, found '%s' in %s", info.name,
                tw_dtype_name(info.dtype), array.descr, path);
      return false;
    }
    tensor.data = array.data;
    tensor.rank = array.rank;
    tensor.dims = array.dims;
    return true;
  }

  bool makeRandom(int32_t index, const char *value, Input &input,
                  tw_tensor &tensor) {
    const tw_value_info &info = program.inputs[index];
    RandomRange range = defaultRange(info.dtype);
    if (!parseRange(info, value, range) || !chooseDims(index, input))
      return false;
    tensor.rank = info.rank;
    tensor.dims = input.dims.begin();
    int64_t bytes = byteCount(info.dtype, info.rank, tensor.dims);
    if (bytes < 0 || !input.memory.reserve(bytes)) {
      error.add("input '%s': not enough memory for it", info.name);
      return false;
    }
    tensor.data = input.memory.data();
    if (fillRandom(tensor, range, options.seed, index))
      return true;
    error.add("input '%s': no random values of type %s; give a .npy file",
              info.name, tw_dtype_name(info.dtype));
    return false;
  }

  /// "random" or "random:LO:HI".
  bool parseRange(const tw_value_info &info, const char *value,
                  RandomRange &range) {
    if (!value[6])
      return true;
    const char *low = value + 7, *colon = strchr(low, ':');
    Message lowText;
    if (colon)
      lowText.add("%.*s", static_cast<int>(colon - low), low);
    if (colon && parseReal(lowText.str(), range.low) &&
        parseReal(colon + 1, range.high) && range.low < range.high)
      return true;
    error.add("input '%s': expected random:LO:HI with LO below HI, found '%s'",
              info.name, value);
    return false;
  }

  bool chooseDims(int32_t index, Input &input) {
    const tw_value_info &info = program.inputs[index];
    if (!input.dims.create(info.rank))
      return fail("out of memory");
    for (int32_t d = 0; d < info.rank; ++d) {
      input.dims[d] = info.dims[d];
      if (info.dims[d] < 0 && !chooseDim(index, d, input.dims[d]))
        return false;
    }
    return true;
  }

  bool chooseDim(int32_t index, int32_t dim, int64_t &size) {
    const tw_value_info &info = program.inputs[index];
    Message name = dimName(index, dim);
    const char *text = findValue(options.dims, options.dimCount, name.str());
    bool named = info.symbols[dim] >= 0;
    const char *symbol = named ? program.symbols[info.symbols[dim]] : "";
    if (!text && named)
      text = findValue(options.dims, options.dimCount, symbol);
    if (text)
      return parseNumber(text, size);
    error.add("input '%s': dimension %d has no fixed size: give --dim %s=SIZE",
              info.name, dim, named ? symbol : name.str());
    return false;
  }

  const tw_program &program;
  const Options &options;
  Message &error;
  ReadArray read;
};
} // namespace

bool tw::readNpyInput(const tw_value_info &, const char *path, NpyArray &array,
                      Message &error) {
  return readNpy(path, array, error);
}

bool tw::bindInputs(const tw_program &program, const Options &options,
                    Inputs &inputs, Message &error, ReadArray read) {
  return Binder(program, options, error, read).bind(inputs);
}
