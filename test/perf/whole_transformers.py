#!/usr/bin/env python3
"""Whole transformers, two threads, against onnxruntime and OpenVINO: BERT-base, ViT-B/16, GPT-2 and a LLaMA of GPT-2's size
reading a prompt and writing a token, in their published sizes with random weights, node by node as exporters write them.

    whole_transformers.py                      all; writes results/DATE-transformers.md
    whole_transformers.py --only bert --dry    those with "bert" in the name, nothing written
"""

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "attention"))

from graph import Graph
from latency import geometric_mean
from patterns import repeated, rope
from record import run_cases
from tilewright import bench
from transformers import gelu, gelu_by_tanh

LAYERS, HEADS, SIZE = 12, 12, 64
WIDTH = HEADS * SIZE
GPT2_WORDS = 50257
# LLaMA: heads of keys and values, and the width between the two matrices of a feed-forward layer.
GROUPS, HIDDEN, LLAMA_WORDS = 4, 2048, 32000
ENGINES = [bench.Setting(name, name) for name in ("tilewright", "onnxruntime", "openvino")]
THREADS = 2


def layer_norm(g: Graph, x: str) -> str:
    return g.op("LayerNormalization", x, g.const(1 + g.tensor(WIDTH, scale=0.1)), g.const(g.tensor(WIDTH, scale=0.1)), axis=-1)


def heads(g: Graph, x: str) -> str:
    return g.transpose(g.reshape(x, 0, 0, HEADS, SIZE), 0, 2, 1, 3)


def attend(g: Graph, q: str, k: str, v: str, bias: str | None) -> str:
    s = g.op("Div", g.op("MatMul", q, g.transpose(k, 0, 1, 3, 2)), g.const(SIZE**0.5))
    p = g.softmax(g.op("Add", s, bias) if bias else s)
    merged = g.reshape(g.transpose(g.op("MatMul", p, v), 0, 2, 1, 3), 0, 0, WIDTH)
    return g.linear(merged, WIDTH, WIDTH)


def feed_forward(g: Graph, x: str, activation: Callable[[Graph, str], str]) -> str:
    return g.linear(activation(g, g.linear(x, WIDTH, 4 * WIDTH)), 4 * WIDTH, WIDTH)


def encode(g: Graph, x: str, bias: str | None, norm_first: bool) -> str:
    for _ in range(LAYERS):
        source = layer_norm(g, x) if norm_first else x
        y = g.op("Add", x, attend(g, *(heads(g, g.linear(source, WIDTH, WIDTH)) for _ in range(3)), bias))
        if norm_first:
            x = g.op("Add", y, feed_forward(g, layer_norm(g, y), gelu))
        else:
            y = layer_norm(g, y)
            x = layer_norm(g, g.op("Add", y, feed_forward(g, y, gelu)))
    return x


def words(g: Graph, count: int, vocabulary: int) -> str:
    ids = g.input("input_ids", g.rng.integers(0, vocabulary, (1, count)))
    return g.op("Gather", g.const(g.tensor(vocabulary, WIDTH)), ids, axis=0)


def bert(g: Graph, length: int) -> list[str]:
    x = layer_norm(g, g.op("Add", words(g, length, 30522), g.const(g.tensor(1, length, WIDTH))))
    mask = g.op("Cast", g.input("attention_mask", np.ones((1, length), np.int64)), to=onnx.TensorProto.FLOAT)
    hidden = g.op("Sub", g.const(1.0), g.op("Unsqueeze", mask, g.ints(1, 2)))
    return [encode(g, x, g.op("Mul", hidden, g.const(np.finfo(np.float32).min)), norm_first=False)]


def vit(g: Graph) -> list[str]:
    image = g.input("pixel_values", g.tensor(1, 3, 224, 224))
    kernel = g.const(g.tensor(WIDTH, 3, 16, 16, scale=0.04))
    patches = g.op("Conv", image, kernel, kernel_shape=[16, 16], strides=[16, 16])
    x = g.op("Concat", g.const(g.tensor(1, 1, WIDTH)), g.transpose(g.reshape(patches, 0, WIDTH, -1), 0, 2, 1), axis=1)
    x = g.op("Add", x, g.const(g.tensor(1, 197, WIDTH)))
    return [layer_norm(g, encode(g, x, None, norm_first=True))]


def gpt2(g: Graph, length: int, past: int) -> list[str]:
    """`length` new words after `past` old ones, whose keys and values come in; all keys and values go out."""
    x = words(g, length, GPT2_WORDS)
    visible = np.tril(np.ones((length, past + length), bool), past)
    outputs = []
    for layer in range(LAYERS):
        packed = g.linear(layer_norm(g, x), WIDTH, 3 * WIDTH)
        q, k, v = (heads(g, part) for part in g.op("Split", packed, g.ints(WIDTH, WIDTH, WIDTH), outputs=3, axis=2))
        if past:
            old = [g.input(f"past_{layer}_{n}", g.tensor(1, HEADS, past, SIZE)) for n in "kv"]
            k, v = (g.op("Concat", o, t, axis=2) for o, t in zip(old, (k, v)))
        outputs += [k, v]
        bias = g.const(np.where(visible, 0, np.finfo(np.float32).min)) if length > 1 else None
        x = g.op("Add", x, attend(g, q, k, v, bias))
        x = g.op("Add", x, feed_forward(g, layer_norm(g, x), gelu_by_tanh))
    return [g.linear(layer_norm(g, x), WIDTH, GPT2_WORDS, bias=False), *outputs]


