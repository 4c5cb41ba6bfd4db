// The PTX emulator as a device. Its library is loaded when a model wants it.
#include "runtime/emulator/emulator.h"
#include "runtime/Buffer.h"
#include "runtime/device/Device.h"

#include <cstddef>
#include <cstdlib>
#include <ctime>
#include <dlfcn.h>
#include <pthread.h>
#include <unistd.h>

using namespace tw;

namespace {

/// The library's functions; one table, so that the artifact need not be linked
/// with it.
struct Functions {
  decltype(&tw_emulator_abi_version) abiVersion;
  decltype(&tw_emulator_create) create;
  decltype(&tw_emulator_destroy) destroy;
  decltype(&tw_emulator_error) error;
  decltype(&tw_emulator_alloc) alloc;
  decltype(&tw_emulator_free) free;
  decltype(&tw_emulator_write) write;
  decltype(&tw_emulator_read) read;
  decltype(&tw_emulator_copy) copy;
  decltype(&tw_emulator_fill) fill;
  decltype(&tw_emulator_undefine) undefine;
  decltype(&tw_emulator_encode_tiled) encodeTiled;
  decltype(&tw_emulator_load) load;
  decltype(&tw_emulator_unload) unload;
  decltype(&tw_emulator_run) run;
  decltype(&tw_emulator_finding_count) findingCount;
  decltype(&tw_emulator_get_finding) getFinding;
  decltype(&tw_emulator_clear_findings) clearFindings;
  decltype(&tw_emulator_counters) counters;
};

struct Symbol {
  const char *name;
  size_t offset;
};
#define TW_SYMBOL(name, field) {"tw_emulator_" name, offsetof(Functions, field)}
constexpr Symbol kSymbols[] = {
    TW_SYMBOL("abi_version", abiVersion),
    TW_SYMBOL("create", create),
    TW_SYMBOL("destroy", destroy),
    TW_SYMBOL("error", error),
    TW_SYMBOL("alloc", alloc),
    TW_SYMBOL("free", free),
    TW_SYMBOL("write", write),
    TW_SYMBOL("read", read),
    TW_SYMBOL("copy", copy),
    TW_SYMBOL("fill", fill),
    TW_SYMBOL("undefine", undefine),
    TW_SYMBOL("encode_tiled", encodeTiled),
    TW_SYMBOL("load", load),
    TW_SYMBOL("unload", unload),
    TW_SYMBOL("run", run),
    TW_SYMBOL("finding_count", findingCount),
    TW_SYMBOL("get_finding", getFinding),
    TW_SYMBOL("clear_findings", clearFindings),
    TW_SYMBOL("counters", counters),
};
#undef TW_SYMBOL

uint64_t addressOf(const void *pointer) {
  return reinterpret_cast<uint64_t>(pointer);
}

/// One for all contexts of a model: each call has it for itself.
class EmulatorDevice final : public Device {
public:
  Functions functions = {};
  void *library = nullptr;
  tw_emulator *emulator = nullptr;

  tw_status open(const char *path, int32_t seed, Message &error);
  ~EmulatorDevice() {
    if (emulator)
      functions.destroy(emulator);
    if (library)
      dlclose(library);
  }

  void destroy() override { dispose(this); }
  const char *name() const override { return "emulator"; }
  /// It knows the instructions of every architecture.
  bool runs(const tw_device_target &) const override { return true; }
  void enter() override { pthread_mutex_lock(&mutex); }
  void leave() override { pthread_mutex_unlock(&mutex); }

  tw_status allocate(int64_t bytes, void *&memory, Message &error) override;
  void release(void *memory) override {
    functions.free(emulator, addressOf(memory));
  }
  void forget(void *memory, int64_t bytes) override {
    functions.undefine(emulator, addressOf(memory), bytes);
  }
  tw_status load(const tw_device_kernel &kernel, DeviceKernel &loaded,
                 Message &error) override;
  void unload(DeviceKernel &loaded) override;
  tw_status encode(const tw_tensor_map &map, void *address, void *bytes,
                   Message &error) override {
    return check(
        functions.encodeTiled(emulator, bytes, map.data_type, map.rank,
                              addressOf(address), map.dims, map.strides,
                              map.box, map.element_strides, map.interleave,
                              map.swizzle, map.l2_promotion, map.oob_fill),
        error);
  }
  tw_status createQueue(DeviceQueue *&queue, Message &error) override;
  const char *counters() override { return functions.counters(emulator); }

