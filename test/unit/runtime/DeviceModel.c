/* A model for a device and for the CPU in one, as the compiler would emit it:
 * y = x * w[0] + b, element by element, and n = the number of elements. Written
 * by hand, so that devices are tested without the compiler. */
#include "runtime/host.h"

enum { kThreads = 64 };

/* Part 0 leaves x * w[0] in the workspace, part 1 adds b. */
static const char ptx[] =
    ".version 7.0\n"
    ".target sm_80\n"
    ".address_size 64\n"
    ".visible .entry scale_p0(\n"
    "  .param .u64 x, .param .u64 w, .param .u64 b, .param .u64 y,\n"
    "  .param .u64 n, .param .u64 workspace)\n"
    ".reqntid 64\n"
    "{\n"
    "  .reg .pred %p;\n"
    "  .reg .b32 %r<4>;\n"
    "  .reg .f32 %f<4>;\n"
    "  .reg .b64 %d<8>;\n"
    "  mov.u32 %r0, %ctaid.x;\n"
    "  mov.u32 %r1, %tid.x;\n"
    "  mad.lo.s32 %r2, %r0, 64, %r1;\n"
    "  cvt.u64.u32 %d0, %r2;\n"
    "  ld.param.u64 %d1, [n];\n"
    "  setp.ge.s64 %p, %d0, %d1;\n"
    "  @%p bra DONE;\n"
    "  ld.param.u64 %d2, [x];\n"
    "  ld.param.u64 %d3, [w];\n"
    "  ld.param.u64 %d4, [workspace];\n"
    "  shl.b64 %d5, %d0, 2;\n"
    "  add.s64 %d6, %d2, %d5;\n"
    "  add.s64 %d7, %d4, %d5;\n"
    "  ld.global.f32 %f0, [%d6];\n"
    "  ld.global.f32 %f1, [%d3];\n"
    "  mul.rn.f32 %f2, %f0, %f1;\n"
    "  st.global.f32 [%d7], %f2;\n"
    "DONE:\n"
    "  ret;\n"
    "}\n"
    ".visible .entry scale_p1(\n"
    "  .param .u64 x, .param .u64 w, .param .u64 b, .param .u64 y,\n"
    "  .param .u64 n, .param .u64 workspace)\n"
    ".reqntid 64\n"
    "{\n"
    "  .reg .pred %p;\n"
    "  .reg .b32 %r<4>;\n"
    "  .reg .f32 %f<4>;\n"
    "  .reg .b64 %d<8>;\n"
    "  mov.u32 %r0, %ctaid.x;\n"
    "  mov.u32 %r1, %tid.x;\n"
    "  mad.lo.s32 %r2, %r0, 64, %r1;\n"
    "  cvt.u64.u32 %d0, %r2;\n"
    "  ld.param.u64 %d1, [n];\n"
    "  setp.ge.s64 %p, %d0, %d1;\n"
    "  @%p bra DONE;\n"
    "  ld.param.u64 %d2, [y];\n"
    "  ld.param.u64 %d3, [b];\n"
    "  ld.param.u64 %d4, [workspace];\n"
    "  shl.b64 %d5, %d0, 2;\n"
    "  add.s64 %d6, %d2, %d5;\n"
    "  add.s64 %d7, %d4, %d5;\n"
    "  ld.global.f32 %f0, [%d7];\n"
    "  ld.global.f32 %f1, [%d3];\n"
    "  add.rn.f32 %f2, %f0, %f1;\n"
    "  st.global.f32 [%d6], %f2;\n"
    "DONE:\n"
    "  ret;\n"
    "}\n";

/* Writes one element too many. */
static const char brokenPtx[] =
    ".version 7.0\n"
    ".target sm_80\n"
    ".address_size 64\n"
    ".visible .entry broken_p0(\n"
    "  .param .u64 y, .param .u64 n, .param .u64 workspace)\n"
    "{\n"
    "  .reg .b64 %d<4>;\n"
    "  .reg .f32 %f;\n"
    "  ld.param.u64 %d0, [y];\n"
    "  ld.param.u64 %d1, [n];\n"
    "  shl.b64 %d2, %d1, 2;\n"
    "  add.s64 %d3, %d0, %d2;\n"
    "  mov.f32 %f, 0f3F800000;\n"
    "  st.global.f32 [%d3+4096], %f;\n"
    "  ret;\n"
    "}\n";

static void scaleGrid(const tw_args *args, int64_t *rows) {
  int64_t count = args->ints[0];
  for (int part = 0; part < 2; ++part) {
    rows[4 * part + TW_GRID_BLOCKS] = (count + kThreads - 1) / kThreads;
    rows[4 * part + TW_GRID_THREADS] = kThreads;
    rows[4 * part + TW_GRID_SHARED] = 16;
    rows[4 * part + TW_GRID_WORKSPACE] = part ? 0 : count * 4;
  }
}

static void brokenGrid(const tw_args *args, int64_t *rows) {
  (void)args;
  rows[TW_GRID_BLOCKS] = rows[TW_GRID_THREADS] = 1;
  rows[TW_GRID_SHARED] = rows[TW_GRID_WORKSPACE] = 0;
}

/* y as a tensor map. */
static void brokenMaps(const tw_args *args, tw_tensor_map *maps) {
  maps[0] = (tw_tensor_map){.buffer = 0,
                            .data_type = 7,
                            .rank = 2,
                            .swizzle = 3,
                            .dims = {3, (uint64_t)args->ints[0] / 3},
                            .strides = {12},
                            .box = {3, 8},
                            .element_strides = {1, 1}};
}

