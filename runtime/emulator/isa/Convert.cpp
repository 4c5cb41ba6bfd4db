// cvt in all its forms. A value is read as an exact integer or double and
// written with one rounding; frequent pairs of types have loops of their own.
#include "runtime/emulator/isa/Formats.h"
#include "runtime/emulator/isa/Pick.h"

#include <algorithm>

using namespace tw::emu;

namespace {
/// inst.aux: rounding, flags.
constexpr uint64_t kMode = 7, kIntegral = 8, kFtz = 16, kSat = 32, kRelu = 64,
                   kFinite = 128;

/// A value read exactly.
struct Number {
  bool isFloat = false, isSigned = false;
  uint64_t integer = 0;
  double real = 0;
};
} // namespace

static bool isInteger(Type type) { return !isFloat(type); }

static uint64_t lowBits(uint64_t value, unsigned bits) {
  return bits < 64 ? value & ((uint64_t(1) << bits) - 1) : value;
}

static uint64_t extend(uint64_t value, unsigned bits) {
  unsigned shift = 64 - bits;
  return uint64_t(int64_t(value << shift) >> shift);
}

static Number readNumber(uint64_t bits, Type type, bool ftz) {
  Number number;
  number.isFloat = isFloat(type);
  if (type == Type::F64) {
    number.real = std::bit_cast<double>(bits);
  } else if (type == Type::F32) {
    float value = std::bit_cast<float>(uint32_t(bits));
    number.real = ftz ? flush(value) : value;
  } else if (number.isFloat) {
    number.real = decodeFloat(bits, formatOf(type));
  } else {
    unsigned width = bitsOf(type);
    number.isSigned = isSigned(type);
    number.integer =
        number.isSigned ? extend(bits, width) : lowBits(bits, width);
  }
  return number;
}

/// An integer as a double that rounds on to narrower formats correctly.
static double realOf(const Number &number) {
  if (number.isFloat)
    return number.real;
  uint64_t low = number.integer & 0xffffffff;
  double high = number.isSigned ? double(int64_t(number.integer) >> 32)
                                : double(number.integer >> 32);
  return addOdd(high * 4294967296.0, double(low));
}

static double toIntegral(double value, Rounding mode) {
  switch (mode) {
  case Rounding::Zero:
    return std::trunc(value);
  case Rounding::Down:
    return std::floor(value);
  case Rounding::Up:
    return std::ceil(value);
  default:
    return std::nearbyint(value);
  }
}

/// Floats clamp to the integer type; NaN gives 0, or for 64 bits the top bit.
static uint64_t floatToInteger(double value, Type from, Type to,
                               Rounding mode) {
  unsigned bits = bitsOf(to);
  if (std::isnan(value)) {
    bool wide = from == Type::F64 || bits == 64;
    return wide ? uint64_t(1) << (bits - 1) : 0;
  }
  value = toIntegral(value, mode);
  double limit = std::ldexp(1.0, int(bits) - isSigned(to));
  if (isSigned(to)) {
    if (value >= limit)
      return (uint64_t(1) << (bits - 1)) - 1;
    return value < -limit ? ~uint64_t(0) << (bits - 1)
                          : uint64_t(int64_t(value));
  }
  if (value >= limit)
    return lowBits(~uint64_t(0), bits);
  return value < 0 ? 0 : uint64_t(value);
}

static uint64_t integerToInteger(const Number &number, Type to, bool sat) {
  if (!sat)
    return number.integer;
  unsigned bits = bitsOf(to);
  __extension__ using Wide = __int128;
  Wide value =
      number.isSigned ? Wide(int64_t(number.integer)) : Wide(number.integer);
  Wide low = isSigned(to) ? -(Wide(1) << (bits - 1)) : 0;
  Wide high = (Wide(1) << (bits - isSigned(to))) - 1;
  return uint64_t(std::clamp(value, low, high));
}

