#include "runtime/device/Choose.h"

#include <cstdlib>

using namespace tw;

namespace {
enum class Kind { Cpu, Cuda, Emulator, Auto };

struct Request {
  const char *text = nullptr;
  Kind kind = Kind::Auto;
  int32_t index = 0;
};

/// "cuda" or "cuda:N".
bool parseCuda(const char *text, int32_t &index) {
  if (strncmp(text, "cuda", 4) != 0)
    return false;
  if (!text[4])
    return true;
  char *end;
  long value = std::strtol(text + 5, &end, 10);
  index = static_cast<int32_t>(value);
  return text[4] == ':' && text[5] && !*end && value >= 0 && value < 1024;
}

bool parse(const char *text, Request &request) {
  request.text = text;
  if (strcmp(text, "auto") == 0)
    request.kind = Kind::Auto;
  else if (strcmp(text, "cpu") == 0)
    request.kind = Kind::Cpu;
  else if (strcmp(text, "emulator") == 0)
    request.kind = Kind::Emulator;
  else if (parseCuda(text, request.index))
    request.kind = Kind::Cuda;
  else
    return false;
  return true;
}

const tw_program *programFor(const tw_program &artifact, bool device) {
  for (const tw_program *p = &artifact; p; p = p->alternative)
    if ((p->device_targets != nullptr) == device)
      return p;
  return nullptr;
}

tw_status failUnsupported(const tw_program &artifact, const Request &request,
                          Message &error) {
  bool cpu = request.kind == Kind::Cpu;
  error.add("model '%s' holds no code for device '%s', only %s (compile it "
            "with --target=%s)",
            artifact.name, request.text, cpu ? "PTX" : "for the CPU",
            cpu ? "cpu or --target=cpu,ptx" : "ptx or --target=cpu,ptx");
  return TW_UNSUPPORTED_DEVICE;
}

/// The most specific code that the device runs.
tw_status chooseTarget(DeviceModel &gpu, const tw_program &program,
                       Message &error) {
  for (int32_t i = 0; i < program.device_target_count; ++i) {
    const tw_device_target &target = program.device_targets[i];
    if (!gpu.device->runs(target))
      continue;
    gpu.target = &target;
    return TW_OK;
  }
  error.add("model '%s' holds code for ", program.name);
  for (int32_t i = 0; i < program.device_target_count; ++i)
    error.add("%s%s", i ? ", " : "", program.device_targets[i].name);
  error.add(", which device '%s' does not run", gpu.device->name());
  return TW_UNSUPPORTED_DEVICE;
}

tw_status useDevice(Model &model, const tw_program &artifact,
                    const Request &request, const tw_options &options,
                    Message &error) {
  const tw_program *program = programFor(artifact, true);
  if (!program)
    return failUnsupported(artifact, request, error);
  DeviceModel &gpu = model.gpu;
  tw_status status = request.kind == Kind::Emulator
                         ? openEmulator(options.emulator, options.emulator_seed,
                                        gpu.device, error)
                         : openCuda(request.index, gpu.device, error);
  if (status)
    return status;
  status = chooseTarget(gpu, *program, error);
  if (status == TW_OK) {
    model.program = program;
    return TW_OK;
  }
  gpu.device->destroy();
  gpu.device = nullptr;
  return status;
}

tw_status useCpu(Model &model, const tw_program &artifact,
                 const Request &request, Message &error) {
  model.program = programFor(artifact, false);
  return model.program ? TW_OK : failUnsupported(artifact, request, error);
}

tw_status useBest(Model &model, const tw_program &artifact,
                  const tw_options &options, Message &error) {
  const tw_program *cpu = programFor(artifact, false);
  if (!programFor(artifact, true))
    return useCpu(model, artifact, {"cpu", Kind::Cpu}, error);
  Message why;
  tw_status status =
      useDevice(model, artifact, {"cuda", Kind::Cuda}, options, why);
  if (status == TW_OK) {
    model.reason.add("a GPU is there");
    return TW_OK;
  }
  if (cpu) {
    model.program = cpu;
    model.reason.add("%s", why.str());
    return TW_OK;
  }
  error.add("%s; the model holds no code for the CPU", why.str());
  return status;
}
} // namespace

tw_status tw::chooseDevice(Model &model, const tw_program &artifact,
                           const tw_options &options, Message &error) {
  const char *text = options.device;
  if (!text || !*text)
    text = std::getenv("TILEWRIGHT_DEVICE");
  Request request;
  if (!parse(text && *text ? text : "auto", request)) {
    error.add("device: expected cpu, cuda, cuda:N, emulator or auto, found "
              "'%s'",
              text);
    return TW_INVALID_ARGUMENT;
  }
  switch (request.kind) {
  case Kind::Cpu:
    return useCpu(model, artifact, request, error);
  case Kind::Auto:
    return useBest(model, artifact, options, error);
  default:
    return useDevice(model, artifact, request, options, error);
  }
}