def rms_norm(g: Graph, x: str) -> str:
    mean = g.op("ReduceMean", g.op("Pow", x, g.const(2.0)), g.ints(-1), keepdims=1)
    inverse = g.op("Reciprocal", g.op("Sqrt", g.op("Add", mean, g.const(1e-6))))
    return g.op("Mul", g.const(1 + g.tensor(WIDTH, scale=0.1)), g.op("Mul", x, inverse))


def angles(g: Graph, length: int, past: int) -> tuple[str, str]:
    positions = g.input("position_ids", np.arange(past, past + length, dtype=np.int64)[None])
    steps = g.const(1.0 / 10000.0 ** (np.arange(SIZE // 2) * 2 / SIZE))
    product = g.op("Mul", g.op("Unsqueeze", g.op("Cast", positions, to=1), g.ints(2)), steps)
    double = g.op("Unsqueeze", g.op("Concat", product, product, axis=-1), g.ints(1))
    return g.op("Cos", double), g.op("Sin", double)


def llama(g: Graph, length: int, past: int) -> list[str]:
    """As gpt2, with rotated positions, grouped heads, RMS norms and gates."""
    x = words(g, length, LLAMA_WORDS)
    cos, sin = angles(g, length, past)
    visible = np.tril(np.ones((length, past + length), bool), past)
    outputs = []
    for layer in range(LAYERS):
        source = rms_norm(g, x)
        q = heads(g, g.linear(source, WIDTH, WIDTH, bias=False))
        k, v = (g.transpose(g.reshape(g.linear(source, WIDTH, GROUPS * SIZE, bias=False), 0, 0, GROUPS, SIZE), 0, 2, 1, 3)
                for _ in range(2))
        q, k = rope(g, q, cos, sin, SIZE), rope(g, k, cos, sin, SIZE)
        if past:
            old = [g.input(f"past_{layer}_{n}", g.tensor(1, GROUPS, past, SIZE)) for n in "kv"]
            k, v = (g.op("Concat", o, t, axis=2) for o, t in zip(old, (k, v)))
        outputs += [k, v]
        bias = g.const(np.where(visible, 0, np.finfo(np.float32).min)) if length > 1 else None
        x = g.op("Add", x, attend(g, q, *(repeated(g, t, GROUPS, HEADS // GROUPS) for t in (k, v)), bias))
        source = rms_norm(g, x)
        gate, up = (g.linear(source, WIDTH, HIDDEN, bias=False) for _ in range(2))
        gated = g.op("Mul", g.op("Mul", gate, g.op("Sigmoid", gate)), up)
        x = g.op("Add", x, g.linear(gated, HIDDEN, WIDTH, bias=False))
    return [g.linear(rms_norm(g, x), WIDTH, LLAMA_WORDS, bias=False), *outputs]


MODELS: dict[str, Callable[[Graph], list[str]]] = {
    "bert-base 128": lambda g: bert(g, 128), "bert-base 384": lambda g: bert(g, 384), "vit-b/16": vit,
    "gpt2 prefill 128": lambda g: gpt2(g, 128, 0), "gpt2 decode after 256": lambda g: gpt2(g, 1, 256),
    "llama prefill 128": lambda g: llama(g, 128, 0), "llama decode after 256": lambda g: llama(g, 1, 256),
}


def measure(build: Callable[[Graph], list[str]], rounds: int) -> dict[str, float]:
    """Median milliseconds by engine."""
    g = Graph()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.onnx"
        onnx.save(g.model(*build(g)), path)
        results = bench.measure(path, g.arrays, ENGINES, THREADS, rounds)
    for name, result in results.items():
        if result.error:
            print(f"{name}: {result.error}", file=sys.stderr)
    return {name: result.median_ms for name, result in results.items()}


def table(rows: dict[str, dict[str, float]]) -> str:
    names = [engine.name for engine in ENGINES]
    lines = ["Milliseconds, medians.", "", "| model | " + " | ".join(names) + " | ours / onnxruntime | ours / openvino |",
             "|---" * (len(names) + 3) + "|"]
    ratios = {peer: [row["tilewright"] / row[peer] for row in rows.values()] for peer in names[1:]}
    for i, (model, row) in enumerate(rows.items()):
        lines.append(f"| {model} | " + " | ".join(f"{row[name]:.3g}" for name in names)
                     + "".join(f" | {ratios[peer][i]:.2f}" for peer in names[1:]) + " |")
    means = " | ".join(f"{geometric_mean(ratios[peer]):.2f}" for peer in names[1:])
    return "\n".join([*lines, "| geometric mean" + " | " * (len(names) + 1) + means + " |"])


if __name__ == "__main__":
    run_cases("transformers", __doc__, MODELS, measure, table)
