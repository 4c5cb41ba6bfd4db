#include "runtime/cli/Main.h"

#include "runtime/cli/Report.h"
#include "runtime/cli/Session.h"

using namespace tw;

static bool openModel(const tw_program &program, const Options &options,
                      tw_model *&model, Message &error) {
  tw_options settings = {};
  settings.threads = static_cast<int32_t>(options.threads);
  settings.profile = options.profile;
  settings.device = options.device;
  settings.emulator = options.emulator;
  settings.cuda_graph = options.cudaGraph;
  settings.emulator_seed = static_cast<int32_t>(options.emulatorSeed);
  char text[1024];
  if (tw_model_create(&program, &settings, &model, text, sizeof text) == TW_OK)
    return true;
  error.add("%s", text);
  return false;
}

static bool useModel(tw_model *model, const Options &options, Message &error) {
  reportDevice(model);
  if (!options.info)
    return Session(model, options, error).run();
  printInfo(model, options.json);
  return flushOutput(error);
}

static bool runArguments(const tw_program &program, int argc, char **argv,
                         Message &error) {
  Options options;
  if (!parseOptions(argc, argv, options, error))
    return false;
  if (options.help) {
    printHelp(argv[0]);
    return flushOutput(error);
  }
  tw_model *model = nullptr;
  bool good = openModel(program, options, model, error) &&
              useModel(model, options, error);
  tw_model_close(model);
  return good;
}

int tw::runCommandLine(const tw_program &program, int argc, char **argv) {
  Message error;
  if (runArguments(program, argc, argv, error))
    return 0;
  fprintf(stderr, "error: %s\n", error.empty() ? "out of memory" : error.str());
  return 1;
}
