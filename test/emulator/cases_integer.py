"""Integer and logic instructions against Python's integers."""

import numpy as np

A32 = np.array([0, 1, 2, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0xDEADBEEF, 12345], np.uint32)
B32 = np.array([3, 0xFFFFFFFF, 7, 0x80000000, 0x7FFFFFFF, 1, 0x0F0F0F0F, 31], np.uint32)
A64 = np.array([0, 1, 2**63 - 1, 2**63, 2**64 - 1, 0xDEADBEEFCAFEBABE, 1 << 40, 77], np.uint64)
B64 = np.array([5, 2**64 - 1, 2, 3, 9, 0x123456789ABCDEF0, 1 << 33, 13], np.uint64)
A16 = np.array([0, 1, 0x7FFF, 0x8000, 0xFFFF, 0xABCD, 255, 256], np.uint16)
B16 = np.array([1, 0xFFFF, 2, 3, 0x8000, 0x1234, 255, 7], np.uint16)
C32 = np.array([9, 0xFFFFFFF0, 100, 0, 5, 0x80000000, 1, 2], np.uint32)
SHIFTS = np.array([0, 1, 5, 31, 32, 33, 16, 255], np.uint32)
INPUTS = {16: (A16, B16, np.roll(A16, 3)), 32: (A32, B32, C32), 64: (A64, B64, np.roll(A64, 3))}


def signed(value: int, bits: int) -> int:
    value &= (1 << bits) - 1
    return value - (1 << bits) if value >> (bits - 1) else value


def bits_of(type_: str) -> int:
    return int(type_[1:])


def number(value: int, type_: str) -> int:
    return signed(int(value), bits_of(type_)) if type_[0] == "s" else int(value)


def divide(a: int, b: int) -> int:
    """Towards zero; all ones for division by zero."""
    return -1 if b == 0 else abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)


def clamp(value: int, bits: int = 32) -> int:
    return max(-(1 << (bits - 1)), min((1 << (bits - 1)) - 1, value))


BINARY = {
    "add": lambda a, b, t: a + b,
    "sub": lambda a, b, t: a - b,
    "mul.lo": lambda a, b, t: a * b,
    "mul.hi": lambda a, b, t: a * b >> bits_of(t),
    "div": lambda a, b, t: divide(a, b),
    "rem": lambda a, b, t: a if b == 0 else a - divide(a, b) * b,
    "min": lambda a, b, t: min(a, b),
    "max": lambda a, b, t: max(a, b),
}
TERNARY = {
    "mad.lo": lambda a, b, c, t: a * b + c,
    "mad.hi": lambda a, b, c, t: (a * b >> bits_of(t)) + c,
    "sad": lambda a, b, c, t: abs(a - b) + c,
}
UNARY = {"abs": abs, "neg": lambda a: -a}
INTEGERS = ("u16", "s16", "u32", "s32", "u64", "s64")


def arithmetic():
    """(name, body, inputs, expected of d, its dtype) for the plain integer operations."""
    for type_ in INTEGERS:
        a, b, c = INPUTS[bits_of(type_)]
        values = [[number(v, type_) for v in array] for array in (a, b, c)]
        for op, f in BINARY.items():
            yield f"{op}.{type_}", f"{op}.{type_} %d, %a, %b;", dict(a=a, b=b), [f(x, y, type_) for x, y in zip(*values[:2])], a.dtype
        for op, f in TERNARY.items():
            yield f"{op}.{type_}", f"{op}.{type_} %d, %a, %b, %c;", dict(a=a, b=b, c=c), [f(*v, type_) for v in zip(*values)], a.dtype
        if type_[0] == "s":
            for op, f in UNARY.items():
                yield f"{op}.{type_}", f"{op}.{type_} %d, %a;", dict(a=a), [f(v) for v in values[0]], a.dtype


