// Integer arithmetic, extended precision included.
#include "runtime/emulator/isa/Pick.h"

#include <algorithm>
#include <limits>

using namespace tw::emu;

#define TYPES "<.u16|.u32|.u64|.s16|.s32|.s64>"

namespace {
using Add = decltype([](auto a, auto b) { return wrapAdd(a, b); });
using Sub = decltype([](auto a, auto b) { return wrapSub(a, b); });
using Min = decltype([](auto a, auto b) { return std::min(a, b); });
using Max = decltype([](auto a, auto b) { return std::max(a, b); });
using MulLo = decltype([](auto a, auto b) { return wrapMul(a, b); });
using MadLo =
    decltype([](auto a, auto b, auto c) { return wrapAdd(wrapMul(a, b), c); });

template <class T>
T mulHi(T a, T b) {
  __extension__ using Wide =
      std::conditional_t<std::is_signed_v<T>, __int128, unsigned __int128>;
  return T((Wide(a) * Wide(b)) >> (8 * sizeof(T)));
}
using MulHi = decltype([](auto a, auto b) { return mulHi(a, b); });
using MadHi =
    decltype([](auto a, auto b, auto c) { return wrapAdd(mulHi(a, b), c); });

/// Division by zero gives all ones, as GPUs do.
using Div = decltype([](auto a, auto b) -> decltype(a) {
  if (b == 0)
    return decltype(a)(-1);
  if (b == decltype(b)(-1) && std::is_signed_v<decltype(a)>)
    return wrapSub(decltype(a)(0), a);
  return a / b;
});
using Rem = decltype([](auto a, auto b) -> decltype(a) {
  if (b == 0)
    return a;
  if (b == decltype(b)(-1) && std::is_signed_v<decltype(a)>)
    return 0;
  return a % b;
});
using Sad = decltype([](auto a, auto b, auto c) {
  return wrapAdd(c, a < b ? wrapSub(b, a) : wrapSub(a, b));
});
using Abs =
    decltype([](auto a) { return a < 0 ? wrapSub(decltype(a)(0), a) : a; });
using Neg = decltype([](auto a) { return wrapSub(decltype(a)(0), a); });

/// Two halves of a word, each by itself.
template <class T, class F>
uint32_t halves(uint32_t a, uint32_t b, F f) {
  uint16_t low = uint16_t(f(T(a), T(b)));
  uint16_t high = uint16_t(f(T(a >> 16), T(b >> 16)));
  return uint32_t(high) << 16 | low;
}
template <class T, class Op>
using Halves =
    decltype([](uint32_t a, uint32_t b) { return halves<T>(a, b, Op{}); });
using AddHalves = Halves<uint16_t, Add>;

int32_t saturate(int64_t value) {
  return int32_t(std::clamp<int64_t>(value, INT32_MIN, INT32_MAX));
}
using AddSat =
    decltype([](int32_t a, int32_t b) { return saturate(int64_t(a) + b); });
using SubSat =
    decltype([](int32_t a, int32_t b) { return saturate(int64_t(a) - b); });
using MadHiSat = decltype([](int32_t a, int32_t b, int32_t c) {
  return saturate((int64_t(a) * b >> 32) + c);
});
using MinRelu =
    decltype([](int32_t a, int32_t b) { return std::max(0, std::min(a, b)); });
using MaxRelu =
    decltype([](int32_t a, int32_t b) { return std::max(0, std::max(a, b)); });
using MinU = Halves<uint16_t, Min>;
using MaxU = Halves<uint16_t, Max>;
using MinS = Halves<int16_t, Min>;
using MaxS = Halves<int16_t, Max>;
using MinSRelu = Halves<int16_t, decltype([](int16_t a, int16_t b) {
                          return std::max<int16_t>(0, std::min(a, b));
                        })>;
using MaxSRelu = Halves<int16_t, decltype([](int16_t a, int16_t b) {
                          return std::max<int16_t>(0, std::max(a, b));
                        })>;
} // namespace

/// mul.wide: twice as many bits come out.
template <class T, class W>
static Step mulWide(Warp &w, const Inst &inst) {
  return map2<T>(w, inst, [](T a, T b) { return W(W(a) * W(b)); });
}

