// tilewright-emulate: runs one kernel of a PTX file.
#include "runtime/emulator/emulator.h"
#include "runtime/emulator/tool/Arrays.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <memory>

using namespace tw::emu;

static constexpr char kHelp[] =
    R"(tilewright-emulate FILE.ptx --entry NAME --grid X[,Y,Z] --block X[,Y,Z] [options] --arg ARG ...

Runs a kernel on the emulator, tells what is wrong with it and what it did.

  --entry NAME          the kernel
  --grid X[,Y,Z]        blocks
  --block X[,Y,Z]       threads of a block
  --cluster X[,Y,Z]     blocks of a cluster (default 1)
  --shared BYTES        dynamic shared memory (default 0)
  --seed N              of the schedule (default 0)
  --registers N         of a thread, for the occupancy estimate
  --limit N             warp instructions, after which a launch has hung
  --no-race-check       do not look for races
  --json                print findings and counters as JSON
  --arg ARG             one parameter of the kernel each, in order:
      i32:7 u64:7 f32:0.5 f16:1 ...      a number of that type
      in:x.npy                           an array, read
      out:f32:4x128:y.npy                an array, written to a file afterwards
      inout:x.npy:y.npy                  both
      null                               a null pointer

exit codes: 0, 1 for an error in the input or a finding
)";

namespace {
struct Argument {
  std::vector<uint8_t> bytes;
  bool isArray = false, isOutput = false;
  Array array;
  std::string output;
  uint64_t address = 0;
};

struct Options {
  std::string file, entry;
  uint32_t grid[3] = {}, block[3] = {}, cluster[3] = {1, 1, 1};
  uint32_t shared = 0, registers = 0;
  uint64_t seed = 0, limit = 0;
  bool json = false, races = true, help = false;
  std::vector<Argument> arguments;
};
} // namespace

static uint64_t parseCount(const std::string &option, const std::string &text) {
  uint64_t value = 0;
  auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size())
    throw UsageError(option + ": expected a number, found '" + text + "'");
  return value;
}

static uint32_t parseSmall(const std::string &option, const std::string &text) {
  uint64_t value = parseCount(option, text);
  if (value > UINT32_MAX)
    throw UsageError(option + ": " + text + " is too large");
  return uint32_t(value);
}

static void parseShape(const std::string &option, const std::string &text,
                       uint32_t *out) {
  size_t at = 0;
  for (unsigned n = 0; n < 3; ++n) {
    out[n] = 1;
    if (at > text.size())
      continue;
    size_t end = std::min(text.find(',', at), text.size());
    out[n] = parseSmall(option, text.substr(at, end - at));
    at = end + 1;
  }
  if (at <= text.size())
    throw UsageError(option + ": expected one to three sizes, found '" + text +
                     "'");
}

template <class T>
static std::vector<uint8_t> bytesOf(T value) {
  std::vector<uint8_t> bytes(sizeof value);
  std::memcpy(bytes.data(), &value, sizeof value);
  return bytes;
}

/// "f32:0.5", "i32:7".
static std::vector<uint8_t> parseNumber(const std::string &type,
                                        const std::string &text) {
  char *end = nullptr;
  if (type == "f16" || type == "f32" || type == "f64") {
    double value = std::strtod(text.c_str(), &end);
    if (text.empty() || *end)
      throw UsageError("--arg " + type + ":" + text + ": not a number");
    return type == "f64"   ? bytesOf(value)
           : type == "f32" ? bytesOf(float(value))
                           : bytesOf(_Float16(value));
  }
  bool known = type.size() > 1 && std::strchr("iusb", type[0]);
  unsigned bits = known ? unsigned(std::atoi(type.c_str() + 1)) : 0;
  if (bits != 8 && bits != 16 && bits != 32 && bits != 64)
    throw UsageError("--arg " + type + ":" + text +
                     ": expected a type such as i32, f32, in, out or inout");
  errno = 0;
  bool minus = !text.empty() && text[0] == '-';
  uint64_t value = minus ? uint64_t(std::strtoll(text.c_str(), &end, 0))
                         : std::strtoull(text.c_str(), &end, 0);
  bool fits = bits == 64 || (minus ? int64_t(value) >= -(1ll << (bits - 1))
                                   : value < 1ull << bits);
  if (text.empty() || *end || errno || !fits)
    throw UsageError("--arg " + type + ":" + text + ": not a number of " +
                     std::to_string(bits) + " bits");
  std::vector<uint8_t> bytes = bytesOf(value);
  bytes.resize(bits / 8);
  return bytes;
}

