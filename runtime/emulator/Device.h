// The device behind the C interface: memory, modules, findings, counters.
#pragma once

#include "runtime/emulator/Launch.h"
#include "runtime/emulator/Syntax.h"
#include "runtime/emulator/emulator.h"

struct tw_emulator_module {
  std::unique_ptr<tw::emu::Program> program;
};

struct tw_emulator {
  uint64_t seed = 0, launches = 0, instructionLimit = 0;
  uint32_t checks = TW_EMULATOR_CHECK_ALL;
  tw::emu::GlobalMemory memory;
  std::vector<std::unique_ptr<tw_emulator_module>> modules;
  tw::emu::Findings findings;
  std::vector<tw_emulator_finding> shownFindings;
  std::map<std::string, tw::emu::Counters> counters;
  std::string counterText;
  std::string error;
};