  tw_status check(tw_emulator_status result, Message &error);

private:
  tw_status bind(const char *path, Message &error);

  pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
};

/// Everything happens at once.
class EmulatorQueue final : public DeviceQueue {
public:
  explicit EmulatorQueue(EmulatorDevice &device) : device(device) {}

  void destroy() override { std::free(this); }
  tw_status upload(void *to, const void *from, int64_t bytes,
                   Message &error) override {
    Functions &f = device.functions;
    return bytes ? device.check(
                       f.write(device.emulator, addressOf(to), from, bytes),
                       error)
                 : TW_OK;
  }
  tw_status download(void *to, const void *from, int64_t bytes,
                     Message &error) override {
    Functions &f = device.functions;
    return bytes
               ? device.check(
                     f.read(device.emulator, addressOf(from), to, bytes), error)
               : TW_OK;
  }
  tw_status copy(void *to, const void *from, int64_t bytes,
                 Message &error) override {
    Functions &f = device.functions;
    return bytes ? device.check(f.copy(device.emulator, addressOf(to),
                                       addressOf(from), bytes),
                                error)
                 : TW_OK;
  }
  tw_status fill(void *to, uint8_t value, int64_t bytes,
                 Message &error) override {
    Functions &f = device.functions;
    return bytes ? device.check(
                       f.fill(device.emulator, addressOf(to), value, bytes),
                       error)
                 : TW_OK;
  }
  tw_status launch(const DeviceLaunch &launch, Message &error) override;
  tw_status synchronise(Message &) override { return TW_OK; }
  tw_status beginTiming(Message &) override {
    start = now();
    return TW_OK;
  }
  tw_status endTiming(int64_t &nanoseconds, Message &) override {
    nanoseconds = now() - start;
    return TW_OK;
  }

private:
  static int64_t now() {
    timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * INT64_C(1000000000) + time.tv_nsec;
  }
  void describeFindings(const char *node, Message &error);

  EmulatorDevice &device;
  int64_t start = 0;
};

//===----------------------------------------------------------------------===//
// Finding the library
//===----------------------------------------------------------------------===//

constexpr char kLibrary[] = "libtilewright-emulator.so";

void *openBeside(const char *file, const char *folder) {
  const char *slash = file ? strrchr(file, '/') : nullptr;
  if (!slash)
    return nullptr;
  Message path;
  path.add("%.*s/%s%s", static_cast<int>(slash - file), file, folder, kLibrary);
  return dlopen(path.str(), RTLD_NOW | RTLD_LOCAL);
}

/// Beside the file that this code is in (an artifact), beside the program or in
/// its sibling folder lib, or where the loader looks.
void *openNearby() {
  Dl_info here = {};
  dladdr(reinterpret_cast<void *>(&openNearby), &here);
  if (void *library = openBeside(here.dli_fname, ""))
    return library;
  char program[512];
  ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
  program[length > 0 ? length : 0] = '\0';
  if (void *library = openBeside(program, ""))
    return library;
  if (void *library = openBeside(program, "../lib/"))
    return library;
  return dlopen(kLibrary, RTLD_NOW | RTLD_LOCAL);
}

void *openLibrary(const char *path) {
  if (!path || !*path)
    path = std::getenv("TILEWRIGHT_EMULATOR");
  return path && *path ? dlopen(path, RTLD_NOW | RTLD_LOCAL) : openNearby();
}
} // namespace

tw_status tw::openEmulator(const char *library, int32_t seed, Device *&device,
                           Message &error) {
  auto *created = make<EmulatorDevice>();
  if (!created) {
    error.add("out of memory");
    return TW_OUT_OF_MEMORY;
  }
  tw_status status = created->open(library, seed, error);
  if (status)
    created->destroy();
  else
    device = created;
  return status;
}

tw_status EmulatorDevice::bind(const char *path, Message &error) {
  library = openLibrary(path);
  if (!library) {
    error.add("device 'emulator': no %s (TILEWRIGHT_EMULATOR may name it): %s",
              kLibrary, dlerror());
    return TW_NO_DEVICE;
  }
  for (const Symbol &symbol : kSymbols) {
    void *function = dlsym(library, symbol.name);
    if (!function) {
      error.add("device 'emulator': the library has no %s", symbol.name);
      return TW_NO_DEVICE;
    }
    memcpy(reinterpret_cast<char *>(&functions) + symbol.offset, &function,
           sizeof function);
  }
  return TW_OK;
}

