// Comparison and selection.
#include "runtime/emulator/isa/Formats.h"
#include "runtime/emulator/isa/Pick.h"

using namespace tw::emu;

namespace {
enum Cmp : uint8_t {
  Eq,
  Ne,
  Lt,
  Le,
  Gt,
  Ge,
  Lo,
  Ls,
  Hi,
  Hs,
  Equ,
  Neu,
  Ltu,
  Leu,
  Gtu,
  Geu,
  Num,
  Nan
};
/// What inst.aux holds: comparison, boolean operation, flags.
constexpr uint64_t kAnd = 1 << 8, kOr = 2 << 8, kXor = 3 << 8, kFtz = 1 << 10;
} // namespace

static uint64_t flagsOf(const Match &match) {
  int cmp =
      match.which({"eq", "ne", "lt", "le", "gt", "ge", "lo", "ls", "hi", "hs",
                   "equ", "neu", "ltu", "leu", "gtu", "geu", "num", "nan"});
  uint64_t flags = uint64_t(cmp);
  if (match.has("and"))
    flags |= kAnd;
  if (match.has("or"))
    flags |= kOr;
  if (match.has("xor"))
    flags |= kXor;
  return flags | (match.has("ftz") ? kFtz : 0);
}

template <class T>
static bool compare(uint8_t cmp, T a, T b) {
  switch (cmp) {
  case Eq:
    return a == b;
  case Ne:
    // The ordered form is false where a NaN takes part.
    return a < b || a > b;
  case Lt:
  case Lo:
    return a < b;
  case Le:
  case Ls:
    return a <= b;
  case Gt:
  case Hi:
    return a > b;
  case Ge:
  case Hs:
    return a >= b;
  case Equ:
    return !(a < b || a > b);
  case Neu:
    return a != b;
  case Ltu:
    return !(a >= b);
  case Leu:
    return !(a > b);
  case Gtu:
    return !(a <= b);
  case Geu:
    return !(a < b);
  case Num:
    return a == a && b == b;
  default:
    return a != a || b != b;
  }
}

/// Lanes where the comparison holds. The switch is outside of the loop.
template <class T, class F>
static uint32_t lanesWhere(const uint64_t *a, const uint64_t *b, F f) {
  uint32_t out = 0;
  for (unsigned l = 0; l < kLanes; ++l)
    out |= uint32_t(f(fromRow<T>(a[l]), fromRow<T>(b[l]))) << l;
  return out;
}

template <class T>
static uint32_t compareRows(uint64_t aux, const uint64_t *a,
                            const uint64_t *b) {
  uint8_t cmp = uint8_t(aux);
  if (aux & kFtz)
    return lanesWhere<T>(a, b, [cmp](T x, T y) {
      return compare<float>(cmp, flush(float(x)), flush(float(y)));
    });
  switch (cmp) {
  case Eq:
    return lanesWhere<T>(a, b, [](T x, T y) { return x == y; });
  case Ne:
    return lanesWhere<T>(a, b, [](T x, T y) { return x < y || x > y; });
  case Lt:
    return lanesWhere<T>(a, b, [](T x, T y) { return x < y; });
  case Ge:
    return lanesWhere<T>(a, b, [](T x, T y) { return x >= y; });
  default:
    return lanesWhere<T>(a, b,
                         [cmp](T x, T y) { return compare<T>(cmp, x, y); });
  }
}

/// Halves are compared as floats.
static uint32_t compareHalves(uint64_t aux, const uint64_t *a,
                              const uint64_t *b, bool brain, unsigned shift) {
  uint32_t out = 0;
  for (unsigned l = 0; l < kLanes; ++l) {
    auto value = [&](uint64_t word) {
      uint16_t bits = uint16_t(word >> shift);
      // Subnormals of f16 are normal floats, so ftz looks at the bits.
      if (aux & kFtz && !(bits & 0x7c00) && !brain)
        bits &= 0x8000;
      return brain ? bfloatToFloat(bits) : halfToFloat(bits);
    };
    out |= uint32_t(compare(uint8_t(aux), value(a[l]), value(b[l]))) << l;
  }
  return out;
}

