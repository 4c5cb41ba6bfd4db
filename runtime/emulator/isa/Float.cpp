// Arithmetic of f32 and f64.
#include "runtime/emulator/isa/Formats.h"
#include "runtime/emulator/isa/Pick.h"

#include <immintrin.h>

using namespace tw::emu;

namespace {
using Add = decltype([](auto a, auto b) { return a + b; });
using Sub = decltype([](auto a, auto b) { return a - b; });
using Mul = decltype([](auto a, auto b) { return a * b; });
using Div = decltype([](auto a, auto b) { return a / b; });
using Fma = decltype([](auto a, auto b, auto c) { return std::fma(a, b, c); });
using Sqrt = decltype([](auto a) { return std::sqrt(a); });
using Rcp = decltype([](auto a) { return decltype(a)(1) / a; });
using Rsqrt = decltype([](auto a) { return decltype(a)(1) / std::sqrt(a); });
using Sin = decltype([](float a) { return std::sin(a); });
using Cos = decltype([](float a) { return std::cos(a); });
using Lg2 = decltype([](float a) { return std::log2(a); });
using Ex2 = decltype([](float a) { return std::exp2(a); });
using Tanh = decltype([](float a) { return std::tanh(a); });

/// Op with the flags of f32 instructions.
template <class Op, bool ftz, bool sat>
struct Single {
  template <class... Args>
  float operator()(Args... args) const {
    float out = ftz ? flush(Op{}(flush(args)...)) : Op{}(args...);
    return sat ? saturateUnit(out) : canonical(out);
  }
};

/// The same in double, rounded to odd, for the other rounding modes.
struct AddExact {
  double operator()(double a, double b) const { return addOdd(a, b); }
};
struct SubExact {
  double operator()(double a, double b) const { return addOdd(a, -b); }
};
struct MulExact {
  double operator()(double a, double b) const { return a * b; }
};
struct DivExact {
  double operator()(double a, double b) const { return divideOdd(a, b); }
};
struct FmaExact {
  double operator()(double a, double b, double c) const {
    return addOdd(a * b, c);
  }
};
struct RcpExact {
  double operator()(double a) const { return divideOdd(1, a); }
};
struct SqrtExact {
  double operator()(double a) const { return sqrtOdd(a); }
};
} // namespace

static Rounding roundingOf(const Match &match) {
  switch (match.which({"rz", "rm", "rp"})) {
  case 0:
    return Rounding::Zero;
  case 1:
    return Rounding::Down;
  case 2:
    return Rounding::Up;
  default:
    return Rounding::Nearest;
  }
}

/// f32 in a rounding mode that the host's loops do not run in.
template <class Exact, unsigned count>
static Step roundedSingle(Warp &w, const Inst &inst) {
  Rounding mode = Rounding(inst.aux & 15);
  bool ftz = inst.aux & 16, sat = inst.aux & 32;
  uint64_t out[kLanes] = {};
  forLanes(w.mask, [&](unsigned l) {
    double v[3] = {};
    for (unsigned n = 0; n < count; ++n) {
      float in = fromRow<float>(w.row(inst.op(n + 1))[l]);
      v[n] = ftz ? flush(in) : in;
    }
    double exact;
    if constexpr (count == 1)
      exact = Exact{}(v[0]);
    else if constexpr (count == 2)
      exact = Exact{}(v[0], v[1]);
    else
      exact = Exact{}(v[0], v[1], v[2]);
    float single =
        std::bit_cast<float>(uint32_t(encodeFloat(exact, kSingle, mode)));
    single = ftz ? flush(single) : single;
    out[l] = toRow(sat ? saturateUnit(single) : canonical(single));
  });
  w.put(inst.op(0), out);
  w.define(inst, inst.op(0), undefOf(w, inst, 1, count + 1));
  return Step::Next;
}