tw_status EmulatorDevice::open(const char *path, int32_t seed, Message &error) {
  if (tw_status status = bind(path, error))
    return status;
  if (functions.abiVersion() != TW_EMULATOR_ABI_VERSION) {
    error.add("device 'emulator': expected a library of ABI version %d, found "
              "%d",
              TW_EMULATOR_ABI_VERSION, functions.abiVersion());
    return TW_NO_DEVICE;
  }
  emulator = functions.create(seed);
  if (emulator)
    return TW_OK;
  error.add("device 'emulator': it needs memory, and a CPU with AVX2, FMA and "
            "F16C");
  return TW_NO_DEVICE;
}

tw_status EmulatorDevice::check(tw_emulator_status result, Message &error) {
  if (result == TW_EMULATOR_OK)
    return TW_OK;
  error.add("device 'emulator': %s", functions.error(emulator));
  if (result == TW_EMULATOR_NO_MEMORY)
    return TW_OUT_OF_MEMORY;
  return result == TW_EMULATOR_BAD_PTX ? TW_UNSUPPORTED_DEVICE
                                       : TW_KERNEL_FAULT;
}

tw_status EmulatorDevice::allocate(int64_t bytes, void *&memory,
                                   Message &error) {
  uint64_t address = 0;
  tw_emulator_status result =
      bytes < 0 ? TW_EMULATOR_NO_MEMORY
                : functions.alloc(emulator, bytes ? bytes : 1, &address);
  memory = reinterpret_cast<void *>(address);
  if (bytes >= 0)
    return check(result, error);
  error.add("device 'emulator': out of memory");
  return TW_OUT_OF_MEMORY;
}

//===----------------------------------------------------------------------===//
// Kernels
//===----------------------------------------------------------------------===//

tw_status EmulatorDevice::load(const tw_device_kernel &kernel,
                               DeviceKernel &loaded, Message &error) {
  tw_emulator_module *module = nullptr;
  tw_status status = check(functions.load(emulator, kernel.name, kernel.ptx,
                                          kernel.ptx_size, &module),
                           error);
  loaded.module = module;
  return status;
}

void EmulatorDevice::unload(DeviceKernel &loaded) {
  if (loaded.module)
    functions.unload(emulator,
                     static_cast<tw_emulator_module *>(loaded.module));
  loaded = {};
}

tw_status EmulatorDevice::createQueue(DeviceQueue *&queue, Message &error) {
  void *memory =
      std::aligned_alloc(64, (sizeof(EmulatorQueue) + 63) & ~size_t(63));
  if (!memory) {
    error.add("out of memory");
    return TW_OUT_OF_MEMORY;
  }
  queue = new (memory) EmulatorQueue(*this);
  return TW_OK;
}

/// The first in full; how many there are.
void EmulatorQueue::describeFindings(const char *node, Message &error) {
  Functions &f = device.functions;
  int32_t count = f.findingCount(device.emulator);
  if (count < 1) {
    error.add("node '%s': %s", node, f.error(device.emulator));
    return;
  }
  const tw_emulator_finding &first = *f.getFinding(device.emulator, 0);
  error.add("node '%s': %s: %s (kernel '%s', PTX line %u, block %u, thread %u)",
            node, first.kind, first.text, first.kernel, first.line,
            first.block[0], first.thread[0]);
  if (count > 1)
    error.add(" and %d more findings", count - 1);
  f.clearFindings(device.emulator);
}

tw_status EmulatorQueue::launch(const DeviceLaunch &launch, Message &error) {
  Message entry;
  entry.add("%s_p%d", launch.kernel->name, launch.part);
  tw_emulator_launch call = {};
  call.module = static_cast<tw_emulator_module *>(launch.loaded->module);
  call.entry = entry.str();
  call.grid[0] = static_cast<uint32_t>(launch.blocks);
  call.block[0] = static_cast<uint32_t>(launch.threads);
  call.grid[1] = call.grid[2] = call.block[1] = call.block[2] = 1;
  call.cluster[0] = launch.kernel->cluster > 1 ? launch.kernel->cluster : 1;
  call.cluster[1] = call.cluster[2] = 1;
  call.shared_bytes = static_cast<uint32_t>(launch.sharedBytes);
  call.params = launch.parameters;
  call.label = launch.node;
  tw_emulator_status result = device.functions.run(device.emulator, &call);
  if (result != TW_EMULATOR_FINDINGS)
    return device.check(result, error);
  error.add("device 'emulator': ");
  describeFindings(launch.node, error);
  return TW_KERNEL_FAULT;
}
