#include "runtime/cli/Main.h"

#include "runtime/cli/Inputs.h"
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

namespace {
/// The steps of one invocation. Each returns false after it has set `error`.
class Command {
public:
  explicit Command(const tw_program &program) : program(program) {}
  Command(const Command &) = delete;
  Command &operator=(const Command &) = delete;
  ~Command() {
    tw_context_destroy(context);
    tw_model_close(model);
  }

  bool run(int argc, char **argv) {
    if (!parseOptions(argc, argv, options, error))
      return false;
    if (options.help)
      return printHelp(argv[0]), flush();
    if (!openModel())
      return false;
    if (options.info)
      return printInfo(model, options.json), flush();
    return bindInputs(program, options, inputs, error) &&
           outputs.create(program.output_count) &&
           (options.bench ? bench() : runOnce()) && profile() && flush();
  }

  const char *message() const {
    return error.empty() ? "out of memory" : error.str();
  }

private:
  bool openModel() {
    tw_options settings = {};
    settings.threads = static_cast<int32_t>(options.threads);
    settings.profile = options.profile;
    char text[1024];
    if (tw_model_create(&program, &settings, &model, text, sizeof text) ==
        TW_OK)
      return tw_context_create(model, &context) == TW_OK;
    error.add("%s", text);
    return false;
  }

  bool runModel() {
    for (tw_tensor &output : outputs)
      output = {};
    if (tw_context_run(context, inputs.tensors.begin(), program.input_count,
                       outputs.begin(), program.output_count) == TW_OK)
      return true;
    error.add("%s", tw_context_error(context));
    return false;
  }

  bool runOnce() {
    if (!runModel() || !writeOutputs())
      return false;
    printOutputs(model, outputs.begin(), options.json);
    return true;
  }

  bool bench() {
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

  bool wantsMore(int64_t count, int64_t begin) const {
    return options.benchRuns || count < kLeastRuns ||
           now() - begin < kBenchNanoseconds;
  }

  bool profile() {
    if (options.profile)
      printProfile(model, context, options.json);
    return true;
  }

  bool writeOutputs() {
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

  /// DIR/NAME.npy. Names are free text: a slash would leave the folder, and two
  /// names that differ only there get their index in front.
  Message outputPath(int32_t index) const {
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

  Message fileName(int32_t index) const {
    Message name;
    for (const char *at = program.outputs[index].name; *at; ++at)
      name.add("%c", *at == '/' ? '_' : *at);
    return name;
  }

  bool flush() {
    if (fflush(stdout) == 0 && !ferror(stdout))
      return true;
    error.add("standard output: %s", strerror(errno));
    return false;
  }

  const tw_program &program;
  Options options;
  Message error;
  tw_model *model = nullptr;
  tw_context *context = nullptr;
  Inputs inputs;
  Array<tw_tensor> outputs;
};
} // namespace

int tw::runCommandLine(const tw_program &program, int argc, char **argv) {
  Command command(program);
  if (command.run(argc, argv))
    return 0;
  fprintf(stderr, "error: %s\n", command.message());
  return 1;
}
