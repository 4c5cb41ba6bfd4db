#include "runtime/Weights.h"

#include "runtime/Model.h"

using namespace tw;

// Volatile: the compiler of this file must not believe the zeros.
__attribute__((section(TW_WEIGHTS_LOCATION_SECTION),
               used)) static const volatile TwWeightsLocation location = {0, 0};

// A note of its own, so that the linker writes a program header for it; that
// header is turned into the weights' PT_LOAD.
asm(".pushsection " TW_WEIGHTS_SECTION ",\"a\",@note\n"
    ".p2align 2\n"
    ".long 11, 4, 1\n"
    ".asciz \"Tilewright\"\n"
    ".byte 0\n"
    ".long 1\n"
    ".popsection\n");

const char *tw::findWeights(const tw_program &program, Message &error) {
  static const char none[kAlignment] = {};
  if (program.weights)
    return static_cast<const char *>(program.weights);
  if (!program.weights_size)
    return none;
  if (location.size != program.weights_size) {
    error.add("model '%s' needs %ld bytes of weights, its file holds %ld",
              program.name, static_cast<long>(program.weights_size),
              static_cast<long>(location.size));
    return nullptr;
  }
  auto here = reinterpret_cast<uintptr_t>(&location);
  return reinterpret_cast<const char *>(here + location.distance);
}
