"""The attention of thirty exporters, one function a row of the table: each builds the nodes that the exporter writes, with
or without its mask, with known or symbolic sizes. No torch: the sequences are written down here.

    patterns.py FOLDER [NAME...]    writes NAME-{static,dynamic}-{plain,masked}.onnx
"""

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx

from graph import Graph

BATCH, LENGTH, HEADS, SIZE = 2, 12, 4, 8
WIDTH = HEADS * SIZE
LOWEST = float(np.finfo(np.float32).min)
Pattern = Callable[[Graph, bool], str]
PATTERNS: dict[str, Pattern] = {}


def pattern(function: Pattern) -> Pattern:
    PATTERNS[function.__name__] = function
    return function


def tokens(g: Graph, name: str = "x", length: int = LENGTH, symbol: str = "length", width: int = WIDTH) -> str:
    return g.input(name, g.tensor(BATCH, length, width), {0: "batch", 1: symbol})


def heads(g: Graph, x: str, *perm: int, count: int = HEADS) -> str:
    """[batch, length, width] => [batch, heads, length, size], or the order of `perm`."""
    return g.transpose(g.reshape(x, 0, 0, count, -1), *(perm or (0, 2, 1, 3)))


def merge(g: Graph, y: str) -> str:
    return g.reshape(g.transpose(y, 0, 2, 1, 3), 0, 0, WIDTH)