/// f64 in another rounding mode: the host's own arithmetic, in that mode.
template <class Op, unsigned count>
static Step roundedDouble(Warp &w, const Inst &inst) {
  static constexpr unsigned kModes[] = {
      _MM_ROUND_NEAREST, _MM_ROUND_TOWARD_ZERO, _MM_ROUND_DOWN, _MM_ROUND_UP};
  uint64_t out[kLanes] = {};
  unsigned before = _MM_GET_ROUNDING_MODE();
  _MM_SET_ROUNDING_MODE(kModes[inst.aux & 3]);
  for (unsigned l = 0; l < kLanes; ++l) {
    double v[3] = {}, result;
    for (unsigned n = 0; n < count; ++n)
      v[n] = fromRow<double>(w.row(inst.op(n + 1))[l]);
    // Keeps the arithmetic between the two changes of the mode.
    asm volatile("" : "+x"(v[0]), "+x"(v[1]), "+x"(v[2])::"memory");
    if constexpr (count == 1)
      result = Op{}(v[0]);
    else if constexpr (count == 2)
      result = Op{}(v[0], v[1]);
    else
      result = Op{}(v[0], v[1], v[2]);
    asm volatile("" : "+x"(result)::"memory");
    out[l] = toRow(result);
  }
  _MM_SET_ROUNDING_MODE(before);
  w.put(inst.op(0), out);
  w.define(inst, inst.op(0), undefOf(w, inst, 1, count + 1));
  return Step::Next;
}

template <class Op, unsigned count>
static Handler nearest(bool ftz, bool sat) {
  if constexpr (count == 1)
    return ftz ? unary<float, Single<Op, true, false>>
               : unary<float, Single<Op, false, false>>;
  else if constexpr (count == 2)
    return ftz ? (sat ? binary<float, Single<Op, true, true>>
                      : binary<float, Single<Op, true, false>>)
               : (sat ? binary<float, Single<Op, false, true>>
                      : binary<float, Single<Op, false, false>>);
  else
    return ftz ? (sat ? ternary<float, Single<Op, true, true>>
                      : ternary<float, Single<Op, true, false>>)
               : (sat ? ternary<float, Single<Op, false, true>>
                      : ternary<float, Single<Op, false, false>>);
}

template <class Op, class Exact, unsigned count>
static Handler single(const Match &match, Inst &inst) {
  Rounding mode = roundingOf(match);
  inst.floatOps = count == 3 ? 2 : 1;
  bool ftz = match.has("ftz"), sat = match.has("sat");
  inst.aux = uint64_t(mode) | (ftz ? 16 : 0) | (sat ? 32 : 0);
  if (mode != Rounding::Nearest)
    return roundedSingle<Exact, count>;
  return nearest<Op, count>(ftz, sat);
}

template <class Op, unsigned count>
static Handler twice(const Match &match, Inst &inst) {
  inst.aux = uint64_t(roundingOf(match));
  if (inst.aux)
    return roundedDouble<Op, count>;
  if constexpr (count == 1)
    return unary<double, Op>;
  else if constexpr (count == 2)
    return binary<double, Op>;
  else
    return ternary<double, Op>;
}

/// The .approx functions; the host's are at least as accurate.
template <class Op>
static Handler approx1(const Match &match, Inst &) {
  return nearest<Op, 1>(match.has("ftz"), false);
}

static Handler approxDiv(const Match &match, Inst &) {
  return nearest<Div, 2>(match.has("ftz"), false);
}

/// rcp.approx.ftz.f64 and its like see and give the upper 32 bits only.
template <class Op>
static Step coarse(Warp &w, const Inst &inst) {
  constexpr uint64_t kUpper = ~uint64_t(0) << 32;
  return map1<uint64_t>(w, inst, [](uint64_t a) -> uint64_t {
    double value = std::bit_cast<double>(a & kUpper);
    if (!std::isnormal(value) && std::isfinite(value))
      value = std::copysign(0.0, value);
    double out = Op{}(value);
    if (std::isnan(out))
      return 0x7fffffff00000000;
    if (!std::isnormal(out) && std::isfinite(out))
      out = std::copysign(0.0, out);
    return std::bit_cast<uint64_t>(out) & kUpper;
  });
}

// Signs, smallest and largest. ------------------------------------------------

template <class U, U sign>
static Step absBits(Warp &w, const Inst &inst) {
  return map1<U>(w, inst, [](U a) { return U(a & ~sign); });
}
template <class U, U sign>
static Step negBits(Warp &w, const Inst &inst) {
  return map1<U>(w, inst, [](U a) { return U(a ^ sign); });
}

static Step absFtz(Warp &w, const Inst &inst) {
  return map1<float>(w, inst, [](float a) { return std::fabs(flush(a)); });
}
static Step negFtz(Warp &w, const Inst &inst) {
  return map1<float>(w, inst, [](float a) { return -flush(a); });
}

