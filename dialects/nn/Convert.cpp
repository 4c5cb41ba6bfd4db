#include "dialects/nn/Convert.h"

#include "dialects/nn/Build.h"

#include "llvm/ADT/APFloat.h"

using namespace tw;
using namespace tw::nn;
using llvm::APFloat;

namespace {
/// A float of at most 8 bits as the constants that its conversions need.
struct SmallFloat {
  explicit SmallFloat(FloatType type)
      : semantics(type.getFloatSemantics()), width(type.getWidth()),
        mantissa(APFloat::semanticsPrecision(semantics) - 1),
        bias(1 - APFloat::semanticsMinExponent(semantics)),
        largest(code(APFloat::getLargest(semantics))) {
    if (APFloat::semanticsHasInf(semantics))
      infinity = code(APFloat::getInf(semantics));
    if (APFloat::semanticsHasNaN(semantics))
      nan = code(APFloat::getNaN(semantics));
  }

  static int64_t code(const APFloat &value) {
    return value.bitcastToAPInt().getZExtValue();
  }
  int64_t signBit() const { return int64_t(1) << (width - 1); }
  /// Whether the code of -0 is NaN's.
  bool hasNoNegativeZero() const { return nan == signBit(); }

  const llvm::fltSemantics &semantics;
  unsigned width;
  int64_t mantissa, bias, largest;
  std::optional<int64_t> infinity, nan;
};
} // namespace

static bool isSmallFloat(Type type) {
  return isa<FloatType>(type) && type.getIntOrFloatBitWidth() <= 8;
}

static Value bitcast(OpBuilder &b, Location loc, Value value, Type element) {
  return arith::BitcastOp::create(b, loc, withElement(value.getType(), element),
                                  value);
}

static Scalar constantOf(Scalar like, int64_t value) {
  return like.like(static_cast<double>(value));
}

/// The sign bit of an f32's bits, moved to where `small` has it.
static Scalar movedSign(Scalar bits, const SmallFloat &small) {
  Scalar sign = shiftRight(bits, constantOf(bits, 31));
  return sign * constantOf(bits, small.signBit());
}

/// Code without sign of an f32 >= 0 given by its bits; those beyond the largest
/// are larger than its code.
static Scalar roundToCode(OpBuilder &b, Location loc, Scalar bits,
                          const SmallFloat &small) {
  int64_t dropped = 23 - small.mantissa;
  Scalar odd = shiftRight(bits, constantOf(bits, dropped)) & bits.like(1);
  Scalar rounded = bits + odd +
                   constantOf(bits, (int64_t(1) << (dropped - 1)) - 1 -
                                        ((127 - small.bias) << 23));
  Scalar normal = shiftRight(rounded, constantOf(bits, dropped));
  // Adding a float whose last bit is worth the smallest denormal rounds to
  // that.
  Scalar magic =
      constantOf(bits, (127 + 24 - small.bias - small.mantissa) << 23);
  Type f32 = b.getF32Type(), i32 = b.getI32Type();
  Scalar value(b, loc, bitcast(b, loc, bits, f32), false);
  Scalar sum = value + value.with(bitcast(b, loc, magic, f32));
  Scalar denormal = bits.with(bitcast(b, loc, sum, i32)) - magic;
  Scalar isDenormal = bits < constantOf(bits, (128 - small.bias) << 23);
  return select(isDenormal, denormal, normal);
}

