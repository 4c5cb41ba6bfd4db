"""make_products.py > products.mlir: products and convolutions with numpy's results, for the tiles of PTX kernels.

Elements are quarters, so that sums are exact in every order.
"""

import numpy as np

RNG = np.random.default_rng(0)
NUMPY = {"f32": np.float32, "f16": np.float16}


def literal(array: np.ndarray) -> str:
    if array.ndim == 0:
        return f"{float(array):g}" if float(array) != int(array) else f"{int(array)}.0"
    return "[" + ", ".join(literal(part) for part in array) + "]"


def kind(array: np.ndarray, element: str) -> str:
    return f"tensor<{'x'.join(map(str, array.shape))}x{element}>"


def quarters(shape: tuple[int, ...], element: str) -> np.ndarray:
    return (RNG.integers(-4, 5, shape) / 4).astype(NUMPY[element])


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
    return y.astype(np.float32)


def conv(name: str, image: tuple[int, ...], filters: tuple[int, ...], stride=1, pad=0, dilation=1, group=1) -> None:
    x, w = quarters(image, "f32"), quarters(filters, "f32")
    r = convolve(x, w, stride, pad, dilation, group).transpose(0, 2, 3, 1)
    x = x.transpose(0, 2, 3, 1)
    k, c, kh, kw = filters
    panels = f"tensor<{group * -(-k // group // 16)}x{kh}x{kw}x{c}x16xf32>"
    attributes = (
        f'{{algorithm = "direct", channels = {k} : i64, dilations = array<i64: {dilation}, {dilation}>, group = {group} : i64, '
        f"kernel = array<i64: {kh}, {kw}>, pads = array<i64: {pad}, {pad}, {pad}, {pad}>, strides = array<i64: {stride}, {stride}>}}"
    )
    function(name, [
        constant("x", x, "f32"), constant("w", w, "f32"),
        f"%p = nn.pack_conv %w {{group = {group} : i64, width = 16 : i64}} : ({kind(w, 'f32')}) -> {panels}",
        f"%r = nn.conv_packed %x, %p {attributes} : ({kind(x, 'f32')}, {panels}) -> {kind(r, 'f32')}",
        expect(r, "f32"),
    ])


print("// RUN: tilewright-check --static-only %s")
print("// RUN: tilewright-check --target=ptx --static-only %s")
print("// RUN: tilewright-check --target=ptx:sm_90a --static-only %s")
print("// Written by make_products.py; expected numbers are numpy's.")
matmul("f32_unaligned", 70, 19, 17, "f32")
matmul("f32_batch", 10, 24, 36, "f32", batch=(2,))
matmul("f16_unaligned", 66, 19, 29, "f16")
matmul("f16_aligned", 24, 40, 72, "f16")
conv("strided", (2, 9, 7, 5), (5, 9, 3, 3), stride=2, pad=1)
conv("grouped", (1, 16, 6, 5), (12, 8, 3, 1), pad=1, dilation=2, group=2)
conv("pointwise", (1, 20, 3, 5), (18, 20, 1, 1))
