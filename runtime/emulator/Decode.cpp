// syntax::Module to Program: names become rows and addresses, opcodes handlers.
#include "runtime/emulator/Syntax.h"
#include "runtime/emulator/Warp.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstring>
#include <set>
#include <unordered_map>

using namespace tw::emu;
using FunctionSyntax = syntax::Function;
using OperandSyntax = syntax::Operand;
using InstructionSyntax = syntax::Instruction;

namespace {
/// What one operand of a form must be.
struct Spec {
  bool optional = false, relaxed = false, vector = false, address = false;
  bool paired = false; ///< "=p|p", "=t|p"
  bool any = false;
  std::string_view word; ///< "t", "b32", "p", "label", …
};

/// Turns one function's syntax into code.
class Decoder {
public:
  Decoder(Program &program, FunctionSyntax &from, Function &out)
      : program(program), from(from), out(out) {}
  void run();

private:
  void instruction(const InstructionSyntax &written);
  void addTimers();
  void placeLabels();
  bool fits(const InstructionSyntax &written, const Form &form,
            const Match &match, Inst &inst);
  std::vector<Spec> specs(const char *text);
  void operand(const OperandSyntax &written, const Spec &spec, Type type,
               std::vector<Operand> &made);
  Operand value(const OperandSyntax &written, Type type, bool relaxed);
  Operand name(const OperandSyntax &written, Type type, bool relaxed);
  Operand vector(const OperandSyntax &written, Operand::Kind kind, Type type,
                 bool relaxed);
  Operand address(const OperandSyntax &written);
  Operand predicate(const OperandSyntax &written);
  Operand label(const OperandSyntax &written);
  Operand callee(const OperandSyntax &written);
  Operand immediate(const OperandSyntax &written, Type type);
  Operand constant(uint64_t value, unsigned bits, Space space);
  Operand variable(const syntax::Symbol *symbol, const OperandSyntax &written);
  Operand sharedAddress(const std::string &name, uint64_t offset);
  Operand special(const OperandSyntax &written);
  Operand reg(syntax::Symbol &symbol, std::string_view name);
  syntax::Symbol *find(std::string_view name);
  syntax::Symbol *findInRanges(syntax::Scope &scope, std::string_view name);
  uint32_t newRow(std::string name, unsigned count = 1);
  uint32_t labelIndex(const OperandSyntax &at, std::string_view name);
  const Operand *keep(std::vector<Operand> operands);
  [[noreturn]] void fail(const OperandSyntax &at, const std::string &text) {
    throw PtxError(at.line, at.column, text);
  }

  Program &program;
  FunctionSyntax &from;
  Function &out;
  uint32_t scope = 0;
  const InstructionSyntax *now = nullptr;
  std::unordered_map<uint64_t, uint32_t> constants;
  std::unordered_map<uint32_t, uint32_t> specials;
  std::map<std::pair<std::string, uint64_t>, uint32_t> sharedRows;
  /// Rows of timers that the next instruction reads.
  std::vector<std::pair<uint32_t, Special>> timers;
  /// Where each written instruction begins in the code.
  std::vector<uint32_t> places;
};
} // namespace

static std::string quoted(std::string_view text) {
  return "'" + std::string(text) + "'";
}

Program::~Program() {
  for (const auto &[name, variable] : variables)
    if (variable.space != Space::Shared && variable.address)
      memory.release(variable.address);
}

// Operand specifications. -----------------------------------------------------

static Type typeOf(std::string_view word, const Match &match) {
  if (word == "t" || word == "x")
    return match.type(0);
  if (word == "u")
    return match.type(1);
  if (word == "v")
    return match.type(2);
  if (word == "w")
    switch (match.type(0)) {
    case Type::U16:
      return Type::U32;
    case Type::S16:
      return Type::S32;
    case Type::U32:
      return Type::U64;
    default:
      return Type::S64;
    }
  return parseType(word).value_or(Type::None);
}

