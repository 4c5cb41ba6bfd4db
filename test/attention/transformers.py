"""Small transformers as exporters write them, with random weights from a seed: whole models around the attention of
patterns.py, with their norms, activations, residuals and caches. No torch.

    transformers.py FOLDER [NAME...]    writes NAME.onnx and NAME-dynamic.onnx
"""

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx

import patterns
from graph import Graph
from patterns import BATCH, HEADS, LENGTH, LOWEST, SIZE, WIDTH

LAYERS = 2
Builder = Callable[[Graph], list[str]]
MODELS: dict[str, Builder] = {}


def model(function: Builder) -> Builder:
    MODELS[function.__name__] = function
    return function


def layer_norm(g: Graph, x: str) -> str:
    return g.op("LayerNormalization", x, g.const(1 + g.tensor(WIDTH, scale=0.1)), g.const(g.tensor(WIDTH, scale=0.1)), axis=-1)


def rms_norm(g: Graph, x: str) -> str:
    mean = g.op("ReduceMean", g.op("Pow", x, g.const(2.0)), g.ints(-1), keepdims=1)
    inverse = g.op("Reciprocal", g.op("Sqrt", g.op("Add", mean, g.const(1e-6))))
    return g.op("Mul", g.op("Mul", x, inverse), g.const(1 + g.tensor(WIDTH, scale=0.1)))


def gelu(g: Graph, x: str) -> str:
    """By erf, in the five nodes that exporters write."""
    erf = g.op("Erf", g.op("Div", x, g.const(2**0.5)))
    return g.op("Mul", g.op("Mul", x, g.op("Add", erf, g.const(1.0))), g.const(0.5))


def gelu_by_tanh(g: Graph, x: str) -> str:
    cubed = g.op("Mul", g.op("Pow", x, g.const(3.0)), g.const(0.044715))
    inner = g.op("Mul", g.op("Add", x, cubed), g.const((2 / np.pi) ** 0.5))
    return g.op("Mul", g.op("Mul", x, g.const(0.5)), g.op("Add", g.op("Tanh", inner), g.const(1.0)))


def swiglu(g: Graph, x: str) -> str:
    gate, up = (g.linear(x, WIDTH, 2 * WIDTH, False) for _ in range(2))
    return g.linear(g.op("Mul", g.op("Mul", gate, g.op("Sigmoid", gate)), up), 2 * WIDTH, WIDTH, False)


def feed_forward(g: Graph, x: str, activation: Callable[[Graph, str], str]) -> str:
    return g.linear(activation(g, g.linear(x, WIDTH, 4 * WIDTH)), 4 * WIDTH, WIDTH)


def embedded(g: Graph, name: str = "input_ids", length: int = LENGTH, symbol: str = "length") -> str:
    ids = g.input(name, g.rng.integers(0, 50, (BATCH, length)), {0: "batch", 1: symbol})
    return g.op("Gather", g.const(g.tensor(50, WIDTH)), ids, axis=0)


def attend(g: Graph, query: str, memory: str, bias: str | None = None, scale: float = SIZE**-0.5) -> str:
    q = patterns.heads(g, g.linear(query, WIDTH, WIDTH))
    k, v = (patterns.heads(g, g.linear(memory, WIDTH, WIDTH)) for _ in range(2))
    return mixed(g, q, k, v, bias, scale)


def mixed(g: Graph, q: str, k: str, v: str, bias: str | None, scale: float = SIZE**-0.5) -> str:
    s = g.op("MatMul", q, g.transpose(k, 0, 1, 3, 2))
    if scale != 1:
        s = g.op("Mul", s, g.const(scale))
    if bias:
        s = g.op("Add", s, bias)
    return g.linear(patterns.merge(g, g.op("MatMul", g.softmax(s), v)), WIDTH, WIDTH)


def causal_bias(g: Graph, x: str) -> str:
    length = g.op("Squeeze", g.op("Shape", x, start=1, end=2))
    steps = g.op("Range", g.const(0, np.int64), length, g.const(1, np.int64))
    later = g.op("Greater", steps, g.op("Unsqueeze", steps, g.ints(1)))
    return g.op("Unsqueeze", g.op("Where", later, g.const(LOWEST), g.const(0.0)), g.ints(0, 1))


