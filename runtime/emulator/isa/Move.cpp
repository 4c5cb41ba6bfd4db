// Moves, packing, and addresses of spaces.
#include "runtime/emulator/isa/Pick.h"

using namespace tw::emu;

static Step mov(Warp &w, const Inst &inst) {
  uint32_t bad = w.undefOf(inst.op(1));
  // A copy of a register is as old as the register, for wgmma.fence.
  bool old = !inst.op(1).constant && w.isFenced(inst.op(1));
  w.put(inst.op(0), w.row(inst.op(1)));
  w.define(inst, inst.op(0), bad);
  if (old)
    w.markFenced(inst.op(0));
  return Step::Next;
}

static Step movPred(Warp &w, const Inst &inst) {
  uint32_t bad = w.undefOf(inst.op(1));
  w.putPred(inst.op(0), w.holds(inst.op(1)));
  w.definePred(inst.op(0), bad);
  return Step::Next;
}

/// A word of at most 64 bits from equal parts, lowest first.
static Step pack(Warp &w, const Inst &inst) {
  const Operand &from = inst.op(1);
  unsigned bits = unsigned(inst.aux);
  uint64_t out[kLanes] = {};
  uint32_t bad = 0;
  for (uint32_t n = 0; n < from.count; ++n) {
    const uint64_t *part = w.row(from.elements[n]);
    for (unsigned l = 0; l < kLanes; ++l)
      out[l] |= (part[l] & ((uint64_t(1) << bits) - 1)) << (bits * n);
    bad |= w.undefOf(from.elements[n]);
  }
  w.put(inst.op(0), out);
  w.define(inst, inst.op(0), bad);
  return Step::Next;
}

static Step unpack(Warp &w, const Inst &inst) {
  const Operand &to = inst.op(0), &from = inst.op(1);
  unsigned bits = unsigned(inst.aux);
  uint64_t word[kLanes];
  std::memcpy(word, w.row(from), sizeof word);
  uint32_t bad = w.undefOf(from);
  for (uint32_t n = 0; n < to.count; ++n) {
    uint64_t out[kLanes];
    for (unsigned l = 0; l < kLanes; ++l)
      out[l] = word[l] >> (bits * n) & ((uint64_t(1) << bits) - 1);
    w.put(to.elements[n], out);
    w.define(inst, to.elements[n], bad);
  }
  return Step::Next;
}

/// The second half of a 128-bit register is the next row.
static Operand upper(const Operand &o) {
  Operand half = o;
  half.row = o.row ? o.row + 1 : 0;
  return half;
}

static void copyHalf(Warp &w, const Inst &inst, const Operand &to,
                     const Operand &from) {
  uint32_t bad = w.undefOf(from);
  w.put(to, w.row(from));
  w.define(inst, to, bad);
}

static Step mov128(Warp &w, const Inst &inst) {
  const Operand &to = inst.op(0), &from = inst.op(1);
  bool packs = from.kind == Operand::Vector;
  bool unpacks = to.kind == Operand::Vector;
  const Operand lowTo = unpacks ? to.elements[0] : to;
  const Operand highTo = unpacks ? to.elements[1] : upper(to);
  copyHalf(w, inst, lowTo, packs ? from.elements[0] : from);
  copyHalf(w, inst, highTo, packs ? from.elements[1] : upper(from));
  return Step::Next;
}

static void requireParts(const Operand &vector, unsigned bits) {
  unsigned each = vector.count ? bits / vector.count : 0;
  for (uint32_t n = 0; n < vector.count; ++n) {
    unsigned has = vector.elements[n].bits;
    if (has && !vector.elements[n].constant && has != each)
      throw PtxError(0, 0,
                     format("%u parts of %u bits make no %u bits", vector.count,
                            has, bits));
  }
  if (!each || each * vector.count != bits || each < 8)
    throw PtxError(0, 0,
                   format("%u parts make no %u bits", vector.count, bits));
}

static Handler selectMov(const Match &match, Inst &inst) {
  const Operand &to = inst.op(0), &from = inst.op(1);
  unsigned bits = bitsOf(match.type());
  bool packs = from.kind == Operand::Vector;
  bool unpacks = to.kind == Operand::Vector;
  if (packs && unpacks)
    throw PtxError(0, 0, "both operands are vectors");
  if (packs || unpacks) {
    requireParts(packs ? from : to, bits);
    inst.aux = bits / (packs ? from : to).count;
  }
  if (match.type() == Type::B128)
    return mov128;
  return packs ? pack : unpacks ? unpack : mov;
}

// Addresses. ------------------------------------------------------------------

static Space spaceOfMods(const Match &match) {
  constexpr std::pair<const char *, Space> kSpaces[] = {
      {"shared", Space::Shared},
      {"shared::cta", Space::Shared},
      {"shared::cluster", Space::Shared},
      {"local", Space::Local},
      {"param", Space::Param},
      {"param::entry", Space::Param},
      {"const", Space::Const},
      {"global", Space::Global}};
  for (auto [name, space] : kSpaces)
    if (match.has(name))
      return space;
  return Space::Generic;
}

/// Generic to space and back: windows that are added and taken off.
static Step cvta(Warp &w, const Inst &inst) {
  uint64_t window = inst.aux;
  return map1<uint64_t>(w, inst, [window](uint64_t a) { return a + window; });
}

static Handler selectCvta(const Match &match, Inst &inst) {
  uint64_t window = windowOf(spaceOfMods(match));
  inst.aux = match.has("to") ? 0 - window : window;
  return cvta;
}

static Step isspacep(Warp &w, const Inst &inst) {
  const uint64_t *a = w.row(inst.op(1));
  uint32_t out = 0;
  forLanes(w.mask, [&](unsigned l) {
    uint64_t address;
    Space space = spaceOf(a[l], address);
    const Region *region = w.launch.memory->nearest(address);
    if (space == Space::Global && region && region->holds(address, 1))
      space = region->space;
    bool yes = space == Space(inst.aux);
    // A block's own memory is part of its cluster's.
    if (yes && inst.aux2)
      yes = address < kSharedStride;
    out |= uint32_t(yes) << l;
  });
  uint32_t bad = w.undefOf(inst.op(1));
  w.putPred(inst.op(0), out);
  w.definePred(inst.op(0), bad);
  return Step::Next;
}

static Handler selectIsspacep(const Match &match, Inst &inst) {
  inst.aux = uint64_t(spaceOfMods(match));
  inst.aux2 =
      !match.has("shared::cluster") && inst.aux == uint64_t(Space::Shared);
  return isspacep;
}

#define SPACES                                                                 \
  "<.const|.global|.local|.shared|.shared::cta|.shared::cluster|.param|"       \
  ".param::entry>"

static const Registration kForms({
    {"mov<.b16|.b32|.b64|.b128|.u16|.u32|.u64|.s16|.s32|.s64|.f32|.f64|.f16|"
     ".bf16>",
     "=x,x", Class::Move, selectMov},
    {"mov.pred", "=p,p", Class::Move, always<movPred>},
    {"cvta" SPACES ".u64", "=t,t", Class::Move, selectCvta},
    {"cvta.to" SPACES ".u64", "=t,t", Class::Move, selectCvta},
    {"isspacep" SPACES, "=p,u64", Class::Move, selectIsspacep},
});