template <class T, class W>
static Step madWide(Warp &w, const Inst &inst) {
  const uint64_t *a = w.row(inst.op(1)), *b = w.row(inst.op(2)),
                 *c = w.row(inst.op(3));
  uint64_t out[kLanes];
  for (unsigned l = 0; l < kLanes; ++l)
    out[l] = toRow(wrapAdd(W(W(T(a[l])) * W(T(b[l]))), W(c[l])));
  w.put(inst.op(0), out);
  w.define(inst, inst.op(0), undefOf(w, inst, 1, 4));
  return Step::Next;
}

static Handler selectMulWide(const Match &match, Inst &) {
  switch (match.type()) {
  case Type::U16:
    return mulWide<uint16_t, uint32_t>;
  case Type::S16:
    return mulWide<int16_t, int32_t>;
  case Type::U32:
    return mulWide<uint32_t, uint64_t>;
  default:
    return mulWide<int32_t, int64_t>;
  }
}

static Handler selectMadWide(const Match &match, Inst &) {
  switch (match.type()) {
  case Type::U16:
    return madWide<uint16_t, uint32_t>;
  case Type::S16:
    return madWide<int16_t, int32_t>;
  case Type::U32:
    return madWide<uint32_t, uint64_t>;
  default:
    return madWide<int32_t, int64_t>;
  }
}

static Handler selectMul(const Match &match, Inst &inst) {
  return match.has("hi") ? integer2<MulHi>(match, inst)
                         : integer2<MulLo>(match, inst);
}

static Handler selectMad(const Match &match, Inst &inst) {
  if (match.has("sat"))
    return ternary<int32_t, MadHiSat>;
  return match.has("hi") ? integer3<MadHi>(match, inst)
                         : integer3<MadLo>(match, inst);
}

// 24-bit multiplication: the low or high 32 of 48 bits. -----------------------

template <class T>
static T low24(T a) {
  return T(uint32_t(a) << 8) >> 8;
}

template <class T, bool high>
static T mul24(T a, T b) {
  int64_t product = int64_t(low24(a)) * int64_t(low24(b));
  return T(product >> (high ? 16 : 0));
}

namespace {
template <bool high>
using Mul24 =
    decltype([](auto a, auto b) { return mul24<decltype(a), high>(a, b); });
template <bool high>
using Mad24 = decltype([](auto a, auto b, auto c) {
  return wrapAdd(mul24<decltype(a), high>(a, b), c);
});
using Mad24Sat = decltype([](int32_t a, int32_t b, int32_t c) {
  return saturate(int64_t(mul24<int32_t, true>(a, b)) + c);
});
} // namespace

static Handler selectMul24(const Match &match, Inst &inst) {
  return match.has("hi") ? integer2<Mul24<true>>(match, inst)
                         : integer2<Mul24<false>>(match, inst);
}

static Handler selectMad24(const Match &match, Inst &inst) {
  if (match.has("sat"))
    return ternary<int32_t, Mad24Sat>;
  return match.has("hi") ? integer3<Mad24<true>>(match, inst)
                         : integer3<Mad24<false>>(match, inst);
}

// Extended precision: carries travel through the warp's flags. ----------------

/// a + b + carry in; sub is a + ~b + 1.
template <class T, bool sub, bool in, bool out>
static Step addCarry(Warp &w, const Inst &inst) {
  const uint64_t *a = w.row(inst.op(1)), *b = w.row(inst.op(2));
  uint64_t result[kLanes];
  uint32_t carries = 0;
  for (unsigned l = 0; l < kLanes; ++l) {
    __extension__ using Wide = unsigned __int128;
    T y = sub ? T(~b[l]) : T(b[l]);
    // With sub, the flag is a borrow.
    unsigned flag = w.carry >> l & 1;
    unsigned start = in ? (sub ? !flag : flag) : sub;
    Wide sum = Wide(T(a[l])) + y + start;
    result[l] = T(sum);
    bool over = sum >> (8 * sizeof(T)) & 1;
    carries |= uint32_t(sub ? !over : over) << l;
  }
  w.put(inst.op(0), result);
  if (out)
    w.carry = (w.carry & ~w.mask) | (carries & w.mask);
  w.define(inst, inst.op(0), undefOf(w, inst, 1, 3));
  return Step::Next;
}