static uint64_t writeFloat(double value, Type to, uint64_t flags) {
  Rounding mode = Rounding(flags & kMode);
  if (flags & kIntegral)
    value = toIntegral(value, mode);
  if (flags & kRelu && value < 0)
    value = 0;
  if (flags & kSat)
    value = value > 0 ? std::min(value, 1.0) : 0.0;
  if (to == Type::F64)
    return std::bit_cast<uint64_t>(value);
  bool finite = flags & kFinite;
  const FloatFormat &format = formatOf(to);
  uint64_t bits = encodeFloat(value, format, mode, finite);
  if (to == Type::TF32)
    return bits << 13;
  if (to == Type::F32)
    bits = std::isnan(value) ? 0x7fffffff : bits;
  if (flags & kFtz && to == Type::F32)
    bits = std::bit_cast<uint32_t>(flush(std::bit_cast<float>(uint32_t(bits))));
  return bits;
}

static uint64_t convertOne(uint64_t bits, Type from, Type to, uint64_t flags) {
  Number number = readNumber(bits, from, flags & kFtz);
  if (isFloat(to))
    return writeFloat(realOf(number), to, flags);
  if (number.isFloat)
    return floatToInteger(number.real, from, to, Rounding(flags & kMode));
  return integerToInteger(number, to, flags & kSat);
}

/// The result in a register that may be wider than the type.
static uint64_t fitRegister(uint64_t value, Type type, unsigned registerBits) {
  unsigned bits = bitsOf(type);
  if (isInteger(type) && isSigned(type) && bits < registerBits)
    return lowBits(extend(value, bits), registerBits);
  return lowBits(value, bits);
}

static Step convert(Warp &w, const Inst &inst) {
  Type to = inst.type, from = Type(inst.aux2);
  unsigned bits = inst.op(0).bits ? inst.op(0).bits : 64;
  const uint64_t *a = w.row(inst.op(1));
  uint64_t out[kLanes] = {};
  forLanes(w.mask, [&](unsigned l) {
    out[l] = fitRegister(convertOne(a[l], from, to, inst.aux), to, bits);
  });
  w.put(inst.op(0), out);
  w.define(inst, inst.op(0), w.undefOf(inst.op(1)));
  return Step::Next;
}

/// 64-bit integers to f64: rounding in the asked mode, by hand.
static double roundedDouble(const Number &number, Rounding mode) {
  double nearest = number.isSigned ? double(int64_t(number.integer))
                                   : double(number.integer);
  __extension__ using Wide = __int128;
  Wide exact =
      number.isSigned ? Wide(int64_t(number.integer)) : Wide(number.integer);
  Wide error = exact - Wide(nearest);
  bool upwards = mode == Rounding::Up && error > 0;
  bool downwards =
      (mode == Rounding::Down && error < 0) ||
      (mode == Rounding::Zero && (exact > 0 ? error < 0 : error > 0));
  if (upwards)
    return std::nextafter(nearest, INFINITY);
  if (downwards)
    return std::nextafter(nearest, mode == Rounding::Zero ? 0.0 : -INFINITY);
  return nearest;
}

static Step integerToDouble(Warp &w, const Inst &inst) {
  Type from = Type(inst.aux2);
  Rounding mode = Rounding(inst.aux & kMode);
  return map1<uint64_t>(w, inst, [=](uint64_t a) {
    return std::bit_cast<uint64_t>(
        roundedDouble(readNumber(a, from, false), mode));
  });
}

// Frequent pairs. -------------------------------------------------------------

/// Integers without saturation: cut, or extended by the source's sign.
template <class From>
static Step cut(Warp &w, const Inst &inst) {
  Type to = inst.type;
  unsigned bits = std::min<unsigned>(bitsOf(to), 64);
  unsigned reg = inst.op(0).bits ? inst.op(0).bits : 64;
  unsigned shift = 64 - bits;
  uint64_t keep = lowBits(~uint64_t(0), reg);
  bool sign = isSigned(to);
  return map1<uint64_t>(w, inst, [=](uint64_t a) {
    uint64_t wide = uint64_t(int64_t(From(a)));
    if constexpr (!std::is_signed_v<From>)
      wide = From(a);
    uint64_t high = wide << shift;
    return (sign ? uint64_t(int64_t(high) >> shift) : high >> shift) & keep;
  });
}