std::vector<Spec> Decoder::specs(const char *text) {
  std::vector<Spec> list;
  std::string_view rest = text;
  while (!rest.empty()) {
    size_t comma = std::min(rest.find(','), rest.size());
    std::string_view word = rest.substr(0, comma);
    rest.remove_prefix(std::min(comma + 1, rest.size()));
    Spec spec;
    auto strip = [&](char c, bool &flag) {
      if (word.ends_with(c)) {
        word.remove_suffix(1);
        flag = true;
      }
    };
    strip('?', spec.optional);
    if (word.starts_with('=') || word.starts_with('+'))
      word.remove_prefix(1);
    if (word.ends_with("|p")) {
      word.remove_suffix(2);
      spec.paired = true;
    }
    strip('~', spec.relaxed);
    strip('*', spec.vector);
    strip('~', spec.relaxed);
    if (word.starts_with('[')) {
      spec.address = true;
      word = word.substr(1, word.size() - 2);
    }
    spec.any = word == "r" || word == "x";
    spec.word = word;
    list.push_back(spec);
  }
  return list;
}

// Names. ----------------------------------------------------------------------

syntax::Symbol *Decoder::findInRanges(syntax::Scope &in,
                                      std::string_view name) {
  size_t digits = name.find_last_not_of("0123456789") + 1;
  for (const syntax::Range &range : in.ranges) {
    std::string_view tail = name;
    if (!name.starts_with(range.prefix) || range.prefix.size() > name.size())
      continue;
    tail.remove_prefix(range.prefix.size());
    uint64_t number = 0;
    auto [end, error] =
        std::from_chars(tail.data(), tail.data() + tail.size(), number);
    if (digits > name.size() || error != std::errc() ||
        end != tail.data() + tail.size() || number >= range.count)
      continue;
    syntax::Symbol symbol;
    symbol.type = range.type;
    return &in.symbols.emplace(std::string(name), symbol).first->second;
  }
  return nullptr;
}

syntax::Symbol *Decoder::find(std::string_view name) {
  for (int32_t at = int32_t(scope); at >= 0; at = from.scopes[at].parent) {
    syntax::Scope &in = from.scopes[at];
    auto found = in.symbols.find(name);
    if (found != in.symbols.end())
      return &found->second;
    if (syntax::Symbol *symbol = findInRanges(in, name))
      return symbol;
  }
  return nullptr;
}

uint32_t Decoder::newRow(std::string name, unsigned count) {
  uint32_t row = out.rows;
  out.rows += count;
  out.rowNames.resize(out.rows, name);
  return row;
}

Operand Decoder::reg(syntax::Symbol &symbol, std::string_view name) {
  Operand made;
  made.bits = uint8_t(bitsOf(symbol.type));
  if (symbol.type == Type::Pred) {
    made.kind = Operand::Pred;
    if (!symbol.row) {
      symbol.row = out.preds++;
      out.predNames.resize(out.preds, std::string(name));
    }
  } else {
    made.kind = Operand::Reg;
    if (!symbol.row)
      symbol.row = newRow(std::string(name), symbol.type == Type::B128 ? 2 : 1);
  }
  made.row = symbol.row;
  return made;
}

/// A row that holds a value from the start.
Operand Decoder::constant(uint64_t value, unsigned bits, Space space) {
  auto [at, fresh] = constants.emplace(value, 0);
  if (fresh) {
    at->second = newRow(format("0x%llx", (unsigned long long)value));
    out.constants.push_back({at->second, value});
  }
  Operand made;
  made.kind = Operand::Reg;
  made.constant = true;
  made.bits = uint8_t(bits);
  made.row = at->second;
  made.space = space;
  return made;
}