def wide():
    for type_ in ("u16", "s16", "u32", "s32"):
        bits = bits_of(type_)
        a, b, _ = INPUTS[bits]
        c = INPUTS[2 * bits][0]
        x, y = ([number(v, type_) for v in array] for array in (a, b))
        z = [number(v, type_[0] + str(2 * bits)) for v in c]
        yield f"mul.wide.{type_}", f"mul.wide.{type_} %d, %a, %b;", dict(a=a, b=b), [i * j for i, j in zip(x, y)], c.dtype
        yield f"mad.wide.{type_}", f"mad.wide.{type_} %d, %a, %b, %c;", dict(a=a, b=b, c=c), [i * j + k for i, j, k in zip(x, y, z)], c.dtype


def low24(value: int, type_: str) -> int:
    value = int(value) & 0xFFFFFF
    return signed(value, 24) if type_ == "s32" else value


def special():
    """Saturation, 24 bits, packed halves, carries, dot products."""
    sa, sb, sc = ([signed(int(v), 32) for v in array] for array in (A32, B32, C32))
    u32 = np.dtype(np.uint32)
    two, three = dict(a=A32, b=B32), dict(a=A32, b=B32, c=C32)
    yield "add.sat.s32", "add.sat.s32 %d, %a, %b;", two, [clamp(x + y) for x, y in zip(sa, sb)], u32
    yield "sub.sat.s32", "sub.sat.s32 %d, %a, %b;", two, [clamp(x - y) for x, y in zip(sa, sb)], u32
    yield "mad.hi.sat.s32", "mad.hi.sat.s32 %d, %a, %b, %c;", three, [clamp((x * y >> 32) + z) for x, y, z in zip(sa, sb, sc)], u32
    yield "min.relu.s32", "min.relu.s32 %d, %a, %b;", two, [max(0, min(x, y)) for x, y in zip(sa, sb)], u32
    yield "max.relu.s32", "max.relu.s32 %d, %a, %b;", two, [max(0, max(x, y)) for x, y in zip(sa, sb)], u32
    for type_ in ("u32", "s32"):
        x, y = ([low24(v, type_) for v in array] for array in (A32, B32))
        z = [number(v, type_) for v in C32]
        for half, shift in (("lo", 0), ("hi", 16)):
            product = [i * j >> shift for i, j in zip(x, y)]
            yield f"mul24.{half}.{type_}", f"mul24.{half}.{type_} %d, %a, %b;", two, product, u32
            yield f"mad24.{half}.{type_}", f"mad24.{half}.{type_} %d, %a, %b, %c;", three, [p + k for p, k in zip(product, z)], u32
    x, y = ([low24(v, "s32") for v in array] for array in (A32, B32))
    yield ("mad24.hi.sat.s32", "mad24.hi.sat.s32 %d, %a, %b, %c;", three,
           [clamp((i * j >> 16) + k) for i, j, k in zip(x, y, sc)], u32)
    for op, f in (("add", lambda p, q: p + q), ("min", min), ("max", max)):
        for type_ in ("u16x2", "s16x2"):
            yield f"{op}.{type_}", f"{op}.{type_} %d, %a, %b;", two, packed(f, type_, A32, B32), u32
        if op != "add":
            relu = packed(lambda p, q, f=f: max(0, f(p, q)), "s16x2", A32, B32)
            yield f"{op}.relu.s16x2", f"{op}.relu.s16x2 %d, %a, %b;", two, relu, u32


def packed(f, type_: str, a, b) -> list[int]:
    read = (lambda v: signed(v, 16)) if type_[0] == "s" else (lambda v: v & 0xFFFF)
    both = [(int(x), int(y)) for x, y in zip(a, b)]
    return [(f(read(x), read(y)) & 0xFFFF) | (f(read(x >> 16), read(y >> 16)) & 0xFFFF) << 16 for x, y in both]