static Value encode(OpBuilder &b, Location loc, Value f32, FloatType to,
                    bool saturate) {
  SmallFloat small(to);
  Scalar bits(b, loc, bitcast(b, loc, f32, b.getI32Type()));
  Scalar magnitude = bits & constantOf(bits, 0x7fffffff);
  Scalar code = roundToCode(b, loc, magnitude, small);
  int64_t tooLarge = small.largest;
  if (!saturate && small.nan)
    tooLarge = small.infinity.value_or(*small.nan);
  code = select(code > constantOf(code, small.largest),
                constantOf(code, tooLarge), code);
  Scalar isNan = magnitude > constantOf(bits, 0x7f800000);
  // What has no NaN takes -0 for it.
  code = select(isNan, constantOf(code, small.nan.value_or(small.signBit())),
                code);
  Scalar sign = movedSign(bits, small);
  if (small.hasNoNegativeZero())
    sign = select(code == 0.0, sign.like(0), sign);
  code = small.nan ? code | sign : select(isNan, code, code | sign);
  Type narrow = b.getIntegerType(small.width);
  Value truncated = arith::TruncIOp::create(
      b, loc, withElement(code.type(), narrow), Value(code));
  return bitcast(b, loc, truncated, to);
}

/// An f32 times a power of two that turns a code shifted into an f32's place
/// into its value, denormals included.
static Value decode(OpBuilder &b, Location loc, Value value, FloatType from) {
  SmallFloat small(from);
  Type i32 = b.getI32Type(), f32 = b.getF32Type();
  Value raw = bitcast(b, loc, value, b.getIntegerType(small.width));
  Scalar code(
      b, loc,
      arith::ExtUIOp::create(b, loc, withElement(raw.getType(), i32), raw));
  Scalar magnitude = code & constantOf(code, small.signBit() - 1);
  Scalar shifted = shiftLeft(magnitude, constantOf(code, 23 - small.mantissa));
  Scalar result(b, loc, bitcast(b, loc, shifted, f32));
  result = result * std::ldexp(1.0, 127 - small.bias);
  if (small.infinity)
    result = select(magnitude == constantOf(code, *small.infinity),
                    result.like(HUGE_VAL), result);
  Scalar bits(b, loc, bitcast(b, loc, result, i32));
  Scalar sign = shiftLeft(code & constantOf(code, small.signBit()),
                          constantOf(code, 32 - small.width));
  result = result.with(bitcast(b, loc, bits | sign, f32));
  if (!small.nan)
    return result;
  Scalar isNan = small.hasNoNegativeZero()
                     ? code == constantOf(code, *small.nan)
                     : magnitude >= constantOf(code, *small.nan);
  if (small.infinity)
    isNan = magnitude > constantOf(code, *small.infinity);
  return select(isNan, result.like(std::numeric_limits<double>::quiet_NaN()),
                result);
}

/// Float8E8M0 is an f32's exponent. Its sign is ignored, and a NaN or infinity
/// is NaN.
static Value encodeE8M0(OpBuilder &b, Location loc, Value f32, Type to,
                        const CastOptions &options) {
  Scalar bits(b, loc, bitcast(b, loc, f32, b.getI32Type()));
  Scalar exponent =
      shiftRight(bits, constantOf(bits, 23)) & constantOf(bits, 255);
  Scalar fraction = bits & constantOf(bits, 0x7fffff);
  Scalar roundsUp = fraction > 0.0;
  if (options.roundMode == "nearest") {
    // The tie goes up except below the smallest power of two.
    Scalar half = constantOf(bits, 0x400000);
    roundsUp = (fraction > half) | ((fraction == half) & (exponent > 0.0));
  } else if (options.roundMode == "down") {
    roundsUp = fraction < 0.0;
  }
  Scalar limit = constantOf(bits, options.saturate ? 254 : 255);
  Scalar next = select(roundsUp & (exponent < limit), exponent + 1.0, exponent);
  Value narrow = arith::TruncIOp::create(
      b, loc, withElement(next.type(), b.getI8Type()), Value(next));
  return bitcast(b, loc, narrow, to);
}

