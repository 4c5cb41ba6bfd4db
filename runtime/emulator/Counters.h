// What a kernel did, counted.
#pragma once

#include "runtime/emulator/Isa.h"

#include <map>
#include <string>

namespace tw::emu {

struct Counters {
  uint64_t launches = 0, blocks = 0, threads = 0;
  /// Warp instructions, and the same counted per lane.
  uint64_t instructions = 0, laneInstructions = 0;
  uint64_t byClass[kClasses] = {};
  /// Multiplications and additions of lanes on ordinary units (fma is two).
  uint64_t floatOps = 0;
  /// Multiplications and additions on tensor cores.
  uint64_t tensorOps = 0, tensorInstructions = 0;
  /// Half of them, by the type of the first factor ("f16").
  std::map<std::string, uint64_t, std::less<>> tensorMacs;
  void countTensor(std::string_view type, uint64_t macs);
  /// Bytes that cp.async and bulk copies move, to each block of a multicast.
  uint64_t asyncBytes = 0;
  uint64_t globalReadBytes = 0, globalWriteBytes = 0;
  /// 32-byte sectors that the accesses of each warp instruction touch.
  uint64_t globalReadSectors = 0, globalWriteSectors = 0;
  uint64_t sharedAccesses = 0, sharedWavefronts = 0;
  /// Wavefronts beyond those that the width alone needs.
  uint64_t bankConflicts = 0;
  uint64_t atomics = 0, barriers = 0;
  uint64_t branches = 0, divergentBranches = 0;
  /// Of the last launch.
  uint32_t blockThreads = 0, registers = 0;
  uint64_t sharedBytes = 0;

  void add(const Counters &other);
};

struct Occupancy {
  uint32_t blocks = 0, warps = 0;
  double fraction = 0;
  const char *limit = "";
};

/// The counters of one kernel as a JSON object, with occupancy and roofline
/// estimates for the GPUs that the emulator has figures of.
std::string countersJson(const std::string &kernel, const Counters &counters);

} // namespace tw::emu
