// The functions of tilewright.h. Each finds the copy of the runtime that its
// handle belongs to; the table at the end is this copy.
#include "runtime/Context.h"

#include <cerrno>
#include <ctime>
#include <dlfcn.h>
#include <fcntl.h>
#include <unistd.h>

using namespace tw;

static tw_status createModel(const tw_program *program,
                             const tw_options *options, tw_model **result,
                             char *error, size_t errorSize) {
  Message message;
  Model *model = make<Model>();
  tw_status status = TW_OUT_OF_MEMORY;
  if (model)
    status =
        initModel(*model, *program, options ? *options : tw_options{}, message);
  else
    message.add("out of memory");
  if (status != TW_OK) {
    dispose(model);
    model = nullptr;
  }
  *result = model;
  message.copyTo(error, errorSize);
  return status;
}

static tw_status createContext(tw_model *model, tw_context **result) {
  *result = nullptr;
  Context *context = make<Context>();
  if (!context)
    return TW_OUT_OF_MEMORY;
  tw_status status = initContext(*context, *static_cast<Model *>(model));
  if (status)
    dispose(context);
  else
    *result = context;
  return status;
}

static const char *deviceOf(const tw_model *handle) {
  const Device *device = static_cast<const Model *>(handle)->gpu.device;
  return device ? device->name() : "cpu";
}

static const char *readCounters(tw_context *handle) {
  Device *device = static_cast<Context *>(handle)->model->gpu.device;
  DeviceScope scope(device);
  return device ? device->counters() : nullptr;
}

static tw_status readProfile(const tw_context *handle, int32_t node,
                             int64_t *nanoseconds, int64_t *calls) {
  auto *context = static_cast<const Context *>(handle);
  if (node < 0 || node >= context->times.size())
    return TW_INVALID_ARGUMENT;
  *nanoseconds = context->times[node].nanoseconds;
  *calls = context->times[node].calls;
  return TW_OK;
}

extern "C" const tw_runtime tw_runtime_functions = {
    TW_ABI_VERSION,
    0,
    createModel,
    [](tw_model *model) { dispose(static_cast<Model *>(model)); },
    [](const tw_model *model) {
      return static_cast<const Model *>(model)->pool.threads();
    },
    createContext,
    [](tw_context *context) { dispose(static_cast<Context *>(context)); },
    [](tw_context *context, const tw_tensor *inputs, int32_t inputCount,
       tw_tensor *outputs, int32_t outputCount) {
      return runContext(*static_cast<Context *>(context), inputs, inputCount,
                        outputs, outputCount);
    },
    [](const tw_context *context) {
      return static_cast<const Context *>(context)->error.str();
    },
    readProfile,
    deviceOf,
    [](const tw_model *model) {
      return static_cast<const Model *>(model)->reason.str();
    },
    readCounters,
};

//===----------------------------------------------------------------------===//
// Loading
//===----------------------------------------------------------------------===//

tw_status tw_model_create(const tw_program *program, const tw_options *options,
                          tw_model **model, char *error, size_t errorSize) {
  *model = nullptr;
  if (program->abi_version != TW_ABI_VERSION) {
    Message message;
    message.add("model: expected ABI version %d, found %d", TW_ABI_VERSION,
                program->abi_version);
    message.copyTo(error, errorSize);
    return TW_BAD_ARTIFACT;
  }
  return program->runtime->create(program, options, model, error, errorSize);
}

/// A path of the open file that no other library was ever loaded by: dlopen
/// takes libraries of equal path for the same one, and the file of that path
/// may be a new one, or descriptor numbers may come again. The clock, written
/// in path parts that mean nothing.
static void addUniquePath(Message &path, int file) {
  timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  uint64_t stamp = time.tv_sec * UINT64_C(1000000000) + time.tv_nsec;
  path.add("/proc/self/fd/");
  for (; stamp; stamp >>= 1)
    path.add("%s", stamp & 1 ? "./" : "/");
  path.add("%d", file);
}

/// What dlopen says, without the path that it was given.
static const char *loadError(const Message &path) {
  const char *text = dlerror();
  if (!text)
    return "cannot be loaded";
  size_t length = strlen(path.str());
  return strncmp(text, path.str(), length) == 0 && text[length]
             ? text + length + 2
             : text;
}

static tw_status failOpen(void *library, const char *path, const char *reason,
                          char *error, size_t errorSize) {
  Message message;
  message.add("%s: %s", path, reason);
  message.copyTo(error, errorSize);
  if (library)
    dlclose(library);
  return TW_BAD_ARTIFACT;
}

