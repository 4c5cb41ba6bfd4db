// Arithmetic of f16 and bf16, single and packed. Sums and products of halves
// are rounded once: float, or double rounded to odd, holds them well enough.
#include "runtime/emulator/isa/Formats.h"
#include "runtime/emulator/isa/Pick.h"

using namespace tw::emu;

namespace {
/// inst.aux.
constexpr uint64_t kFtz = 1, kSat = 2, kRelu = 4, kNan = 8, kXorSign = 16;
constexpr uint16_t kCanonical = 0x7fff;

struct F16 {
  static float toFloat(uint16_t bits) { return halfToFloat(bits); }
  static uint16_t round(float value) { return floatToHalf(value); }
  static uint16_t roundOdd(double value) {
    return uint16_t(encodeFloat(value, kHalf, Rounding::Nearest));
  }
  static constexpr uint16_t kExponent = 0x7c00;
};
struct BF16 {
  static float toFloat(uint16_t bits) { return bfloatToFloat(bits); }
  static uint16_t round(float value) { return floatToBFloat(value); }
  static uint16_t roundOdd(double value) {
    return uint16_t(encodeFloat(value, kBFloat, Rounding::Nearest));
  }
  static constexpr uint16_t kExponent = 0x7f80;
};
} // namespace

template <class T>
static uint16_t flushBits(uint16_t bits) {
  return bits & T::kExponent ? bits : bits & 0x8000;
}

static bool isNan(float value) { return value != value; }

/// The result under .sat, .relu and .ftz.
template <class T>
static uint16_t finish(uint16_t bits, uint64_t flags) {
  if (!flags)
    return bits;
  if (flags & kFtz)
    bits = flushBits<T>(bits);
  float value = T::toFloat(bits);
  if (flags & kSat)
    return T::round(saturateUnit(value));
  if (flags & kRelu)
    return isNan(value) ? kCanonical : value < 0 ? 0 : bits;
  return bits;
}

template <class T>
static float input(uint16_t bits, uint64_t flags) {
  return T::toFloat(flags & kFtz ? flushBits<T>(bits) : bits);
}

namespace {
/// bf16 sums of far-apart numbers need more than float holds.
struct AddOp {
  template <class T>
  static uint16_t apply(float a, float b, float) {
    return T::roundOdd(addOdd(a, b));
  }
};
struct SubOp {
  template <class T>
  static uint16_t apply(float a, float b, float) {
    return T::roundOdd(addOdd(a, -double(b)));
  }
};
struct MulOp {
  template <class T>
  static uint16_t apply(float a, float b, float) {
    return T::round(a * b);
  }
};
struct FmaOp {
  template <class T>
  static uint16_t apply(float a, float b, float c) {
    return T::roundOdd(addOdd(double(a) * double(b), c));
  }
};
struct Ex2Op {
  template <class T>
  static uint16_t apply(float a, float, float) {
    return T::round(std::exp2(a));
  }
};
struct TanhOp {
  template <class T>
  static uint16_t apply(float a, float, float) {
    return T::round(std::tanh(a));
  }
};
} // namespace

/// Runs f on the halves of every lane; packed words have two.
template <bool packed, unsigned count, class F>
static Step mapHalves(Warp &w, const Inst &inst, F f) {
  const uint64_t *rows[3] = {};
  for (unsigned n = 0; n < count; ++n)
    rows[n] = w.row(inst.op(n + 1));
  uint64_t out[kLanes] = {};
  forLanes(w.mask, [&](unsigned l) {
    for (unsigned at = 0; at < (packed ? 32 : 16); at += 16) {
      uint16_t v[3] = {};
      for (unsigned n = 0; n < count; ++n)
        v[n] = uint16_t(rows[n][l] >> at);
      out[l] |= uint64_t(f(v[0], v[1], v[2])) << at;
    }
  });
  w.put(inst.op(0), out);
  w.define(inst, inst.op(0), undefOf(w, inst, 1, count + 1));
  return Step::Next;
}

template <class T, bool packed, class Op, unsigned count>
static Step arithmetic(Warp &w, const Inst &inst) {
  uint64_t flags = inst.aux;
  return mapHalves<packed, count>(
      w, inst, [flags](uint16_t a, uint16_t b, uint16_t c) {
        uint16_t out = Op::template apply<T>(
            input<T>(a, flags), input<T>(b, flags), input<T>(c, flags));
        return finish<T>(out, flags);
      });
}

static uint64_t flagsOf(const Match &match) {
  return (match.has("ftz") ? kFtz : 0) | (match.has("sat") ? kSat : 0) |
         (match.has("relu") ? kRelu : 0) | (match.has("NaN") ? kNan : 0) |
         (match.has("xorsign") ? kXorSign : 0);
}

template <class Op, unsigned count>
static Handler selectHalf(const Match &match, Inst &inst) {
  inst.aux = flagsOf(match);
  unsigned ops = count == 3 ? 2 : 1;
  switch (match.type()) {
  case Type::F16:
    inst.floatOps = uint8_t(ops);
    return arithmetic<F16, false, Op, count>;
  case Type::F16x2:
    inst.floatOps = uint8_t(2 * ops);
    return arithmetic<F16, true, Op, count>;
  case Type::BF16:
    inst.floatOps = uint8_t(ops);
    return arithmetic<BF16, false, Op, count>;
  default:
    inst.floatOps = uint8_t(2 * ops);
    return arithmetic<BF16, true, Op, count>;
  }
}

