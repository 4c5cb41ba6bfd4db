"""make_products.py > products.mlir: products and convolutions with numpy's results, for the tiles of PTX kernels.

Elements are quarters, so that sums are exact in every order, or bytes, which are summed in i32.
"""

import numpy as np

RNG = np.random.default_rng(0)
NUMPY = {"f32": np.float32, "f16": np.float16, "i8": np.int8, "ui8": np.uint8, "i32": np.int32}


def literal(array: np.ndarray) -> str:
    if array.ndim == 0 and array.dtype.kind in "iu":
        return str(int(array))
    if array.ndim == 0:
        return f"{float(array):g}" if float(array) != int(array) else f"{int(array)}.0"
    return "[" + ", ".join(literal(part) for part in array) + "]"


def kind(array: np.ndarray, element: str) -> str:
    return f"tensor<{'x'.join(map(str, array.shape))}x{element}>"


def quarters(shape: tuple[int, ...], element: str) -> np.ndarray:
    return (RNG.integers(-4, 5, shape) / 4).astype(NUMPY[element])


def numbers(shape: tuple[int, ...], element: str) -> np.ndarray:
    if element not in ("i8", "ui8"):
        return quarters(shape, element)
    limits = np.iinfo(NUMPY[element])
    array = RNG.integers(limits.min, limits.max + 1, shape).astype(NUMPY[element])
    array.flat[0], array.flat[-1] = limits.min, limits.max
    return array


def function(name: str, body: list[str]) -> None:
    print(f"\nfunc.func @{name}() {{")
    for line in body:
        print(f"  {line}")
    print("  return\n}")


def constant(name: str, array: np.ndarray, element: str) -> str:
    return f"%{name} = nn.constant dense<{literal(array)}> : {kind(array, element)}"


def expect(array: np.ndarray, element: str) -> str:
    shape = kind(array, element)
    return f"check.expect_close %r, dense<{literal(array)}> : {shape} : {shape}"


def matmul(name: str, m: int, n: int, k: int, element: str, batch: tuple[int, ...] = ()) -> None:
    a, b = quarters((*batch, m, k), element), quarters((*batch, k, n), element)
    r = (a.astype(np.float64) @ b.astype(np.float64)).astype(NUMPY[element])
    types = f"({kind(a, element)}, {kind(b, element)}) -> {kind(r, element)}"
    function(name, [constant("a", a, element), constant("b", b, element), f"%r = nn.matmul %a, %b : {types}", expect(r, element)])


def matmul_integer(name: str, m: int, n: int, k: int, left: str, right: str) -> None:
    a, b = numbers((m, k), left), numbers((n, k), right)
    r = (a.astype(np.int64) @ b.T.astype(np.int64)).astype(np.int32)
    function(name, [
        constant("a", a, left), constant("b", b, right),
        "%r = nn.matmul_integer %a, %b {operandSegmentSizes = array<i32: 1, 1, 0, 0>, to = i32, transposed} : "
        f"({kind(a, left)}, {kind(b, right)}) -> {kind(r, 'i32')}",
        expect(r, "i32"),
    ])


