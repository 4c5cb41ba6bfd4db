// What a compiled host program offers to the runtime and what it may call. The
// compiler emits these structs and calls as LLVM IR: fields have fixed widths,
// and each struct's comment gives its LLVM type. x86-64 System V layout; no
// padding but what is written out.
#ifndef TILEWRIGHT_RUNTIME_HOST_H
#define TILEWRIGHT_RUNTIME_HOST_H

#include "runtime/tilewright.h"

#ifdef __cplusplus
extern "C" {
#endif

/// A kernel's arguments. LLVM { ptr, ptr }.
typedef struct tw_args {
  /// Operands and results: contiguous, row-major; 64-byte aligned unless the
  /// caller of the model gave them.
  void *const *buffers;
  /// Dynamic sizes and host scalars.
  const int64_t *ints;
} tw_args;

/// Computes blocks [begin, end) of a kernel's linear grid. `workspace` is this
/// thread's own and `shared` the launch's, both 64-byte aligned; NULL if the
/// launch asked for none. Their content is undefined, but for what earlier
/// phases left in `shared`. What a block computes must depend on its index, on
/// `args` and on that only.
typedef void (*tw_kernel_fn)(const tw_args *args, int64_t begin, int64_t end,
                             void *workspace, void *shared);

/// Blocks that do not depend on each other.
typedef struct tw_phase {
  int64_t blocks;
  int64_t cost; ///< estimated time of one thread for all of them, nanoseconds
} tw_phase;

/// The most phases that a kernel may have.
#define TW_PHASES 8

/// A kernel's launch, as its NAME_grid writes it. The blocks of a phase, which
/// may read what all phases before it wrote, come after theirs.
typedef struct tw_grid {
  int64_t workspace_bytes; ///< of each thread
  int64_t shared_bytes;
  int64_t phase_count;
  tw_phase phases[TW_PHASES]; ///< others than the first `phase_count`: anything
} tw_grid;

/// The host program: TW_OK, or nonzero after a service failed or tw_rt_fail was
/// called. Inputs are checked before the call. `outputs` are the caller's;
/// results are placed with tw_rt_output only.
typedef int32_t (*tw_main_fn)(tw_context *context, const tw_tensor *inputs,
                              tw_tensor *outputs);

/// The runtime that a program was linked with. Opaque; the runtime defines the
/// one object of this type.
typedef struct tw_runtime tw_runtime;
extern const tw_runtime tw_runtime_functions;

/// Columns of a row that a device kernel's `grid` writes.
enum {
  TW_GRID_BLOCKS = 0,    ///< blocks of the grid; 0: this part does not run
  TW_GRID_THREADS = 1,   ///< threads of a block
  TW_GRID_SHARED = 2,    ///< bytes of dynamic shared memory of a block
  TW_GRID_WORKSPACE = 3, ///< bytes of global workspace, content undefined
  TW_GRID_COLUMNS = 4
};

/// A tensor as the tensor memory accelerator sees it: what the driver's
/// cuTensorMapEncodeTiled is given, with its numbers. 144 bytes.
typedef struct tw_tensor_map {
  int32_t buffer;              ///<   0: which of tw_args' buffers
  int32_t data_type;           ///<   4
  int32_t rank;                ///<   8: 0: there is none, no part uses it
  int32_t interleave;          ///<  12
  int32_t swizzle;             ///<  16
  int32_t l2_promotion;        ///<  20
  int32_t oob_fill;            ///<  24
  int32_t reserved;            ///<  28: 0
  uint64_t dims[5];            ///<  32
  uint64_t strides[4];         ///<  72: bytes, of all dims but the first
  uint32_t box[5];             ///< 104
  uint32_t element_strides[5]; ///< 124
} tw_tensor_map;
enum { TW_TENSOR_MAP_BYTES = 128 };

/// A kernel for a GPU: `parts` entries `NAME_p0`, `NAME_p1`, … of one PTX
/// module, launched one after the other, each on a grid and blocks of one
/// dimension. Every part has the same parameters: 64 bits each, the addresses
/// of tw_args' buffers, its ints, the address of the workspace; then the tensor
/// maps, `.param .align 64 .b8 [128]`. The workspace is as large as the largest
/// that a part asks for; all parts share it. LLVM { ptr, ptr, i64, ptr, i64,
/// ptr, i32, i32, i32, i32, ptr, i32, i32 }, 80 bytes.
typedef struct tw_device_kernel {
  const char *name;   ///<  0
  const char *ptx;    ///<  8: text that ends in a zero
  int64_t ptx_size;   ///< 16: without the zero
  const void *cubin;  ///< 24: the same, assembled; NULL if there is none
  int64_t cubin_size; ///< 32
  void (*grid)(const tw_args *args, int64_t *rows); ///< 40: runs on the host
  int32_t parts;                                    ///< 48
  int32_t buffers;                                  ///< 52
  int32_t ints;                                     ///< 56
  int32_t cluster; ///< 60: blocks of a thread block cluster; 0 or 1: none
  /// 64: runs on the host; NULL without tensor maps
  void (*maps)(const tw_args *args, tw_tensor_map *maps);
  int32_t map_count; ///< 72
  int32_t reserved;  ///< 76: 0
} tw_device_kernel;

/// All of a program's kernels for one architecture. LLVM { ptr, i32, i32, i32,
/// i32, ptr }, 32 bytes.
typedef struct tw_device_target {
  const char *name; ///<  0: "sm_80", "sm_90a"
  int32_t major;    ///<  8: compute capability
  int32_t minor;    ///< 12
  int32_t exact;    ///< 16: 1: runs on this capability only ("sm_90a")
  int32_t reserved; ///< 20: 0
  const tw_device_kernel *kernels; ///< 24: the program's device_kernel_count
} tw_device_target;

/// A compiled model. The compiler's object file defines one, named
/// `tw_program_data`, external and hidden. LLVM { i32, i32, ptr, ptr, ptr, ptr,
/// ptr, ptr, ptr, ptr, ptr, i32, i32, i32, i32, i32, i32, ptr, i64, ptr, i32,
/// i32, ptr }, 144 bytes.
///
/// A program either runs kernels of the host's CPU or of a device, and says so
/// by having device targets. A file for both holds two, chained.
struct tw_program {
  int32_t abi_version;          ///<   0: TW_ABI_VERSION
  int32_t reserved0;            ///<   4: 0
  const tw_runtime *runtime;    ///<   8: &tw_runtime_functions
  const char *name;             ///<  16
  const char *metadata;         ///<  24: JSON object, in section .tw.metadata
  const tw_value_info *inputs;  ///<  32
  const tw_value_info *outputs; ///<  40
  const char *const *symbols;   ///<  48: names of symbolic dimensions
  const char *const *features;  ///<  56: CPU features needed, as LLVM spells
                                ///<  them ("avx2", "fma", "avx512f")
  const char *const *nodes; ///<  64: names that `node` of tw_rt_launch indexes
  tw_main_fn entry;         ///<  72
  int32_t input_count;      ///<  80
  int32_t output_count;     ///<  84
  int32_t symbol_count;     ///<  88
  int32_t feature_count;    ///<  92
  int32_t node_count;       ///<  96
  int32_t reserved1;        ///< 100: 0
  /// Weights that are linked in as data. NULL: they are in the artifact's
  /// weights segment.
  const void *weights;  ///< 104
  int64_t weights_size; ///< 112: bytes; 0 if there are none
  /// The architectures that this program's kernels are compiled for, the most
  /// specific first. NULL: they are the CPU's.
  const tw_device_target *device_targets; ///< 120
  int32_t device_target_count;            ///< 128
  int32_t device_kernel_count;            ///< 132
  /// The same model for another kind of device; NULL: there is none.
  const tw_program *alternative; ///< 136
};

// In a program for a device, all pointers to tensors, also those in `inputs`,
// are addresses of the device's memory: the program hands them on and adds to
// them, but never reads or writes there itself.

/// Memory for the run's intermediate values: one region, 64-byte aligned,
/// content undefined, kept between runs. NULL if there is not enough (return
/// TW_OUT_OF_MEMORY). One call a run.
void *tw_rt_arena(tw_context *context, int64_t bytes);
/// Memory whose size is known only in mid-run; freed at the context's next run.
/// 64-byte aligned. NULL if there is not enough (return TW_OUT_OF_MEMORY).
void *tw_rt_alloc(tw_context *context, int64_t bytes);
/// The weights' first byte, aligned to a page.
const char *tw_rt_weights(tw_context *context);
/// Where to write output `index` of this shape: the caller's buffer or the
/// context's. Copies `dims`. Call it once per output and run. NULL if it does
/// not fit (return TW_OUT_OF_MEMORY; the runtime knows the reason).
void *tw_rt_output(tw_context *context, int32_t index, int32_t rank,
                   const int64_t *dims);
/// Runs the blocks of a kernel on the model's threads, phase by phase, and
/// waits for them. Phases of small cost run on the calling thread. `node` is an
/// index into the program's nodes, or -1.
void tw_rt_launch(tw_context *context, tw_kernel_fn kernel, const tw_args *args,
                  const tw_grid *grid, int32_t node);
/// Runs kernel `kernel` of the program's device targets: returns when it is
/// under way. What is asked for later sees what it wrote.
void tw_rt_launch_device(tw_context *context, int32_t kernel,
                         const tw_args *args, int32_t node);
/// `bytes` bytes of device memory, readable until the next call of this
/// service. Waits for the kernels before it, unless they lie in an input or a
/// weight. NULL if the device failed (return TW_RUN_FAILED; the runtime knows
/// the reason).
const void *tw_rt_read(tw_context *context, const void *device_pointer,
                       int64_t bytes);
/// Copies host memory, which may change after the call, to the device.
void tw_rt_write(tw_context *context, void *device_pointer,
                 const void *host_pointer, int64_t bytes);
/// Copies within the device's memory.
void tw_rt_copy(tw_context *context, void *to, const void *from, int64_t bytes);
/// Records why the run fails and returns `status`. Each "%ld" of `format`
/// prints the next of `values`; no other conversion exists ("%%" is a percent
/// sign).
int32_t tw_rt_fail(tw_context *context, int32_t status, const char *format,
                   const int64_t *values, int32_t count);

#ifdef __cplusplus
}
#endif

#endif // TILEWRIGHT_RUNTIME_HOST_H
