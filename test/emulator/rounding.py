"""Correct rounding of exact fractions into binary formats: the oracle for every rounding mode."""

import math
from fractions import Fraction

# name: stored mantissa bits, exponent bits, whether it has infinities
FORMATS = {"f16": (10, 5, True), "bf16": (7, 8, True), "tf32": (10, 8, True), "f32": (23, 8, True), "f64": (52, 11, True),
           "e4m3": (3, 4, False), "e5m2": (2, 5, True)}


def decode(bits: int, name: str) -> Fraction | float:
    """A Fraction, or an infinity or NaN as a float."""
    mantissa, exponent, infinite = FORMATS[name]
    sign = -1 if bits >> (mantissa + exponent) & 1 else 1
    power, fraction = bits >> mantissa & ((1 << exponent) - 1), bits & ((1 << mantissa) - 1)
    bias = (1 << (exponent - 1)) - 1
    if infinite and power == (1 << exponent) - 1:
        return math.nan if fraction else sign * math.inf
    if not infinite and power == (1 << exponent) - 1 and fraction == (1 << mantissa) - 1:
        return math.nan
    if power == 0:
        return sign * Fraction(fraction) * Fraction(2) ** (1 - bias - mantissa)
    return sign * Fraction(fraction + (1 << mantissa)) * Fraction(2) ** (power - bias - mantissa)


def whole(units: Fraction, mode: str, negative: bool) -> int:
    low = math.floor(units)
    rest = units - low
    up = {"rn": rest > Fraction(1, 2) or (rest == Fraction(1, 2) and low % 2), "rna": rest >= Fraction(1, 2), "rz": False,
          "rm": negative and rest > 0, "rp": not negative and rest > 0}[mode]
    return low + bool(up)


def encode(value: Fraction | float, name: str, mode: str = "rn", finite: bool = False, negative_zero: bool = False) -> int:
    """The bits of a value, rounded once. NaN is all ones below the sign."""
    mantissa, exponent, infinite = FORMATS[name]
    top = ((1 << exponent) - 1) << mantissa
    largest = top - 1 if infinite else top | ((1 << mantissa) - 2)
    if isinstance(value, float) and math.isnan(value):
        return top | ((1 << mantissa) - 1)
    negative = value < 0 or (value == 0 and negative_zero)
    sign = int(negative) << (mantissa + exponent)
    if isinstance(value, float) and math.isinf(value):
        return sign | (largest if finite or not infinite else top)
    value = abs(value)
    bias = (1 << (exponent - 1)) - 1
    power = 1 - bias
    if value:
        power = max(power, value.numerator.bit_length() - value.denominator.bit_length())
        if value < Fraction(2) ** power and power > 1 - bias:
            power -= 1
        elif value >= Fraction(2) ** (power + 1):
            power += 1
    units = whole(value / Fraction(2) ** (power - mantissa), mode, negative)
    bits = units if power == 1 - bias and units < 1 << mantissa else ((power + bias) << mantissa) + units - (1 << mantissa)
    if bits > largest:
        stays = mode == "rz" or (mode == "rm" and not negative) or (mode == "rp" and negative)
        bits = largest if finite or not infinite or stays else top
    return sign | bits


def square_root(value: Fraction) -> Fraction:
    """To 200 bits, with a sticky bit: enough to round from."""
    scale = 400
    root = math.isqrt(value.numerator * (1 << scale) // value.denominator)
    exact = root * root * value.denominator == value.numerator * (1 << scale)
    return Fraction(2 * root + (not exact), 1 << (scale // 2 + 1))