static uint32_t compareTyped(const Inst &inst, Type type, const uint64_t *a,
                             const uint64_t *b, unsigned shift = 0) {
  switch (type) {
  case Type::B16:
  case Type::U16:
    return compareRows<uint16_t>(inst.aux, a, b);
  case Type::S16:
    return compareRows<int16_t>(inst.aux, a, b);
  case Type::B32:
  case Type::U32:
    return compareRows<uint32_t>(inst.aux, a, b);
  case Type::S32:
    return compareRows<int32_t>(inst.aux, a, b);
  case Type::S64:
    return compareRows<int64_t>(inst.aux, a, b);
  case Type::F32:
    return compareRows<float>(inst.aux, a, b);
  case Type::F64:
    return compareRows<double>(inst.aux, a, b);
  case Type::F16:
  case Type::F16x2:
    return compareHalves(inst.aux, a, b, false, shift);
  case Type::BF16:
  case Type::BF16x2:
    return compareHalves(inst.aux, a, b, true, shift);
  default:
    return compareRows<uint64_t>(inst.aux, a, b);
  }
}

static uint32_t combine(uint64_t aux, uint32_t result, uint32_t c) {
  switch (aux & kXor) {
  case kAnd:
    return result & c;
  case kOr:
    return result | c;
  case kXor:
    return result ^ c;
  default:
    return result;
  }
}

/// setp p|q, a, b{, c}: p from the comparison, q from its opposite, each
/// combined with c. Packed halves give p from the low, q from the high half.
static Step setp(Warp &w, const Inst &inst) {
  const Operand &a = inst.op(2), &b = inst.op(3);
  bool packed = inst.type == Type::F16x2 || inst.type == Type::BF16x2;
  uint32_t low = compareTyped(inst, inst.type, w.row(a), w.row(b));
  uint32_t high =
      packed ? compareTyped(inst, inst.type, w.row(a), w.row(b), 16) : ~low;
  uint32_t bad = w.undefOf(a) | w.undefOf(b);
  if (inst.aux & kXor) {
    const Operand &c = inst.op(4);
    low = combine(inst.aux, low, w.holds(c));
    high = combine(inst.aux, high, w.holds(c));
    bad |= w.undefOf(c);
  }
  w.putPred(inst.op(0), low);
  w.definePred(inst.op(0), bad);
  if (inst.op(1).bits) {
    w.putPred(inst.op(1), high);
    w.definePred(inst.op(1), bad);
  }
  return Step::Next;
}

static Handler selectSetp(const Match &match, Inst &inst) {
  inst.aux = flagsOf(match);
  return setp;
}

/// set.cmp.dtype.stype: all ones or 1.0 where the comparison holds.
static Step set(Warp &w, const Inst &inst) {
  Type to = inst.type, of = Type(inst.aux2);
  const uint64_t *a = w.row(inst.op(1)), *b = w.row(inst.op(2));
  bool packed = of == Type::F16x2 || of == Type::BF16x2;
  bool combined = inst.aux & kXor;
  uint32_t c = combined ? w.holds(inst.op(3)) : 0;
  uint32_t low = combine(inst.aux, compareTyped(inst, of, a, b), c);
  uint32_t high =
      packed ? combine(inst.aux, compareTyped(inst, of, a, b, 16), c) : 0;
  uint64_t one = to == Type::F32                          ? 0x3f800000
                 : to == Type::F16 || to == Type::F16x2   ? 0x3c00
                 : to == Type::BF16 || to == Type::BF16x2 ? 0x3f80
                 : bitsOf(to) == 16 || packed             ? 0xffff
                                                          : 0xffffffff;
  uint64_t out[kLanes];
  for (unsigned l = 0; l < kLanes; ++l)
    out[l] = (low >> l & 1 ? one : 0) | (high >> l & 1 ? one << 16 : 0);
  w.put(inst.op(0), out);
  w.define(inst, inst.op(0),
           undefOf(w, inst, 1, 3) | (combined ? w.undefOf(inst.op(3)) : 0));
  return Step::Next;
}

static Handler selectSet(const Match &match, Inst &inst) {
  inst.aux = flagsOf(match);
  inst.aux2 = uint64_t(match.type(1));
  return set;
}

/// The value that is not chosen may be undefined.
static void choose(Warp &w, const Inst &inst, uint32_t first, uint32_t bad) {
  const uint64_t *a = w.row(inst.op(1)), *b = w.row(inst.op(2));
  uint64_t out[kLanes];
  for (unsigned l = 0; l < kLanes; ++l)
    out[l] = first >> l & 1 ? a[l] : b[l];
  bad |= (first & w.undefOf(inst.op(1))) | (~first & w.undefOf(inst.op(2)));
  w.put(inst.op(0), out);
  w.define(inst, inst.op(0), bad);
}