static Argument parseArgument(const std::string &text) {
  Argument made;
  if (text == "null") {
    made.bytes = bytesOf(uint64_t(0));
    return made;
  }
  size_t colon = text.find(':');
  if (colon == text.npos)
    throw UsageError("--arg " + text +
                     ": expected TYPE:VALUE, in:FILE, "
                     "out:TYPE:SHAPE:FILE or inout:FILE:FILE");
  std::string kind = text.substr(0, colon), rest = text.substr(colon + 1);
  made.isArray = kind == "in" || kind == "out" || kind == "inout";
  if (kind == "in") {
    made.array = readArray(rest);
  } else if (kind == "inout") {
    size_t middle = rest.find(':');
    if (middle == rest.npos)
      throw UsageError("--arg " + text + ": expected inout:FILE:FILE");
    made.array = readArray(rest.substr(0, middle));
    made.output = rest.substr(middle + 1);
  } else if (kind == "out") {
    made.isOutput = true;
    size_t first = rest.find(':'), second = rest.find(':', first + 1);
    if (first == rest.npos || second == rest.npos)
      throw UsageError("--arg " + text + ": expected out:TYPE:SHAPE:FILE");
    made.array = makeArray(rest.substr(0, first),
                           rest.substr(first + 1, second - first - 1));
    made.output = rest.substr(second + 1);
  } else {
    made.bytes = parseNumber(kind, rest);
  }
  return made;
}

/// An option with a value.
static void set(Options &options, const std::string &name,
                const std::string &value) {
  if (name == "--entry")
    options.entry = value;
  else if (name == "--grid")
    parseShape(name, value, options.grid);
  else if (name == "--block")
    parseShape(name, value, options.block);
  else if (name == "--cluster")
    parseShape(name, value, options.cluster);
  else if (name == "--shared")
    options.shared = parseSmall(name, value);
  else if (name == "--registers")
    options.registers = parseSmall(name, value);
  else if (name == "--seed")
    options.seed = parseCount(name, value);
  else if (name == "--limit")
    options.limit = parseCount(name, value);
  else if (name == "--arg")
    options.arguments.push_back(parseArgument(value));
  else
    throw UsageError("unknown option " + name +
                     "; tilewright-emulate --help shows all");
}

static Options parseOptions(int argc, char **argv) {
  Options options;
  for (int n = 1; n < argc; ++n) {
    std::string word = argv[n];
    if (word == "--help" || word == "-h")
      options.help = true;
    else if (word == "--json")
      options.json = true;
    else if (word == "--no-race-check")
      options.races = false;
    else if (!word.starts_with("--")) {
      if (!options.file.empty())
        throw UsageError("two files: " + options.file + " and " + word);
      options.file = word;
    } else {
      size_t equal = word.find('=');
      std::string name = word.substr(0, equal), value;
      if (equal != word.npos)
        value = word.substr(equal + 1);
      else if (n + 1 < argc)
        value = argv[++n];
      else
        throw UsageError(name + " needs a value");
      set(options, name, value);
    }
  }
  if (options.help)
    return options;
  if (options.file.empty() || options.entry.empty() || !options.grid[0] ||
      !options.block[0])
    throw UsageError("a PTX file, --entry, --grid and --block are needed; "
                     "tilewright-emulate --help shows all");
  return options;
}

namespace {
using Device = std::unique_ptr<tw_emulator, decltype(&tw_emulator_destroy)>;
}

static tw_emulator_status check(const Device &device,
                                tw_emulator_status status) {
  if (status != TW_EMULATOR_OK && status != TW_EMULATOR_FINDINGS)
    throw UsageError(tw_emulator_error(device.get()));
  return status;
}

static void upload(const Device &device, tw_emulator_module *module,
                   Options &options) {
  int32_t count = 0;
  check(device, tw_emulator_parameter_count(device.get(), module,
                                            options.entry.c_str(), &count));
  if (size_t(count) != options.arguments.size())
    throw UsageError(options.entry + " has " + std::to_string(count) +
                     " parameters; " +
                     std::to_string(options.arguments.size()) + " were given");
  for (int32_t n = 0; n < count; ++n) {
    Argument &argument = options.arguments[size_t(n)];
    uint64_t bytes = 0;
    const char *type = nullptr;
    check(device,
          tw_emulator_parameter(device.get(), module, options.entry.c_str(), n,
                                &bytes, &type));
    if (argument.isArray) {
      check(device, tw_emulator_alloc(device.get(), argument.array.data.size(),
                                      &argument.address));
      // What is only written begins undefined.
      if (!argument.isOutput)
        check(device, tw_emulator_write(device.get(), argument.address,
                                        argument.array.data.data(),
                                        argument.array.data.size()));
      argument.bytes = bytesOf(argument.address);
    }
    if (argument.bytes.size() != bytes)
      throw UsageError("argument " + std::to_string(n) + " has " +
                       std::to_string(argument.bytes.size()) +
                       " bytes; the parameter is a " + type + " of " +
                       std::to_string(bytes));
  }
}