template <bool sub, bool in, bool out>
static Handler selectCarry(const Match &match, Inst &) {
  return bitsOf(match.type()) == 64 ? addCarry<uint64_t, sub, in, out>
                                    : addCarry<uint32_t, sub, in, out>;
}

template <bool sub>
static Handler selectCarryIn(const Match &match, Inst &i) {
  return match.has("cc") ? selectCarry<sub, true, true>(match, i)
                         : selectCarry<sub, true, false>(match, i);
}

/// mad.cc and madc: the product's half, plus c, plus perhaps the carry.
template <class T>
static Step madCarry(Warp &w, const Inst &inst) {
  const uint64_t *a = w.row(inst.op(1)), *b = w.row(inst.op(2)),
                 *c = w.row(inst.op(3));
  bool high = inst.aux & 1, in = inst.aux & 2, out = inst.aux & 4;
  uint64_t result[kLanes];
  uint32_t carries = 0;
  for (unsigned l = 0; l < kLanes; ++l) {
    __extension__ using Wide = unsigned __int128;
    using U = Unsigned<T>;
    U product = U(high ? mulHi(T(a[l]), T(b[l])) : wrapMul(T(a[l]), T(b[l])));
    Wide sum = Wide(product) + U(c[l]) + (in ? w.carry >> l & 1 : 0);
    result[l] = U(sum);
    carries |= uint32_t(sum >> (8 * sizeof(T)) & 1) << l;
  }
  w.put(inst.op(0), result);
  if (out)
    w.carry = (w.carry & ~w.mask) | (carries & w.mask);
  w.define(inst, inst.op(0), undefOf(w, inst, 1, 4));
  return Step::Next;
}

template <bool in>
static Handler selectMadCarry(const Match &match, Inst &i) {
  i.aux = uint64_t(match.has("hi")) | (in ? 2 : 0) | (match.has("cc") ? 4 : 0);
  switch (match.type()) {
  case Type::U32:
    return madCarry<uint32_t>;
  case Type::S32:
    return madCarry<int32_t>;
  case Type::U64:
    return madCarry<uint64_t>;
  default:
    return madCarry<int64_t>;
  }
}

// Dot products of bytes and halves. -------------------------------------------

static int64_t part(uint32_t word, unsigned bits, unsigned n, bool isSigned) {
  uint32_t raw = word >> (bits * n) & ((1u << bits) - 1);
  if (isSigned && raw >> (bits - 1))
    return int64_t(raw) - (int64_t(1) << bits);
  return raw;
}

/// dp4a: four bytes of a by four of b; dp2a: two halves of a by the low or the
/// high two bytes of b.
static Step dotProduct(Warp &w, const Inst &inst) {
  const uint64_t *a = w.row(inst.op(1)), *b = w.row(inst.op(2)),
                 *c = w.row(inst.op(3));
  bool signedA = inst.aux & 1, signedB = inst.aux & 2, four = inst.aux & 4;
  unsigned first = inst.aux & 8 ? 2 : 0;
  uint64_t out[kLanes];
  for (unsigned l = 0; l < kLanes; ++l) {
    int64_t sum = int32_t(c[l]);
    for (unsigned n = 0; n < (four ? 4 : 2); ++n)
      sum += part(uint32_t(a[l]), four ? 8 : 16, n, signedA) *
             part(uint32_t(b[l]), 8, first + n, signedB);
    out[l] = uint32_t(sum);
  }
  w.put(inst.op(0), out);
  w.define(inst, inst.op(0), undefOf(w, inst, 1, 4));
  return Step::Next;
}

template <bool four>
static Handler selectDot(const Match &match, Inst &inst) {
  inst.aux = uint64_t(isSigned(match.type(0))) |
             uint64_t(isSigned(match.type(1))) << 1 | (four ? 4 : 0) |
             (match.has("hi") ? 8 : 0);
  return dotProduct;
}

