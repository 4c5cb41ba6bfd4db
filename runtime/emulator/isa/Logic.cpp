// Logic, shifts and single bits.
#include "runtime/emulator/isa/Pick.h"

#include <algorithm>
#include <bit>

using namespace tw::emu;

namespace {
using And = decltype([](auto a, auto b) { return decltype(a)(a & b); });
using Or = decltype([](auto a, auto b) { return decltype(a)(a | b); });
using Xor = decltype([](auto a, auto b) { return decltype(a)(a ^ b); });
using Not = decltype([](auto a) { return decltype(a)(~a); });
using CNot = decltype([](auto a) { return decltype(a)(a == 0); });

/// Amounts beyond the width shift everything out.
using Shl = decltype([](auto a, uint32_t n) {
  constexpr unsigned kBits = 8 * sizeof a;
  return decltype(a)(n < kBits ? uint64_t(a) << n : 0);
});
using Shr = decltype([](auto a, uint32_t n) {
  constexpr unsigned kBits = 8 * sizeof a;
  if (n < kBits)
    return decltype(a)(a >> n);
  return decltype(a)(a < 0 ? -1 : 0);
});
using Popc = decltype([](auto a) {
  return uint32_t(std::popcount(std::make_unsigned_t<decltype(a)>(a)));
});
using Clz = decltype([](auto a) {
  return uint32_t(std::countl_zero(std::make_unsigned_t<decltype(a)>(a)));
});
using Brev = decltype([](auto a) {
  decltype(a) out = 0;
  for (unsigned n = 0; n < 8 * sizeof a; ++n)
    out |= (a >> n & 1) << (8 * sizeof a - 1 - n);
  return out;
});
} // namespace

template <class T, class Op>
static Step shift(Warp &w, const Inst &inst) {
  const uint64_t *a = w.row(inst.op(1)), *n = w.row(inst.op(2));
  uint64_t out[kLanes];
  for (unsigned l = 0; l < kLanes; ++l)
    out[l] = toRow(Op{}(fromRow<T>(a[l]), uint32_t(n[l])));
  w.put(inst.op(0), out);
  w.define(inst, inst.op(0), undefOf(w, inst, 1, 3));
  return Step::Next;
}

namespace {
template <class T, class Op>
struct Shift {
  static constexpr Handler run = shift<T, Op>;
};
} // namespace

template <class Op>
static Handler selectShift(const Match &match, Inst &) {
  return pickInteger<Shift, Op>(match.type());
}

/// shf: 64 bits {b, a} shifted; left gives the high word, right the low one.
static Step funnel(Warp &w, const Inst &inst) {
  const uint64_t *a = w.row(inst.op(1)), *b = w.row(inst.op(2)),
                 *c = w.row(inst.op(3));
  bool left = inst.aux & 1, wrap = inst.aux & 2;
  uint64_t out[kLanes];
  for (unsigned l = 0; l < kLanes; ++l) {
    uint64_t both = b[l] << 32 | a[l];
    uint32_t n = uint32_t(c[l]);
    n = wrap ? n & 31 : std::min(n, 32u);
    out[l] = uint32_t(left ? both << n >> 32 : both >> n);
  }
  w.put(inst.op(0), out);
  w.define(inst, inst.op(0), undefOf(w, inst, 1, 4));
  return Step::Next;
}

static Handler selectFunnel(const Match &match, Inst &inst) {
  inst.aux = uint64_t(match.has("l")) | uint64_t(match.has("wrap")) << 1;
  return funnel;
}

static uint32_t lop3(uint32_t a, uint32_t b, uint32_t c, uint32_t table) {
  uint32_t out = 0;
  for (unsigned n = 0; n < 8; ++n) {
    uint32_t hit = (n & 4 ? a : ~a) & (n & 2 ? b : ~b) & (n & 1 ? c : ~c);
    out |= table >> n & 1 ? hit : 0;
  }
  return out;
}

static Step lop3Word(Warp &w, const Inst &inst) {
  uint32_t table = uint32_t(w.row(inst.op(4))[0]);
  return map3<uint32_t>(w, inst, [table](uint32_t a, uint32_t b, uint32_t c) {
    return lop3(a, b, c, table);
  });
}

