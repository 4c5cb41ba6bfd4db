// syntax::Module to Program: names become rows and addresses, opcodes handlers.
#include "runtime/emulator/Decoder.h"

#include <algorithm>
#include <cstring>

using namespace tw::emu;
using FunctionSyntax = syntax::Function;
using OperandSyntax = syntax::Operand;
using InstructionSyntax = syntax::Instruction;

Program::~Program() {
  for (const auto &[name, variable] : variables)
    if (variable.space != Space::Shared && variable.address)
      memory.release(variable.address);
}

/// Fills a timer's row anew.
static Step readTimer(Warp &warp, const Inst &inst) {
  warp.refresh(inst.op(0), Special(inst.aux));
  return Step::Next;
}

void Decoder::addTimers() {
  for (auto [row, special] : timers) {
    Operand operand;
    operand.kind = Operand::Reg;
    operand.row = row;
    Inst inst;
    inst.opcode = now->opcode;
    inst.line = now->line;
    inst.aux = uint64_t(special);
    inst.count = 1;
    inst.ops = keep({operand});
    inst.run = readTimer;
    inst.cls = Class::Other;
    out.code.push_back(inst);
  }
}

void Decoder::instruction(const InstructionSyntax &written) {
  now = &written;
  scope = written.scope;
  timers.clear();
  Inst inst;
  inst.opcode = written.opcode;
  inst.line = written.line;
  if (!written.guard.empty()) {
    OperandSyntax guard;
    guard.name = written.guard;
    guard.line = written.line;
    guard.column = written.column;
    inst.guard = int32_t(predicate(guard).row);
    inst.guardNot = written.guardNot;
  }
  std::string_view word = written.opcode.substr(0, written.opcode.find('.'));
  Match match;
  bool known = false;
  for (const Form *form : formsOf(word)) {
    if (!matches(*form, written.opcode, match))
      continue;
    known = true;
    if (!fits(written, *form, match, inst))
      continue;
    inst.form = form;
    inst.cls = form->cls;
    inst.type = match.type();
    try {
      inst.run = form->select(match, inst);
    } catch (PtxError &error) {
      throw PtxError(written.line, written.column,
                     std::string(written.opcode) + ": " + error.what());
    }
    noteUsed(*form);
    addTimers();
    out.code.push_back(inst);
    return;
  }
  throw PtxError(written.line, written.column,
                 known
                     ? quoted(written.opcode) + " does not take " +
                           std::to_string(written.operands.size()) + " operands"
                     : "unsupported instruction " + quoted(written.opcode));
}

void Decoder::placeLabels() {
  for (std::vector<Operand> &operands : out.operands)
    for (Operand &operand : operands)
      if (operand.kind == Operand::Label)
        operand.row = places[operand.row];
}

void Decoder::run() {
  out.rowNames.resize(out.rows, "_");
  out.predNames.resize(out.preds, "_");
  for (const InstructionSyntax &written : from.instructions) {
    places.push_back(uint32_t(out.code.size()));
    instruction(written);
  }
  places.push_back(uint32_t(out.code.size()));
  InstructionSyntax end;
  end.opcode = "ret";
  end.line =
      from.instructions.empty() ? from.line : from.instructions.back().line;
  instruction(end);
  placeLabels();
  scope = 0;
  for (std::vector<Parameter> *list : {&out.params, &out.results})
    for (Parameter &param : *list)
      if (param.isRegister)
        param.row = reg(*find(param.name), param.name).row;
  findReconvergence(out);
}

// Modules. --------------------------------------------------------------------

static void placeGlobal(Program &program) {
  for (auto &[name, variable] : program.variables) {
    if (variable.space == Space::Shared)
      continue;
    Region *region =
        program.memory.allocate(variable.bytes, name, variable.space);
    if (!region)
      throw std::bad_alloc();
    variable.address = region->base;
    std::copy(variable.init.begin(), variable.init.end(), region->data.get());
    std::fill_n(region->state.get(), region->bytes, uint8_t(kWritten));
  }
}

static void applyFixups(Program &program) {
  for (auto &[name, variable] : program.variables)
    for (const Variable::Fixup &fixup : variable.fixups) {
      auto target = program.variables.find(fixup.name);
      if (target == program.variables.end())
        throw PtxError(0, 0,
                       "the initialiser of " + quoted(name) + " names " +
                           quoted(fixup.name) + ", which is no variable");
      uint64_t address = target->second.address + uint64_t(fixup.offset);
      if (fixup.generic)
        address += windowOf(target->second.space);
      if (variable.space != Space::Shared)
        std::memcpy(program.memory.find(variable.address)->data.get() +
                        fixup.at,
                    &address, std::min(8u, fixup.bytes));
    }
}

/// What race detection wants to know: it needs no finer grain than the
/// narrowest access.
static void describeAccesses(Program &program) {
  uint8_t grain = 4;
  bool isUnordered = true;
  for (const auto &[name, function] : program.functions)
    for (const Inst &inst : function->code) {
      if (inst.accessBytes)
        grain = std::min(grain, inst.accessBytes);
      isUnordered &= !inst.publishes;
    }
  for (const auto &[name, function] : program.functions) {
    function->grain = grain;
    function->isUnordered = isUnordered;
  }
}

std::unique_ptr<Program> tw::emu::decode(std::string name, std::string text,
                                         GlobalMemory &memory) {
  auto program = std::make_unique<Program>(memory);
  program->name = std::move(name);
  program->text = std::move(text);
  syntax::Module module = parse(program->text);
  program->version = module.version;
  program->target = module.target;
  program->smVersion = module.smVersion;
  program->variables = std::move(module.variables);
  placeGlobal(*program);
  applyFixups(*program);
  // Calls may come before what they call.
  std::map<std::string, FunctionSyntax *> bodyOf;
  for (FunctionSyntax &function : module.functions) {
    if (!function.hasBody)
      continue;
    std::string name = function.made->name;
    if (program->functions.contains(name))
      throw PtxError(function.line, function.column,
                     "the function " + quoted(name) + " is defined twice");
    bodyOf[name] = &function;
    std::unique_ptr<Function> &made = program->functions[name];
    made = std::move(function.made);
  }
  for (auto &[name, function] : program->functions)
    Decoder(*program, *bodyOf[name], *function).run();
  describeAccesses(*program);
  placeShared(*program);
  return program;
}
