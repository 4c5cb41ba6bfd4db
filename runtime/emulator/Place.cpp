// Where shared variables lie. Each entry has its own; functions that several
// entries call see a variable at one address.
#include "runtime/emulator/Syntax.h"

#include <algorithm>
#include <set>

using namespace tw::emu;

namespace {
using Names = std::set<std::string>;
}

static void callees(const Function &function,
                    std::set<const Function *> &seen) {
  if (!seen.insert(&function).second)
    return;
  for (const std::vector<Operand> &operands : function.operands)
    for (const Operand &operand : operands)
      if (operand.kind == Operand::Callee)
        callees(*operand.function, seen);
}

/// The shared variables of an entry and of all that it calls.
static Names variablesOf(const Function &entry) {
  std::set<const Function *> reached;
  callees(entry, reached);
  Names names;
  for (const Function *function : reached)
    for (const Function::SharedRow &row : function->sharedAddresses)
      names.insert(row.variable);
  return names;
}

static uint64_t alignUp(uint64_t value, uint64_t align) {
  return (value + align - 1) / align * align;
}

void tw::emu::placeShared(Program &program) {
  std::map<Function *, Names> uses;
  for (auto &[name, function] : program.functions)
    if (function->isEntry)
      uses[function.get()] = variablesOf(*function);
  auto place = [&](Variable &variable, const std::string &name) {
    uint64_t at = kSharedBase;
    for (auto &[entry, names] : uses)
      if (names.contains(name))
        at = std::max(at, kSharedBase + entry->sharedBytes);
    variable.address = alignUp(at, variable.align);
    for (auto &[entry, names] : uses)
      if (names.contains(name))
        entry->sharedBytes = variable.address + variable.bytes - kSharedBase;
  };
  for (auto &[name, variable] : program.variables)
    if (variable.space == Space::Shared && !variable.isDynamicShared)
      place(variable, name);
  // All names of the dynamic array stand for the same bytes.
  uint64_t align = 16, at = kSharedBase;
  for (auto &[name, variable] : program.variables)
    if (variable.isDynamicShared) {
      align = std::max(align, variable.align);
      for (auto &[entry, names] : uses)
        if (names.contains(name))
          at = std::max(at, kSharedBase + entry->sharedBytes);
    }
  at = alignUp(at, align);
  for (auto &[name, variable] : program.variables)
    if (variable.isDynamicShared) {
      variable.address = at;
      for (auto &[entry, names] : uses)
        if (names.contains(name))
          entry->sharedBytes = at - kSharedBase;
    }
  for (auto &[name, function] : program.functions)
    for (const Function::SharedRow &row : function->sharedAddresses)
      function->constants.push_back(
          {row.row,
           program.variables.find(row.variable)->second.address + row.offset});
}