static bool specialIndex(std::string_view name, Special &special) {
  struct Row {
    const char *name;
    Special special;
  };
  static constexpr Row kAxes[] = {
      {"%tid", Special::Tid},
      {"%ntid", Special::Ntid},
      {"%ctaid", Special::Ctaid},
      {"%nctaid", Special::Nctaid},
      {"%clusterid", Special::ClusterId},
      {"%nclusterid", Special::NclusterId},
      {"%cluster_ctaid", Special::ClusterCtaid},
      {"%cluster_nctaid", Special::ClusterNctaid},
  };
  static constexpr Row kScalars[] = {
      {"%laneid", Special::LaneId},
      {"%warpid", Special::WarpId},
      {"%nwarpid", Special::NwarpId},
      {"%smid", Special::SmId},
      {"%nsmid", Special::NsmId},
      {"%gridid", Special::GridId},
      {"%cluster_ctarank", Special::ClusterCtaRank},
      {"%cluster_nctarank", Special::ClusterNctaRank},
      {"%is_explicit_cluster", Special::IsExplicitCluster},
      {"%lanemask_eq", Special::LaneMaskEq},
      {"%lanemask_lt", Special::LaneMaskLt},
      {"%lanemask_le", Special::LaneMaskLe},
      {"%lanemask_gt", Special::LaneMaskGt},
      {"%lanemask_ge", Special::LaneMaskGe},
      {"%dynamic_smem_size", Special::DynamicSharedSize},
      {"%total_smem_size", Special::TotalSharedSize},
      {"%clock", Special::Clock},
      {"%clock_hi", Special::ClockHi},
      {"%clock64", Special::Clock64},
      {"%globaltimer", Special::GlobalTimer},
  };
  for (const Row &row : kScalars)
    if (name == row.name) {
      special = row.special;
      return true;
    }
  size_t dot = name.find('.');
  if (dot == name.npos || dot + 2 != name.size())
    return false;
  uint32_t axis = uint32_t(std::string_view("xyzw").find(name[dot + 1]));
  for (const Row &row : kAxes)
    if (name.substr(0, dot) == row.name && axis < 4) {
      special = Special(uint32_t(row.special) + axis);
      return true;
    }
  return false;
}

static unsigned specialBits(Special special) {
  return special == Special::Clock64 || special == Special::GlobalTimer ||
                 special == Special::GridId
             ? 64
         : special == Special::IsExplicitCluster ? 1
                                                 : 32;
}

Operand Decoder::special(const OperandSyntax &written) {
  Special which;
  Operand made;
  if (!specialIndex(written.name, which))
    fail(written, "unknown name " + quoted(written.name));
  made.bits = uint8_t(specialBits(which));
  if (made.bits == 1)
    fail(written, "unsupported special register " + quoted(written.name));
  made.kind = Operand::Reg;
  auto [at, fresh] = specials.emplace(uint32_t(which), 0);
  if (fresh) {
    at->second = newRow(std::string(written.name));
    out.specials.push_back({at->second, uint32_t(which)});
  }
  made.row = at->second;
  if (isTimer(which))
    timers.emplace_back(made.row, which);
  return made;
}

/// The row is filled once all functions are known.
Operand Decoder::sharedAddress(const std::string &name, uint64_t offset) {
  auto [at, fresh] = sharedRows.emplace(std::pair(name, offset), 0);
  if (fresh) {
    at->second = newRow(name);
    out.sharedAddresses.push_back({at->second, name, offset});
  }
  Operand made;
  made.kind = Operand::Reg;
  made.constant = true;
  made.row = at->second;
  made.space = Space::Shared;
  return made;
}

/// The address of a variable, as a value.
Operand Decoder::variable(const syntax::Symbol *symbol,
                          const OperandSyntax &written) {
  std::string key = symbol ? symbol->text : std::string(written.name);
  auto found = program.variables.find(key);
  if (found == program.variables.end())
    return special(written);
  const Variable &variable = found->second;
  if (variable.space == Space::Shared)
    return sharedAddress(key, written.value);
  return constant(variable.address + written.value, 0, variable.space);
}

/// A name as a value: a register, or an address.
Operand Decoder::name(const OperandSyntax &written, Type type, bool relaxed) {
  if (written.name == "_") {
    Operand sink;
    sink.kind = type == Type::Pred ? Operand::Pred : Operand::Reg;
    return sink;
  }
  if (written.name == "WARP_SZ")
    return constant(kLanes + written.value, 0, Space::Generic);
  syntax::Symbol *symbol = find(written.name);
  if (!symbol || symbol->kind == syntax::Symbol::Module)
    return variable(symbol, written);
  switch (symbol->kind) {
  case syntax::Symbol::Register:
    if (written.value)
      fail(written, "a register cannot be added to here");
    return reg(*symbol, written.name);
  case syntax::Symbol::KernelParam:
    return constant(symbol->offset + written.value, 0, Space::Param);
  case syntax::Symbol::Local: {
    Operand made;
    made.kind = Operand::Reg;
    made.space = Space::Local;
    made.row = newRow(std::string(written.name));
    out.localAddresses.push_back({made.row, symbol->offset + written.value});
    return made;
  }
  default:
    fail(written, quoted(written.name) + " is no value");
  }
}

// Operands. -------------------------------------------------------------------