static const Registration kForms({
    {"add" TYPES, "=t,t,t", Class::Integer, integer2<Add>},
    {"add.sat.s32", "=t,t,t", Class::Integer, always<binary<int32_t, AddSat>>},
    {"add<.u16x2|.s16x2>", "=t,t,t", Class::Integer,
     always<binary<uint32_t, AddHalves>>},
    {"sub" TYPES, "=t,t,t", Class::Integer, integer2<Sub>},
    {"sub.sat.s32", "=t,t,t", Class::Integer, always<binary<int32_t, SubSat>>},
    {"mul<.lo|.hi>" TYPES, "=t,t,t", Class::Integer, selectMul},
    {"mul.wide<.u16|.s16|.u32|.s32>", "=w,t,t", Class::Integer, selectMulWide},
    {"mad<.lo|.hi>" TYPES, "=t,t,t,t", Class::Integer, selectMad},
    {"mad.hi.sat.s32", "=t,t,t,t", Class::Integer, selectMad},
    {"mad.wide<.u16|.s16|.u32|.s32>", "=w,t,t,w", Class::Integer,
     selectMadWide},
    {"mul24<.lo|.hi><.u32|.s32>", "=t,t,t", Class::Integer, selectMul24},
    {"mad24<.lo|.hi><.u32|.s32>", "=t,t,t,t", Class::Integer, selectMad24},
    {"mad24.hi.sat.s32", "=t,t,t,t", Class::Integer, selectMad24},
    {"sad" TYPES, "=t,t,t,t", Class::Integer, integer3<Sad>},
    {"div" TYPES, "=t,t,t", Class::Integer, integer2<Div>},
    {"rem" TYPES, "=t,t,t", Class::Integer, integer2<Rem>},
    {"abs<.s16|.s32|.s64>", "=t,t", Class::Integer, integer1<Abs>},
    {"neg<.s16|.s32|.s64>", "=t,t", Class::Integer, integer1<Neg>},
    {"min" TYPES, "=t,t,t", Class::Integer, integer2<Min>},
    {"max" TYPES, "=t,t,t", Class::Integer, integer2<Max>},
    {"min.relu.s32", "=t,t,t", Class::Integer,
     always<binary<int32_t, MinRelu>>},
    {"max.relu.s32", "=t,t,t", Class::Integer,
     always<binary<int32_t, MaxRelu>>},
    {"min.u16x2", "=t,t,t", Class::Integer, always<binary<uint32_t, MinU>>},
    {"max.u16x2", "=t,t,t", Class::Integer, always<binary<uint32_t, MaxU>>},
    {"min.s16x2", "=t,t,t", Class::Integer, always<binary<uint32_t, MinS>>},
    {"max.s16x2", "=t,t,t", Class::Integer, always<binary<uint32_t, MaxS>>},
    {"min.relu.s16x2", "=t,t,t", Class::Integer,
     always<binary<uint32_t, MinSRelu>>},
    {"max.relu.s16x2", "=t,t,t", Class::Integer,
     always<binary<uint32_t, MaxSRelu>>},
    {"add.cc<.u32|.s32|.u64|.s64>", "=t,t,t", Class::Integer,
     selectCarry<false, false, true>},
    {"sub.cc<.u32|.s32|.u64|.s64>", "=t,t,t", Class::Integer,
     selectCarry<true, false, true>},
    {"addc{.cc}<.u32|.s32|.u64|.s64>", "=t,t,t", Class::Integer,
     selectCarryIn<false>},
    {"subc{.cc}<.u32|.s32|.u64|.s64>", "=t,t,t", Class::Integer,
     selectCarryIn<true>},
    {"mad<.lo|.hi>.cc<.u32|.s32|.u64|.s64>", "=t,t,t,t", Class::Integer,
     selectMadCarry<false>},
    {"madc<.lo|.hi>{.cc}<.u32|.s32|.u64|.s64>", "=t,t,t,t", Class::Integer,
     selectMadCarry<true>},
    {"dp4a<.u32|.s32><.u32|.s32>", "=b32,t,u,b32", Class::Integer,
     selectDot<true>},
    {"dp2a<.lo|.hi><.u32|.s32><.u32|.s32>", "=b32,t,u,b32", Class::Integer,
     selectDot<false>},
});
