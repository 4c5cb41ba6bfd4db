// What is wrong with a kernel: collected during a launch, one entry per kind
// and instruction, with a count.
#pragma once

#include "runtime/emulator/Types.h"

#include <map>
#include <vector>

namespace tw::emu {

enum class Kind : uint8_t {
  OutOfBounds,
  UseAfterFree,
  Misaligned,
  ReadOnly,
  Uninitialised,
  RaceShared,
  RaceGlobal,
  AsyncNotWaited,
  MissingProxyFence,
  MissingFence,
  DivergentBarrier,
  DivergentSync,
  Deadlock,
  IllegalInstruction,
  IllegalDescriptor,
  Trap,
  Unsupported,
  Limit,
};

/// As the C interface spells it: "out-of-bounds".
const char *kindName(Kind kind);

/// Which thread did what.
struct Origin {
  uint32_t line = 0;
  uint32_t block[3] = {};
  uint32_t thread[3] = {};
};

struct Finding {
  Kind kind;
  std::string kernel, label, text;
  Origin origin;
  uint64_t address = 0;
  uint64_t count = 1;
};

class Findings {
public:
  /// Names what following reports belong to.
  void enter(std::string kernel, std::string label);
  void report(Kind kind, const Origin &origin, uint64_t address,
              std::string text);
  /// Whether one of this kind at this line is there; a report's text need not
  /// be made twice.
  bool again(Kind kind, uint32_t line);
  void clear();

  /// Reports since `enter`.
  uint64_t sinceEnter() const { return fresh; }
  const std::vector<Finding> &all() const { return list; }

private:
  std::string kernel, label;
  uint64_t fresh = 0;
  std::vector<Finding> list;
  std::map<std::pair<Kind, uint32_t>, size_t> index;
};

} // namespace tw::emu
