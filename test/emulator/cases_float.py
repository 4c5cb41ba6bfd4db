"""Floating-point arithmetic against exact fractions, in every rounding mode."""

import math
from fractions import Fraction

import numpy as np
from rounding import decode, encode, square_root

F32 = np.array([1.0, -2.5, 3.3e-39, 1e38, -1e-45, 0.1, 7e7, -0.3, 16777216.0, 1.9999999, 3e38, 5e-20, 1 / 3, -12345.678, 0.0, 2.0], np.float32)
G32 = np.array([0.3, 1e10, 1.7e-38, 9.5e37, 1e-45, -0.2, 0.7, 0.1, 1.0, 1.0000001, 3e38, 3e-20, -3.0, 0.001, 5.0, -2.0], np.float32)
H32 = np.array([1e-8, -2.5e10, 1e-45, -1.1e38, 0, 0.02, -4.9e7, 0.03, -1, -2, 1e30, 1e-38, 1, 12.0, -1.5, 4.0], np.float32)
F64 = F32.astype(np.float64) * 1.0000000001
G64 = G32.astype(np.float64) * 0.99999999977
H64 = H32.astype(np.float64) * 1.3
MODES = ("rn", "rz", "rm", "rp")


def exact(array: np.ndarray) -> list:
    return [Fraction(float(v)) for v in array]


OPERATIONS = {
    "add": (2, lambda a, b: a + b), "sub": (2, lambda a, b: a - b), "mul": (2, lambda a, b: a * b),
    "div": (2, lambda a, b: a / b), "fma": (3, lambda a, b, c: a * b + c), "mad": (3, lambda a, b, c: a * b + c),
    "rcp": (1, lambda a: 1 / a), "sqrt": (1, lambda a: square_root(a)),
}


def tiny(value, type_: str) -> bool:
    return type_ == "f32" and abs(value) < Fraction(2) ** -126


def flushed(value, type_: str, ftz: bool):
    return Fraction(0) if ftz and tiny(value, type_) else value


def rounded(op: str, values: tuple, type_: str, mode: str, ftz: bool = False, sat: bool = False) -> int | None:
    """None where the sign of a zero is not this table's business."""
    values = tuple(flushed(v, type_, ftz) for v in values)
    if op in ("div", "rcp") and values[-1] == 0 or op == "sqrt" and values[0] < 0:
        return None
    result = OPERATIONS[op][1](*values)
    if result == 0:
        return None
    bits = encode(result, type_, mode)
    value = decode(bits, type_)
    if ftz and isinstance(value, Fraction) and tiny(value, type_):
        return 0x80000000 if value < 0 else 0
    if sat:
        return encode(min(max(value, Fraction(0)), Fraction(1)), type_)
    return bits


def arithmetic():
    """(instruction, inputs, expected bits or None)"""
    for type_, arrays in (("f32", (F32, G32, H32)), ("f64", (F64, G64, H64))):
        for op, (count, _) in OPERATIONS.items():
            inputs = arrays[:count] if op != "sqrt" else (abs(arrays[0]),)
            for mode in MODES:
                plain = [(f"{op}.{mode}.{type_}", False, False)]
                if type_ == "f32":
                    plain.append((f"{op}.{mode}.ftz.f32", True, False))
                    if op not in ("div", "rcp", "sqrt"):
                        plain += [(f"{op}.{mode}.sat.f32", False, True), (f"{op}.{mode}.ftz.sat.f32", True, True)]
                for name, ftz, sat in plain:
                    yield name, inputs, [rounded(op, v, type_, mode, ftz, sat) for v in zip(*map(exact, inputs))]
            if op in ("add", "sub", "mul"):
                yield f"{op}.{type_}", inputs, [rounded(op, v, type_, "rn") for v in zip(*map(exact, inputs))]
    yield "mad.f32", (F32, G32, H32), [rounded("mad", v, "f32", "rn") for v in zip(*map(exact, (F32, G32, H32)))]