// Smallest and largest. -------------------------------------------------------

template <class T>
static uint16_t extreme(uint16_t a, uint16_t b, uint64_t flags, bool isMax) {
  if (flags & kFtz)
    a = flushBits<T>(a), b = flushBits<T>(b);
  uint16_t sign = (a ^ b) & 0x8000;
  if (flags & kXorSign)
    a &= 0x7fff, b &= 0x7fff;
  float x = T::toFloat(a), y = T::toFloat(b);
  uint16_t out;
  if (isNan(x) || isNan(y))
    out = (flags & kNan) || (isNan(x) && isNan(y)) ? kCanonical
          : isNan(x)                               ? b
                                                   : a;
  else if (x == y)
    out = (a & 0x8000 ? 1 : 0) == isMax ? b : a;
  else
    out = (x < y) == isMax ? b : a;
  return flags & kXorSign && out != kCanonical ? out | sign : out;
}

template <class T, bool packed>
static Step extremes(Warp &w, const Inst &inst) {
  uint64_t flags = inst.aux;
  bool isMax = inst.aux2;
  return mapHalves<packed, 2>(w, inst, [=](uint16_t a, uint16_t b, uint16_t) {
    return extreme<T>(a, b, flags, isMax);
  });
}

template <bool isMax>
static Handler selectExtreme(const Match &match, Inst &inst) {
  inst.aux = flagsOf(match);
  inst.aux2 = isMax;
  switch (match.type()) {
  case Type::F16:
    return extremes<F16, false>;
  case Type::F16x2:
    return extremes<F16, true>;
  case Type::BF16:
    return extremes<BF16, false>;
  default:
    return extremes<BF16, true>;
  }
}

// Signs. ----------------------------------------------------------------------

/// Clears or flips the sign bits; with .ftz (f16 only) subnormals go first.
template <bool packed, bool negate>
static Step signBits(Warp &w, const Inst &inst) {
  bool ftz = inst.aux & kFtz;
  return mapHalves<packed, 1>(w, inst, [ftz](uint16_t a, uint16_t, uint16_t) {
    a = ftz ? flushBits<F16>(a) : a;
    return uint16_t(negate ? a ^ 0x8000 : a & 0x7fff);
  });
}

template <bool negate>
static Handler selectSign(const Match &match, Inst &i) {
  i.aux = flagsOf(match);
  bool packed = bitsOf(match.type()) == 32;
  return packed ? signBits<true, negate> : signBits<false, negate>;
}

#define HALF "<.f16|.f16x2>"
#define BRAIN "<.bf16|.bf16x2>"

static const Registration kForms({
    {"add{.rn}{.ftz}{.sat}" HALF, "=t,t,t", Class::Half, selectHalf<AddOp, 2>},
    {"sub{.rn}{.ftz}{.sat}" HALF, "=t,t,t", Class::Half, selectHalf<SubOp, 2>},
    {"mul{.rn}{.ftz}{.sat}" HALF, "=t,t,t", Class::Half, selectHalf<MulOp, 2>},
    {"add{.rn}" BRAIN, "=t,t,t", Class::Half, selectHalf<AddOp, 2>},
    {"sub{.rn}" BRAIN, "=t,t,t", Class::Half, selectHalf<SubOp, 2>},
    {"mul{.rn}" BRAIN, "=t,t,t", Class::Half, selectHalf<MulOp, 2>},
    {"fma.rn{.ftz}{.sat|.relu}" HALF, "=t,t,t,t", Class::Half,
     selectHalf<FmaOp, 3>},
    {"fma.rn{.relu}" BRAIN, "=t,t,t,t", Class::Half, selectHalf<FmaOp, 3>},
    {"ex2.approx" HALF, "=t,t", Class::Special, selectHalf<Ex2Op, 1>},
    {"ex2.approx.ftz" BRAIN, "=t,t", Class::Special, selectHalf<Ex2Op, 1>},
    {"tanh.approx<.f16|.f16x2|.bf16|.bf16x2>", "=t,t", Class::Special,
     selectHalf<TanhOp, 1>},
    {"min{.ftz}{.NaN}{.xorsign}{.abs}" HALF, "=t,t,t", Class::Half,
     selectExtreme<false>},
    {"max{.ftz}{.NaN}{.xorsign}{.abs}" HALF, "=t,t,t", Class::Half,
     selectExtreme<true>},
    {"min{.NaN}{.xorsign}{.abs}" BRAIN, "=t,t,t", Class::Half,
     selectExtreme<false>},
    {"max{.NaN}{.xorsign}{.abs}" BRAIN, "=t,t,t", Class::Half,
     selectExtreme<true>},
    {"abs{.ftz}" HALF, "=t,t", Class::Half, selectSign<false>},
    {"abs" BRAIN, "=t,t", Class::Half, selectSign<false>},
    {"neg{.ftz}" HALF, "=t,t", Class::Half, selectSign<true>},
    {"neg" BRAIN, "=t,t", Class::Half, selectSign<true>},
});