/// lop3.BoolOp d|p, a, b, c, table, q: also p = (d != 0) BoolOp q.
static Step lop3Pred(Warp &w, const Inst &inst) {
  const uint64_t *a = w.row(inst.op(2)), *b = w.row(inst.op(3)),
                 *c = w.row(inst.op(4));
  uint32_t table = uint32_t(w.row(inst.op(5))[0]), any = 0;
  uint64_t out[kLanes];
  for (unsigned l = 0; l < kLanes; ++l) {
    out[l] = lop3(uint32_t(a[l]), uint32_t(b[l]), uint32_t(c[l]), table);
    any |= uint32_t(out[l] != 0) << l;
  }
  uint32_t bad = undefOf(w, inst, 2, 5), q = w.holds(inst.op(6));
  uint32_t badPred = bad | w.undefOf(inst.op(6));
  w.putPred(inst.op(1), inst.aux ? any & q : any | q);
  w.definePred(inst.op(1), badPred);
  w.put(inst.op(0), out);
  w.define(inst, inst.op(0), bad);
  return Step::Next;
}

static Handler selectLop3Pred(const Match &match, Inst &inst) {
  inst.aux = match.has("and");
  return lop3Pred;
}

// Predicates. -----------------------------------------------------------------

/// A defined 0 decides an "and", a defined 1 an "or", whatever the other is.
static Step logicPred(Warp &w, const Inst &inst) {
  const Operand &a = inst.op(1), &b = inst.op(2);
  uint32_t x = w.holds(a), y = w.holds(b);
  uint32_t badX = w.undefOf(a), badY = w.undefOf(b), bad = badX | badY;
  switch (inst.aux) {
  case 0:
    bad &= ~((~x & ~badX) | (~y & ~badY));
    w.putPred(inst.op(0), x & y);
    break;
  case 1:
    bad &= ~((x & ~badX) | (y & ~badY));
    w.putPred(inst.op(0), x | y);
    break;
  default:
    w.putPred(inst.op(0), x ^ y);
  }
  w.definePred(inst.op(0), bad);
  return Step::Next;
}

template <uint64_t which>
static Handler selectPred(const Match &, Inst &inst) {
  inst.aux = which;
  return logicPred;
}

static Step notPred(Warp &w, const Inst &inst) {
  uint32_t bad = w.undefOf(inst.op(1));
  w.putPred(inst.op(0), ~w.holds(inst.op(1)));
  w.definePred(inst.op(0), bad);
  return Step::Next;
}

// Bytes and bit fields. -------------------------------------------------------

static unsigned selectorOf(unsigned mode, uint32_t c, unsigned n) {
  c &= 3;
  switch (mode) {
  case 1: // f4e
    return c + n;
  case 2: // b4e
    return (c - n) & 7;
  case 3: // rc8
    return c;
  case 4: // ecl
    return std::max(n, c);
  case 5: // ecr
    return std::min(n, c);
  default: // rc16
    return (c & 1) * 2 + (n & 1);
  }
}

static Step prmt(Warp &w, const Inst &inst) {
  const uint64_t *a = w.row(inst.op(1)), *b = w.row(inst.op(2)),
                 *c = w.row(inst.op(3));
  uint64_t out[kLanes];
  for (unsigned l = 0; l < kLanes; ++l) {
    uint64_t bytes = b[l] << 32 | a[l];
    uint32_t word = 0;
    for (unsigned n = 0; n < 4; ++n) {
      uint32_t nibble = uint32_t(c[l]) >> (4 * n) & 15;
      if (inst.aux)
        nibble = selectorOf(unsigned(inst.aux), uint32_t(c[l]), n);
      uint8_t byte = uint8_t(bytes >> (8 * (nibble & 7)));
      if (nibble & 8)
        byte = byte & 0x80 ? 0xff : 0;
      word |= uint32_t(byte) << (8 * n);
    }
    out[l] = word;
  }
  w.put(inst.op(0), out);
  w.define(inst, inst.op(0), undefOf(w, inst, 1, 4));
  return Step::Next;
}

static Handler selectPrmt(const Match &match, Inst &inst) {
  inst.aux =
      uint64_t(match.which({"f4e", "b4e", "rc8", "ecl", "ecr", "rc16"}) + 1);
  return prmt;
}

