#include "runtime/cli/Report.h"

#include "runtime/Buffer.h"
#include "runtime/Check.h"
#include "runtime/Runtime.h"

#include <algorithm>
#include <cmath>

using namespace tw;

//===----------------------------------------------------------------------===//
// Pieces
//===----------------------------------------------------------------------===//

static void printJsonString(const char *text) {
  putchar('"');
  for (; *text; ++text) {
    unsigned char c = *text;
    if (c == '"' || c == '\\')
      printf("\\%c", c);
    else if (c < 0x20)
      printf("\\u%04x", c);
    else
      putchar(c);
  }
  putchar('"');
}

static void printJsonDims(int32_t rank, const int64_t *dims) {
  Message text;
  printf("%s", text.addDims(rank, dims).str());
}

static void printJsonDeclaredDims(const tw_model *model,
                                  const tw_value_info &info) {
  putchar('[');
  for (int32_t i = 0; i < info.rank; ++i) {
    printf("%s", i ? ", " : "");
    if (info.dims[i] >= 0)
      printf("%ld", static_cast<long>(info.dims[i]));
    else if (info.symbols[i] >= 0)
      printJsonString(tw_model_symbol(model, info.symbols[i]));
    else
      printf("null");
  }
  putchar(']');
}

//===----------------------------------------------------------------------===//
// --info
//===----------------------------------------------------------------------===//

static void printValueJson(const tw_model *model, const tw_value_info &info) {
  printf("{\"name\": ");
  printJsonString(info.name);
  printf(", \"dtype\": \"%s\", \"shape\": ", tw_dtype_name(info.dtype));
  printJsonDeclaredDims(model, info);
  putchar('}');
}

static void printInfoJson(const tw_model *model) {
  printf("{\"name\": ");
  printJsonString(tw_model_name(model));
  printf(", \"threads\": %d, \"inputs\": [", tw_model_threads(model));
  for (int32_t i = 0; i < tw_model_input_count(model); ++i) {
    printf("%s", i ? ", " : "");
    printValueJson(model, *tw_model_input(model, i));
  }
  printf("], \"outputs\": [");
  for (int32_t i = 0; i < tw_model_output_count(model); ++i) {
    printf("%s", i ? ", " : "");
    printValueJson(model, *tw_model_output(model, i));
  }
  printf("], \"weights_bytes\": %ld, \"metadata\": %s}\n",
         static_cast<long>(model->program->weights_size),
         tw_model_metadata(model));
}

static void printValue(const tw_model *model, const tw_value_info &info) {
  Message shape;
  if (info.rank >= 0)
    addDeclaredDims(shape, *model->program, info);
  else
    shape.add("of any rank");
  printf("  %s  %s %s\n", info.name, tw_dtype_name(info.dtype), shape.str());
}

static void printInfoText(const tw_model *model) {
  const tw_program &program = *model->program;
  printf("model    %s\n", program.name);
  printf("weights  %.1f MB\n", double(program.weights_size) / 1e6);
  printf("threads  %d\n", tw_model_threads(model));
  printf("cpu     ");
  for (int32_t i = 0; i < program.feature_count; ++i)
    printf(" %s", program.features[i]);
  printf("%s\ninputs\n", program.feature_count ? "" : " any x86-64");
  for (int32_t i = 0; i < program.input_count; ++i)
    printValue(model, program.inputs[i]);
  printf("outputs\n");
  for (int32_t i = 0; i < program.output_count; ++i)
    printValue(model, program.outputs[i]);
  printf("metadata\n  %s\n", program.metadata);
}

void tw::printInfo(const tw_model *model, bool json) {
  if (json)
    printInfoJson(model);
  else
    printInfoText(model);
}

//===----------------------------------------------------------------------===//
// Outputs
//===----------------------------------------------------------------------===//

template <typename T>
static double valueAt(const tw_tensor &tensor, int64_t index) {
  return double(static_cast<const T *>(tensor.data)[index]);
}

/// NaN for a type that is no plain number.
static double numberAt(const tw_tensor &tensor, int64_t index) {
  switch (tensor.dtype) {
  case TW_FLOAT:
    return valueAt<float>(tensor, index);
  case TW_DOUBLE:
    return valueAt<double>(tensor, index);
  case TW_FLOAT16:
    return valueAt<_Float16>(tensor, index);
  case TW_BFLOAT16:
    return valueAt<__bf16>(tensor, index);
  case TW_INT8:
    return valueAt<int8_t>(tensor, index);
  case TW_INT16:
    return valueAt<int16_t>(tensor, index);
  case TW_INT32:
    return valueAt<int32_t>(tensor, index);
  case TW_INT64:
    return valueAt<int64_t>(tensor, index);
  case TW_BOOL:
  case TW_UINT8:
    return valueAt<uint8_t>(tensor, index);
  case TW_UINT16:
    return valueAt<uint16_t>(tensor, index);
  case TW_UINT32:
    return valueAt<uint32_t>(tensor, index);
  case TW_UINT64:
    return valueAt<uint64_t>(tensor, index);
  default:
    return static_cast<double>(NAN);
  }
}

