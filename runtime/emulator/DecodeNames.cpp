// Names as operands: registers, constants, special registers, variables.
#include "runtime/emulator/Decoder.h"

#include <charconv>

using namespace tw::emu;
using OperandSyntax = syntax::Operand;

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
