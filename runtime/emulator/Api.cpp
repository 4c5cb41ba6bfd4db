// The C interface: no exception leaves it.
#include "runtime/emulator/Device.h"

#include <algorithm>
#include <cstring>
#include <new>

using namespace tw::emu;

namespace {
struct Invalid : std::runtime_error {
  using std::runtime_error::runtime_error;
};
} // namespace

static unsigned long long wide(uint64_t value) { return value; }

/// Runs f; what it throws becomes a status and the device's error text.
template <class F>
static tw_emulator_status guard(tw_emulator *device, F f) {
  if (!device)
    return TW_EMULATOR_INVALID;
  try {
    device->error.clear();
    return f();
  } catch (const Invalid &error) {
    device->error = error.what();
    return TW_EMULATOR_INVALID;
  } catch (const PtxError &error) {
    device->error = error.what();
    return TW_EMULATOR_BAD_PTX;
  } catch (const std::bad_alloc &) {
    device->error = "no memory left";
    return TW_EMULATOR_NO_MEMORY;
  } catch (const std::exception &error) {
    device->error = std::string("internal error: ") + error.what();
    return TW_EMULATOR_INTERNAL;
  }
}

int32_t tw_emulator_abi_version(void) { return TW_EMULATOR_ABI_VERSION; }

const char *tw_emulator_forms(void) {
  static std::string text;
  text.clear();
  for (const Form *form : allForms())
    text += format("%s\t%s\t%s\n", form->opcode, form->operands,
                   wasUsed(*form) ? "used" : "unused");
  return text.c_str();
}

tw_emulator *tw_emulator_create(uint64_t seed) {
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma") ||
      !__builtin_cpu_supports("bmi2"))
    return nullptr;
  auto *device = new (std::nothrow) tw_emulator;
  if (device)
    device->seed = seed;
  return device;
}

void tw_emulator_destroy(tw_emulator *device) { delete device; }

void tw_emulator_set_seed(tw_emulator *device, uint64_t seed) {
  device->seed = seed;
  device->launches = 0;
}

void tw_emulator_set_checks(tw_emulator *device, uint32_t checks) {
  device->checks = checks;
}

void tw_emulator_set_memory_limit(tw_emulator *device, uint64_t bytes) {
  device->memory.limit = bytes;
}

void tw_emulator_set_instruction_limit(tw_emulator *device, uint64_t limit) {
  device->instructionLimit = limit;
}

const char *tw_emulator_error(const tw_emulator *device) {
  return device ? device->error.c_str() : "no device";
}

// Memory. ---------------------------------------------------------------------

static Region &regionOf(tw_emulator *device, uint64_t address, uint64_t bytes) {
  Region *region = device->memory.find(address);
  if (region && !region->freed && region->holds(address, bytes))
    return *region;
  throw Invalid(format("%llu bytes at 0x%llx are not inside one allocation",
                       wide(bytes), wide(address)));
}

tw_emulator_status tw_emulator_alloc(tw_emulator *device, uint64_t bytes,
                                     uint64_t *address) {
  return guard(device, [&] {
    Region *region = device->memory.allocate(bytes, "allocation");
    if (!region) {
      device->error = format(
          "%llu bytes do not fit the device: %llu of %llu are in use",
          wide(bytes), wide(device->memory.used()), wide(device->memory.limit));
      return TW_EMULATOR_NO_MEMORY;
    }
    *address = region->base;
    return TW_EMULATOR_OK;
  });
}

tw_emulator_status tw_emulator_free(tw_emulator *device, uint64_t address) {
  return guard(device, [&] {
    if (address && !device->memory.release(address))
      throw Invalid(format("no allocation begins at 0x%llx", wide(address)));
    return TW_EMULATOR_OK;
  });
}

tw_emulator_status tw_emulator_write(tw_emulator *device, uint64_t address,
                                     const void *from, uint64_t bytes) {
  return guard(device, [&] {
    if (!bytes)
      return TW_EMULATOR_OK;
    Region &region = regionOf(device, address, bytes);
    std::memcpy(region.at(address), from, bytes);
    std::memset(region.stateAt(address), kWritten, bytes);
    return TW_EMULATOR_OK;
  });
}

tw_emulator_status tw_emulator_read(tw_emulator *device, uint64_t address,
                                    void *to, uint64_t bytes) {
  return guard(device, [&] {
    if (bytes)
      std::memcpy(to, regionOf(device, address, bytes).at(address), bytes);
    return TW_EMULATOR_OK;
  });
}

tw_emulator_status tw_emulator_copy(tw_emulator *device, uint64_t to,
                                    uint64_t from, uint64_t bytes) {
  return guard(device, [&] {
    if (!bytes)
      return TW_EMULATOR_OK;
    Region &source = regionOf(device, from, bytes);
    Region &target = regionOf(device, to, bytes);
    std::memmove(target.at(to), source.at(from), bytes);
    std::memmove(target.stateAt(to), source.stateAt(from), bytes);
    return TW_EMULATOR_OK;
  });
}