static void printRange(const tw_tensor &tensor) {
  double low = HUGE_VAL, high = -HUGE_VAL, sum = 0;
  int64_t count = elementCount(tensor.rank, tensor.dims);
  for (int64_t i = 0; i < count; ++i) {
    double value = numberAt(tensor, i);
    low = value < low ? value : low;
    high = value > high ? value : high;
    sum += value;
  }
  if (low <= high)
    printf("  min %g  max %g  mean %g", low, high, sum / double(count));
}

static void printOutputText(const char *name, const tw_tensor &tensor) {
  Message shape;
  printf("%s  %s %s", name, tw_dtype_name(tensor.dtype),
         shape.addDims(tensor.rank, tensor.dims).str());
  printRange(tensor);
  putchar('\n');
}

static void printOutputJson(const char *name, const tw_tensor &tensor) {
  printf("{\"name\": ");
  printJsonString(name);
  printf(", \"dtype\": \"%s\", \"shape\": ", tw_dtype_name(tensor.dtype));
  printJsonDims(tensor.rank, tensor.dims);
  putchar('}');
}

void tw::printOutputs(const tw_model *model, const tw_tensor *outputs,
                      bool json) {
  printf("%s", json ? "{\"outputs\": [" : "");
  for (int32_t i = 0; i < tw_model_output_count(model); ++i) {
    const char *name = tw_model_output(model, i)->name;
    printf("%s", json && i ? ", " : "");
    if (json)
      printOutputJson(name, outputs[i]);
    else
      printOutputText(name, outputs[i]);
  }
  printf("%s", json ? "]}\n" : "");
}

//===----------------------------------------------------------------------===//
// --bench and --profile
//===----------------------------------------------------------------------===//

static double milliseconds(int64_t nanoseconds) {
  return double(nanoseconds) * 1e-6;
}

static double mean(Timing timing) {
  double sum = 0;
  for (int64_t i = 0; i < timing.count; ++i)
    sum += milliseconds(timing.runs[i]);
  return sum / double(timing.count);
}

void tw::printTiming(const tw_model *model, Timing timing, bool json) {
  std::sort(timing.runs, timing.runs + timing.count);
  auto at = [&](double share) {
    return milliseconds(timing.runs[int64_t(share * double(timing.count - 1))]);
  };
  printf(json ? "{\"runs\": %ld, \"threads\": %d, \"median_ms\": %.6f, "
                "\"min_ms\": %.6f, \"mean_ms\": %.6f, \"p95_ms\": %.6f}\n"
              : "%ld runs, %d threads: median %.3f ms, min %.3f ms, mean %.3f "
                "ms, p95 %.3f ms\n",
         static_cast<long>(timing.count), tw_model_threads(model), at(0.5),
         at(0), mean(timing), at(0.95));
}

namespace {
struct NodeRow {
  int32_t node = 0;
  int64_t nanoseconds = 0, calls = 0;
};
} // namespace

static int64_t collect(const tw_model *model, const tw_context *context,
                       Array<NodeRow> &rows) {
  int64_t total = 0;
  for (int32_t i = 0; i < tw_model_node_count(model); ++i) {
    rows[i].node = i;
    tw_context_profile(context, i, &rows[i].nanoseconds, &rows[i].calls);
    total += rows[i].nanoseconds;
  }
  std::sort(rows.begin(), rows.end(), [](const NodeRow &a, const NodeRow &b) {
    return a.nanoseconds != b.nanoseconds ? a.nanoseconds > b.nanoseconds
                                          : a.node < b.node;
  });
  return total;
}

static void printRow(const char *name, const NodeRow &row, int64_t total,
                     bool json) {
  if (!json) {
    printf("%10.3f ms  %5.1f %%  %6ld calls  %s\n",
           milliseconds(row.nanoseconds),
           100.0 * double(row.nanoseconds) / double(total ? total : 1),
           static_cast<long>(row.calls), name);
    return;
  }
  printf("{\"name\": ");
  printJsonString(name);
  printf(", \"nanoseconds\": %ld, \"calls\": %ld}",
         static_cast<long>(row.nanoseconds), static_cast<long>(row.calls));
}

void tw::reportDevice(const tw_model *model) {
  const char *reason = tw_model_device_reason(model);
  if (*reason)
    fprintf(stderr, "device: %s, because %s\n", tw_model_device(model), reason);
}

/// JSON that a device has written, on one line.
static void printJsonOf(const char *text) {
  for (; *text; ++text)
    if (*text != '\n')
      putchar(*text);
}

void tw::printProfile(const tw_model *model, tw_context *context, bool json) {
  Array<NodeRow> rows;
  if (!rows.create(tw_model_node_count(model)))
    return;
  int64_t total = collect(model, context, rows);
  printf("%s", json ? "{\"nodes\": [" : "");
  for (int64_t i = 0; i < rows.size(); ++i) {
    printf("%s", json && i ? ", " : "");
    printRow(tw_model_node(model, rows[i].node), rows[i], total, json);
  }
  const char *counters = tw_context_counters(context);
  if (json)
    printf("]");
  if (json && counters)
    printf(", \"counters\": ");
  if (counters)
    printJsonOf(counters);
  if (json || counters)
    printf(json ? "}\n" : "\n");
}
