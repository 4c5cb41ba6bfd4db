/* A model as the compiler would emit it: y = x * w[0] + b, element by element,
 * with b a scalar, and n = the number of elements. Written by hand, so that the
 * runtime is tested without the compiler. */
#include "runtime/host.h"

#include <string.h>

#ifndef TEST_MODEL_FEATURE
#define TEST_MODEL_FEATURE "sse2"
#endif

enum { kBlock = 64 };

static void scale(const tw_args *args, int64_t begin, int64_t end,
                  void *workspace, void *shared) {
  (void)shared;
  const float *x = args->buffers[0], *w = args->buffers[1],
              *b = args->buffers[2];
  float *y = args->buffers[3], *scratch = workspace;
  for (int64_t block = begin; block < end; ++block) {
    int64_t first = block * kBlock, last = first + kBlock < args->ints[0]
                                               ? first + kBlock
                                               : args->ints[0];
    for (int64_t i = first; i < last; ++i)
      scratch[i - first] = x[i] * w[0];
    for (int64_t i = first; i < last; ++i)
      y[i] = scratch[i - first] + b[0];
  }
}

static int32_t run(tw_context *context, const tw_tensor *inputs,
                   tw_tensor *outputs) {
  (void)outputs;
  int64_t rows = inputs[0].dims[0], count = rows * 3;
  if (rows == 13)
    return tw_rt_fail(context, TW_RUN_FAILED,
                      "%ld rows of %ld are bad luck, 100%%",
                      (int64_t[]){rows, 3}, 2);
  float *arena = tw_rt_arena(context, count * (int64_t)sizeof(float));
  float *y = tw_rt_output(context, 0, 2, inputs[0].dims);
  int64_t *n = tw_rt_output(context, 1, 0, NULL);
  int64_t *copy =
      tw_rt_alloc(context, rows == 14 ? INT64_MAX : (int64_t)sizeof(int64_t));
  if (!arena || !y || !n || !copy)
    return TW_OUT_OF_MEMORY;
  memcpy(arena, inputs[0].data, (size_t)count * sizeof(float));
  void *buffers[] = {arena, (void *)tw_rt_weights(context), inputs[1].data, y};
  int64_t ints[] = {count};
  tw_args args = {buffers, ints};
  int64_t blocks = (count + kBlock - 1) / kBlock;
  tw_grid grid = {kBlock * sizeof(float), 0, 1, {{blocks, count * 100}}};
  tw_rt_launch(context, scale, &args, &grid, 0);
  *copy = count;
  *n = *copy;
  return TW_OK;
}

static const int64_t xDims[] = {-1, 3}, none[] = {0}, mDims[] = {-1};
static const int32_t xSymbols[] = {0, -1}, mSymbols[] = {0};
static const tw_value_info inputs[] = {{"x", TW_FLOAT, 2, xDims, xSymbols},
                                       {"b", TW_FLOAT, 0, none, mSymbols},
                                       {"mask/1", TW_BOOL, 1, mDims, mSymbols}};
static const tw_value_info outputs[] = {{"y", TW_FLOAT, 2, xDims, xSymbols},
                                        {"n", TW_INT64, 0, none, mSymbols}};
static const char *const symbols[] = {"rows"};
static const char *const features[] = {TEST_MODEL_FEATURE};
static const char *const nodes[] = {"scale/add"};
__attribute__((section(".tw.metadata"))) static const char metadata[] =
    "{\"opset\": 21, \"licence\": \"none\"}";

#ifdef TEST_MODEL_WEIGHTS_SIZE
#define WEIGHTS NULL, TEST_MODEL_WEIGHTS_SIZE
#else
static const float weight[] = {2.0f};
#define WEIGHTS weight, sizeof weight
#endif

__attribute__((visibility("hidden")))
const tw_program tw_program_data = {TW_ABI_VERSION,
                                    0,
                                    &tw_runtime_functions,
                                    "test model",
                                    metadata,
                                    inputs,
                                    outputs,
                                    symbols,
                                    features,
                                    nodes,
                                    run,
                                    3,
                                    2,
                                    1,
                                    1,
                                    1,
                                    0,
                                    WEIGHTS,
                                    NULL,
                                    0,
                                    0,
                                    NULL};