@model
def bert(g):
    x = layer_norm(g, embedded(g))
    bias = patterns.additive(g, LOWEST)
    for _ in range(LAYERS):
        x = layer_norm(g, g.op("Add", x, attend(g, x, x, bias)))
        x = layer_norm(g, g.op("Add", x, feed_forward(g, x, gelu)))
    return [x]


@model
def vit(g):
    image = g.input("pixel_values", g.tensor(BATCH, 3, 16, 16), {0: "batch"})
    patches = g.op("Conv", image, g.const(g.tensor(WIDTH, 3, 4, 4, scale=0.1)), kernel_shape=[4, 4], strides=[4, 4])
    x = g.transpose(g.reshape(patches, 0, WIDTH, -1), 0, 2, 1)
    x = g.op("Add", x, g.const(g.tensor(1, 16, WIDTH)))
    for _ in range(LAYERS):
        normed = layer_norm(g, x)
        x = g.op("Add", x, attend(g, normed, normed))
        x = g.op("Add", x, feed_forward(g, layer_norm(g, x), gelu))
    return [layer_norm(g, x)]


@model
def gpt2_past(g):
    """One step of decoding: the caches go in and come out."""
    x = embedded(g, length=1, symbol="new")
    outputs = []
    for layer in range(LAYERS):
        past = [g.input(f"past_{layer}_{n}", g.tensor(BATCH, HEADS, 7, SIZE), {0: "batch", 2: "past"}) for n in "kv"]
        packed = g.linear(layer_norm(g, x), WIDTH, 3 * WIDTH)
        q, k, v = (patterns.heads(g, t) for t in
                   g.op("Split", packed, g.ints(WIDTH, WIDTH, WIDTH), outputs=3, axis=2))
        k, v = (g.op("Concat", p, t, axis=2) for p, t in zip(past, (k, v)))
        outputs += [k, v]
        x = g.op("Add", x, mixed(g, q, k, v, None))
        x = g.op("Add", x, feed_forward(g, layer_norm(g, x), gelu_by_tanh))
    return [layer_norm(g, x), *outputs]


@model
def gpt2_prefill(g):
    x = embedded(g)
    bias = causal_bias(g, x)
    for _ in range(LAYERS):
        normed = layer_norm(g, x)
        x = g.op("Add", x, attend(g, normed, normed, bias))
        x = g.op("Add", x, feed_forward(g, layer_norm(g, x), gelu_by_tanh))
    return [layer_norm(g, x)]


@model
def t5(g):
    """Encoder and decoder: no scale, relative positions, cross attention."""
    memory, x = embedded(g), embedded(g, "decoder_ids", 5, "answer")
    bias = g.op("Add", g.const(g.tensor(1, HEADS, 1, 1)), patterns.additive(g, LOWEST))
    for _ in range(LAYERS):
        normed = rms_norm(g, memory)
        memory = g.op("Add", memory, attend(g, normed, normed, bias, 1))
        memory = g.op("Add", memory, feed_forward(g, rms_norm(g, memory), lambda g, t: g.op("Relu", t)))
    own = causal_bias(g, x)
    for _ in range(LAYERS):
        normed = rms_norm(g, x)
        x = g.op("Add", x, attend(g, normed, normed, own, 1))
        x = g.op("Add", x, attend(g, rms_norm(g, x), memory, None, 1))
        x = g.op("Add", x, feed_forward(g, rms_norm(g, x), lambda g, t: g.op("Relu", t)))
    return [rms_norm(g, x)]


@model
def llama(g):
    """Grouped heads and rotated positions."""
    x = embedded(g)
    cos, sin = patterns.angles(g)
    bias = causal_bias(g, x)
    for _ in range(LAYERS):
        normed = rms_norm(g, x)
        q = patterns.heads(g, g.linear(normed, WIDTH, WIDTH, False))
        k, v = (patterns.heads(g, g.linear(normed, WIDTH, 2 * SIZE, False), count=2) for _ in range(2))
        q, k = patterns.rope(g, q, cos, sin), patterns.rope(g, k, cos, sin)
        x = g.op("Add", x, mixed(g, q, patterns.repeated(g, k, 2, 2), patterns.repeated(g, v, 2, 2), bias))
        x = g.op("Add", x, swiglu(g, rms_norm(g, x)))
    return [rms_norm(g, x)]


