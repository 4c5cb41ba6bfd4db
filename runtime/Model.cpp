#include "runtime/Model.h"

#include "runtime/cpu/Features.h"
#include "runtime/device/Choose.h"
#include "runtime/device/Run.h"

#include <cstdlib>

using namespace tw;

static constexpr int32_t kMaxThreads = 1024;

/// Explicit request, else the environment, else the machine. 0 with a message
/// if the request is no number of threads.
static int32_t chooseThreads(const tw_options &options, Message &error) {
  if (options.threads < 0 || options.threads > kMaxThreads) {
    error.add("option threads: expected 1 to %d (or 0 for the default), found "
              "%d",
              kMaxThreads, options.threads);
    return 0;
  }
  if (options.threads > 0)
    return options.threads;
  const char *text = std::getenv("TILEWRIGHT_THREADS");
  if (!text || !*text)
    return usableCpus() < kMaxThreads ? usableCpus() : kMaxThreads;
  char *end;
  long value = std::strtol(text, &end, 10);
  if (!*end && value >= 1 && value <= kMaxThreads)
    return static_cast<int32_t>(value);
  error.add("TILEWRIGHT_THREADS: expected a number from 1 to %d, found '%s'",
            kMaxThreads, text);
  return 0;
}

static tw_status checkCpu(const tw_program &program, Message &error) {
  bool first = true;
  for (int32_t i = 0; i < program.feature_count; ++i) {
    if (cpuHas(program.features[i]))
      continue;
    if (first)
      error.add("model '%s' was compiled for a CPU with features that this one "
                "lacks: ",
                program.name);
    error.add("%s%s", first ? "" : ", ", program.features[i]);
    first = false;
  }
  return first ? TW_OK : TW_UNSUPPORTED_CPU;
}

tw_status tw::initModel(Model &model, const tw_program &artifact,
                        const tw_options &options, Message &error) {
  if (tw_status status = chooseDevice(model, artifact, options, error))
    return status;
  const tw_program &program = *model.program;
  model.profile = options.profile != 0;
  model.gpu.wantsGraphs = options.cuda_graph != 0;
  if (program.abi_version != TW_ABI_VERSION) {
    error.add("model '%s' has ABI version %d, this runtime %d", program.name,
              program.abi_version, TW_ABI_VERSION);
    return TW_BAD_ARTIFACT;
  }
  if (tw_status status = checkCpu(program, error))
    return status;
  int32_t threads = chooseThreads(options, error);
  if (!threads)
    return TW_INVALID_ARGUMENT;
  model.weights = findWeights(program, error);
  if (!error.empty())
    return TW_BAD_ARTIFACT;
  if (!model.pool.init(threads)) {
    error.add("not enough memory for %d threads", threads);
    return TW_OUT_OF_MEMORY;
  }
  return model.gpu.device ? initOnDevice(model, error) : TW_OK;
}