tw_emulator_status tw_emulator_fill(tw_emulator *device, uint64_t address,
                                    uint8_t value, uint64_t bytes) {
  return guard(device, [&] {
    if (!bytes)
      return TW_EMULATOR_OK;
    Region &region = regionOf(device, address, bytes);
    std::memset(region.at(address), value, bytes);
    std::memset(region.stateAt(address), kWritten, bytes);
    return TW_EMULATOR_OK;
  });
}

tw_emulator_status tw_emulator_undefine(tw_emulator *device, uint64_t address,
                                        uint64_t bytes) {
  return guard(device, [&] {
    if (bytes)
      std::memset(regionOf(device, address, bytes).stateAt(address), 0, bytes);
    return TW_EMULATOR_OK;
  });
}

// Modules. --------------------------------------------------------------------

tw_emulator_status tw_emulator_load(tw_emulator *device, const char *name,
                                    const char *text, size_t size,
                                    tw_emulator_module **module) {
  return guard(device, [&] {
    while (size && text[size - 1] == '\0')
      --size;
    auto made = std::make_unique<tw_emulator_module>();
    try {
      made->program = decode(name ? name : "module", std::string(text, size),
                             device->memory);
    } catch (const PtxError &error) {
      throw PtxError(error.line, error.column,
                     format("%s:%u:%u: ", name ? name : "module", error.line,
                            error.column) +
                         error.what());
    }
    *module = made.get();
    device->modules.push_back(std::move(made));
    return TW_EMULATOR_OK;
  });
}

void tw_emulator_unload(tw_emulator *device, tw_emulator_module *module) {
  std::erase_if(device->modules,
                [&](const auto &owned) { return owned.get() == module; });
}

tw_emulator_status tw_emulator_variable(tw_emulator *device,
                                        tw_emulator_module *module,
                                        const char *name, uint64_t *address,
                                        uint64_t *bytes) {
  return guard(device, [&] {
    const auto &variables = module->program->variables;
    auto found = variables.find(name);
    if (found == variables.end() || found->second.space == Space::Shared)
      throw Invalid(std::string("the module has no variable '") + name + "'");
    *address = found->second.address;
    *bytes = found->second.bytes;
    return TW_EMULATOR_OK;
  });
}

static std::string entryNames(const Program &program) {
  std::string names;
  for (const auto &[name, function] : program.functions)
    if (function->isEntry)
      names += (names.empty() ? "" : ", ") + name;
  return names.empty() ? "none" : names;
}

static const Function &entryOf(const tw_emulator_module *module,
                               const char *name) {
  if (!module || !name)
    throw Invalid("a launch needs a module and an entry");
  const Program &program = *module->program;
  auto found = program.functions.find(name);
  if (found == program.functions.end() || !found->second->isEntry)
    throw Invalid(program.name + " has no entry '" + name +
                  "'; its entries: " + entryNames(program));
  return *found->second;
}

tw_emulator_status tw_emulator_parameter_count(tw_emulator *device,
                                               tw_emulator_module *module,
                                               const char *entry,
                                               int32_t *count) {
  return guard(device, [&] {
    *count = int32_t(entryOf(module, entry).params.size());
    return TW_EMULATOR_OK;
  });
}

tw_emulator_status tw_emulator_parameter(tw_emulator *device,
                                         tw_emulator_module *module,
                                         const char *entry, int32_t index,
                                         uint64_t *bytes, const char **type) {
  return guard(device, [&] {
    const Function &function = entryOf(module, entry);
    if (index < 0 || size_t(index) >= function.params.size())
      throw Invalid(
          format("%s has %zu parameters", entry, function.params.size()));
    *bytes = function.params[size_t(index)].bytes;
    *type = typeName(function.params[size_t(index)].type);
    return TW_EMULATOR_OK;
  });
}

// Launches. -------------------------------------------------------------------

static void setShape(Launch &launch, const tw_emulator_launch &asked) {
  const Limits &limits = launch.entry->limits;
  bool clusters = asked.cluster[0] || asked.cluster[1] || asked.cluster[2];
  for (unsigned n = 0; n < 3; ++n) {
    launch.grid[n] = asked.grid[n];
    launch.blockDim[n] = asked.block[n];
    launch.clusterDim[n] = clusters            ? asked.cluster[n]
                           : limits.cluster[0] ? limits.cluster[n]
                                               : 1;
    if (!asked.grid[n] || !asked.block[n] || !launch.clusterDim[n])
      throw Invalid("grid, block and cluster sizes must not be 0");
    if (asked.grid[n] % launch.clusterDim[n])
      throw Invalid(format("the grid's %c, %u, is no multiple of the "
                           "cluster's, %u",
                           "xyz"[n], asked.grid[n], launch.clusterDim[n]));
    if (limits.requiredThreads[0] &&
        limits.requiredThreads[n] != asked.block[n])
      throw Invalid(format("%s needs blocks of %u x %u x %u threads (.reqntid)",
                           launch.entry->name.c_str(),
                           limits.requiredThreads[0], limits.requiredThreads[1],
                           limits.requiredThreads[2]));
  }
  launch.explicitCluster = clusters || limits.cluster[0];
}