static Handler selectAbs(const Match &match, Inst &) {
  if (match.type() == Type::F64)
    return absBits<uint64_t, uint64_t(1) << 63>;
  return match.has("ftz") ? absFtz : absBits<uint32_t, 0x80000000u>;
}

static Handler selectNeg(const Match &match, Inst &) {
  if (match.type() == Type::F64)
    return negBits<uint64_t, uint64_t(1) << 63>;
  return match.has("ftz") ? negFtz : negBits<uint32_t, 0x80000000u>;
}

/// A NaN loses against a number, unless .NaN; -0 is below +0.
template <class T, bool isMax>
static T extreme(T a, T b) {
  if (a != a)
    return b;
  if (b != b)
    return a;
  if (a == b)
    return std::signbit(a) == isMax ? b : a;
  return (a < b) == isMax ? b : a;
}

namespace {
template <bool isMax, bool ftz>
struct Extreme {
  float operator()(float a, float b) const {
    return canonical(ftz ? extreme<float, isMax>(flush(a), flush(b))
                         : extreme<float, isMax>(a, b));
  }
};
} // namespace

/// With .NaN or .xorsign.abs.
template <bool isMax>
static Step extremeSpecial(Warp &w, const Inst &inst) {
  bool ftz = inst.aux & 1, nan = inst.aux & 2, xorSign = inst.aux & 4;
  return map2<float>(w, inst, [&](float a, float b) {
    if (ftz)
      a = flush(a), b = flush(b);
    if (nan && (a != a || b != b))
      return canonical(NAN);
    if (!xorSign)
      return canonical(extreme<float, isMax>(a, b));
    bool negative = std::signbit(a) != std::signbit(b);
    float out = extreme<float, isMax>(std::fabs(a), std::fabs(b));
    return canonical(negative ? -out : out);
  });
}

template <bool isMax>
static Handler selectExtreme(const Match &match, Inst &inst) {
  if (match.type() == Type::F64)
    return binary<double, decltype([](double a, double b) {
                    return extreme<double, isMax>(a, b);
                  })>;
  bool ftz = match.has("ftz");
  inst.aux = uint64_t(ftz) | (match.has("NaN") ? 2 : 0) |
             (match.has("xorsign") ? 4 : 0);
  if (inst.aux & 6)
    return extremeSpecial<isMax>;
  return ftz ? binary<float, Extreme<isMax, true>>
             : binary<float, Extreme<isMax, false>>;
}

template <class U, U sign>
static Step copySign(Warp &w, const Inst &inst) {
  return map2<U>(w, inst, [](U a, U b) { return U((a & sign) | (b & ~sign)); });
}

static Handler selectCopySign(const Match &match, Inst &) {
  return match.type() == Type::F64 ? copySign<uint64_t, uint64_t(1) << 63>
                                   : copySign<uint32_t, 0x80000000u>;
}

/// testp.finite and so on.
template <class T>
static Step testp(Warp &w, const Inst &inst) {
  const uint64_t *a = w.row(inst.op(1));
  uint32_t out = 0;
  for (unsigned l = 0; l < kLanes; ++l) {
    T v = fromRow<T>(a[l]);
    const bool answers[] = {
        std::isfinite(v), std::isinf(v),    !std::isnan(v),
        std::isnan(v),    std::isnormal(v), std::fpclassify(v) == FP_SUBNORMAL};
    out |= uint32_t(answers[inst.aux]) << l;
  }
  uint32_t bad = w.undefOf(inst.op(1));
  w.putPred(inst.op(0), out);
  w.definePred(inst.op(0), bad);
  return Step::Next;
}

static Handler selectTestp(const Match &match, Inst &inst) {
  inst.aux = uint64_t(match.which(
      {"finite", "infinite", "number", "notanumber", "normal", "subnormal"}));
  return match.type() == Type::F64 ? testp<double> : testp<float>;
}

#define ROUND "{.rn|.rz|.rm|.rp}"
#define MUST_ROUND "<.rn|.rz|.rm|.rp>"

