// The command line of an executable model.
#pragma once

#include "runtime/Buffer.h"
#include "runtime/Message.h"

namespace tw {

struct Options {
  /// The texts after --input and --dim, in order.
  Array<const char *> inputs, dims;
  int64_t inputCount = 0, dimCount = 0;
  const char *output = nullptr;
  int64_t threads = 0;
  /// As in tw_options.
  const char *device = nullptr, *emulator = nullptr;
  bool cudaGraph = false;
  int64_t emulatorSeed = 0;
  int64_t seed = 0;
  bool help = false, info = false, json = false, profile = false;
  bool bench = false;
  int64_t benchRuns = 0; // 0: about a second's worth
};

/// False with a message about the first argument that is wrong.
bool parseOptions(int argc, char **argv, Options &options, Message &error);

/// A whole number and nothing else.
bool parseNumber(const char *text, int64_t &value);
bool parseReal(const char *text, double &value);

void printHelp(const char *program);

} // namespace tw
