#include "runtime/emulator/WgmmaRegisters.h"

#include <algorithm>
#include <bit>

using namespace tw::emu;

static Operand registerAt(uint32_t row) {
  Operand operand;
  operand.kind = Operand::Reg;
  operand.row = row;
  return operand;
}

static void release(Warp &warp, WarpProducts &mine, uint32_t row) {
  mine.held.erase(row);
  warp.settle(registerAt(row));
}

void tw::emu::hold(Warp &warp, WarpProducts &mine, uint32_t row, Held held) {
  mine.held[row] = std::move(held);
  warp.pend(registerAt(row));
}

void tw::emu::reportHeld(Warp &warp, const Inst &inst, uint32_t row, bool write,
                         const Held &held) {
  warp.report(
      Kind::AsyncNotWaited, inst, 0, 0,
      format(
          "register %s is %s, but the wgmma of line %u, which %s it, has not "
          "been waited for (wgmma.wait_group)",
          warp.frame->function->rowNames[row].c_str(),
          write ? "written" : "read", held.product->inst->line,
          held.reads ? "reads" : "writes"));
}

/// A read of a register in flight: a copy holds it too, anything else is too
/// early.
static void touchRead(Warp &warp, const Inst &inst, WarpProducts &mine,
                      const Operand &o, bool isCopy) {
  auto found = mine.held.find(o.row);
  bool isRegister = o.kind == Operand::Reg || o.kind == Operand::Address;
  if (!isRegister || found == mine.held.end() || found->second.reads)
    return;
  if (!isCopy) {
    reportHeld(warp, inst, o.row, false, found->second);
    return;
  }
  Held held = found->second;
  uint32_t to = inst.op(0).row;
  if (to != o.row)
    hold(warp, mine, to, std::move(held));
}

static void touchWrite(Warp &warp, const Inst &inst, WarpProducts &mine,
                       const Operand &o, bool isCopy) {
  auto found = mine.held.find(o.row);
  if (o.kind != Operand::Reg || !o.row || found == mine.held.end())
    return;
  // Compilers copy accumulators from name to name and use an old name again.
  if (!isCopy || found->second.reads)
    reportHeld(warp, inst, o.row, true, found->second);
  release(warp, mine, o.row);
}

void tw::emu::touchHeld(Warp &warp, const Inst &inst) {
  auto &mine = warp.part<WarpProducts>();
  if (mine.frame != warp.frame || inst.opcode.starts_with("wgmma"))
    return;
  bool isCopy = inst.opcode.starts_with("mov.") && inst.count == 2 &&
                inst.op(1).kind == Operand::Reg && warp.mask == warp.live;
  bool writes = inst.form && inst.form->operands[0] == '=';
  auto each = [&](const Operand &o, auto &&visit) {
    if (o.kind == Operand::Vector)
      for (unsigned i = 0; i < o.count; ++i)
        visit(o.elements[i]);
    else
      visit(o);
  };
  bool self = isCopy && inst.op(0).row == inst.op(1).row;
  if (writes && !self)
    each(inst.op(0),
         [&](const Operand &o) { touchWrite(warp, inst, mine, o, isCopy); });
  for (unsigned n = writes; n < inst.count; ++n)
    each(inst.op(n),
         [&](const Operand &o) { touchRead(warp, inst, mine, o, isCopy); });
}

void tw::emu::settleHeld(Warp &warp, const Inst &inst, WarpProducts &mine,
                         uint32_t last) {
  unsigned quarter = warp.index % kWarpsOfGroup;
  for (auto at = mine.held.begin(); at != mine.held.end();) {
    auto [row, held] = *at++;
    if (held.product->number > last)
      continue;
    Operand o = registerAt(row);
    release(warp, mine, row);
    if (held.reads)
      continue;
    const WgmmaQuarter &from = held.product->quarters[quarter];
    uint64_t values[kLanes];
    std::copy_n(&from.d[held.reg * kLanes], kLanes, values);
    warp.put(o, values);
    warp.define(inst, o, from.undefined[held.reg]);
    warp.markFenced(o);
  }
}
