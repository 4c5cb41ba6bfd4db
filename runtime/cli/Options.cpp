#include "runtime/cli/Options.h"

#include <cerrno>

using namespace tw;

void tw::printHelp(const char *program) {
  printf(
      "Runs the model that is compiled into this file.\n"
      "\n"
      "usage: %s --input NAME=VALUE... [--output DIR] [options]\n"
      "\n"
      "  --input NAME=FILE.npy   the input of that name, from a numpy file\n"
      "  --input NAME=random     uniform values: [0,1), or 0 and 1 for "
      "integers\n"
      "  --input NAME=random:LO:HI   uniform values in [LO,HI)\n"
      "  --dim NAME=SIZE         size of a symbolic dimension, for random "
      "inputs\n"
      "  --dim INPUT.N=SIZE      size of dimension N of an input, likewise\n"
      "  --seed N                of the random values (default 0)\n"
      "  --output DIR            writes every output to DIR/NAME.npy\n"
      "  --threads N             default: TILEWRIGHT_THREADS, or every CPU\n"
      "  --device NAME           cpu, cuda, cuda:N, emulator or auto (default: "
      "TILEWRIGHT_DEVICE,\n"
      "                          or auto: a GPU where the model has code for "
      "one)\n"
      "  --emulator FILE         the PTX emulator's library, for "
      "--device emulator\n"
      "  --emulator-seed N       of its order of events (default 0)\n"
      "  --cuda-graph            replays runs of equal sizes as a CUDA "
      "graph\n"
      "  --bench [N]             times N runs (default: about a second)\n"
      "  --profile               shows the time spent in each node\n"
      "  --info                  shows inputs, outputs and provenance\n"
      "  --json                  machine-readable output\n"
      "  --help                  this text\n"
      "\n"
      "examples:\n"
      "  %s --info\n"
      "  %s --input x=image.npy --output results\n"
      "  %s --input x=random --dim batch=8 --bench --threads 2\n",
      program, program, program, program);
}

bool tw::parseNumber(const char *text, int64_t &value) {
  char *end;
  errno = 0;
  value = strtoll(text, &end, 10);
  return *text && !*end && !errno;
}

bool tw::parseReal(const char *text, double &value) {
  char *end;
  value = strtod(text, &end);
  return *text && !*end;
}

namespace {
class Parser {
public:
  Parser(int argc, char **argv, Options &options, Message &error)
      : argc(argc), argv(argv), options(options), error(error) {}

  bool parse() {
    if (!options.inputs.create(argc) || !options.dims.create(argc))
      return fail("out of memory");
    bool good = true;
    while (good && next < argc)
      good = parseOne(argv[next++]);
    return good;
  }

private:
  bool parseOne(const char *name) {
    if (parseFlag(name))
      return true;
    const char *value = nullptr;
    if (is(name, "--bench"))
      return parseBench();
    if (is(name, "--input"))
      return take(name, options.inputs[options.inputCount++]);
    if (is(name, "--dim"))
      return take(name, options.dims[options.dimCount++]);
    if (is(name, "--output"))
      return take(name, options.output);
    if (is(name, "--device"))
      return take(name, options.device);
    if (is(name, "--emulator"))
      return take(name, options.emulator);
    if (is(name, "--emulator-seed"))
      return take(name, value) && number(name, value, 0, options.emulatorSeed);
    if (is(name, "--threads"))
      return take(name, value) && number(name, value, 1, options.threads);
    if (is(name, "--seed"))
      return take(name, value) && number(name, value, 0, options.seed);
    error.add("unknown argument '%s' (--help lists them)", name);
    return false;
  }

  bool parseFlag(const char *name) {
    struct Flag {
      const char *name;
      bool *value;
    } flags[] = {{"--help", &options.help},
                 {"-h", &options.help},
                 {"--info", &options.info},
                 {"--json", &options.json},
                 {"--cuda-graph", &options.cudaGraph},
                 {"--profile", &options.profile}};
    for (const Flag &flag : flags)
      if (is(name, flag.name))
        return *flag.value = true;
    return false;
  }

  bool parseBench() {
    options.bench = true;
    bool given = next < argc && argv[next][0] != '-';
    return !given || number("--bench", argv[next++], 1, options.benchRuns);
  }

  bool take(const char *name, const char *&value) {
    if (next == argc) {
      error.add("%s: expected a value", name);
      return false;
    }
    value = argv[next++];
    return true;
  }

  bool number(const char *name, const char *text, int64_t least,
              int64_t &value) {
    if (parseNumber(text, value) && value >= least && value <= INT32_MAX)
      return true;
    error.add("%s: expected a whole number of at least %ld, found '%s'", name,
              static_cast<long>(least), text);
    return false;
  }

  bool fail(const char *reason) {
    error.add("%s", reason);
    return false;
  }

  static bool is(const char *a, const char *b) { return strcmp(a, b) == 0; }

  int argc, next = 1;
  char **argv;
  Options &options;
  Message &error;
};
} // namespace

bool tw::parseOptions(int argc, char **argv, Options &options, Message &error) {
  return Parser(argc, argv, options, error).parse();
}