Operand Decoder::immediate(const OperandSyntax &written, Type type) {
  unsigned bits = type == Type::None ? 32 : bitsOf(type);
  uint64_t value = written.value;
  if (type == Type::Pred) {
    Operand made;
    made.kind = Operand::Pred;
    made.bits = 1;
    made.constant = true;
    made.negate = (value == 0) != written.negate;
    made.row = out.preds++;
    out.predNames.resize(out.preds, "true");
    out.truePreds.push_back(made.row);
    return made;
  }
  if (written.kind == OperandSyntax::Float64 && bits == 32)
    value = std::bit_cast<uint32_t>(float(std::bit_cast<double>(value)));
  else if (written.kind == OperandSyntax::Float64 && bits != 64)
    fail(written, "a double is no " + std::string(typeName(type)));
  else if (written.kind == OperandSyntax::Float32 && bits != 32)
    fail(written, "a float is no " + std::string(typeName(type)));
  else if (written.kind == OperandSyntax::Number && isFloat(type) && value &&
           bits >= 32 && type != Type::F16x2 && type != Type::BF16x2)
    fail(written, "an integer is no " + std::string(typeName(type)));
  if (bits < 64)
    value &= (uint64_t(1) << bits) - 1;
  return constant(value, bits, Space::Generic);
}

Operand Decoder::value(const OperandSyntax &written, Type type, bool relaxed) {
  if (written.kind == OperandSyntax::Vector)
    fail(written, "no vector is expected here");
  if (written.kind == OperandSyntax::Address ||
      written.kind == OperandSyntax::List)
    fail(written, "expected a value");
  if (written.kind != OperandSyntax::Name)
    return immediate(written, type);
  Operand made = name(written, type, relaxed);
  if (type == Type::None || !made.bits)
    return made;
  unsigned wanted = bitsOf(type);
  bool wide = relaxed && made.bits > wanted;
  if (made.bits != wanted && !wide)
    fail(written, quoted(written.name) + " has " + std::to_string(made.bits) +
                      " bits; expected " + std::to_string(wanted));
  return made;
}

const Operand *Decoder::keep(std::vector<Operand> operands) {
  out.operands.push_back(std::move(operands));
  return out.operands.back().data();
}

Operand Decoder::vector(const OperandSyntax &written, Operand::Kind kind,
                        Type type, bool relaxed) {
  std::vector<Operand> elements;
  for (const OperandSyntax &element : written.elements)
    elements.push_back(value(element, type, relaxed));
  Operand made;
  made.kind = kind;
  made.count = uint32_t(elements.size());
  made.elements = keep(std::move(elements));
  return made;
}

/// "[a]", "[a, {x, y}]"; or a function's parameter.
Operand Decoder::address(const OperandSyntax &written) {
  if (written.kind != OperandSyntax::Address)
    fail(written, "expected an address in brackets");
  Operand made;
  syntax::Symbol *symbol = written.name.empty() ? nullptr : find(written.name);
  if (symbol && symbol->kind == syntax::Symbol::Param) {
    made.kind = Operand::ParamSlot;
    made.offset = int64_t(symbol->offset + written.value);
    // What is left of the variable behind the offset.
    if (written.value > symbol->bytes)
      fail(written, "the offset lies outside of " + quoted(written.name));
    made.count = uint32_t(symbol->bytes - written.value);
    made.row = 0;
    return made;
  }
  OperandSyntax base = written;
  base.kind =
      written.name.empty() ? OperandSyntax::Number : OperandSyntax::Name;
  base.elements.clear();
  bool isRegister = symbol && symbol->kind == syntax::Symbol::Register;
  if (isRegister)
    base.value = 0;
  made = value(base, written.name.empty() ? Type::U64 : Type::None, true);
  if (made.kind != Operand::Reg || (made.bits && made.bits < 32))
    fail(written, "an address has 32 or 64 bits");
  made.kind = Operand::Address;
  made.offset = isRegister ? int64_t(written.value) : 0;
  std::vector<Operand> further;
  for (const OperandSyntax &element : written.elements) {
    bool one = element.kind != OperandSyntax::Vector;
    for (const OperandSyntax &part :
         one ? std::vector<OperandSyntax>{element} : element.elements)
      further.push_back(value(part, Type::B32, true));
  }
  made.count = uint32_t(further.size());
  if (made.count)
    made.elements = keep(std::move(further));
  return made;
}