def carries():
    """128-bit sums and products from parts."""
    for type_, bits in (("u32", 32), ("s32", 32), ("u64", 64), ("s64", 64)):
        a, b, c = INPUTS[bits]
        low, high = dict(a=a, b=b), dict(c=c)
        values = [[int(v) for v in array] for array in (a, b, c)]
        add = [(x | z << bits) + (y | x << bits) for x, y, z in zip(*values)]
        sub = [(x | z << bits) - (y | x << bits) for x, y, z in zip(*values)]
        dtype = a.dtype
        body = f"add.cc.{type_} %low, %a, %b; addc.cc.{type_} %d, %c, %a; addc.{type_} %carry, 0, 0;"
        yield f"add.cc.{type_}", f".reg .b{bits} %low, %carry; {body}", low | high, [v >> bits for v in add], dtype
        yield (f"addc.{type_}", f".reg .b{bits} %low, %high; " + body.replace("%d", "%high").replace("%carry", "%d"), low | high,
               [v >> 2 * bits for v in add], dtype)
        body = f"sub.cc.{type_} %low, %a, %b; subc.cc.{type_} %d, %c, %a; subc.{type_} %borrow, 0, 0;"
        yield f"sub.cc.{type_}", f".reg .b{bits} %low, %borrow; {body}", low | high, [v >> bits for v in sub], dtype
        borrow = body.replace("%d", "%high").replace("%borrow", "%d")
        yield f"subc.{type_}", f".reg .b{bits} %low, %high; {borrow}", low | high, [-1 if v < 0 else 0 for v in sub], dtype
        x, y, z = ([number(v, type_) for v in array] for array in (a, b, c))
        mask = (1 << bits) - 1
        lo = [(i * j & mask) + (k & mask) for i, j, k in zip(x, y, z)]
        total = [(l >> bits) + (i * j >> bits) + k for l, i, j, k in zip(lo, x, y, z)]
        body = f"mad.lo.cc.{type_} %low, %a, %b, %c; madc.hi.{type_} %d, %a, %b, %c;"
        yield f"madc.hi.{type_}", f".reg .b{bits} %low; {body}", low | high, total, dtype
        body = f"mad.lo.cc.{type_} %low, %a, %b, %c; madc.hi.cc.{type_} %high, %a, %b, %c; addc.{type_} %d, 0, 0;"
        over = [((l >> bits) + (i * j >> bits & mask) + (k & mask)) >> bits for l, i, j, k in zip(lo, x, y, z)]
        yield f"madc.hi.cc.{type_}", f".reg .b{bits} %low, %high; {body}", low | high, over, dtype
        body = f"mad.hi.cc.{type_} %low, %a, %b, %c; madc.lo.{type_} %d, %a, %b, %c;"
        over = [((i * j >> bits & mask) + (k & mask)) >> bits for i, j, k in zip(x, y, z)]
        yield f"madc.lo.{type_}", f".reg .b{bits} %low; {body}", low | high, [o + i * j + k for o, i, j, k in zip(over, x, y, z)], dtype


def dots():
    u32 = np.dtype(np.uint32)
    inputs = dict(a=A32, b=B32, c=C32)

    def part(word, width, n, type_):
        value = int(word) >> (width * n) & ((1 << width) - 1)
        return signed(value, width) if type_ == "s32" else value

    for ta in ("u32", "s32"):
        for tb in ("u32", "s32"):
            four = [sum(part(a, 8, n, ta) * part(b, 8, n, tb) for n in range(4)) + int(c) for a, b, c in zip(A32, B32, C32)]
            yield f"dp4a.{ta}.{tb}", f"dp4a.{ta}.{tb} %d, %a, %b, %c;", inputs, four, u32
            for half, first in (("lo", 0), ("hi", 2)):
                two = [sum(part(a, 16, n, ta) * part(b, 8, first + n, tb) for n in range(2)) + int(c) for a, b, c in zip(A32, B32, C32)]
                yield f"dp2a.{half}.{ta}.{tb}", f"dp2a.{half}.{ta}.{tb} %d, %a, %b, %c;", inputs, two, u32


