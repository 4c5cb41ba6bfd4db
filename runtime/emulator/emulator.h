// The C interface of the PTX emulator: a device with memory of its own that
// runs the text of PTX modules and reports what is wrong with the kernels.
// Every function that can fail returns a tw_emulator_status; the message is
// tw_emulator_error's. A device is used by one thread at a time.
#ifndef TILEWRIGHT_RUNTIME_EMULATOR_EMULATOR_H
#define TILEWRIGHT_RUNTIME_EMULATOR_EMULATOR_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define TW_EMULATOR_API __attribute__((visibility("default")))
#else
#define TW_EMULATOR_API
#endif

/// Raised when a struct or the meaning of a function changes.
#define TW_EMULATOR_ABI_VERSION 1

typedef struct tw_emulator tw_emulator;
typedef struct tw_emulator_module tw_emulator_module;

typedef enum tw_emulator_status {
  TW_EMULATOR_OK = 0,
  /// The caller's mistake: a bad handle, size, address or launch.
  TW_EMULATOR_INVALID = 1,
  /// The PTX text is damaged, or holds what the emulator does not know.
  TW_EMULATOR_BAD_PTX = 2,
  /// The kernel ran (perhaps not to its end) and something is wrong with it.
  TW_EMULATOR_FINDINGS = 3,
  /// No memory left.
  TW_EMULATOR_NO_MEMORY = 4,
  /// A fault of the emulator itself.
  TW_EMULATOR_INTERNAL = 5
} tw_emulator_status;

/// What a launch looks for, as bits. Out-of-bounds and misaligned accesses,
/// deadlocks and illegal instructions are always reported.
enum {
  TW_EMULATOR_CHECK_RACES = 1,
  TW_EMULATOR_CHECK_UNINITIALISED = 2,
  TW_EMULATOR_CHECK_ALL = 3
};

TW_EMULATOR_API int32_t tw_emulator_abi_version(void);

/// Every instruction form that the emulator knows: one line each of opcode
/// pattern, operands, and "used" or "unused" by the texts loaded so far, with
/// tabs between. Valid until the next call.
TW_EMULATOR_API const char *tw_emulator_forms(void);

/// A device whose schedules follow from `seed`. NULL when the host's CPU lacks
/// AVX2, FMA or F16C, which the emulator is compiled for, or without memory.
TW_EMULATOR_API tw_emulator *tw_emulator_create(uint64_t seed);
TW_EMULATOR_API void tw_emulator_destroy(tw_emulator *device);
TW_EMULATOR_API void tw_emulator_set_seed(tw_emulator *device, uint64_t seed);
TW_EMULATOR_API void tw_emulator_set_checks(tw_emulator *device,
                                            uint32_t checks);
/// The device's memory in bytes; an allocation beyond it fails. Default: 80 GB.
TW_EMULATOR_API void tw_emulator_set_memory_limit(tw_emulator *device,
                                                  uint64_t bytes);
/// A launch that executes more warp instructions ends with a finding. 0: none.
TW_EMULATOR_API void tw_emulator_set_instruction_limit(tw_emulator *device,
                                                       uint64_t instructions);

/// The text of the last failure of this device, or "".
TW_EMULATOR_API const char *tw_emulator_error(const tw_emulator *device);

/// Device memory: aligned to 256 bytes, undefined content, red zones around it.
/// Addresses are the emulator's own; the host never dereferences them.
TW_EMULATOR_API tw_emulator_status tw_emulator_alloc(tw_emulator *device,
                                                     uint64_t bytes,
                                                     uint64_t *address);
TW_EMULATOR_API tw_emulator_status tw_emulator_free(tw_emulator *device,
                                                    uint64_t address);
/// Copies and fills check that the range lies in one allocation. Reading bytes
/// that nobody wrote gives zeros.
TW_EMULATOR_API tw_emulator_status tw_emulator_write(tw_emulator *device,
                                                     uint64_t address,
                                                     const void *from,
                                                     uint64_t bytes);
TW_EMULATOR_API tw_emulator_status tw_emulator_read(tw_emulator *device,
                                                    uint64_t address, void *to,
                                                    uint64_t bytes);
TW_EMULATOR_API tw_emulator_status tw_emulator_copy(tw_emulator *device,
                                                    uint64_t to, uint64_t from,
                                                    uint64_t bytes);
TW_EMULATOR_API tw_emulator_status tw_emulator_fill(tw_emulator *device,
                                                    uint64_t address,
                                                    uint8_t value,
                                                    uint64_t bytes);
/// Makes the bytes undefined again: an arena's owner calls it where one
/// tensor's life ends and the next one's begins.
TW_EMULATOR_API tw_emulator_status tw_emulator_undefine(tw_emulator *device,
                                                        uint64_t address,
                                                        uint64_t bytes);

