// An instruction's operands, by what its form says of them.
#include "runtime/emulator/Decoder.h"

#include <algorithm>

using namespace tw::emu;
using OperandSyntax = syntax::Operand;
using InstructionSyntax = syntax::Instruction;

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