static Step selp(Warp &w, const Inst &inst) {
  choose(w, inst, w.holds(inst.op(3)), w.undefOf(inst.op(3)));
  return Step::Next;
}

/// slct d, a, b, c: a where c >= 0.
static Step slct(Warp &w, const Inst &inst) {
  const uint64_t *c = w.row(inst.op(3));
  uint32_t first = 0;
  for (unsigned l = 0; l < kLanes; ++l) {
    float real = fromRow<float>(c[l]);
    bool positive = inst.aux & 1 ? (inst.aux & 2 ? flush(real) : real) >= 0
                                 : int32_t(c[l]) >= 0;
    first |= uint32_t(positive) << l;
  }
  choose(w, inst, first, w.undefOf(inst.op(3)));
  return Step::Next;
}

static Handler selectSlct(const Match &match, Inst &inst) {
  inst.aux = uint64_t(match.type(1) == Type::F32) | uint64_t(match.has("ftz"))
                                                        << 1;
  return slct;
}

#define ORDERED                                                                \
  "<.eq|.ne|.lt|.le|.gt|.ge|.equ|.neu|.ltu|.leu|.gtu|.geu|.num|.nan>"
#define INTEGER_ORDER "<.eq|.ne|.lt|.le|.gt|.ge|.lo|.ls|.hi|.hs>"
#define INTEGERS "<.b16|.b32|.b64|.u16|.u32|.u64|.s16|.s32|.s64>"
#define HALVES "<.f16|.f16x2|.bf16|.bf16x2>"
#define BOOL "<.and|.or|.xor>"

static const Registration kForms({
    {"setp" INTEGER_ORDER INTEGERS, "=p|p,t,t", Class::Compare, selectSetp},
    {"setp" ORDERED "{.ftz}<.f32|.f64>", "=p|p,t,t", Class::Compare,
     selectSetp},
    {"setp" ORDERED "{.ftz}" HALVES, "=p|p,t,t", Class::Compare, selectSetp},
    {"setp" INTEGER_ORDER BOOL INTEGERS, "=p|p,t,t,p", Class::Compare,
     selectSetp},
    {"setp" ORDERED BOOL "{.ftz}<.f32|.f64>", "=p|p,t,t,p", Class::Compare,
     selectSetp},
    {"setp" ORDERED BOOL "{.ftz}" HALVES, "=p|p,t,t,p", Class::Compare,
     selectSetp},
    {"set" INTEGER_ORDER "<.u32|.s32|.f32>" INTEGERS, "=t,u,u", Class::Compare,
     selectSet},
    {"set" ORDERED "{.ftz}<.u32|.s32|.f32><.f32|.f64>", "=t,u,u",
     Class::Compare, selectSet},
    {"set" INTEGER_ORDER BOOL "<.u32|.s32|.f32>" INTEGERS, "=t,u,u,p",
     Class::Compare, selectSet},
    {"set" ORDERED BOOL "{.ftz}<.u32|.s32|.f32><.f32|.f64>", "=t,u,u,p",
     Class::Compare, selectSet},
    {"set" ORDERED "{.ftz}<.f16|.bf16|.u16|.s16|.u32|.s32><.f16|.bf16>",
     "=t,u,u", Class::Compare, selectSet},
    {"set" ORDERED "{.ftz}<.f16x2|.bf16x2|.u32|.s32><.f16x2|.bf16x2>", "=t,u,u",
     Class::Compare, selectSet},
    {"set" ORDERED BOOL "{.ftz}<.f16|.bf16|.u16|.s16|.u32|.s32><.f16|.bf16>",
     "=t,u,u,p", Class::Compare, selectSet},
    {"set" ORDERED BOOL "{.ftz}<.f16x2|.bf16x2|.u32|.s32><.f16x2|.bf16x2>",
     "=t,u,u,p", Class::Compare, selectSet},
    {"selp<.b16|.b32|.b64|.u16|.u32|.u64|.s16|.s32|.s64|.f32|.f64>", "=t,t,t,p",
     Class::Compare, always<selp>},
    {"slct{.ftz}<.b16|.b32|.b64|.u16|.u32|.u64|.s16|.s32|.s64|.f32|.f64>"
     "<.s32|.f32>",
     "=t,t,t,u", Class::Compare, selectSlct},
});