/// bfe: `length` bits from `start`, sign-extended from the field's (or the
/// value's) last bit.
template <class T>
static Step bfe(Warp &w, const Inst &inst) {
  constexpr unsigned kBits = 8 * sizeof(T);
  const uint64_t *a = w.row(inst.op(1)), *b = w.row(inst.op(2)),
                 *c = w.row(inst.op(3));
  uint64_t out[kLanes];
  for (unsigned l = 0; l < kLanes; ++l) {
    unsigned start = b[l] & 255, length = c[l] & 255;
    uint64_t value = Unsigned<T>(a[l]), field = 0;
    unsigned last = std::min(start + length - 1, kBits - 1);
    bool negative = std::is_signed_v<T> && length && (value >> last & 1);
    for (unsigned n = 0; n < kBits; ++n) {
      bool bit =
          n < length && start + n < kBits ? value >> (start + n) & 1 : negative;
      field |= uint64_t(bit) << n;
    }
    out[l] = Unsigned<T>(field);
  }
  w.put(inst.op(0), out);
  w.define(inst, inst.op(0), undefOf(w, inst, 1, 4));
  return Step::Next;
}

static Handler selectBfe(const Match &match, Inst &) {
  switch (match.type()) {
  case Type::U32:
    return bfe<uint32_t>;
  case Type::S32:
    return bfe<int32_t>;
  case Type::U64:
    return bfe<uint64_t>;
  default:
    return bfe<int64_t>;
  }
}

/// bfi f, a, b, start, length: b with the field replaced by a's low bits.
template <class T>
static Step bfi(Warp &w, const Inst &inst) {
  constexpr unsigned kBits = 8 * sizeof(T);
  const uint64_t *a = w.row(inst.op(1)), *b = w.row(inst.op(2)),
                 *c = w.row(inst.op(3)), *d = w.row(inst.op(4));
  uint64_t out[kLanes];
  for (unsigned l = 0; l < kLanes; ++l) {
    unsigned start = c[l] & 255, length = std::min<unsigned>(d[l] & 255, kBits);
    uint64_t ones = length < 64 ? (uint64_t(1) << length) - 1 : ~uint64_t(0);
    uint64_t field = start < kBits ? ones << start : 0;
    uint64_t value = start < kBits ? a[l] << start : 0;
    out[l] = T((b[l] & ~field) | (value & field));
  }
  w.put(inst.op(0), out);
  w.define(inst, inst.op(0), undefOf(w, inst, 1, 5));
  return Step::Next;
}

static Handler selectBfi(const Match &match, Inst &) {
  return match.type() == Type::B64 ? bfi<uint64_t> : bfi<uint32_t>;
}

/// The position of the highest bit that differs from the sign; -1 if none.
template <class T, bool amount>
static Step bfind(Warp &w, const Inst &inst) {
  return map1<T>(w, inst, [](T a) {
    Unsigned<T> bits = Unsigned<T>(a < 0 ? ~a : a);
    unsigned zeros = unsigned(std::countl_zero(bits));
    if (!bits)
      return ~0u;
    return amount ? zeros : unsigned(8 * sizeof(T)) - 1 - zeros;
  });
}

static Handler selectBfind(const Match &match, Inst &) {
  bool amount = match.has("shiftamt");
  switch (match.type()) {
  case Type::U32:
    return amount ? bfind<uint32_t, true> : bfind<uint32_t, false>;
  case Type::S32:
    return amount ? bfind<int32_t, true> : bfind<int32_t, false>;
  case Type::U64:
    return amount ? bfind<uint64_t, true> : bfind<uint64_t, false>;
  default:
    return amount ? bfind<int64_t, true> : bfind<int64_t, false>;
  }
}

/// The n-th set bit from `base` upwards (n > 0), downwards (n < 0), or at it.
static uint32_t findNthSet(uint32_t mask, uint32_t base, int32_t n) {
  if (n == 0)
    return base < 32 && mask >> base & 1 ? base : ~0u;
  int step = n > 0 ? 1 : -1;
  int64_t left = n > 0 ? n : -int64_t(n);
  for (int at = int(base); at >= 0 && at < 32; at += step)
    if (mask >> at & 1 && --left == 0)
      return uint32_t(at);
  return ~0u;
}