/// Parses the text; `size` bytes, with or without a final zero. `name` appears
/// in messages. Module variables live in device memory until unload.
TW_EMULATOR_API tw_emulator_status
tw_emulator_load(tw_emulator *device, const char *name, const char *text,
                 size_t size, tw_emulator_module **module);
TW_EMULATOR_API void tw_emulator_unload(tw_emulator *device,
                                        tw_emulator_module *module);
/// Address and size of a .global or .const variable of a module.
TW_EMULATOR_API tw_emulator_status
tw_emulator_variable(tw_emulator *device, tw_emulator_module *module,
                     const char *name, uint64_t *address, uint64_t *bytes);
/// The number of parameters of an entry, and each one's bytes.
TW_EMULATOR_API tw_emulator_status
tw_emulator_parameter_count(tw_emulator *device, tw_emulator_module *module,
                            const char *entry, int32_t *count);
/// `type` receives the declared type, such as "u64" or "f32" ("b8" for arrays).
TW_EMULATOR_API tw_emulator_status tw_emulator_parameter(
    tw_emulator *device, tw_emulator_module *module, const char *entry,
    int32_t index, uint64_t *bytes, const char **type);

/// The 128 bytes of a tensor map for a kernel's parameter or memory, from the
/// parameters of the driver's cuTensorMapEncodeTiled and …Im2col with the
/// driver's numbers; `address` is the device's. The bytes are the emulator's
/// own: a real GPU does not know them. Interleaved layouts are refused.
TW_EMULATOR_API tw_emulator_status tw_emulator_encode_tiled(
    tw_emulator *device, void *map, int32_t data_type, uint32_t rank,
    uint64_t address, const uint64_t *dims, const uint64_t *strides,
    const uint32_t *box, const uint32_t *element_strides, int32_t interleave,
    int32_t swizzle, int32_t l2_promotion, int32_t oob_fill);
TW_EMULATOR_API tw_emulator_status tw_emulator_encode_im2col(
    tw_emulator *device, void *map, int32_t data_type, uint32_t rank,
    uint64_t address, const uint64_t *dims, const uint64_t *strides,
    const int32_t *lower_corner, const int32_t *upper_corner,
    uint32_t channels_per_pixel, uint32_t pixels_per_column,
    const uint32_t *element_strides, int32_t interleave, int32_t swizzle,
    int32_t l2_promotion, int32_t oob_fill);

typedef struct tw_emulator_launch {
  tw_emulator_module *module;
  const char *entry;
  uint32_t grid[3];
  uint32_t block[3];
  /// {1, 1, 1} without clusters; {0, 0, 0} is the same.
  uint32_t cluster[3];
  /// Dynamic shared memory.
  uint32_t shared_bytes;
  /// Registers of a thread, for the occupancy estimate; 0 if unknown.
  uint32_t registers;
  uint32_t reserved;
  /// As cuLaunchKernel's kernelParams: one pointer per parameter of the entry.
  const void *const *params;
  /// What the caller calls this launch in findings (a model's node), or NULL.
  const char *label;
} tw_emulator_launch;

/// Runs the kernel to its end. TW_EMULATOR_FINDINGS after a finding; the error
/// text is then the first finding's.
TW_EMULATOR_API tw_emulator_status
tw_emulator_run(tw_emulator *device, const tw_emulator_launch *launch);

typedef struct tw_emulator_finding {
  /// Such as "out-of-bounds" or "race-shared".
  const char *kind;
  const char *kernel;
  /// The caller's label, or "".
  const char *label;
  /// What happened, one sentence.
  const char *text;
  /// Line in the PTX text, from 1; 0 when no instruction is to blame.
  uint32_t line;
  uint32_t block[3];
  uint32_t thread[3];
  uint32_t reserved;
  uint64_t address;
  /// How often the same instruction did the same.
  uint64_t count;
} tw_emulator_finding;

/// The findings since the last clear; valid until the next run or clear.
TW_EMULATOR_API int32_t tw_emulator_finding_count(const tw_emulator *device);
TW_EMULATOR_API const tw_emulator_finding *
tw_emulator_get_finding(const tw_emulator *device, int32_t index);
TW_EMULATOR_API void tw_emulator_clear_findings(tw_emulator *device);

/// Counters per kernel since the last clear, as JSON; valid until the next call
/// of a function of this device.
TW_EMULATOR_API const char *tw_emulator_counters(tw_emulator *device);
TW_EMULATOR_API void tw_emulator_clear_counters(tw_emulator *device);

#ifdef __cplusplus
}
#endif

#endif // TILEWRIGHT_RUNTIME_EMULATOR_EMULATOR_H