def padding(g: Graph, length: int = LENGTH, symbol: str = "length", dtype=np.int64) -> str:
    mask = np.ones((BATCH, length), dtype)
    mask[1, length // 2 :] = 0
    return g.input("attention_mask", mask, {0: "batch", 1: symbol})


def additive(g: Graph, low: float = -10000.0) -> str:
    """BERT's: (1 - mask) * low, [batch, 1, 1, length]."""
    mask = g.op("Unsqueeze", padding(g), g.ints(1, 2))
    return g.op("Mul", g.op("Sub", g.const(1), g.op("Cast", mask, to=1)), g.const(low))


def boolean(g: Graph) -> str:
    """[batch, 1, 1, length], true keeps."""
    return g.op("Cast", g.op("Unsqueeze", padding(g), g.ints(1, 2)), to=9)


def qkv(g: Graph, x: str, bias: bool = True) -> tuple[str, str, str]:
    return tuple(g.linear(x, WIDTH, WIDTH, bias) for _ in range(3))


def causal(g: Graph, x: str) -> str:
    """[1, 1, length, length], true below the diagonal, cut out of a table."""
    table = g.const(np.tril(np.ones((1, 1, 64, 64), bool)), bool)
    length = g.op("Shape", x, start=1, end=2)
    rows = g.op("Slice", table, g.ints(0), length, g.ints(2), g.ints(1))
    return g.op("Slice", rows, g.ints(0), length, g.ints(3), g.ints(1))


def scaled(g: Graph, q: str, k: str) -> str:
    return g.op("Div", g.op("MatMul", q, k), g.const(SIZE**0.5))


@pattern
def bert(g, masked):
    q, k, v = qkv(g, tokens(g))
    s = scaled(g, heads(g, q), heads(g, k, 0, 2, 3, 1))
    if masked:
        s = g.op("Add", s, additive(g))
    return merge(g, g.op("MatMul", g.softmax(s), heads(g, v)))


@pattern
def hf_eager(g, masked):
    q, k, v = qkv(g, tokens(g))
    s = g.op("Mul", g.op("MatMul", heads(g, q), g.transpose(heads(g, k), 0, 1, 3, 2)), g.const(SIZE**-0.5))
    if masked:
        s = g.op("Add", s, additive(g, LOWEST))
    return merge(g, g.op("MatMul", g.softmax(s), heads(g, v)))


@pattern
def vit(g, masked):
    q, k, v = qkv(g, tokens(g))
    s = scaled(g, heads(g, q), heads(g, k, 0, 2, 3, 1))
    if masked:
        s = g.op("Add", s, g.const(g.tensor(1, HEADS, 1, 1)))
    return merge(g, g.op("MatMul", g.softmax(s), heads(g, v)))


@pattern
def distilbert(g, masked):
    q, k, v = qkv(g, tokens(g))
    q = g.op("Div", heads(g, q), g.const(SIZE**0.5))
    s = g.op("MatMul", q, heads(g, k, 0, 2, 3, 1))
    if masked:
        drop = g.op("Equal", padding(g), g.const(0, np.int64))
        drop = g.op("Expand", g.op("Unsqueeze", drop, g.ints(1, 2)), g.op("Shape", s))
        s = g.op("Where", drop, g.const(-np.inf), s)
    return merge(g, g.op("MatMul", g.softmax(s), heads(g, v)))


@pattern
def gpt2(g, masked):
    x = tokens(g)
    q, k, v = g.op("Split", g.linear(x, WIDTH, 3 * WIDTH), g.ints(WIDTH, WIDTH, WIDTH), outputs=3, axis=2)
    s = scaled(g, heads(g, q), heads(g, k, 0, 2, 3, 1))
    s = g.op("Where", causal(g, x), s, g.const(LOWEST))
    if masked:
        s = g.op("Add", s, additive(g, LOWEST))
    return merge(g, g.op("MatMul", g.softmax(s), heads(g, v)))


@pattern
def gpt2_past(g, masked):
    x = tokens(g, length=1, symbol="new")
    past = g.input("past", g.tensor(2, BATCH, HEADS, 7, SIZE), {1: "batch", 3: "past"})
    q, k, v = g.op("Split", g.linear(x, WIDTH, 3 * WIDTH), g.ints(WIDTH, WIDTH, WIDTH), outputs=3, axis=2)
    q, k, v = (heads(g, t) for t in (q, k, v))
    k = g.op("Concat", g.op("Gather", past, g.const(0, np.int64), axis=0), k, axis=2)
    v = g.op("Concat", g.op("Gather", past, g.const(1, np.int64), axis=0), v, axis=2)
    s = scaled(g, q, g.transpose(k, 0, 1, 3, 2))
    if masked:
        s = g.op("Add", s, g.const(g.tensor(1, HEADS, 1, 1)))
    return merge(g, g.op("MatMul", g.softmax(s), v))


def root_scale(g: Graph, x: str) -> str:
    """sqrt(1 / sqrt(size)) out of x's shape, as torch's exporter writes it."""
    size = g.op("Cast", g.op("Slice", g.op("Shape", x), g.ints(-1), g.ints(2**62)), to=1)
    return g.op("Sqrt", g.op("Div", g.const([1.0]), g.op("Sqrt", size)))


@pattern
def sdpa_torchscript(g, masked):
    q, k, v = (heads(g, t) for t in qkv(g, tokens(g)))
    s = g.op("MatMul", g.op("Mul", q, root_scale(g, q)),
             g.op("Mul", g.transpose(k, 0, 1, 3, 2), root_scale(g, q)))
    if masked:
        s = g.op("Add", s, g.op("Where", boolean(g), g.const(0.0), g.const(-np.inf)))
    return merge(g, g.op("MatMul", g.softmax(s), v))


@pattern
def sdpa_causal(g, masked):
    x = tokens(g)
    q, k, v = (heads(g, t) for t in qkv(g, x))
    length = g.op("Shape", x, start=1, end=2)
    ones = g.op("Expand", g.const([[1.0]]), g.op("Concat", length, length, axis=0))
    below = g.op("Equal", g.op("Trilu", ones, upper=0), g.const(0.0))
    s = g.op("MatMul", g.op("Mul", q, g.const(SIZE**-0.25)),
             g.op("Mul", g.transpose(k, 0, 1, 3, 2), g.const(SIZE**-0.25)))
    s = g.op("Add", s, g.op("Where", below, g.const(-np.inf), g.const(0.0)))
    if masked:
        s = g.op("Add", s, additive(g))
    return merge(g, g.op("MatMul", g.softmax(s), v))


@pattern
def sdpa_dynamo(g, masked):
    x = tokens(g)
    q, k, v = (heads(g, t) for t in qkv(g, x))
    flat = g.op("Reshape", k, g.ints(-1, LENGTH, SIZE)) if not g.dynamic else g.op(
        "Reshape", k, g.op("Concat", g.ints(-1), g.op("Shape", x, start=1, end=2), g.ints(SIZE), axis=0))
    turned = g.transpose(flat, 0, 2, 1)
    shape = g.op("Concat", g.op("Shape", k, start=0, end=2), g.ints(SIZE), g.op("Shape", k, start=2, end=3), axis=0)
    k = g.op("Reshape", turned, shape)
    s = g.op("MatMul", g.op("Mul", q, g.const(SIZE**-0.25)), g.op("Mul", k, g.const(SIZE**-0.25)))
    if masked:
        s = g.op("Add", s, g.op("Where", boolean(g), g.const(0.0), g.const(LOWEST)))
    p = g.softmax(s)
    p = g.op("Where", g.op("IsNaN", p), g.const(0.0), p)
    return merge(g, g.op("MatMul", p, v))


@pattern
def onnx_attention(g, masked):
    g.opset = 23
    q, k, v = (heads(g, t) for t in qkv(g, tokens(g)))
    inputs = [q, k, v]
    if masked:
        rows = g.op("Concat", g.ints(1, 1), g.op("Shape", q, start=2, end=3), g.ints(1), axis=0)
        inputs.append(g.op("Expand", boolean(g), rows))
    return merge(g, g.op("Attention", *inputs, scale=SIZE**-0.5))


def repeated(g: Graph, x: str, groups: int, times: int) -> str:
    """[batch, groups, length, size] => [batch, groups * times, length, size]"""
    parts = [g.op("Shape", x, start=i, end=i + 1) for i in range(4)]
    wide = g.op("Concat", parts[0], g.ints(groups, times), parts[2], parts[3], axis=0)
    flat = g.op("Concat", parts[0], g.ints(groups * times), parts[2], parts[3], axis=0)
    return g.op("Reshape", g.op("Expand", g.op("Unsqueeze", x, g.ints(2)), wide), flat)


@pattern
def llama(g, masked):
    x = tokens(g)
    q = heads(g, g.linear(x, WIDTH, WIDTH, False))
    k, v = (heads(g, g.linear(x, WIDTH, 2 * SIZE, False), count=2) for _ in range(2))
    past = [g.input(n, g.tensor(BATCH, 2, 5, SIZE), {0: "batch", 2: "past"}) for n in ("past_k", "past_v")]
    k, v = (repeated(g, g.op("Concat", p, t, axis=2), 2, 2) for p, t in zip(past, (k, v)))
    s = g.op("Mul", g.op("MatMul", q, g.transpose(k, 0, 1, 3, 2)), g.const(SIZE**-0.5))
    if masked:
        columns = g.op("Shape", k, start=2, end=3)
        rows = g.op("Shape", q, start=2, end=3)
        keys = g.op("Range", g.const(0, np.int64), g.op("Squeeze", columns), g.const(1, np.int64))
        queries = g.op("Range", g.const(0, np.int64), g.op("Squeeze", rows), g.const(1, np.int64))
        places = g.op("Add", g.op("Unsqueeze", queries, g.ints(1)), g.op("Sub", columns, rows))
        later = g.op("Cast", g.op("Greater", keys, places), to=1)
        s = g.op("Add", s, g.op("Unsqueeze", g.op("Mul", later, g.const(LOWEST)), g.ints(0, 1)))
    p = g.op("Cast", g.softmax(g.op("Cast", s, to=1)), to=1)
    return merge(g, g.op("MatMul", p, v))


def rope(g: Graph, x: str, cos: str, sin: str, turning: int = SIZE) -> str:
    half = turning // 2
    low = g.op("Slice", x, g.ints(0), g.ints(half), g.ints(3))
    high = g.op("Slice", x, g.ints(half), g.ints(turning), g.ints(3))
    turned = g.op("Concat", g.op("Neg", high), low, axis=-1)
    return g.op("Add", g.op("Mul", x, cos), g.op("Mul", turned, sin))


def angles(g: Graph, turning: int = SIZE) -> tuple[str, str]:
    positions = g.input("position_ids", np.tile(np.arange(LENGTH, dtype=np.int64), (BATCH, 1)), {0: "batch", 1: "length"})
    steps = g.const(1.0 / 100.0 ** (np.arange(turning // 2) * 2 / turning))
    product = g.op("Mul", g.op("Unsqueeze", g.op("Cast", positions, to=1), g.ints(2)), steps)
    double = g.op("Unsqueeze", g.op("Concat", product, product, axis=-1), g.ints(1))
    return g.op("Cos", double), g.op("Sin", double)


@pattern
def rotary(g, masked):
    q, k, v = (heads(g, t) for t in qkv(g, tokens(g), bias=False))
    cos, sin = angles(g)
    q, k = rope(g, q, cos, sin), rope(g, k, cos, sin)
    s = g.op("Mul", g.op("MatMul", q, g.transpose(k, 0, 1, 3, 2)), g.const(SIZE**-0.5))
    if masked:
        s = g.op("Add", s, additive(g))
    return merge(g, g.op("MatMul", g.softmax(s), v))


def rms_norm(g: Graph, x: str) -> str:
    mean = g.op("ReduceMean", g.op("Pow", x, g.const(2.0)), g.ints(-1), keepdims=1)
    inverse = g.op("Reciprocal", g.op("Sqrt", g.op("Add", mean, g.const(1e-6))))
    return g.op("Mul", g.op("Mul", x, inverse), g.const(g.tensor(SIZE)))


@pattern
def qk_norm(g, masked):
    q, k, v = (heads(g, t) for t in qkv(g, tokens(g), bias=False))
    s = g.op("Mul", g.op("MatMul", rms_norm(g, q), g.transpose(rms_norm(g, k), 0, 1, 3, 2)), g.const(0.5))
    if masked:
        s = g.op("Add", s, additive(g))
    return merge(g, g.op("MatMul", g.softmax(s), v))


@pattern
def packed_qkv(g, masked):
    packed = g.linear(tokens(g), WIDTH, 3 * WIDTH)
    q, k, v = (g.op("Slice", packed, g.ints(i * WIDTH), g.ints((i + 1) * WIDTH), g.ints(2)) for i in range(3))
    s = scaled(g, heads(g, q), heads(g, k, 0, 2, 3, 1))
    if masked:
        s = g.op("Add", s, additive(g))
    return merge(g, g.op("MatMul", g.softmax(s), heads(g, v)))


@pattern
def gemma_window(g, masked):
    """Sliding window and soft cap."""
    x = tokens(g)
    q, k, v = (heads(g, t) for t in qkv(g, x, bias=False))
    s = g.op("Mul", g.op("MatMul", q, g.transpose(k, 0, 1, 3, 2)), g.const(SIZE**-0.5))
    s = g.op("Mul", g.op("Tanh", g.op("Div", s, g.const(5.0))), g.const(5.0))
    if masked:
        length = g.op("Squeeze", g.op("Shape", x, start=1, end=2))
        keys = g.op("Range", g.const(0, np.int64), length, g.const(1, np.int64))
        queries = g.op("Unsqueeze", keys, g.ints(1))
        far = g.op("LessOrEqual", keys, g.op("Sub", queries, g.const(4, np.int64)))
        drop = g.op("Unsqueeze", g.op("Or", g.op("Greater", keys, queries), far), g.ints(0, 1))
        s = g.op("Add", s, g.op("Where", drop, g.const(LOWEST), g.const(0.0)))
    return merge(g, g.op("MatMul", g.softmax(s), v))


@pattern
def t5(g, masked):
    """No scale, a table of relative positions."""
    x = tokens(g)
    q, k, v = (heads(g, t) for t in qkv(g, x, bias=False))
    length = g.op("Squeeze", g.op("Shape", x, start=1, end=2))
    steps = g.op("Range", g.const(0, np.int64), length, g.const(1, np.int64))
    distance = g.op("Sub", steps, g.op("Unsqueeze", steps, g.ints(1)))
    bucket = g.op("Max", g.op("Min", g.op("Add", distance, g.const(8, np.int64)), g.const(15, np.int64)), g.const(0, np.int64))
    table = g.op("Gather", g.const(g.tensor(16, HEADS)), bucket, axis=0)
    bias = g.op("Unsqueeze", g.transpose(table, 2, 0, 1), g.ints(0))
    if masked:
        bias = g.op("Add", bias, additive(g))
    s = g.op("Add", g.op("MatMul", q, g.transpose(k, 0, 1, 3, 2)), bias)
    return merge(g, g.op("MatMul", g.softmax(s), v))


def folded(g: Graph, x: str) -> str:
    """[batch, length, width] => [batch * heads, length, size]"""
    split = heads(g, x)
    length = g.op("Shape", split, start=2, end=3)
    return g.op("Reshape", split, g.op("Concat", g.ints(-1), length, g.ints(SIZE), axis=0))


def unfolded(g: Graph, y: str) -> str:
    """[batch * heads, length, size] => [batch, length, width]"""
    length = g.op("Shape", y, start=1, end=2)
    split = g.op("Reshape", y, g.op("Concat", g.ints(-1, HEADS), length, g.ints(SIZE), axis=0))
    return merge(g, split)


@pattern
def bart(g, masked):
    q, k, v = qkv(g, tokens(g))
    q, k, v = (folded(g, t) for t in (g.op("Mul", q, g.const(SIZE**-0.5)), k, v))
    s = g.op("MatMul", q, g.transpose(k, 0, 2, 1))
    if masked:
        rows, columns = g.op("Shape", s, start=1, end=2), g.op("Shape", s, start=2, end=3)
        four = g.op("Reshape", s, g.op("Concat", g.ints(-1, HEADS), rows, columns, axis=0))
        four = g.op("Add", four, additive(g))
        s = g.op("Reshape", four, g.op("Concat", g.ints(-1), rows, columns, axis=0))
    return unfolded(g, g.op("MatMul", g.softmax(s), v))


@pattern
def whisper(g, masked):
    q, k, v = qkv(g, tokens(g))
    factor = g.op("Pow", g.op("Cast", g.op("Div", g.const(WIDTH, np.int64), g.const(HEADS, np.int64)), to=1), g.const(-0.25))
    s = g.op("MatMul", g.op("Mul", heads(g, q), factor), g.op("Mul", heads(g, k, 0, 2, 3, 1), factor))
    if masked:
        length = g.op("Shape", s, start=2, end=3)
        table = g.const(np.triu(np.full((64, 64), -np.inf), 1))
        rows = g.op("Slice", table, g.ints(0), length, g.ints(0))
        s = g.op("Add", s, g.op("Slice", rows, g.ints(0), length, g.ints(1)))
    return merge(g, g.op("MatMul", g.softmax(s), heads(g, v)))


@pattern
def clip(g, masked):
    x = tokens(g)
    q, k, v = (heads(g, t) for t in qkv(g, x))
    s = g.op("Mul", g.op("MatMul", q, g.transpose(k, 0, 1, 3, 2)), g.const(SIZE**-0.5))
    if masked:
        length = g.op("Squeeze", g.op("Shape", x, start=1, end=2))
        steps = g.op("Range", g.const(0, np.int64), length, g.const(1, np.int64))
        later = g.op("Where", g.op("Less", g.op("Unsqueeze", steps, g.ints(1)), steps), g.const(LOWEST), g.const(0.0))
        four = g.op("Unsqueeze", g.op("Unsqueeze", later, g.ints(0)), g.ints(0))
        shape = g.op("Concat", g.op("Shape", x, start=0, end=1), g.ints(1, 1, 1), axis=0)
        s = g.op("Add", s, g.op("Expand", four, shape))
    return merge(g, g.op("MatMul", g.softmax(s), v))


@pattern
def unet_folded(g, masked):
    """Cross attention with batch folded; `masked` adds zero, as the exporter does."""
    context = tokens(g, "context", 9, "words")
    q, k, v = (folded(g, g.linear(t, WIDTH, WIDTH, False)) for t in (tokens(g), context, context))
    s = g.op("Mul", g.op("MatMul", q, g.transpose(k, 0, 2, 1)), g.const(SIZE**-0.5))
    if masked:
        s = g.op("Add", s, g.const(0.0))
    return unfolded(g, g.op("MatMul", g.softmax(s), v))


@pattern
def unet_two_sided(g, masked):
    context = tokens(g, "context", 9, "words")
    q, k, v = (heads(g, g.linear(t, WIDTH, WIDTH, False)) for t in (tokens(g), context, context))
    s = g.op("MatMul", g.op("Mul", q, root_scale(g, q)), g.op("Mul", g.transpose(k, 0, 1, 3, 2), root_scale(g, q)))
    if masked:
        s = g.op("Add", s, g.const(g.tensor(1, 1, 1, 1)))
    return merge(g, g.op("MatMul", g.softmax(s), v))


@pattern
def mmdit(g, masked):
    """Text and image in one sequence, norms on queries and keys."""
    text, image = tokens(g, "text", 5, "words"), tokens(g)
    joined = []
    for normed in (True, True, False):
        parts = [heads(g, g.linear(t, WIDTH, WIDTH)) for t in (text, image)]
        joined.append(g.op("Concat", *(rms_norm(g, p) if normed else p for p in parts), axis=2))
    q, k, v = joined
    s = g.op("MatMul", g.op("Mul", q, g.const(SIZE**-0.25)),
             g.op("Mul", g.transpose(k, 0, 1, 3, 2), g.const(SIZE**-0.25)))
    if masked:
        s = g.op("Add", s, g.const(g.tensor(1, HEADS, 1, 1)))
    return merge(g, g.op("MatMul", g.softmax(s), v))


@pattern
def sam2(g, masked):
    five = g.reshape(g.linear(tokens(g), WIDTH, 3 * WIDTH), 0, 0, 3, HEADS, SIZE)
    q, k, v = (g.op("Squeeze", part, g.ints(2)) for part in g.op("Split", five, outputs=3, axis=2, num_outputs=3))
    s = g.op("MatMul", g.op("Mul", g.transpose(q, 0, 2, 1, 3), g.const(SIZE**-0.25)),
             g.op("Mul", g.transpose(k, 0, 2, 3, 1), g.const(SIZE**-0.25)))
    if masked:
        s = g.op("Add", s, additive(g))
    return merge(g, g.op("MatMul", g.softmax(s), g.transpose(v, 0, 2, 1, 3)))


@pattern
def swin(g, masked):
    """Windows in the batch, a bias per head, a mask per window."""
    windows = 4
    x = g.input("x", g.tensor(2 * windows, LENGTH, WIDTH), {0: "windows"})
    five = g.transpose(g.reshape(g.linear(x, WIDTH, 3 * WIDTH), -1, LENGTH, 3, HEADS, SIZE), 2, 0, 3, 1, 4)
    q, k, v = (g.op("Gather", five, g.const(i, np.int64), axis=0) for i in range(3))
    s = g.op("MatMul", g.op("Mul", q, g.const(SIZE**-0.5)), g.transpose(k, 0, 1, 3, 2))
    s = g.op("Add", s, g.const(g.tensor(1, HEADS, LENGTH, LENGTH)))
    if masked:
        s = g.reshape(s, -1, windows, HEADS, LENGTH, LENGTH)
        s = g.op("Add", s, g.const(np.where(g.rng.random((1, windows, 1, LENGTH, LENGTH)) < 0.3, -100.0, 0.0)))
        s = g.reshape(s, -1, HEADS, LENGTH, LENGTH)
    return merge(g, g.op("MatMul", g.softmax(s), v))


@pattern
def sam1(g, masked):
    """Relative positions that depend on the queries."""
    q, k, v = (folded(g, t) for t in qkv(g, tokens(g)))
    s = g.op("MatMul", g.op("Mul", q, g.const(SIZE**-0.5)), g.transpose(k, 0, 2, 1))
    if masked:
        s = g.op("Add", s, g.op("MatMul", q, g.const(g.tensor(SIZE, 1))))
    return unfolded(g, g.op("MatMul", g.softmax(s), v))


@pattern
def detr(g, masked):
    """torch's MultiheadAttention: [length, batch, width], folded; queries and keys are not the values."""
    x = g.input("x", g.tensor(LENGTH, BATCH, WIDTH), {0: "length", 1: "batch"})
    placed = g.op("Add", x, g.const(g.tensor(WIDTH)))
    q, k, v = (g.linear(t, WIDTH, WIDTH) for t in (placed, placed, x))
    q = g.op("Mul", q, g.const(SIZE**-0.5))

    def fold(t: str) -> str:
        length = g.op("Shape", t, start=0, end=1)
        return g.transpose(g.op("Reshape", t, g.op("Concat", length, g.ints(-1, SIZE), axis=0)), 1, 0, 2)

    q, k, v = fold(q), fold(k), fold(v)
    s = g.op("MatMul", q, g.transpose(k, 0, 2, 1))
    if masked:
        s = g.op("Add", s, g.const(g.tensor(1, 1, 1)))
    y = g.transpose(g.op("MatMul", g.softmax(s), v), 1, 0, 2)
    return g.op("Reshape", y, g.op("Concat", g.op("Shape", x, start=0, end=2), g.ints(WIDTH), axis=0))


@pattern
def alibi(g, masked):
    x = tokens(g)
    q, k, v = (heads(g, t) for t in qkv(g, x))
    s = g.op("Mul", g.op("MatMul", q, g.transpose(k, 0, 1, 3, 2)), g.const(SIZE**-0.5))
    length = g.op("Squeeze", g.op("Shape", x, start=1, end=2))
    steps = g.op("Cast", g.op("Range", g.const(0, np.int64), length, g.const(1, np.int64)), to=1)
    s = g.op("Add", s, g.op("Mul", g.const(np.reshape(2.0 ** -np.arange(1, HEADS + 1), (1, HEADS, 1, 1))), steps))
    if masked:
        s = g.op("Where", causal(g, x), s, g.const(LOWEST))
    return merge(g, g.op("MatMul", g.softmax(s), v))


@pattern
def keras_einsum(g, masked):
    q, k, v = (g.reshape(t, 0, 0, HEADS, SIZE) for t in qkv(g, tokens(g)))
    s = g.op("Einsum", k, g.op("Mul", q, g.const(SIZE**-0.5)), equation="aecd,abcd->acbe")
    if masked:
        s = g.op("Add", s, additive(g, -1e9))
    y = g.op("Einsum", g.softmax(s), v, equation="acbe,aecd->abcd")
    return g.reshape(y, 0, 0, WIDTH)


@pattern
def paddle(g, masked):
    five = g.transpose(g.reshape(g.linear(tokens(g), WIDTH, 3 * WIDTH), 0, -1, 3, HEADS, SIZE), 2, 0, 3, 1, 4)
    q, k, v = (g.op("Squeeze", g.op("Slice", five, g.ints(i), g.ints(i + 1), g.ints(0)), g.ints(0)) for i in range(3))
    s = g.op("MatMul", g.op("Mul", q, g.const(SIZE**-0.5)), g.transpose(k, 0, 1, 3, 2))
    if masked:
        s = g.op("Add", s, additive(g))
    return merge(g, g.op("MatMul", g.softmax(s), v))


@pattern
def function_body(g, masked):
    """What Attention-23 is defined as, with its guard against rows that see nothing."""
    q, k, v = (heads(g, t) for t in qkv(g, tokens(g)))
    s = g.op("MatMul", g.op("Mul", q, g.const(SIZE**-0.25)),
             g.op("Mul", g.transpose(k, 0, 1, 3, 2), g.const(SIZE**-0.25)))
    if masked:
        s = g.op("Add", s, g.op("Where", boolean(g), g.const(0.0), g.const(-np.inf)))
    p = g.softmax(s)
    dead = g.op("Equal", g.op("ReduceMax", s, g.ints(-1), keepdims=1), g.const(-np.inf))
    return merge(g, g.op("MatMul", g.op("Where", dead, g.const(0.0), p), v))


@pattern
def contrib(g, masked):
    q, k, v = qkv(g, tokens(g))
    inputs = [q, k, v] + (["", padding(g, dtype=np.int32)] if masked else [])
    return g.op("MultiHeadAttention", *inputs, domain="com.microsoft", num_heads=HEADS)


@pattern
def half_softmax(g, masked):
    """Projections in half precision, the softmax in single."""
    q, k, v = (g.op("Cast", heads(g, t), to=10) for t in qkv(g, tokens(g)))
    s = g.op("Mul", g.op("MatMul", q, g.transpose(k, 0, 1, 3, 2)), g.const(SIZE**-0.5, np.float16))
    s = g.op("Cast", s, to=1)
    if masked:
        s = g.op("Add", s, additive(g))
    y = g.op("MatMul", g.op("Cast", g.softmax(s), to=10), v)
    return merge(g, g.op("Cast", y, to=1))


def build(name: str, dynamic: bool, masked: bool) -> tuple[onnx.ModelProto, dict[str, np.ndarray]]:
    g = Graph(dynamic=dynamic, seed=sorted(PATTERNS).index(name))
    output = PATTERNS[name](g, masked)
    return g.model(output), g.arrays


def main(folder: str, *names: str) -> None:
    for name in names or PATTERNS:
        for dynamic in (False, True):
            for masked in (False, True):
                file = f"{name}-{'dynamic' if dynamic else 'static'}-{'masked' if masked else 'plain'}.onnx"
                onnx.save(build(name, dynamic, masked)[0], Path(folder) / file)


if __name__ == "__main__":
    main(*sys.argv[1:])