def logic():
    for bits in (16, 32, 64):
        a, b, _ = INPUTS[bits]
        x, y = ([int(v) for v in array] for array in (a, b))
        for op, f in (("and", int.__and__), ("or", int.__or__), ("xor", int.__xor__)):
            yield f"{op}.b{bits}", f"{op}.b{bits} %d, %a, %b;", dict(a=a, b=b), [f(i, j) for i, j in zip(x, y)], a.dtype
        yield f"not.b{bits}", f"not.b{bits} %d, %a;", dict(a=a), [~i for i in x], a.dtype
        yield f"cnot.b{bits}", f"cnot.b{bits} %d, %a;", dict(a=a), [int(i == 0) for i in x], a.dtype
        yield f"shl.b{bits}", f"shl.b{bits} %d, %a, %n;", dict(a=a, n=SHIFTS), [i << int(n) for i, n in zip(x, SHIFTS)], a.dtype
        for type_ in (f"u{bits}", f"s{bits}", f"b{bits}"):
            shifted = [number(i, type_) >> int(n) for i, n in zip(x, SHIFTS)]
            yield f"shr.{type_}", f"shr.{type_} %d, %a, %n;", dict(a=a, n=SHIFTS), shifted, a.dtype
    for bits in (32, 64):
        a = INPUTS[bits][0]
        x = [int(v) for v in a]
        u32 = np.dtype(np.uint32)
        yield f"popc.b{bits}", f"popc.b{bits} %d, %a;", dict(a=a), [v.bit_count() for v in x], u32
        yield f"clz.b{bits}", f"clz.b{bits} %d, %a;", dict(a=a), [bits - v.bit_length() for v in x], u32
        yield f"brev.b{bits}", f"brev.b{bits} %d, %a;", dict(a=a), [int(f"{v:0{bits}b}"[::-1], 2) for v in x], a.dtype
        for type_ in (f"u{bits}", f"s{bits}"):
            magnitude = [~v if v < 0 else v for v in (number(i, type_) for i in x)]
            yield f"bfind.{type_}", f"bfind.{type_} %d, %a;", dict(a=a), [v.bit_length() - 1 for v in magnitude], u32
            yield (f"bfind.shiftamt.{type_}", f"bfind.shiftamt.{type_} %d, %a;", dict(a=a),
                   [bits - v.bit_length() if v else -1 for v in magnitude], u32)
            yield from fields(bits, type_, a, x)


STARTS = np.array([0, 4, 31, 32, 63, 8, 16, 60], np.uint32)
LENGTHS = np.array([0, 8, 1, 33, 5, 255, 16, 64], np.uint32)


def fields(bits, type_, a, x):
    """bfe and bfi, as the manual's pseudo-code has them."""
    expected, inserted = [], []
    b = INPUTS[bits][1]
    for value, target, start, length in zip(x, (int(v) for v in b), map(int, STARTS), map(int, LENGTHS)):
        last = min(start + length - 1, bits - 1)
        fill = type_[0] == "s" and length and value >> last & 1
        expected.append(sum((value >> (start + n) & 1 if n < length and start + n < bits else int(fill)) << n for n in range(bits)))
        field = ((1 << min(length, bits)) - 1) << start & ((1 << bits) - 1)
        inserted.append(target & ~field | value << start & field)
    yield f"bfe.{type_}", f"bfe.{type_} %d, %a, %s, %n;", dict(a=a, s=STARTS, n=LENGTHS), expected, a.dtype
    if type_[0] == "u":
        yield f"bfi.b{bits}", f"bfi.b{bits} %d, %a, %b, %s, %n;", dict(a=a, b=b, s=STARTS, n=LENGTHS), inserted, a.dtype