def convolve(x: np.ndarray, w: np.ndarray, stride: int, pad: int, dilation: int, group: int) -> np.ndarray:
    """NCHW, as ONNX defines it."""
    padded = np.pad(x.astype(np.float64), ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    k, c, kh, kw = w.shape
    rows = (padded.shape[2] - (kh - 1) * dilation - 1) // stride + 1
    columns = (padded.shape[3] - (kw - 1) * dilation - 1) // stride + 1
    y = np.zeros((x.shape[0], k, rows, columns))
    for out in range(k):
        first = out // (k // group) * c
        for i in range(kh):
            for j in range(kw):
                part = padded[:, first : first + c, i * dilation :, j * dilation :]
                part = part[:, :, : (rows - 1) * stride + 1 : stride, : (columns - 1) * stride + 1 : stride]
                y[:, out] += np.einsum("nchw,c->nhw", part, w[out, :, i, j])
    return y


def conv(name: str, image: tuple[int, ...], filters: tuple[int, ...], stride=1, pad=0, dilation=1, group=1, element="f32",
         weights="") -> None:
    weights = weights or element
    result = "i32" if element in ("i8", "ui8") else element
    width = 1 if result == "i32" else 16
    x, w = numbers(image, element), numbers(filters, weights)
    r = convolve(x, w, stride, pad, dilation, group).transpose(0, 2, 3, 1).astype(NUMPY[result])
    x = x.transpose(0, 2, 3, 1)
    k, c, kh, kw = filters
    panels = f"tensor<{group * -(-k // group // width)}x{kh}x{kw}x{c}x{width}x{weights}>"
    attributes = (
        f'{{algorithm = "direct", channels = {k} : i64, dilations = array<i64: {dilation}, {dilation}>, group = {group} : i64, '
        f"kernel = array<i64: {kh}, {kw}>, pads = array<i64: {pad}, {pad}, {pad}, {pad}>, strides = array<i64: {stride}, {stride}>}}"
    )
    function(name, [
        constant("x", x, element), constant("w", w, weights),
        f"%p = nn.pack_conv %w {{group = {group} : i64, width = {width} : i64}} : ({kind(w, weights)}) -> {panels}",
        f"%r = nn.conv_packed %x, %p {attributes} : ({kind(x, element)}, {panels}) -> {kind(r, result)}",
        expect(r, result),
    ])


print("// RUN: tilewright-check --static-only %s")
print("// RUN: tilewright-check --target=ptx --static-only %s")
print("// RUN: tilewright-check --target=ptx:sm_90a --static-only %s")
print("// RUN: tilewright-check --target=ptx --static-only --allow-tf32 %s")
print("// RUN: tilewright-check --target=ptx --static-only --print-ptx %s | FileCheck %s --implicit-check-not=tf32")
print("// RUN: tilewright-check --target=ptx --static-only --print-ptx --allow-tf32 %s | FileCheck %s --check-prefix=TF32")
print("// Quarters are tf32 numbers, too.")
print("// CHECK: fma.rn.f32")
print("// TF32: cvt.rna.tf32.f32")
print("// TF32: mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32")
for signs in ("s8.s8", "u8.u8", "u8.s8", "s8.u8"):
    print(f"// CHECK: mma.sync.aligned.m16n8k32.row.col.s32.{signs}.s32")
print("// Written by make_products.py; expected numbers are numpy's.")
matmul("f32_unaligned", 70, 19, 17, "f32")
matmul("f32_batch", 10, 24, 36, "f32", batch=(2,))
matmul("f16_unaligned", 66, 19, 29, "f16")
matmul("f16_aligned", 24, 40, 72, "f16")
conv("strided", (2, 9, 7, 5), (5, 9, 3, 3), stride=2, pad=1)
conv("grouped", (1, 16, 6, 5), (12, 8, 3, 1), pad=1, dilation=2, group=2)
conv("pointwise", (1, 20, 3, 5), (18, 20, 1, 1))
matmul_integer("signed_bytes", 19, 24, 80, "i8", "i8")
matmul_integer("unsigned_bytes", 33, 17, 67, "ui8", "ui8")
matmul_integer("unsigned_left", 9, 16, 33, "ui8", "i8")
matmul_integer("unsigned_right", 8, 70, 32, "i8", "ui8")
conv("few_channels", (1, 4, 9, 8), (16, 4, 3, 3), stride=2, pad=1)
conv("f16_dense", (1, 8, 7, 6), (20, 8, 3, 3), pad=1, element="f16")
conv("f16_uneven", (1, 12, 5, 4), (9, 12, 3, 2), pad=1, element="f16")
conv("f16_grouped", (1, 32, 4, 4), (24, 16, 3, 3), pad=1, group=2, element="f16")
conv("bytes", (1, 16, 6, 5), (18, 16, 3, 3), stride=2, pad=1, element="ui8", weights="i8")
conv("bytes_grouped", (1, 32, 5, 4), (20, 16, 2, 3), pad=1, group=2, element="i8", weights="ui8")
matmul("f32_row", 1, 70, 100, "f32")
matmul("f32_low", 3, 40, 37, "f32")
matmul("f16_low", 9, 130, 72, "f16")
matmul_integer("bytes_row", 1, 20, 150, "ui8", "i8")
