#include "runtime/emulator/Findings.h"

#include "runtime/emulator/Parts.h"

using namespace tw::emu;

const char *tw::emu::kindName(Kind kind) {
  constexpr const char *kNames[] = {
      "out-of-bounds", "use-after-free",      "misaligned",
      "read-only",     "uninitialised",       "race-shared",
      "race-global",   "async-not-waited",    "missing-proxy-fence",
      "missing-fence", "divergent-barrier",   "divergent-sync",
      "deadlock",      "illegal-instruction", "illegal-descriptor",
      "trap",          "unsupported",         "instruction-limit"};
  return kNames[unsigned(kind)];
}

void Findings::enter(std::string newKernel, std::string newLabel) {
  kernel = std::move(newKernel);
  label = std::move(newLabel);
  fresh = 0;
  index.clear();
}

bool Findings::again(Kind kind, uint32_t line) {
  auto found = index.find({kind, line});
  if (found == index.end())
    return false;
  ++list[found->second].count;
  ++fresh;
  return true;
}

void Findings::report(Kind kind, const Origin &origin, uint64_t address,
                      std::string text) {
  if (again(kind, origin.line))
    return;
  ++fresh;
  index[{kind, origin.line}] = list.size();
  list.push_back({kind, kernel, label, std::move(text), origin, address});
}

void Findings::clear() {
  list.clear();
  index.clear();
}

unsigned Parts::newSlot() {
  static unsigned slots = 0;
  return slots++;
}
