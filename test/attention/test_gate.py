"""Attention forward, all of a table: lengths x head sizes x heads x what changes the scores, in float64 by numpy. Models have
symbols for lengths, so that one is compiled for all of a table's lengths. TILEWRIGHT_TEST_FULL=1 takes the whole table in place
of a sample; README.md has its last outcome."""

import itertools
import os
import sys
import unittest
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent))

from test_kernel import HEAD_SIZES, LENGTHS, attention_model, error, expected, operands

import tilewright as tw

FULL = bool(os.environ.get("TILEWRIGHT_TEST_FULL"))
HEADS = {"MHA": (2, 2), "MQA": (3, 1), "GQA": (4, 2)}
KINDS = ["none", "causal", "window", "ALiBi", "bias", "tree", "softcap"]
WINDOW, CAP = 40, 5.0
TOLERANCE = 2e-6
# Scores of some hundreds are rounded to 2e-5, whoever adds the bias.
TOLERANCES = {"ALiBi": 5e-6}
CASES = list(itertools.product(HEAD_SIZES, HEADS, KINDS))
# Thousands of queries on thousands of keys take the emulator minutes: one head size and kind of heads has them.
LARGE = 100_000
EMULATED_SAMPLE = [(1, 1), (239, 1), (33, 70)]


def tree(rng, n: int, m: int) -> np.ndarray:
    """The last keys are nodes of a tree, one a query, that sees its ancestors and itself; before them is a prefix for all."""
    nodes = min(n, m)
    mask = np.zeros((n, m), bool)
    mask[:, : m - nodes] = True
    for i in range(n):
        node = min(i, nodes - 1)
        if node:
            mask[i, m - nodes :] = mask[min(int(rng.integers(0, node)), n - 1), m - nodes :]
        mask[i, m - nodes + node] = True
    return mask


def build(rng, size: int, heads: tuple[int, int], kind: str, lengths: tuple[int, int]) -> tuple[dict, dict, dict]:
    """Inputs, attributes of the node, arguments of the reference. Queries stand at the last keys."""
    n, m = lengths
    x = operands(rng, heads, lengths, (size, size))
    offset = m - n
    distance = np.arange(m)[None, :] - np.arange(n)[:, None] - offset
    if kind == "causal":
        # ONNX's causality has an offset where there is a past only.
        if offset > 0 and n > 0:
            past = {f"past_{name}": x[letter][:, :, :offset] for name, letter in (("key", "K"), ("value", "V"))}
            new = {letter: x[letter][:, :, offset:] for letter in "KV"}
            return {**x, **new, **past}, {"is_causal": 1}, {"causal": offset}
        return x, {"is_causal": 1}, {"causal": 0}
    if kind == "softcap":
        return x, {"softcap": CAP}, {"softcap": CAP}
    if kind in ("window", "tree"):
        mask = tree(rng, n, m) if kind == "tree" else (distance <= 0) & (distance > -WINDOW)
        x["attn_mask"] = mask[None, None]
        return x, {}, {"mask": x["attn_mask"]}
    if kind == "ALiBi":
        slopes = 2.0 ** -np.arange(1, heads[0] + 1)
        x["attn_mask"] = (-slopes[:, None, None] * np.abs(distance))[None].astype(np.float32)
        return x, {}, {"bias": x["attn_mask"]}
    if kind == "bias":
        x["attn_mask"] = rng.standard_normal((1, heads[0], n, m)).astype(np.float32)
        return x, {}, {"bias": x["attn_mask"]}
    return x, {}, {}


def whole(x: dict) -> dict:
    """Queries, keys and values, with what is past."""
    if "past_key" not in x:
        return x
    return {"Q": x["Q"], "K": np.concatenate([x["past_key"], x["K"]], 2), "V": np.concatenate([x["past_value"], x["V"]], 2)}


class GateTest(unittest.TestCase):
    def check(self, case: tuple[int, str, str], lengths: list[tuple[int, int]], **options) -> None:
        size, heads, kind = case
        rng = np.random.default_rng(CASES.index(case))
        models: dict[tuple, tw.Model] = {}
        for pair in lengths:
            x, attributes, arguments = build(rng, size, HEADS[heads], kind, pair)
            form = tuple(x)
            if form not in models:
                models[form] = tw.compile(attention_model(x, attributes, dynamic=True), **options)
            with self.subTest(size=size, heads=heads, kind=kind, lengths=pair):
                found = models[form].run(x)["Y"]
                self.assertLess(error(found, expected(whole(x), **arguments)), TOLERANCES.get(kind, TOLERANCE))

    def test_cpu(self):
        for case in CASES if FULL else CASES[::13]:
            self.check(case, LENGTHS if FULL else LENGTHS[:6])

    def test_emulator(self):
        for case in CASES if FULL else CASES[5::29]:
            lengths = EMULATED_SAMPLE
            if FULL:
                has_all = case[:2] == (64, "MHA")
                lengths = [pair for pair in LENGTHS if has_all or pair[0] * pair[1] <= LARGE]
            self.check(case, lengths, target="ptx", device="emulator")


if __name__ == "__main__":
    unittest.main()