Operand Decoder::predicate(const OperandSyntax &written) {
  if (written.kind != OperandSyntax::Name)
    return immediate(written, Type::Pred);
  Operand made = name(written, Type::Pred, false);
  if (made.kind != Operand::Pred)
    fail(written, quoted(written.name) + " is no predicate");
  made.negate = written.negate;
  return made;
}

uint32_t Decoder::labelIndex(const OperandSyntax &at, std::string_view name) {
  syntax::Symbol *symbol = find(name);
  if (!symbol || symbol->kind != syntax::Symbol::Label)
    fail(at, quoted(name) + " is no label of this function");
  return symbol->index;
}

Operand Decoder::label(const OperandSyntax &written) {
  Operand made;
  syntax::Symbol *symbol = find(written.name);
  if (symbol && symbol->kind == syntax::Symbol::Targets) {
    std::vector<Operand> targets;
    for (std::string_view target : symbol->targets) {
      targets.emplace_back().kind = Operand::Label;
      targets.back().row = labelIndex(written, target);
    }
    made.kind = Operand::Labels;
    made.count = uint32_t(targets.size());
    made.elements = keep(std::move(targets));
    return made;
  }
  made.kind = Operand::Label;
  made.row = labelIndex(written, written.name);
  return made;
}

Operand Decoder::callee(const OperandSyntax &written) {
  auto found = program.functions.find(written.name);
  if (found == program.functions.end())
    fail(written, "unsupported: a call of " + quoted(written.name) +
                      ", which this module does not define");
  Operand made;
  made.kind = Operand::Callee;
  made.function = found->second.get();
  return made;
}

void Decoder::operand(const OperandSyntax &written, const Spec &spec, Type type,
                      std::vector<Operand> &made) {
  if (spec.address)
    made.push_back(address(written));
  else if (spec.word == "p")
    made.push_back(predicate(written));
  else if (spec.word == "label")
    made.push_back(label(written));
  else if (spec.word == "sym")
    made.push_back(callee(written));
  else if (spec.word == "list") {
    if (written.kind != OperandSyntax::List)
      fail(written, "expected arguments in parentheses");
    std::vector<Operand> list;
    for (const OperandSyntax &element : written.elements) {
      OperandSyntax slot = element;
      syntax::Symbol *symbol = find(element.name);
      if (symbol && symbol->kind == syntax::Symbol::Param)
        slot.kind = OperandSyntax::Address;
      list.push_back(slot.kind == OperandSyntax::Address
                         ? address(slot)
                         : value(slot, Type::None, true));
    }
    Operand operand;
    operand.kind = Operand::List;
    operand.count = uint32_t(list.size());
    operand.elements = keep(std::move(list));
    made.push_back(operand);
  } else if (written.kind == OperandSyntax::Vector && (spec.vector || spec.any))
    made.push_back(vector(written, Operand::Vector,
                          spec.any ? Type::None : type, spec.relaxed));
  else
    made.push_back(value(written,
                         spec.any && spec.word == "r" ? Type::None : type,
                         spec.relaxed));
  if (spec.paired) {
    if (written.second.empty()) {
      made.emplace_back().kind = Operand::Pred;
      made.back().bits = 0;
    } else {
      made.push_back(predicate(written.second[0]));
      made.back().bits = 1;
    }
  } else if (!written.second.empty()) {
    fail(written.second[0], "no second destination is expected here");
  }
}

/// False when the number of operands is another form's.
bool Decoder::fits(const InstructionSyntax &written, const Form &form,
                   const Match &match, Inst &inst) {
  std::vector<Spec> list = specs(form.operands);
  size_t required = list.size();
  for (size_t n = 0; n < list.size(); ++n)
    if (list[n].optional) {
      required = n;
      break;
    }
  if (written.operands.size() < required ||
      written.operands.size() > list.size())
    return false;
  std::vector<Operand> made;
  for (size_t n = 0; n < list.size(); ++n) {
    if (n < written.operands.size())
      operand(written.operands[n], list[n], typeOf(list[n].word, match), made);
    else
      made.insert(made.end(), list[n].paired ? 2 : 1, Operand());
  }
  inst.count = uint8_t(made.size());
  inst.ops = keep(std::move(made));
  return true;
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