static Value decodeE8M0(OpBuilder &b, Location loc, Value value) {
  Value raw = bitcast(b, loc, value, b.getI8Type());
  Type wide = withElement(raw.getType(), b.getI32Type());
  Scalar code(b, loc, arith::ExtUIOp::create(b, loc, wide, raw));
  Scalar bits = shiftLeft(code, constantOf(code, 23));
  bits = select(code == 0.0, constantOf(code, 0x400000), bits);
  bits = select(code == 255.0, constantOf(code, 0x7fc00000), bits);
  return bitcast(b, loc, bits, b.getF32Type());
}

/// f64 as f32 so that a second rounding gives what one rounding would: towards
/// zero, the last bit set where anything was lost.
static Value roundToOdd(OpBuilder &b, Location loc, Value f64) {
  Type f32 = b.getF32Type();
  Value nearest =
      arith::TruncFOp::create(b, loc, withElement(f64.getType(), f32), f64);
  Scalar value(b, loc, f64);
  Scalar back = value.with(
      arith::ExtFOp::create(b, loc, f64.getType(), nearest).getResult());
  Scalar bits(b, loc, bitcast(b, loc, nearest, b.getI32Type()));
  Scalar toZero = select(abs(back) > abs(value), bits - 1.0, bits);
  Scalar isLost = (back < value) | (back > value);
  return bitcast(b, loc, select(isLost, toZero | toZero.like(1), bits), f32);
}

static Value floatToInteger(OpBuilder &b, Location loc, Value value, Type to) {
  unsigned width = to.getIntOrFloatBitWidth();
  Type wide = withElement(
      value.getType(),
      b.getIntegerType(
          width < 32 || (width == 32 && !to.isUnsignedInteger()) ? 32 : 64));
  Value integer =
      width == 64 && to.isUnsignedInteger()
          ? arith::FPToUIOp::create(b, loc, wide, value).getResult()
          : arith::FPToSIOp::create(b, loc, wide, value).getResult();
  if (getElementTypeOrSelf(wide).getIntOrFloatBitWidth() == width)
    return integer;
  return arith::TruncIOp::create(
      b, loc, withElement(value.getType(), signless(to)), integer);
}

/// Integers reach floats of less than 32 bits by way of one that holds them.
static Type meetingType(OpBuilder &b, Type from) {
  return from.getIntOrFloatBitWidth() > 16 ? b.getF64Type() : b.getF32Type();
}

/// From f32 or f64.
static Value floatToFloat(OpBuilder &b, Location loc, Value value, Type from,
                          FloatType to, const CastOptions &options) {
  if (from == to)
    return value;
  if (isNarrowFloat(to) && from.isF64()) {
    value = roundToOdd(b, loc, value);
    from = b.getF32Type();
  }
  if (isa<Float8E8M0FNUType>(to))
    return encodeE8M0(b, loc, value, to, options);
  if (isSmallFloat(to))
    return encode(b, loc, value, to, options.saturate);
  return convertScalar(b, loc, value, from, to);
}

Value tw::nn::castScalar(OpBuilder &b, Location loc, Value value, Type from,
                         Type to, CastOptions options) {
  if (from == to)
    return value;
  if (isNarrowFloat(from)) {
    bool isE8M0 = isa<Float8E8M0FNUType>(from);
    value = isE8M0 ? decodeE8M0(b, loc, value)
            : isSmallFloat(from)
                ? decode(b, loc, value, cast<FloatType>(from))
                : convertScalar(b, loc, value, from, b.getF32Type());
    return castScalar(b, loc, value, b.getF32Type(), to, options);
  }
  if (isa<IntegerType>(from) && isNarrowFloat(to)) {
    Type meeting = meetingType(b, from);
    value = convertScalar(b, loc, value, from, meeting);
    return floatToFloat(b, loc, value, meeting, cast<FloatType>(to), options);
  }
  if (isa<IntegerType>(from) || to.isInteger(1))
    return convertScalar(b, loc, value, from, to);
  if (isa<IntegerType>(to))
    return floatToInteger(b, loc, value, to);
  return floatToFloat(b, loc, value, from, cast<FloatType>(to), options);
}