static const Registration kForms({
    {"add" ROUND "{.ftz}{.sat}.f32", "=t,t,t", Class::Float,
     single<Add, AddExact, 2>},
    {"sub" ROUND "{.ftz}{.sat}.f32", "=t,t,t", Class::Float,
     single<Sub, SubExact, 2>},
    {"mul" ROUND "{.ftz}{.sat}.f32", "=t,t,t", Class::Float,
     single<Mul, MulExact, 2>},
    {"fma" MUST_ROUND "{.ftz}{.sat}.f32", "=t,t,t,t", Class::Float,
     single<Fma, FmaExact, 3>},
    {"mad" ROUND "{.ftz}{.sat}.f32", "=t,t,t,t", Class::Float,
     single<Fma, FmaExact, 3>},
    {"div" MUST_ROUND "{.ftz}.f32", "=t,t,t", Class::Special,
     single<Div, DivExact, 2>},
    {"div<.approx|.full>{.ftz}.f32", "=t,t,t", Class::Special, approxDiv},
    {"rcp" MUST_ROUND "{.ftz}.f32", "=t,t", Class::Special,
     single<Rcp, RcpExact, 1>},
    {"sqrt" MUST_ROUND "{.ftz}.f32", "=t,t", Class::Special,
     single<Sqrt, SqrtExact, 1>},
    {"rcp.approx{.ftz}.f32", "=t,t", Class::Special, approx1<Rcp>},
    {"sqrt.approx{.ftz}.f32", "=t,t", Class::Special, approx1<Sqrt>},
    {"rsqrt.approx{.ftz}.f32", "=t,t", Class::Special, approx1<Rsqrt>},
    {"sin.approx{.ftz}.f32", "=t,t", Class::Special, approx1<Sin>},
    {"cos.approx{.ftz}.f32", "=t,t", Class::Special, approx1<Cos>},
    {"lg2.approx{.ftz}.f32", "=t,t", Class::Special, approx1<Lg2>},
    {"ex2.approx{.ftz}.f32", "=t,t", Class::Special, approx1<Ex2>},
    {"tanh.approx.f32", "=t,t", Class::Special, approx1<Tanh>},
    {"add" ROUND ".f64", "=t,t,t", Class::Double, twice<Add, 2>},
    {"sub" ROUND ".f64", "=t,t,t", Class::Double, twice<Sub, 2>},
    {"mul" ROUND ".f64", "=t,t,t", Class::Double, twice<Mul, 2>},
    {"fma" MUST_ROUND ".f64", "=t,t,t,t", Class::Double, twice<Fma, 3>},
    {"mad" MUST_ROUND ".f64", "=t,t,t,t", Class::Double, twice<Fma, 3>},
    {"div" MUST_ROUND ".f64", "=t,t,t", Class::Double, twice<Div, 2>},
    {"rcp" MUST_ROUND ".f64", "=t,t", Class::Double, twice<Rcp, 1>},
    {"sqrt" MUST_ROUND ".f64", "=t,t", Class::Double, twice<Sqrt, 1>},
    {"rsqrt.approx.f64", "=t,t", Class::Special, always<unary<double, Rsqrt>>},
    {"rcp.approx.ftz.f64", "=t,t", Class::Special, always<coarse<Rcp>>},
    {"rsqrt.approx.ftz.f64", "=t,t", Class::Special, always<coarse<Rsqrt>>},
    {"abs{.ftz}.f32", "=t,t", Class::Float, selectAbs},
    {"abs.f64", "=t,t", Class::Double, selectAbs},
    {"neg{.ftz}.f32", "=t,t", Class::Float, selectNeg},
    {"neg.f64", "=t,t", Class::Double, selectNeg},
    {"min{.ftz}{.NaN}{.xorsign}{.abs}.f32", "=t,t,t", Class::Float,
     selectExtreme<false>},
    {"max{.ftz}{.NaN}{.xorsign}{.abs}.f32", "=t,t,t", Class::Float,
     selectExtreme<true>},
    {"min.f64", "=t,t,t", Class::Double, selectExtreme<false>},
    {"max.f64", "=t,t,t", Class::Double, selectExtreme<true>},
    {"copysign<.f32|.f64>", "=t,t,t", Class::Logic, selectCopySign},
    {"testp<.finite|.infinite|.number|.notanumber|.normal|.subnormal>"
     "<.f32|.f64>",
     "=p,t", Class::Compare, selectTestp},
});
