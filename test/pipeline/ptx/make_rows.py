"""make_rows.py > rows.mlir: reductions over rows and what uses them, with numpy's results, for the shapes of rows of PTX kernels.

Rows of a lane, of a few lanes, of a warp and of a block; whole and broken accesses of 16 bytes.
"""

import numpy as np

RNG = np.random.default_rng(0)
NUMPY = {"f32": np.float32, "f16": np.float16, "i64": np.int64}
CLOSE = "{rtol = 1.0e-5 : f64, atol = 1.0e-6 : f64}"
NEAR = "{rtol = 2.0e-3 : f64, atol = 1.0e-3 : f64}"


def literal(array: np.ndarray) -> str:
    if array.ndim:
        return "[" + ", ".join(literal(part) for part in array) + "]"
    if array.dtype.kind == "i":
        return str(int(array))
    digits, e, power = f"{float(array):.8g}".partition("e")
    return digits + ("" if "." in digits else ".0") + e + power


def kind(array: np.ndarray, element: str) -> str:
    return f"tensor<{'x'.join(map(str, array.shape))}x{element}>"


def function(name: str, inputs: dict[str, np.ndarray], op: str, result: np.ndarray, element: str, more: str = "") -> None:
    print(f"\nfunc.func @{name}() {{")
    for key, array in inputs.items():
        print(f"  %{key} = nn.constant dense<{literal(array)}> : {kind(array, element)}")
    types = ", ".join(kind(array, element) for array in inputs.values())
    result = result.astype(NUMPY[element])
    own = kind(result, element)
    results, found = (f"({own}{more})", "%r#0") if more else (own, "%r")
    number = f":{more.count('tensor') + 1}" if more else ""
    print(f"  %r{number} = {op} : ({types}) -> {results}")
    close = "" if element == "i64" else NEAR if element == "f16" else CLOSE
    print(f"  check.expect_close {found}, dense<{literal(result)}> : {own} {close} : {own}\n  return\n}}")


def values(shape: tuple[int, ...], element: str) -> np.ndarray:
    return (RNG.integers(-16, 17, shape) / 8).astype(NUMPY[element])


def softmax(name: str, shape: tuple[int, ...], element: str = "f32") -> None:
    x = values(shape, element)
    e = np.exp(x.astype(np.float64) - x.max(-1, keepdims=True))
    function(name, {"x": x}, "nn.softmax %x", e / e.sum(-1, keepdims=True), element)


def layer_normalization(name: str, shape: tuple[int, ...], element: str = "f32") -> None:
    x, w, b = values(shape, element), values(shape[-1:], element), values(shape[-1:], element)
    wide = x.astype(np.float64)
    mean, variance = wide.mean(-1, keepdims=True), wide.var(-1, keepdims=True)
    rows = "x".join(map(str, shape[:-1]))
    function(name, {"x": x, "w": w, "b": b}, "nn.layer_normalization %x, %w, %b",
             (wide - mean) / np.sqrt(variance + 1e-5) * w + b, element, f", tensor<{rows}x1xf32>, tensor<{rows}x1xf32>")


def reduce_sum(name: str, shape: tuple[int, ...]) -> None:
    x = RNG.integers(-(2**40), 2**40, shape)
    function(name, {"x": x, "axes": np.array([-1])}, "nn.reduce_sum %x, %axes", x.sum(-1, keepdims=True), "i64")


print("// RUN: tilewright-check %s\n// RUN: tilewright-check --target=ptx %s\n// Written by make_rows.py; expected numbers are numpy's.")
softmax("lane", (3, 3))
softmax("few_lanes", (5, 12))
softmax("few_lanes_odd", (5, 13))
softmax("warp", (3, 136))
softmax("warp_odd", (3, 135))
softmax("block", (2, 1040))
softmax("block_odd", (2, 1041))
softmax("half", (3, 40), "f16")
softmax("half_odd", (3, 43), "f16")
softmax("one_row", (72,))
layer_normalization("norm", (2, 3, 20))
layer_normalization("norm_half", (2, 3, 72), "f16")
reduce_sum("sums_of_words", (3, 70))