static Step fns(Warp &w, const Inst &inst) {
  return map3<uint32_t>(w, inst, [](uint32_t mask, uint32_t base, uint32_t n) {
    return findNthSet(mask, base, int32_t(n));
  });
}

/// szext: sign- or zero-extends the low n bits.
template <bool isSigned, bool wrap>
static Step szext(Warp &w, const Inst &inst) {
  return map2<uint32_t>(w, inst, [](uint32_t a, uint32_t n) -> uint32_t {
    if (wrap)
      n &= 31;
    if (n >= 32)
      return a;
    uint32_t ones = (1u << n) - 1;
    bool negative = isSigned && n && (a >> (n - 1) & 1);
    return negative ? a | ~ones : a & ones;
  });
}

static Handler selectSzext(const Match &match, Inst &) {
  bool wrap = match.has("wrap");
  if (match.type() == Type::S32)
    return wrap ? szext<true, true> : szext<true, false>;
  return wrap ? szext<false, true> : szext<false, false>;
}

/// bmsk: `width` ones from `start`.
template <bool wrap>
static Step bmsk(Warp &w, const Inst &inst) {
  return map2<uint32_t>(w, inst, [](uint32_t start, uint32_t width) {
    start = wrap ? start & 31 : std::min(start, 32u);
    width = wrap ? width & 31 : std::min(width, 32u);
    uint64_t ones = (uint64_t(1) << width) - 1;
    return uint32_t(ones << start);
  });
}

static Handler selectBmsk(const Match &match, Inst &) {
  return match.has("wrap") ? bmsk<true> : bmsk<false>;
}

static const Registration kForms({
    {"and<.b16|.b32|.b64>", "=t,t,t", Class::Logic, integer2<And>},
    {"or<.b16|.b32|.b64>", "=t,t,t", Class::Logic, integer2<Or>},
    {"xor<.b16|.b32|.b64>", "=t,t,t", Class::Logic, integer2<Xor>},
    {"not<.b16|.b32|.b64>", "=t,t", Class::Logic, integer1<Not>},
    {"cnot<.b16|.b32|.b64>", "=t,t", Class::Logic, integer1<CNot>},
    {"and.pred", "=p,p,p", Class::Logic, selectPred<0>},
    {"or.pred", "=p,p,p", Class::Logic, selectPred<1>},
    {"xor.pred", "=p,p,p", Class::Logic, selectPred<2>},
    {"not.pred", "=p,p", Class::Logic, always<notPred>},
    {"shl<.b16|.b32|.b64>", "=t,t,u32", Class::Logic, selectShift<Shl>},
    {"shr<.b16|.b32|.b64|.u16|.u32|.u64|.s16|.s32|.s64>", "=t,t,u32",
     Class::Logic, selectShift<Shr>},
    {"shf<.l|.r><.clamp|.wrap>.b32", "=t,t,t,u32", Class::Logic, selectFunnel},
    {"lop3.b32", "=t,t,t,t,r", Class::Logic, always<lop3Word>},
    {"lop3<.and|.or>.b32", "=t|p,t,t,t,r,p", Class::Logic, selectLop3Pred},
    {"prmt.b32{.f4e|.b4e|.rc8|.ecl|.ecr|.rc16}", "=t,t,t,t", Class::Logic,
     selectPrmt},
    {"bfe<.u32|.s32|.u64|.s64>", "=t,t,u32,u32", Class::Logic, selectBfe},
    {"bfi<.b32|.b64>", "=t,t,t,u32,u32", Class::Logic, selectBfi},
    {"bfind{.shiftamt}<.u32|.s32|.u64|.s64>", "=u32,t", Class::Logic,
     selectBfind},
    {"fns.b32", "=b32,b32,b32,b32", Class::Logic, always<fns>},
    {"popc<.b32|.b64>", "=u32,t", Class::Logic, integer1<Popc>},
    {"clz<.b32|.b64>", "=u32,t", Class::Logic, integer1<Clz>},
    {"brev<.b32|.b64>", "=t,t", Class::Logic, integer1<Brev>},
    {"szext<.clamp|.wrap><.u32|.s32>", "=t,t,u32", Class::Logic, selectSzext},
    {"bmsk<.clamp|.wrap>.b32", "=t,t,t", Class::Logic, selectBmsk},
});