static tw_status openLibrary(void *library, const char *path,
                             const tw_options *options, tw_model **model,
                             char *error, size_t errorSize) {
  using Getter = const tw_program *(*)();
  auto get = reinterpret_cast<Getter>(dlsym(library, TW_PROGRAM_GETTER));
  if (!get)
    return failOpen(library, path, "not a model compiled by Tilewright", error,
                    errorSize);
  tw_status status = tw_model_create(get(), options, model, error, errorSize);
  if (status == TW_OK)
    (*model)->library = library;
  else
    dlclose(library);
  return status;
}

tw_status tw_model_open(const char *path, const tw_options *options,
                        tw_model **model, char *error, size_t errorSize) {
  *model = nullptr;
  int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0)
    return failOpen(nullptr, path, strerror(errno), error, errorSize);
  Message name;
  addUniquePath(name, file);
  void *library = dlopen(name.str(), RTLD_NOW | RTLD_LOCAL);
  close(file);
  if (!library)
    return failOpen(nullptr, path, loadError(name), error, errorSize);
  return openLibrary(library, path, options, model, error, errorSize);
}

void tw_model_close(tw_model *model) {
  if (!model)
    return;
  void *library = model->library;
  model->runtime->close(model);
  if (library)
    dlclose(library);
}

//===----------------------------------------------------------------------===//
// What a model says about itself
//===----------------------------------------------------------------------===//

template <typename T>
static const T *at(const T *items, int32_t count, int32_t index) {
  return index >= 0 && index < count ? &items[index] : nullptr;
}

static const char *nameAt(const char *const *names, int32_t count,
                          int32_t index) {
  const char *const *name = at(names, count, index);
  return name ? *name : nullptr;
}

static int32_t find(const tw_value_info *values, int32_t count,
                    const char *name) {
  for (int32_t i = 0; i < count; ++i)
    if (strcmp(values[i].name, name) == 0)
      return i;
  return -1;
}

const char *tw_model_name(const tw_model *model) {
  return model->program->name;
}
const char *tw_model_metadata(const tw_model *model) {
  return model->program->metadata;
}
int32_t tw_model_threads(const tw_model *model) {
  return model->runtime->threads(model);
}
const char *tw_model_device(const tw_model *model) {
  return model->runtime->device(model);
}
const char *tw_model_device_reason(const tw_model *model) {
  return model->runtime->deviceReason(model);
}
int32_t tw_model_input_count(const tw_model *model) {
  return model->program->input_count;
}
int32_t tw_model_output_count(const tw_model *model) {
  return model->program->output_count;
}
const tw_value_info *tw_model_input(const tw_model *model, int32_t index) {
  return at(model->program->inputs, model->program->input_count, index);
}
const tw_value_info *tw_model_output(const tw_model *model, int32_t index) {
  return at(model->program->outputs, model->program->output_count, index);
}
int32_t tw_model_symbol_count(const tw_model *model) {
  return model->program->symbol_count;
}
const char *tw_model_symbol(const tw_model *model, int32_t index) {
  return nameAt(model->program->symbols, model->program->symbol_count, index);
}
int32_t tw_model_node_count(const tw_model *model) {
  return model->program->node_count;
}
const char *tw_model_node(const tw_model *model, int32_t index) {
  return nameAt(model->program->nodes, model->program->node_count, index);
}
int32_t tw_model_find_input(const tw_model *model, const char *name) {
  return find(model->program->inputs, model->program->input_count, name);
}
int32_t tw_model_find_output(const tw_model *model, const char *name) {
  return find(model->program->outputs, model->program->output_count, name);
}

//===----------------------------------------------------------------------===//
// Running
//===----------------------------------------------------------------------===//

tw_status tw_context_create(tw_model *model, tw_context **context) {
  return model->runtime->contextCreate(model, context);
}
void tw_context_destroy(tw_context *context) {
  if (context)
    context->runtime->contextDestroy(context);
}
tw_status tw_context_run(tw_context *context, const tw_tensor *inputs,
                         int32_t inputCount, tw_tensor *outputs,
                         int32_t outputCount) {
  return context->runtime->contextRun(context, inputs, inputCount, outputs,
                                      outputCount);
}
const char *tw_context_error(const tw_context *context) {
  return context->runtime->contextError(context);
}
tw_status tw_context_profile(const tw_context *context, int32_t node,
                             int64_t *nanoseconds, int64_t *calls) {
  return context->runtime->contextProfile(context, node, nanoseconds, calls);
}
const char *tw_context_counters(tw_context *context) {
  return context->runtime->contextCounters(context);
}
