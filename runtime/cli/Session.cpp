#include "runtime/cli/Session.h"

#include "runtime/cli/Report.h"

#include <cerrno>
#include <ctime>
#include <sys/stat.h>

using namespace tw;

static constexpr int64_t kWarmUpRuns = 3;
static constexpr int64_t kLeastRuns = 10, kMostRuns = 10000;
static constexpr int64_t kBenchNanoseconds = 1000000000;

static int64_t now() {
  timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * INT64_C(1000000000) + time.tv_nsec;
}

bool Session::runModel() {
  for (tw_tensor &output : outputs)
    output = {};
  if (tw_context_run(context, inputs.tensors.begin(), program.input_count,
                     outputs.begin(), program.output_count) == TW_OK)
    return true;
  error.add("%s", tw_context_error(context));
  return false;
}

bool Session::runOnce() {
  if (!runModel() || !writeOutputs())
    return false;
  printOutputs(model, outputs.begin(), options.json);
  return true;
}

bool Session::wantsMore(int64_t count, int64_t begin) const {
  return options.benchRuns || count < kLeastRuns ||
         now() - begin < kBenchNanoseconds;
}

bool Session::bench() {
  int64_t most = options.benchRuns ? options.benchRuns : kMostRuns;
  Array<int64_t> times;
  if (!times.create(most))
    return false;
  for (int64_t i = 0; i < kWarmUpRuns; ++i)
    if (!runModel())
      return false;
  int64_t count = 0, begin = now();
  for (; count < most && wantsMore(count, begin); ++count) {
    int64_t start = now();
    if (!runModel())
      return false;
    times[count] = now() - start;
  }
  if (!writeOutputs())
    return false;
  printTiming(model, {times.begin(), count}, options.json);
  return true;
}

Message Session::fileName(int32_t index) const {
  Message name;
  for (const char *at = program.outputs[index].name; *at; ++at)
    name.add("%c", *at == '/' ? '_' : *at);
  return name;
}

/// DIR/NAME.npy. Names are free text: a slash would leave the folder, and two
/// names that differ only there get their index in front.
Message Session::outputPath(int32_t index) const {
  Message name = fileName(index), path;
  bool taken = false;
  for (int32_t i = 0; i < index; ++i)
    taken |= strcmp(fileName(i).str(), name.str()) == 0;
  path.add("%s/", options.output);
  if (taken)
    path.add("%d.", index);
  path.add("%s.npy", name.str());
  return path;
}

bool Session::writeOutputs() {
  if (!options.output)
    return true;
  if (mkdir(options.output, 0777) != 0 && errno != EEXIST) {
    error.add("%s: %s", options.output, strerror(errno));
    return false;
  }
  for (int32_t i = 0; i < program.output_count; ++i)
    if (!writeNpy(outputPath(i).str(), outputs[i], error))
      return false;
  return true;
}

bool Session::run() {
  if (tw_context_create(model, &context) != TW_OK ||
      !outputs.create(program.output_count)) {
    error.add("out of memory");
    return false;
  }
  if (!bindInputs(program, options, inputs, error, read) ||
      !(options.bench ? bench() : runOnce()))
    return false;
  if (options.profile)
    printProfile(model, context, options.json);
  return flushOutput(error);
}

bool tw::flushOutput(Message &error) {
  if (fflush(stdout) == 0 && !ferror(stdout))
    return true;
  error.add("standard output: %s", strerror(errno));
  return false;
}