@model
def whisper(g):
    """Convolutions, an encoder, a decoder with cross attention."""
    sound = g.input("features", g.tensor(BATCH, 10, 24), {0: "batch", 2: "frames"})
    y = gelu(g, g.op("Conv", sound, g.const(g.tensor(WIDTH, 10, 3, scale=0.2)), pads=[1, 1]))
    y = gelu(g, g.op("Conv", y, g.const(g.tensor(WIDTH, WIDTH, 3, scale=0.1)), pads=[1, 1], strides=[2]))
    memory, x = g.transpose(y, 0, 2, 1), embedded(g, "decoder_ids", 5, "answer")
    for _ in range(LAYERS):
        normed = layer_norm(g, memory)
        memory = g.op("Add", memory, attend(g, normed, normed))
        memory = g.op("Add", memory, feed_forward(g, layer_norm(g, memory), gelu))
    own = causal_bias(g, x)
    for _ in range(LAYERS):
        normed = layer_norm(g, x)
        x = g.op("Add", x, attend(g, normed, normed, own))
        x = g.op("Add", x, attend(g, layer_norm(g, x), memory))
        x = g.op("Add", x, feed_forward(g, layer_norm(g, x), gelu))
    return [layer_norm(g, x)]


@model
def clip_text(g):
    x = embedded(g)
    bias = causal_bias(g, x)
    for _ in range(LAYERS):
        normed = layer_norm(g, x)
        x = g.op("Add", x, attend(g, normed, normed, bias))
        hidden = g.linear(layer_norm(g, x), WIDTH, 4 * WIDTH)
        quick = g.op("Mul", hidden, g.op("Sigmoid", g.op("Mul", hidden, g.const(1.702))))
        x = g.op("Add", x, g.linear(quick, 4 * WIDTH, WIDTH))
    return [layer_norm(g, x)]


@model
def swin_block(g):
    """Shifted windows of 4 x 4 in an image of 8 x 8."""
    x = g.input("x", g.tensor(BATCH, 64, WIDTH), {0: "batch"})
    shifted = g.reshape(layer_norm(g, x), -1, 8, 8, WIDTH)
    shifted = g.op("Concat", g.op("Slice", shifted, g.ints(2), g.ints(8), g.ints(1)),
                   g.op("Slice", shifted, g.ints(0), g.ints(2), g.ints(1)), axis=1)
    windows = g.transpose(g.reshape(shifted, -1, 2, 4, 2, 4, WIDTH), 0, 1, 3, 2, 4, 5)
    windows = g.reshape(windows, -1, 16, WIDTH)
    q, k, v = (patterns.heads(g, g.linear(windows, WIDTH, WIDTH)) for _ in range(3))
    s = g.op("MatMul", g.op("Mul", q, g.const(SIZE**-0.5)), g.transpose(k, 0, 1, 3, 2))
    s = g.op("Add", s, g.const(g.tensor(1, HEADS, 16, 16)))
    s = g.reshape(s, -1, 4, HEADS, 16, 16)
    s = g.op("Add", s, g.const(np.where(g.rng.random((1, 4, 1, 16, 16)) < 0.3, -100.0, 0.0)))
    s = g.reshape(s, -1, HEADS, 16, 16)
    y = g.linear(patterns.merge(g, g.op("MatMul", g.softmax(s), v)), WIDTH, WIDTH)
    y = g.transpose(g.reshape(y, -1, 2, 2, 4, 4, WIDTH), 0, 1, 3, 2, 4, 5)
    x = g.op("Add", x, g.reshape(y, -1, 64, WIDTH))
    return [g.op("Add", x, feed_forward(g, layer_norm(g, x), gelu))]


# How many attentions each has.
SITES = {"bert": 2, "vit": 2, "gpt2_past": 2, "gpt2_prefill": 2, "t5": 6, "llama": 2, "whisper": 6, "clip_text": 2, "swin_block": 1}


def build(name: str, dynamic: bool) -> tuple[onnx.ModelProto, dict[str, np.ndarray]]:
    g = Graph(dynamic=dynamic, seed=sorted(MODELS).index(name))
    outputs = MODELS[name](g)
    return g.model(*outputs), g.arrays


def main(folder: str, *names: str) -> None:
    for name in names or MODELS:
        for dynamic in (False, True):
            onnx.save(build(name, dynamic)[0], Path(folder) / f"{name}{'-dynamic' if dynamic else ''}.onnx")


if __name__ == "__main__":
    main(*sys.argv[1:])