def funnel():
    u32 = np.dtype(np.uint32)
    inputs = dict(a=A32, b=B32, n=SHIFTS)
    for mode in ("clamp", "wrap"):
        amounts = [min(int(n), 32) if mode == "clamp" else int(n) & 31 for n in SHIFTS]
        both = [int(b) << 32 | int(a) for a, b in zip(A32, B32)]
        yield f"shf.l.{mode}.b32", f"shf.l.{mode}.b32 %d, %a, %b, %n;", inputs, [v << n >> 32 for v, n in zip(both, amounts)], u32
        yield f"shf.r.{mode}.b32", f"shf.r.{mode}.b32 %d, %a, %b, %n;", inputs, [v >> n for v, n in zip(both, amounts)], u32
        ones = [(1 << (min(int(n), 32) if mode == "clamp" else int(n) & 31)) - 1 for n in SHIFTS]
        starts = [min(int(s), 32) if mode == "clamp" else int(s) & 31 for s in STARTS]
        yield f"bmsk.{mode}.b32", f"bmsk.{mode}.b32 %d, %s, %n;", dict(s=STARTS, n=SHIFTS), [o << s for o, s in zip(ones, starts)], u32
        for type_ in ("u32", "s32"):
            out = []
            for value, n in zip(map(int, A32), map(int, SHIFTS)):
                n = n & 31 if mode == "wrap" else n
                low = value & ((1 << n) - 1)
                out.append(value if n >= 32 else signed(low, n) if type_ == "s32" and n else low)
            yield f"szext.{mode}.{type_}", f"szext.{mode}.{type_} %d, %a, %n;", dict(a=A32, n=SHIFTS), out, u32
    for table in (0x80, 0xFE, 0x96, 0x1A):
        out = [sum((table >> ((a >> n & 1) << 2 | (b >> n & 1) << 1 | (c >> n & 1)) & 1) << n for n in range(32))
               for a, b, c in zip(map(int, A32), map(int, B32), map(int, C32))]
        yield f"lop3.b32 {table:#x}", f"lop3.b32 %d, %a, %b, %c, {table};", dict(a=A32, b=B32, c=C32), out, u32


def permute():
    u32 = np.dtype(np.uint32)
    selectors = np.array([0x3210, 0x7654, 0x0123, 0xBA98, 0x8C04, 0x5555, 0x1, 0x2], np.uint32)
    both = [int(b) << 32 | int(a) for a, b in zip(A32, B32)]

    def byte(value, n):
        found = value >> 8 * (n & 7) & 255
        return (255 if found & 128 else 0) if n & 8 else found

    def word(value, picks):
        return sum(byte(value, n) << 8 * i for i, n in enumerate(picks))

    inputs = dict(a=A32, b=B32, c=selectors)
    modes = {
        "": lambda c: [c >> 4 * n & 15 for n in range(4)],
        ".f4e": lambda c: [(c & 3) + n for n in range(4)],
        ".b4e": lambda c: [((c & 3) - n) % 8 for n in range(4)],
        ".rc8": lambda c: [c & 3] * 4,
        ".ecl": lambda c: [max(n, c & 3) for n in range(4)],
        ".ecr": lambda c: [min(n, c & 3) for n in range(4)],
        ".rc16": lambda c: [(c & 1) * 2 + n % 2 for n in range(4)],
    }
    for mode, picks in modes.items():
        out = [word(v, picks(int(c))) for v, c in zip(both, selectors)]
        yield f"prmt.b32{mode}", f"prmt.b32{mode} %d, %a, %b, %c;", inputs, out, u32


def nth_set():
    masks = np.array([0xAAAAAAAA, 0xAAAAAAAA, 0xFF, 0xFF, 0x80000001, 0, 0xF0, 0xF0], np.uint32)
    bases = np.array([0, 31, 3, 3, 31, 5, 4, 3], np.uint32)
    offsets = np.array([3, -2, 0, 9, -2, 1, 0, 0], np.int32)
    expected = [5, 29, 3, -1, 0, -1, 4, -1]
    yield "fns.b32", "fns.b32 %d, %m, %s, %o;", dict(m=masks, s=bases, o=offsets.view(np.uint32)), expected, np.dtype(np.uint32)


def cases():
    for make in (arithmetic, wide, special, carries, dots, logic, funnel, permute, nth_set):
        yield from make()
