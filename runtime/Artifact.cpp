// What an artifact exports besides tilewright.h.
#include "runtime/host.h"

extern "C" {
/// The model's object file defines it.
extern const tw_program tw_program_data;

/// Also exported under the model's own name, for programs that link several
/// models (see the typed header).
TW_API const tw_program *tw_artifact_program(void) { return &tw_program_data; }
}
