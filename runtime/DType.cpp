#include "runtime/tilewright.h"

namespace {
struct Row {
  const char *name;
  int64_t size;
};
} // namespace

/// Indexed by tw_dtype.
static const Row rows[] = {
    {"undefined", 0},
    {"float32", 4},
    {"uint8", 1},
    {"int8", 1},
    {"uint16", 2},
    {"int16", 2},
    {"int32", 4},
    {"int64", 8},
    {"string", 0},
    {"bool", 1},
    {"float16", 2},
    {"float64", 8},
    {"uint32", 4},
    {"uint64", 8},
    {"complex64", 8},
    {"complex128", 16},
    {"bfloat16", 2},
    {"float8_e4m3fn", 1},
    {"float8_e4m3fnuz", 1},
    {"float8_e5m2", 1},
    {"float8_e5m2fnuz", 1},
    {"uint4", 1},
    {"int4", 1},
    {"float4_e2m1fn", 1},
    {"float8_e8m0fnu", 1},
    {"uint2", 1},
    {"int2", 1},
};

static const Row &rowOf(int32_t dtype) {
  bool known = dtype >= 0 && dtype < int32_t(sizeof rows / sizeof *rows);
  return rows[known ? dtype : 0];
}

int64_t tw_dtype_size(int32_t dtype) { return rowOf(dtype).size; }
const char *tw_dtype_name(int32_t dtype) { return rowOf(dtype).name; }