template <class From>
static Step toSingle(Warp &w, const Inst &inst) {
  return map1<From>(w, inst, [](From a) { return float(a); });
}
static Step halfToSingle(Warp &w, const Inst &inst) {
  return map1<uint16_t>(w, inst,
                        [](uint16_t a) { return canonical(halfToFloat(a)); });
}
static Step brainToSingle(Warp &w, const Inst &inst) {
  return map1<uint16_t>(w, inst,
                        [](uint16_t a) { return canonical(bfloatToFloat(a)); });
}
static Step singleToHalf(Warp &w, const Inst &inst) {
  return map1<float>(w, inst, [](float a) { return floatToHalf(a); });
}
static Step singleToBrain(Warp &w, const Inst &inst) {
  return map1<float>(w, inst, [](float a) { return floatToBFloat(a); });
}
static Step singleToDouble(Warp &w, const Inst &inst) {
  return map1<float>(w, inst, [](float a) { return double(a); });
}
static Step doubleToSingle(Warp &w, const Inst &inst) {
  return map1<double>(w, inst, [](double a) { return canonical(float(a)); });
}

/// Null where the general way must do.
static Handler frequent(Type from, Type to, uint64_t flags) {
  if (flags)
    return nullptr;
  if (to == Type::F32) {
    switch (from) {
    case Type::S32:
      return toSingle<int32_t>;
    case Type::U32:
      return toSingle<uint32_t>;
    case Type::F16:
      return halfToSingle;
    case Type::BF16:
      return brainToSingle;
    case Type::F64:
      return doubleToSingle;
    default:
      return nullptr;
    }
  }
  if (from == Type::F32)
    return to == Type::F16    ? singleToHalf
           : to == Type::BF16 ? singleToBrain
           : to == Type::F64  ? singleToDouble
                              : nullptr;
  return nullptr;
}

static Handler cutFrom(Type from) {
  switch (from) {
  case Type::U8:
    return cut<uint8_t>;
  case Type::S8:
    return cut<int8_t>;
  case Type::U16:
    return cut<uint16_t>;
  case Type::S16:
    return cut<int16_t>;
  case Type::U32:
    return cut<uint32_t>;
  case Type::S32:
    return cut<int32_t>;
  default:
    return cut<uint64_t>;
  }
}

static uint64_t flagsOf(const Match &match) {
  uint64_t flags = 0;
  switch (match.which({"rz", "rzi", "rm", "rmi", "rp", "rpi", "rna"})) {
  case 0:
  case 1:
    flags = uint64_t(Rounding::Zero);
    break;
  case 2:
  case 3:
    flags = uint64_t(Rounding::Down);
    break;
  case 4:
  case 5:
    flags = uint64_t(Rounding::Up);
    break;
  case 6:
    flags = uint64_t(Rounding::Away);
    break;
  default:
    break;
  }
  if (match.which({"rni", "rzi", "rmi", "rpi"}) >= 0)
    flags |= kIntegral;
  return flags | (match.has("ftz") ? kFtz : 0) | (match.has("sat") ? kSat : 0) |
         (match.has("relu") ? kRelu : 0) |
         (match.has("satfinite") ? kFinite : 0);
}

static Handler selectConvert(const Match &match, Inst &inst) {
  Type to = match.type(0), from = match.type(1);
  inst.aux = flagsOf(match);
  inst.aux2 = uint64_t(from);
  if (isFloat(from) && isInteger(to) && !(inst.aux & kIntegral))
    throw PtxError(0, 0,
                   "a float becomes an integer with .rni, .rzi, .rmi or "
                   ".rpi");
  if (isInteger(from) && isInteger(to) && !(inst.aux & kSat))
    return cutFrom(from);
  if (isInteger(from) && to == Type::F64)
    return integerToDouble;
  if (Handler quick = frequent(from, to, inst.aux))
    return quick;
  return convert;
}

// Pairs in one register. ------------------------------------------------------

static Type elementType(Type packed) {
  switch (packed) {
  case Type::F16x2:
    return Type::F16;
  case Type::BF16x2:
    return Type::BF16;
  case Type::E4M3x2:
    return Type::E4M3;
  default:
    return Type::E5M2;
  }
}