static void checkShape(const Launch &launch) {
  constexpr uint64_t kThreads = 1024, kBlocks = 16, kShared = 232448;
  const auto &block = launch.blockDim, &cluster = launch.clusterDim;
  uint64_t threads = uint64_t(block[0]) * block[1] * block[2];
  if (threads > kThreads || block[2] > 64)
    throw Invalid(
        format("blocks of %llu threads; the limit is 1024", wide(threads)));
  const uint32_t *most = launch.entry->limits.maxThreads;
  uint64_t allowed = uint64_t(most[0]) * most[1] * most[2];
  if (allowed && threads > allowed)
    throw Invalid(format("blocks of %llu threads; %s allows %llu (.maxntid)",
                         wide(threads), launch.entry->name.c_str(),
                         wide(allowed)));
  if (uint64_t(cluster[0]) * cluster[1] * cluster[2] > kBlocks)
    throw Invalid("clusters of more than 16 blocks");
  if (launch.grid[0] > 0x7fffffff || launch.grid[1] > 65535 ||
      launch.grid[2] > 65535)
    throw Invalid("a grid that large");
  if (launch.sharedBytes > kShared)
    throw Invalid(format("a block needs %llu bytes of shared memory; the limit "
                         "is %llu",
                         wide(launch.sharedBytes), wide(kShared)));
}

static void setParams(Launch &launch, const tw_emulator_launch &asked) {
  uint64_t bytes = 0;
  for (const Parameter &param : launch.entry->params)
    bytes = std::max(bytes, param.offset + param.bytes);
  launch.params = Region(0, bytes, Space::Param);
  launch.params.name = "parameters";
  if (!launch.entry->params.empty() && !asked.params)
    throw Invalid("the kernel's parameters are missing");
  for (size_t n = 0; n < launch.entry->params.size(); ++n) {
    const Parameter &param = launch.entry->params[n];
    if (!asked.params[n])
      throw Invalid(format("parameter %zu is missing", n));
    std::memcpy(launch.params.at(param.offset), asked.params[n], param.bytes);
  }
  std::memset(launch.params.state.get(), kWritten, bytes);
}

tw_emulator_status tw_emulator_run(tw_emulator *device,
                                   const tw_emulator_launch *asked) {
  return guard(device, [&] {
    Launch launch;
    launch.memory = &device->memory;
    launch.entry = &entryOf(asked->module, asked->entry);
    launch.program = asked->module->program.get();
    launch.dynamicShared = asked->shared_bytes;
    launch.sharedBytes = launch.entry->sharedBytes + asked->shared_bytes;
    setShape(launch, *asked);
    checkShape(launch);
    setParams(launch, *asked);
    launch.findings = &device->findings;
    launch.random = Random(device->seed * 0x9e3779b9 + ++device->launches);
    launch.checkRaces = device->checks & TW_EMULATOR_CHECK_RACES;
    launch.checkUndef = device->checks & TW_EMULATOR_CHECK_UNINITIALISED;
    launch.instructionLimit = device->instructionLimit;
    launch.counters.registers =
        asked->registers ? asked->registers : launch.entry->limits.maxRegisters;
    device->findings.enter(launch.entry->name,
                           asked->label ? asked->label : "");
    size_t before = device->findings.all().size();
    launch.run();
    device->counters[launch.entry->name].add(launch.counters);
    if (device->findings.all().size() == before)
      return TW_EMULATOR_OK;
    const Finding &first = device->findings.all()[before];
    device->error = format("%s: kernel %s, line %u: ", kindName(first.kind),
                           first.kernel.c_str(), first.origin.line) +
                    first.text;
    return TW_EMULATOR_FINDINGS;
  });
}

int32_t tw_emulator_finding_count(const tw_emulator *device) {
  return int32_t(device->findings.all().size());
}

const tw_emulator_finding *tw_emulator_get_finding(const tw_emulator *device,
                                                   int32_t index) {
  const std::vector<Finding> &all = device->findings.all();
  if (index < 0 || size_t(index) >= all.size())
    return nullptr;
  const Finding &finding = all[size_t(index)];
  auto &shown = const_cast<tw_emulator *>(device)->shownFindings;
  shown.resize(all.size());
  tw_emulator_finding &out = shown[size_t(index)];
  out.kind = kindName(finding.kind);
  out.kernel = finding.kernel.c_str();
  out.label = finding.label.c_str();
  out.text = finding.text.c_str();
  out.line = finding.origin.line;
  std::copy_n(finding.origin.block, 3, out.block);
  std::copy_n(finding.origin.thread, 3, out.thread);
  out.reserved = 0;
  out.address = finding.address;
  out.count = finding.count;
  return &out;
}

void tw_emulator_clear_findings(tw_emulator *device) {
  device->findings.clear();
}

const char *tw_emulator_counters(tw_emulator *device) {
  std::string &text = device->counterText;
  text = "[";
  for (const auto &[kernel, counters] : device->counters)
    text += (text.size() > 1 ? ",\n " : "") + countersJson(kernel, counters);
  text += "]\n";
  return text.c_str();
}

void tw_emulator_clear_counters(tw_emulator *device) {
  device->counters.clear();
}