# name: function, relative tolerance
APPROXIMATE = {
    "div.approx.f32": (np.divide, 3e-7), "div.full.f32": (np.divide, 3e-7), "div.approx.ftz.f32": (np.divide, 3e-7),
    "div.full.ftz.f32": (np.divide, 3e-7),
    "rcp.approx.f32": (lambda a: 1 / a, 3e-7), "rcp.approx.ftz.f32": (lambda a: 1 / a, 3e-7),
    "sqrt.approx.f32": (np.sqrt, 3e-7), "sqrt.approx.ftz.f32": (np.sqrt, 3e-7),
    "rsqrt.approx.f32": (lambda a: 1 / np.sqrt(a), 5e-7), "rsqrt.approx.ftz.f32": (lambda a: 1 / np.sqrt(a), 5e-7),
    "sin.approx.f32": (np.sin, 1e-6), "sin.approx.ftz.f32": (np.sin, 1e-6), "cos.approx.f32": (np.cos, 1e-6),
    "cos.approx.ftz.f32": (np.cos, 1e-6), "lg2.approx.f32": (np.log2, 1e-6), "lg2.approx.ftz.f32": (np.log2, 1e-6),
    "ex2.approx.f32": (np.exp2, 5e-7), "ex2.approx.ftz.f32": (np.exp2, 5e-7), "tanh.approx.f32": (np.tanh, 5e-4),
    "rsqrt.approx.f64": (lambda a: 1 / np.sqrt(a), 1e-8), "rcp.approx.ftz.f64": (lambda a: 1 / a, 1e-5),
    "rsqrt.approx.ftz.f64": (lambda a: 1 / np.sqrt(a), 1e-5),
}

HALF_OPERATIONS = {"add": (2, lambda a, b: a + b), "sub": (2, lambda a, b: a - b), "mul": (2, lambda a, b: a * b),
                   "fma": (3, lambda a, b, c: a * b + c)}


def half_inputs(type_: str) -> list[np.ndarray]:
    """Words of two halves: ordinary, tiny and large numbers."""
    values = [[1.5, -0.33, 6e-6, 300.0, -7.25, 0.001, 65000.0, 1e-7], [2.25, 3.0, 5e-5, -250.0, 0.1, -1e-3, 900.0, -0.7],
              [-1.0, 0.125, 1e-4, 30000.0, 5.5, 0.25, -3.0, 1e-6]]
    return [np.array([encode(Fraction(v), type_) | encode(Fraction(-v / 3), type_) << 16 for v in row], np.uint32) for row in values]


def half_result(op: str, parts: tuple, type_: str, flags: str) -> int | None:
    values = [decode(p, type_) for p in parts]
    if "ftz" in flags:
        values = [Fraction(0) if abs(v) < Fraction(2) ** -14 else v for v in values]
    exact_value = HALF_OPERATIONS[op][1](*values)
    if exact_value == 0:
        return None
    bits = encode(exact_value, type_)
    value = decode(bits, type_)
    if "ftz" in flags and isinstance(value, Fraction) and abs(value) < Fraction(2) ** -14:
        return 0x8000 if value < 0 and "sat" not in flags else 0
    if "sat" in flags:
        return encode(min(max(value, Fraction(0)), Fraction(1)), type_)
    if "relu" in flags and value < 0:
        return 0
    return bits


def halves():
    """(instruction, inputs, expected words); a mask of halves that count goes with each."""
    for type_ in ("f16", "bf16"):
        inputs = half_inputs(type_)
        for op, (count, _) in HALF_OPERATIONS.items():
            flags = ["", ".ftz", ".sat", ".ftz.sat"] if type_ == "f16" else [""]
            if op == "fma":
                flags += [".relu"]
            for flag in flags:
                used = inputs[:count]
                low = [half_result(op, p, type_, flag) for p in zip(*[[int(w) & 0xFFFF for w in a] for a in used])]
                high = [half_result(op, p, type_, flag) for p in zip(*[[int(w) >> 16 for w in a] for a in used])]
                rn = ".rn" if op == "fma" else ""
                yield f"{op}{rn}{flag}.{type_}x2", used, low, high
                yield f"{op}{rn}{flag}.{type_}", [a.astype(np.uint16) for a in used], low, None


NAN, INF = math.nan, math.inf
SPECIAL_A = np.array([1, -1, NAN, 2, NAN, 0.0, -0.0, INF, -INF, 5e-39, 3, -3], np.float32)
SPECIAL_B = np.array([2, -2, 1, NAN, NAN, -0.0, 0.0, 1, 1, -5e-39, -4, 4], np.float32)


def extreme(a: float, b: float, is_max: bool, nan: bool, xor_sign: bool) -> float:
    if math.isnan(a) or math.isnan(b):
        if nan or (math.isnan(a) and math.isnan(b)):
            return NAN
        return (b if math.isnan(a) else a) if not xor_sign else math.copysign(abs(b if math.isnan(a) else a), math.copysign(1, a) * math.copysign(1, b))
    sign = math.copysign(1, a) * math.copysign(1, b)
    if xor_sign:
        a, b = abs(a), abs(b)
    key = lambda v: (v, math.copysign(1, v))
    found = (max if is_max else min)(a, b, key=key)
    return math.copysign(found, sign) if xor_sign else found