/// d's upper half from a, its lower half from b.
static Step convertTwo(Warp &w, const Inst &inst) {
  Type to = elementType(inst.type);
  unsigned bits = bitsOf(to);
  const uint64_t *a = w.row(inst.op(1)), *b = w.row(inst.op(2));
  uint64_t out[kLanes] = {};
  bool quick = !inst.aux && bits == 16;
  forLanes(w.mask, [&](unsigned l) {
    float high = fromRow<float>(a[l]), low = fromRow<float>(b[l]);
    uint64_t x, y;
    if (quick && to == Type::F16) {
      x = floatToHalf(high), y = floatToHalf(low);
    } else if (quick) {
      x = floatToBFloat(high), y = floatToBFloat(low);
    } else {
      x = convertOne(a[l], Type::F32, to, inst.aux);
      y = convertOne(b[l], Type::F32, to, inst.aux);
    }
    out[l] = x << bits | y;
  });
  w.put(inst.op(0), out);
  w.define(inst, inst.op(0), undefOf(w, inst, 1, 3));
  return Step::Next;
}

/// Packed to packed: f16x2 to fp8x2 and back.
static Step convertPacked(Warp &w, const Inst &inst) {
  Type to = elementType(inst.type), from = elementType(Type(inst.aux2));
  unsigned out = bitsOf(to), in = bitsOf(from);
  uint64_t flags = inst.aux;
  return map1<uint64_t>(w, inst, [=](uint64_t a) {
    uint64_t low = convertOne(lowBits(a, in), from, to, flags);
    uint64_t high = convertOne(lowBits(a >> in, in), from, to, flags);
    return high << out | low;
  });
}

template <Handler run>
static Handler selectPacked(const Match &match, Inst &inst) {
  inst.aux = flagsOf(match);
  inst.aux2 = uint64_t(match.type(1));
  return run;
}

/// cvt.pack.sat: clamps a and b and appends them, a highest, to c.
static Step pack(Warp &w, const Inst &inst) {
  Type to = inst.type;
  unsigned bits = bitsOf(to);
  bool appends = inst.count > 3;
  const uint64_t *a = w.row(inst.op(1)), *b = w.row(inst.op(2));
  const uint64_t *c = appends ? w.row(inst.op(3)) : nullptr;
  uint64_t out[kLanes];
  for (unsigned l = 0; l < kLanes; ++l) {
    auto clamp = [&](uint64_t value) {
      return lowBits(
          integerToInteger(readNumber(value, Type::S32, false), to, true),
          bits);
    };
    uint64_t pair = clamp(a[l]) << bits | clamp(b[l]);
    out[l] = uint32_t(appends ? c[l] << (2 * bits) | pair : pair);
  }
  w.put(inst.op(0), out);
  w.define(inst, inst.op(0), undefOf(w, inst, 1, appends ? 4 : 3));
  return Step::Next;
}

#define ALL_TYPES "<.u8|.u16|.u32|.u64|.s8|.s16|.s32|.s64|.f16|.bf16|.f32|.f64>"

static const Registration kForms({
    {"cvt{.rn|.rz|.rm|.rp|.rna|.rni|.rzi|.rmi|.rpi}{.ftz}{.sat}{.relu}"
     "{.satfinite}" ALL_TYPES ALL_TYPES,
     "=t~,u~", Class::Convert, selectConvert},
    {"cvt<.rn|.rz>{.ftz}{.relu}{.satfinite}<.f16x2|.bf16x2>.f32", "=t,u,u",
     Class::Convert, selectPacked<convertTwo>},
    {"cvt.rn.satfinite{.relu}<.e4m3x2|.e5m2x2>.f32", "=t,u,u", Class::Convert,
     selectPacked<convertTwo>},
    {"cvt.rn.satfinite{.relu}<.e4m3x2|.e5m2x2>.f16x2", "=t,u", Class::Convert,
     selectPacked<convertPacked>},
    {"cvt.rn{.relu}.f16x2<.e4m3x2|.e5m2x2>", "=t,u", Class::Convert,
     selectPacked<convertPacked>},
    {"cvt<.rna|.rn|.rz>{.relu}{.satfinite}.tf32.f32", "=b32,f32",
     Class::Convert, selectConvert},
    {"cvt.pack.sat<.u16|.s16|.u8|.s8>.s32", "=b32,b32,b32", Class::Convert,
     selectPacked<pack>},
    {"cvt.pack.sat<.u8|.s8>.s32.b32", "=b32,b32,b32,b32", Class::Convert,
     selectPacked<pack>},
});
