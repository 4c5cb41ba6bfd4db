// Counts, and what they mean for GPUs whose figures are known.
#include "runtime/emulator/Counters.h"

#include <algorithm>

using namespace tw::emu;

namespace {
/// Figures from NVIDIA's data sheets and the CUDA guide's table of compute
/// capabilities.
struct Gpu {
  const char *name;
  double processors, clock;        ///< GHz
  double bytesPerSecond;           ///< of device memory
  double floatPerClock;            ///< per processor: fp32 operations
  double tensorPerClock;           ///< per processor: dense fp16 operations
  double issuePerClock;            ///< per processor: warp instructions
  uint32_t registers, sharedBytes; ///< per processor
  uint32_t warps, blocks;
};
constexpr Gpu kGpus[] = {
    {"H100", 132, 1.755, 3.35e12, 256, 4096, 4, 65536, 233472, 64, 32},
    {"A100", 108, 1.41, 1.555e12, 128, 2048, 4, 65536, 167936, 64, 32},
};
constexpr uint32_t kReservedShared = 1024;
} // namespace

void Counters::countTensor(std::string_view type, uint64_t macs) {
  auto known = tensorMacs.find(type);
  if (known == tensorMacs.end())
    known = tensorMacs.emplace(type, 0).first;
  known->second += macs;
  tensorOps += 2 * macs;
  ++tensorInstructions;
}

void Counters::add(const Counters &other) {
  launches += other.launches;
  blocks += other.blocks;
  threads += other.threads;
  instructions += other.instructions;
  laneInstructions += other.laneInstructions;
  for (unsigned n = 0; n < kClasses; ++n)
    byClass[n] += other.byClass[n];
  floatOps += other.floatOps;
  tensorOps += other.tensorOps;
  tensorInstructions += other.tensorInstructions;
  for (const auto &[type, macs] : other.tensorMacs)
    tensorMacs[type] += macs;
  asyncBytes += other.asyncBytes;
  globalReadBytes += other.globalReadBytes;
  globalWriteBytes += other.globalWriteBytes;
  globalReadSectors += other.globalReadSectors;
  globalWriteSectors += other.globalWriteSectors;
  sharedAccesses += other.sharedAccesses;
  sharedWavefronts += other.sharedWavefronts;
  bankConflicts += other.bankConflicts;
  atomics += other.atomics;
  barriers += other.barriers;
  branches += other.branches;
  divergentBranches += other.divergentBranches;
  blockThreads = other.blockThreads;
  registers = other.registers;
  sharedBytes = other.sharedBytes;
}

/// How many blocks fit one processor, and what limits them.
static Occupancy occupancyOf(const Counters &c, const Gpu &gpu) {
  Occupancy result;
  uint32_t warps = (c.blockThreads + kLanes - 1) / kLanes;
  if (!warps)
    return result;
  auto limit = [&](uint64_t blocks, const char *what) {
    if (!*result.limit || blocks < result.blocks) {
      result.blocks = uint32_t(blocks);
      result.limit = what;
    }
  };
  limit(gpu.blocks, "blocks");
  limit(gpu.warps / warps, "warps");
  // Registers are given to warps in units of 256.
  if (uint64_t perWarp = (uint64_t(c.registers) * kLanes + 255) / 256 * 256)
    limit(gpu.registers / (perWarp * warps), "registers");
  limit(gpu.sharedBytes / (c.sharedBytes + kReservedShared), "shared memory");
  result.warps = result.blocks * warps;
  result.fraction = double(result.warps) / gpu.warps;
  return result;
}

static std::string gpuJson(const Counters &c, const Gpu &gpu) {
  Occupancy occupancy = occupancyOf(c, gpu);
  double perSecond = gpu.processors * gpu.clock * 1e9;
  uint64_t sectors = c.globalReadSectors + c.globalWriteSectors;
  double memory = double(sectors) * 32 / gpu.bytesPerSecond;
  double floats = double(c.floatOps) / (gpu.floatPerClock * perSecond);
  double tensor = double(c.tensorOps) / (gpu.tensorPerClock * perSecond);
  double issue = double(c.instructions) / (gpu.issuePerClock * perSecond);
  double shared = double(c.sharedWavefronts) / perSecond;
  double bound = std::max({memory, floats, tensor, issue, shared});
  const char *by = bound == memory   ? "memory"
                   : bound == tensor ? "tensor cores"
                   : bound == floats ? "fp32"
                   : bound == shared ? "shared memory"
                                     : "issue";
  return format("{\"gpu\": \"%s\", \"occupancy\": {\"blocks\": %u, \"warps\": "
                "%u, \"fraction\": %.3f, \"limit\": \"%s\"}, "
                "\"estimated_us\": %.3f, \"estimated_bound\": \"%s\", "
                "\"note\": \"roofline estimate, not a measurement\"}",
                gpu.name, occupancy.blocks, occupancy.warps, occupancy.fraction,
                occupancy.limit, bound * 1e6, by);
}

std::string tw::emu::countersJson(const std::string &kernel,
                                  const Counters &c) {
  std::string text = "{\"kernel\": \"" + kernel + "\"";
  auto add = [&](const char *name, uint64_t value) {
    text += format(", \"%s\": %llu", name, (unsigned long long)value);
  };
  add("launches", c.launches);
  add("blocks", c.blocks);
  add("threads", c.threads);
  add("instructions", c.instructions);
  add("lane_instructions", c.laneInstructions);
  add("float_ops", c.floatOps);
  add("tensor_ops", c.tensorOps);
  add("tensor_instructions", c.tensorInstructions);
  text += ", \"tensor_macs\": {";
  for (const auto &[type, macs] : c.tensorMacs)
    text += format("%s\"%s\": %llu", text.back() == '{' ? "" : ", ",
                   type.c_str(), (unsigned long long)macs);
  text += "}";
  add("async_bytes", c.asyncBytes);
  add("global_read_bytes", c.globalReadBytes);
  add("global_write_bytes", c.globalWriteBytes);
  add("global_read_sectors", c.globalReadSectors);
  add("global_write_sectors", c.globalWriteSectors);
  add("shared_accesses", c.sharedAccesses);
  add("shared_wavefronts", c.sharedWavefronts);
  add("bank_conflicts", c.bankConflicts);
  add("atomics", c.atomics);
  add("barriers", c.barriers);
  add("branches", c.branches);
  add("divergent_branches", c.divergentBranches);
  add("registers", c.registers);
  add("shared_bytes", c.sharedBytes);
  text += ", \"classes\": {";
  bool first = true;
  for (unsigned n = 0; n < kClasses; ++n)
    if (c.byClass[n]) {
      text += format("%s\"%s\": %llu", first ? "" : ", ", className(Class(n)),
                     (unsigned long long)c.byClass[n]);
      first = false;
    }
  text += "}, \"gpus\": [";
  for (const Gpu &gpu : kGpus)
    text += (&gpu == kGpus ? "" : ", ") + gpuJson(c, gpu);
  return text + "]}";
}