static std::string quote(const char *text) {
  std::string out = "\"";
  for (; *text; ++text) {
    if (*text == '"' || *text == '\\')
      out += '\\';
    out += *text;
  }
  return out + "\"";
}

static void printJson(const Device &device) {
  std::printf("{\"findings\": [");
  int32_t count = tw_emulator_finding_count(device.get());
  for (int32_t n = 0; n < count; ++n) {
    const tw_emulator_finding &f = *tw_emulator_get_finding(device.get(), n);
    std::printf("%s{\"kind\": %s, \"kernel\": %s, \"line\": %u, \"block\": "
                "[%u, %u, %u], \"thread\": [%u, %u, %u], \"address\": %llu, "
                "\"count\": %llu, \"text\": %s}",
                n ? ", " : "", quote(f.kind).c_str(), quote(f.kernel).c_str(),
                f.line, f.block[0], f.block[1], f.block[2], f.thread[0],
                f.thread[1], f.thread[2], (unsigned long long)f.address,
                (unsigned long long)f.count, quote(f.text).c_str());
  }
  std::printf("], \"counters\": %s}\n", tw_emulator_counters(device.get()));
}

static void printFindings(const Device &device, const std::string &file) {
  int32_t count = tw_emulator_finding_count(device.get());
  for (int32_t n = 0; n < count; ++n) {
    const tw_emulator_finding &f = *tw_emulator_get_finding(device.get(), n);
    std::fprintf(
        stderr, "%s:%u: %s: block (%u,%u,%u), thread (%u,%u,%u): %s%s\n",
        file.c_str(), f.line, f.kind, f.block[0], f.block[1], f.block[2],
        f.thread[0], f.thread[1], f.thread[2], f.text,
        f.count > 1 ? (" (" + std::to_string(f.count) + " times)").c_str()
                    : "");
  }
}

static int run(Options &options) {
  Device device(tw_emulator_create(options.seed), tw_emulator_destroy);
  if (!device)
    throw UsageError("the emulator needs a CPU with AVX2, FMA and BMI2");
  if (!options.races)
    tw_emulator_set_checks(device.get(), TW_EMULATOR_CHECK_UNINITIALISED);
  tw_emulator_set_instruction_limit(device.get(), options.limit);
  std::string text = readFile(options.file);
  tw_emulator_module *module = nullptr;
  check(device, tw_emulator_load(device.get(), options.file.c_str(),
                                 text.data(), text.size(), &module));
  upload(device, module, options);
  std::vector<const void *> params;
  for (const Argument &argument : options.arguments)
    params.push_back(argument.bytes.data());
  tw_emulator_launch launch = {};
  launch.module = module;
  launch.entry = options.entry.c_str();
  std::copy_n(options.grid, 3, launch.grid);
  std::copy_n(options.block, 3, launch.block);
  std::copy_n(options.cluster, 3, launch.cluster);
  launch.shared_bytes = options.shared;
  launch.registers = options.registers;
  launch.params = params.data();
  tw_emulator_status status =
      check(device, tw_emulator_run(device.get(), &launch));
  for (Argument &argument : options.arguments) {
    if (argument.output.empty())
      continue;
    check(device, tw_emulator_read(device.get(), argument.address,
                                   argument.array.data.data(),
                                   argument.array.data.size()));
    writeArray(argument.output, argument.array);
  }
  if (options.json)
    printJson(device);
  else
    std::fputs(tw_emulator_counters(device.get()), stdout);
  printFindings(device, options.file);
  return status == TW_EMULATOR_OK ? 0 : 1;
}

int main(int argc, char **argv) {
  try {
    Options options = parseOptions(argc, argv);
    if (options.help) {
      std::fputs(kHelp, stdout);
      return 0;
    }
    return run(options);
  } catch (const UsageError &error) {
    std::fprintf(stderr, "error: %s\n", error.what());
  } catch (const std::bad_alloc &) {
    std::fprintf(stderr, "error: no memory left\n");
  }
  return 1;
}
