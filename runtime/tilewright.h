// The C interface of a compiled model. This header is all that a program needs
// to run one; it may be copied.
//
//   tw_model *model;
//   char error[256];
//   if (tw_model_open("resnet50.so", NULL, &model, error, sizeof error))
//   die(error); tw_context *context; if (tw_context_create(model, &context))
//   die("out of memory"); int64_t dims[4] = {1, 3, 224, 224}; tw_tensor input =
//   {.data = pixels, .dtype = TW_FLOAT, .rank = 4, .dims = dims}; tw_tensor
//   output = {0}; // no buffer of ours: the context owns the result until its
//   next run if (tw_context_run(context, &input, 1, &output, 1))
//   die(tw_context_error(context)); use(output.data, output.rank, output.dims);
//   tw_context_destroy(context);
//   tw_model_close(model);
//
// Threads. A tw_model may be used from many threads at once. A tw_context
// serves one run at a time; give each thread its own. Contexts of one model
// share its weights and its thread pool. Nothing here has global state.
//
// Results are the same bits on every run and at every number of threads.
#ifndef TILEWRIGHT_RUNTIME_TILEWRIGHT_H
#define TILEWRIGHT_RUNTIME_TILEWRIGHT_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define TW_API __attribute__((visibility("default")))

/// Grows when a struct or a function of this header or of host.h changes its
/// meaning.
#define TW_ABI_VERSION 3

/// What functions return: TW_OK or the kind of failure. The text that goes with
/// it says what was expected and found.
typedef enum tw_status {
  TW_OK = 0,
  TW_INVALID_ARGUMENT =
      1, ///< an input, an output buffer or an option does not fit the model
  TW_OUT_OF_MEMORY = 2,
  TW_UNSUPPORTED_CPU =
      3, ///< the model was compiled for a CPU with features that this one lacks
  TW_BAD_ARTIFACT =
      4, ///< the file is not a model, or it is of another ABI version
  TW_RUN_FAILED = 5, ///< a value met during the run is outside what the model
                     ///< allows, such as an index
  TW_NO_DEVICE =
      6, ///< the device, its driver or its library is missing or too old
  TW_UNSUPPORTED_DEVICE =
      7, ///< the model holds no code for the device or its architecture
  TW_KERNEL_FAULT = 8 ///< a kernel failed on the device, or the emulator found
                      ///< a fault in it
} tw_status;

/// Element types, numbered as ONNX TensorProto.DataType. In memory TW_BOOL is
/// one byte, 0 or 1, and an element of fewer than eight bits takes a byte: a
/// sign-extended or zero-extended integer, or the bits of an fp4.
typedef enum tw_dtype {
  TW_UNDEFINED = 0,
  TW_FLOAT = 1,
  TW_UINT8 = 2,
  TW_INT8 = 3,
  TW_UINT16 = 4,
  TW_INT16 = 5,
  TW_INT32 = 6,
  TW_INT64 = 7,
  TW_STRING = 8,
  TW_BOOL = 9,
  TW_FLOAT16 = 10,
  TW_DOUBLE = 11,
  TW_UINT32 = 12,
  TW_UINT64 = 13,
  TW_COMPLEX64 = 14,
  TW_COMPLEX128 = 15,
  TW_BFLOAT16 = 16,
  TW_FLOAT8E4M3FN = 17,
  TW_FLOAT8E4M3FNUZ = 18,
  TW_FLOAT8E5M2 = 19,
  TW_FLOAT8E5M2FNUZ = 20,
  TW_UINT4 = 21,
  TW_INT4 = 22,
  TW_FLOAT4E2M1 = 23,
  TW_FLOAT8E8M0 = 24,
  TW_UINT2 = 25,
  TW_INT2 = 26
} tw_dtype;

/// Bytes of one element in memory; 0 for a type without a fixed size.
TW_API int64_t tw_dtype_size(int32_t dtype);
/// The type's name as numpy and ml_dtypes spell it ("float32", "bool",
/// "bfloat16"); "undefined" for an unknown number.
TW_API const char *tw_dtype_name(int32_t dtype);

/// Where a tensor's data lies.
typedef enum tw_memory {
  TW_HOST = 0,
  TW_DEVICE = 1 ///< in the memory of the device that the model runs on
} tw_memory;

/// A tensor: contiguous, row-major. 40 bytes, LLVM { ptr, i32, i32, ptr, i64,
/// i32, i32 }.
typedef struct tw_tensor {
  void *data;
  int32_t dtype;
  int32_t rank;
  const int64_t *dims;
  /// Outputs only: bytes that `data` can hold. Not read for inputs.
  int64_t capacity;
  /// A tw_memory. For an output without `data` it says where the result shall
  /// be. Models that run on the CPU know TW_HOST only.
  int32_t memory;
  int32_t reserved;
} tw_tensor;

/// What a model says about one input or output. 32 bytes, LLVM { ptr, i32, i32,
/// ptr, ptr }.
typedef struct tw_value_info {
  const char *name;
  int32_t dtype;
  /// -1: any rank (outputs only).
  int32_t rank;
  /// Per dimension its size, or -1 when it is known only at run time.
  const int64_t *dims;
  /// Per dimension the index of its symbol in the model, or -1. Equal symbols
  /// are equal sizes.
  const int32_t *symbols;
} tw_value_info;

