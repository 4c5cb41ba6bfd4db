// How models of different builds of this runtime live in one process: an
// artifact brings its own copy, and whoever loads it calls that copy through
// the table that each handle starts with.
#pragma once

#include "runtime/host.h"

/// What a loader looks up in an artifact: `const tw_program *(void)`.
#define TW_PROGRAM_GETTER "tw_artifact_program"

/// Only ever grows at its end, or TW_ABI_VERSION does.
struct tw_runtime {
  int32_t abi_version;
  int32_t reserved;
  tw_status (*create)(const tw_program *, const tw_options *, tw_model **,
                      char *, size_t);
  void (*close)(tw_model *);
  int32_t (*threads)(const tw_model *);
  tw_status (*contextCreate)(tw_model *, tw_context **);
  void (*contextDestroy)(tw_context *);
  tw_status (*contextRun)(tw_context *, const tw_tensor *, int32_t, tw_tensor *,
                          int32_t);
  const char *(*contextError)(const tw_context *);
  tw_status (*contextProfile)(const tw_context *, int32_t, int64_t *,
                              int64_t *);
  const char *(*device)(const tw_model *);
  const char *(*deviceReason)(const tw_model *);
  const char *(*contextCounters)(tw_context *);
};

/// What every copy of the runtime knows of a model.
struct tw_model {
  const tw_runtime *runtime = &tw_runtime_functions;
  /// The one of the artifact's programs that this model runs.
  const tw_program *program = nullptr;
  /// The artifact that tw_model_open loaded; its code is this model's runtime,
  /// so only the loader may unload it.
  void *library = nullptr;
};

/// What every copy of the runtime knows of a context.
struct tw_context {
  const tw_runtime *runtime = &tw_runtime_functions;
};