static int32_t runOnDevice(tw_context *context, const tw_tensor *inputs,
                           tw_tensor *outputs) {
  (void)outputs;
  int64_t rows = inputs[0].dims[0], count = rows * 3;
  int64_t bytes = count * (int64_t)sizeof(float);
  void *arena = tw_rt_arena(context, bytes);
  void *y = tw_rt_output(context, 0, 2, inputs[0].dims);
  void *n = tw_rt_output(context, 1, 0, NULL);
  void *copy = tw_rt_alloc(context, bytes);
  if (!arena || !y || !n || !copy)
    return TW_OUT_OF_MEMORY;
  tw_rt_copy(context, copy, inputs[0].data, bytes);
  tw_rt_copy(context, arena, copy, bytes);
  void *buffers[] = {arena, (void *)tw_rt_weights(context), inputs[1].data, y};
  int64_t ints[] = {count};
  tw_args args = {buffers, ints};
  tw_rt_launch_device(context, 0, &args, 0);
  if (rows == 15) { /* what a kernel has computed decides */
    const float *first = tw_rt_read(context, y, sizeof(float));
    if (!first)
      return TW_RUN_FAILED;
    if (*first > 100.0f)
      return tw_rt_fail(context, TW_RUN_FAILED, "y[0] is over 100", NULL, 0);
  }
  if (rows == 16) { /* an input and a weight decide */
    const float *b = tw_rt_read(context, inputs[1].data, sizeof(float));
    if (!b || *b < 0.0f)
      return tw_rt_fail(context, TW_RUN_FAILED, "b is negative", NULL, 0);
    const float *w = tw_rt_read(context, tw_rt_weights(context), sizeof *w);
    if (!w || *w != 2.0f)
      return tw_rt_fail(context, TW_RUN_FAILED, "w is not 2", NULL, 0);
  }
  if (rows == 17) {
    void *only[] = {y};
    tw_args broken = {only, ints};
    tw_rt_launch_device(context, 1, &broken, 1);
  }
  tw_rt_write(context, n, &count, sizeof count);
  count = -1; /* the runtime has its own copy */
  return TW_OK;
}

static void scale(const tw_args *args, int64_t begin, int64_t end,
                  void *workspace, void *shared) {
  (void)workspace, (void)shared;
  const float *x = args->buffers[0], *w = args->buffers[1],
              *b = args->buffers[2];
  float *y = args->buffers[3];
  for (int64_t i = begin; i < end; ++i)
    y[i] = x[i] * w[0] + b[0];
}

static int32_t runOnCpu(tw_context *context, const tw_tensor *inputs,
                        tw_tensor *outputs) {
  (void)outputs;
  int64_t count = inputs[0].dims[0] * 3;
  float *y = tw_rt_output(context, 0, 2, inputs[0].dims);
  int64_t *n = tw_rt_output(context, 1, 0, NULL);
  if (!y || !n)
    return TW_OUT_OF_MEMORY;
  void *buffers[] = {inputs[0].data, (void *)tw_rt_weights(context),
                     inputs[1].data, y};
  tw_args args = {buffers, NULL};
  tw_grid grid = {0, 0, 1, {{count, count}}};
  tw_rt_launch(context, scale, &args, &grid, 0);
  *n = count;
  return TW_OK;
}

static const int64_t xDims[] = {-1, 3}, none[] = {0};
static const int32_t xSymbols[] = {0, -1}, noSymbols[] = {-1};
static const tw_value_info inputs[] = {{"x", TW_FLOAT, 2, xDims, xSymbols},
                                       {"b", TW_FLOAT, 0, none, noSymbols}};
static const tw_value_info outputs[] = {{"y", TW_FLOAT, 2, xDims, xSymbols},
                                        {"n", TW_INT64, 0, none, noSymbols}};
static const char *const symbols[] = {"rows"};
static const char *const features[] = {"sse2"};
static const char *const nodes[] = {"scale/add", "broken/node"};
static const float weight[] = {2.0f};

static const tw_device_kernel kernels[] = {
    {"scale", ptx, sizeof ptx - 1, NULL, 0, scaleGrid, 2, 4, 1, 0, NULL, 0, 0},
    {"broken", brokenPtx, sizeof brokenPtx - 1, NULL, 0, brokenGrid, 1, 1, 1, 0,
     NULL, 0, 0}};
static const char cubin[] = "a cubin for sm_90a";
static const tw_device_kernel specificKernels[] = {
    {"scale", ptx, sizeof ptx - 1, cubin, sizeof cubin, scaleGrid, 2, 4, 1, 2,
     NULL, 0, 0},
    {"broken", brokenPtx, sizeof brokenPtx - 1, NULL, 0, brokenGrid, 1, 1, 1, 0,
     brokenMaps, 1, 0}};
static const tw_device_target targets[] = {
    {"sm_90a", 9, 0, 1, 0, specificKernels}, {"sm_80", 8, 0, 0, 0, kernels}};

#define COMMON                                                                 \
  .abi_version = TW_ABI_VERSION, .runtime = &tw_runtime_functions,             \
  .name = "device model", .metadata = "{}", .inputs = inputs,                  \
  .outputs = outputs, .symbols = symbols, .features = features,                \
  .nodes = nodes, .input_count = 2, .output_count = 2, .symbol_count = 1,      \
  .feature_count = 1, .node_count = 2, .weights = weight,                      \
  .weights_size = sizeof weight

const tw_program device_program = {
    COMMON, .entry = runOnDevice, .device_targets = targets,
    .device_target_count = 2, .device_kernel_count = 2};
/* For sm_80 and newer only, as --target=ptx makes it. */
const tw_program base_program = {
    COMMON, .entry = runOnDevice, .device_targets = targets + 1,
    .device_target_count = 1, .device_kernel_count = 2};
/* For both, as --target=cpu,ptx makes it. */
const tw_program both_program = {COMMON, .entry = runOnCpu,
                                 .alternative = &device_program};