typedef struct tw_model tw_model;
typedef struct tw_context tw_context;
/// A compiled model as linked into a program; the typed header that comes with
/// a model declares how to get it.
typedef struct tw_program tw_program;

/// Fill with zeros, then set what you need. NULL in its place means all zeros.
typedef struct tw_options {
  /// Threads that one run may use, the caller's included. 0: the environment's
  /// TILEWRIGHT_THREADS, or else the CPUs that this process may run on.
  int32_t threads;
  /// Nonzero: contexts measure each node (see tw_context_profile). On a device
  /// each launch is then waited for.
  int32_t profile;
  /// "cpu"; "cuda" or "cuda:N", an NVIDIA GPU; "emulator"; or "auto": a GPU
  /// where the model has code for it and there is one, else the CPU. NULL: the
  /// environment's TILEWRIGHT_DEVICE, or else "auto".
  const char *device;
  /// The emulator's library. NULL: the environment's TILEWRIGHT_EMULATOR, or
  /// else libtilewright-emulator.so beside the model's file or the program, or
  /// where the loader finds it.
  const char *emulator;
  /// Nonzero: on a GPU, runs that repeat the sizes of the one before are
  /// replayed as a CUDA graph, where the model permits it.
  int32_t cuda_graph;
  /// Of the emulator's order of events.
  int32_t emulator_seed;
  int32_t reserved[4];
} tw_options;

/// Loads a compiled model, executable or shared library. On failure *model is
/// NULL and `error` (if error_size > 0) holds a message.
TW_API tw_status tw_model_open(const char *path, const tw_options *options,
                               tw_model **model, char *error,
                               size_t error_size);
/// The same for a model that is linked into the program; `program` must outlive
/// the model.
TW_API tw_status tw_model_create(const tw_program *program,
                                 const tw_options *options, tw_model **model,
                                 char *error, size_t error_size);
/// Destroy its contexts first. NULL is allowed.
TW_API void tw_model_close(tw_model *model);

/// Everything returned by these lives as long as the model. An index out of
/// range gives NULL.
TW_API const char *tw_model_name(const tw_model *model);
/// JSON: signature, opset, source hash, compiler version, licences, kernels.
TW_API const char *tw_model_metadata(const tw_model *model);
TW_API int32_t tw_model_threads(const tw_model *model);
/// Where it runs: "cpu", "cuda:0 (NVIDIA H100 80GB HBM3, sm_90)", "emulator".
TW_API const char *tw_model_device(const tw_model *model);
/// Why "auto" chose that, where there was a choice; else "".
TW_API const char *tw_model_device_reason(const tw_model *model);
TW_API int32_t tw_model_input_count(const tw_model *model);
TW_API int32_t tw_model_output_count(const tw_model *model);
TW_API const tw_value_info *tw_model_input(const tw_model *model,
                                           int32_t index);
TW_API const tw_value_info *tw_model_output(const tw_model *model,
                                            int32_t index);
/// Names of the symbolic dimensions, such as "batch".
TW_API int32_t tw_model_symbol_count(const tw_model *model);
TW_API const char *tw_model_symbol(const tw_model *model, int32_t index);
/// Nodes of the source model as profiles name them.
TW_API int32_t tw_model_node_count(const tw_model *model);
TW_API const char *tw_model_node(const tw_model *model, int32_t index);
/// Index of the input or output of that name, or -1.
TW_API int32_t tw_model_find_input(const tw_model *model, const char *name);
TW_API int32_t tw_model_find_output(const tw_model *model, const char *name);

TW_API tw_status tw_context_create(tw_model *model, tw_context **context);
/// Frees the outputs that the context owns. NULL is allowed.
TW_API void tw_context_destroy(tw_context *context);

/// Runs the model. `inputs` and `outputs` are in the model's order, all of
/// them.
///
/// An output with `data` NULL is allocated by the context and lives until its
/// next run or its end. With `data` set, the result is written there if it fits
/// into `capacity` bytes; if not, the run fails and says how many are needed.
/// Either way dtype, rank and dims are filled in; dims live until the context's
/// next run. An input may not overlap an output's buffer.
TW_API tw_status tw_context_run(tw_context *context, const tw_tensor *inputs,
                                int32_t input_count, tw_tensor *outputs,
                                int32_t output_count);
/// Why the context's last run failed; "" if it did not.
TW_API const char *tw_context_error(const tw_context *context);

/// Time spent in a node over all runs of this context so far, and how often it
/// was launched. TW_INVALID_ARGUMENT if there is no such node or the model was
/// opened without `profile`.
TW_API tw_status tw_context_profile(const tw_context *context, int32_t node,
                                    int64_t *nanoseconds, int64_t *calls);

/// What the device has counted in this context so far, as JSON: the emulator's
/// instructions, bytes and conflicts by kernel. NULL if it counts nothing.
/// Lives until the context's next run or call of this.
TW_API const char *tw_context_counters(tw_context *context);

#ifdef __cplusplus
}
#endif

#endif // TILEWRIGHT_RUNTIME_TILEWRIGHT_H
