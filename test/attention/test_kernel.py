"""The attention kernel against numpy in float64: lengths, head sizes, masks, groups, types, threads."""

import sys
import unittest
from pathlib import Path

import numpy as np
from onnx import ModelProto, helper

sys.path.insert(0, str(Path(__file__).resolve().parent))

import reference
import tilewright as tw

NAMES = ["Q", "K", "V", "attn_mask", "past_key", "past_value", "nonpad_kv_seqlen"]
LENGTHS = [(1, 1), (64, 128), (128, 192), (239, 1), (799, 3), (113, 203), (1023, 1024), (1024, 1023), (1, 8192)]
HEAD_SIZES = [32, 40, 64, 96, 128, 160, 256]
KINDS = ["none", "causal", "float mask", "bool mask", "key mask", "head mask", "softcap", "lengths"]


def attention_model(inputs: dict[str, np.ndarray], attributes: dict, dynamic: bool = False) -> ModelProto:
    """A node Attention-24. With `dynamic` only numbers of heads and their sizes are known."""
    values = []
    for name, array in inputs.items():
        unknown = {0, 2, 3} if name == "attn_mask" else {0, 2}
        dims = [f"{name}{i}" if dynamic and i in unknown else d for i, d in enumerate(array.shape)]
        values.append(helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(array.dtype), dims))
    slots = [name if name in inputs else "" for name in NAMES]
    while not slots[-1]:
        slots.pop()
    node = helper.make_node("Attention", slots, ["Y"], name="attention", **attributes)
    output = helper.make_tensor_value_info("Y", values[0].type.tensor_type.elem_type, None)
    return helper.make_model(helper.make_graph([node], "g", values, [output]),
                             opset_imports=[helper.make_opsetid("", 24)], ir_version=11)


def run(inputs: dict[str, np.ndarray], attributes: dict, dynamic: bool = False, threads: int = 2) -> np.ndarray:
    return tw.compile(attention_model(inputs, attributes, dynamic), threads=threads).run(inputs)["Y"]


def error(found: np.ndarray, expected: np.ndarray) -> float:
    """|found - expected| / |expected|, Euclidean norms."""
    return float(np.linalg.norm(found.astype(np.float64) - expected) / max(np.linalg.norm(expected), 1e-30))


def operands(rng, heads: tuple[int, int], lengths: tuple[int, int], sizes: tuple[int, int], batch: int = 1,
             dtype=np.float32) -> dict[str, np.ndarray]:
    (h, g), (n, m), (d, e) = heads, lengths, sizes
    shapes = {"Q": (batch, h, n, d), "K": (batch, g, m, d), "V": (batch, g, m, e)}
    return {name: rng.standard_normal(shape).astype(dtype) for name, shape in shapes.items()}


def add_kind(rng, x: dict[str, np.ndarray], kind: str) -> tuple[dict, dict]:
    """Adds the inputs that a kind needs; gives the node's attributes and the reference's arguments."""
    batch, heads, n, _ = x["Q"].shape
    m = x["K"].shape[2]
    shape = {"float mask": (n, m), "head mask": (batch, heads, n, m), "bool mask": (batch, 1, n, m),
             "key mask": (batch, 1, 1, m)}.get(kind)
    if kind in ("float mask", "head mask"):
        x["attn_mask"] = (rng.standard_normal(shape) * 3).astype(x["Q"].dtype)
        return {}, {"bias": x["attn_mask"]}
    if shape:
        x["attn_mask"] = rng.random(shape) < 0.6
        return {}, {"mask": x["attn_mask"]}
    if kind == "lengths":
        x["nonpad_kv_seqlen"] = rng.integers(0, m + 1, batch)
        return {}, {"lengths": x["nonpad_kv_seqlen"]}
    return {"causal": ({"is_causal": 1}, {"causal": 0}), "softcap": ({"softcap": 2.0}, {"softcap": 2.0})}.get(kind, ({}, {}))


def expected(x: dict[str, np.ndarray], **arguments) -> np.ndarray:
    return reference.attention(x["Q"], x["K"], x["V"], **arguments)


class KernelTest(unittest.TestCase):
    def check(self, x: dict[str, np.ndarray], kind: str, tolerance: float, dynamic: bool = False) -> None:
        attributes, arguments = add_kind(np.random.default_rng(1), x, kind)
        self.assertLess(error(run(x, attributes, dynamic), expected(x, **arguments)), tolerance)

    def test_lengths_and_head_sizes(self):
        rng = np.random.default_rng(2)
        for i, lengths in enumerate(LENGTHS):
            for size in HEAD_SIZES[i % 2 :: 2]:
                with self.subTest(lengths=lengths, size=size):
                    self.check(operands(rng, (2, 1), lengths, (size, size)), "none", 2e-6)

    def test_kinds(self):
        rng = np.random.default_rng(3)
        for kind in KINDS:
            for dynamic, heads, lengths in [(False, (2, 2), (113, 203)), (True, (4, 2), (300, 300)), (False, (3, 1), (70, 600)),
                                            (True, (2, 2), (5, 7))]:
                with self.subTest(kind=kind, dynamic=dynamic, heads=heads, lengths=lengths):
                    self.check(operands(rng, heads, lengths, (24, 40), batch=2), kind, 3e-6, dynamic)

    def test_single_query(self):
        rng = np.random.default_rng(11)
        for kind in KINDS:
            for dynamic in (False, True):
                for keys, sizes in [(1, (24, 40)), (77, (40, 24)), (600, (64, 160))]:
                    with self.subTest(kind=kind, dynamic=dynamic, keys=keys, sizes=sizes):
                        self.check(operands(rng, (2, 2), (1, keys), sizes, batch=2), kind, 2e-6, dynamic)

    def test_half(self):
        rng = np.random.default_rng(4)
        for kind in KINDS:
            with self.subTest(kind=kind):
                self.check(operands(rng, (2, 2), (90, 150), (64, 64), dtype=np.float16), kind, 2e-3)

    def test_other_cpus(self):
        rng = np.random.default_rng(5)
        x = operands(rng, (2, 1), (70, 130), (40, 24))
        for cpu in ("x86-64-v2", "x86-64-v3"):
            for kind in KINDS:
                with self.subTest(cpu=cpu, kind=kind):
                    y = dict(x)
                    attributes, arguments = add_kind(rng, y, kind)
                    found = tw.compile(attention_model(y, attributes), cpu=cpu).run(y)["Y"]
                    self.assertLess(error(found, expected(y, **arguments)), 3e-6)

    def test_known_vector(self):
        q, k, v = [[1, 0], [0, 2]], [[1, 1], [0, 1], [2, 0]], [[1, 0], [0, 1], [1, 1]]
        x = {name: np.array(a, np.float32)[None, None] for name, a in zip("QKV", (q, k, v))}
        np.testing.assert_allclose(run(x, {})[0, 0], [[0.859971, 0.716005], [0.554192, 0.554192]], atol=1e-6)
        np.testing.assert_allclose(run(x, {"is_causal": 1})[0, 0, 0], [1, 0], atol=1e-7)

    def test_a_common_summand_changes_nothing(self):
        x = operands(np.random.default_rng(6), (2, 2), (65, 300), (64, 64))
        plain = run(x, {})
        for shift, tolerance in [(64.0, 1e-5), (1e4, 1e-3)]:
            shifted = run({**x, "attn_mask": np.full((65, 300), shift, np.float32)}, {})
            self.assertLess(error(shifted, plain), tolerance)

    def test_dead_rows_are_zero(self):
        x = operands(np.random.default_rng(7), (2, 2), (20, 30), (16, 16))
        mask = np.random.default_rng(8).random((20, 30)) < 0.5
        mask[[3, 17]] = False
        found = run({**x, "attn_mask": mask}, {})
        self.assertTrue(np.all(found[:, :, [3, 17]] == 0))
        self.assertLess(error(found, expected(x, mask=mask)), 2e-6)

    def test_finite_masks_are_numbers(self):
        x = operands(np.random.default_rng(9), (1, 1), (9, 33), (16, 16))
        lowest = np.full((9, 33), np.finfo(np.float32).min, np.float32)
        mean = np.broadcast_to(x["V"].mean(2, keepdims=True), (1, 1, 9, 16))
        self.assertLess(error(run({**x, "attn_mask": lowest}, {}), mean), 2e-6)

    def test_same_bits_at_every_thread_count(self):
        for lengths in [(1, 4096), (300, 500)]:
            x = operands(np.random.default_rng(10), (4, 2), lengths, (64, 64))
            results = [run(x, {}, threads=threads) for threads in (1, 2, 3)]
            for other in results[1:]:
                np.testing.assert_array_equal(results[0], other)



if __name__ == "__main__":
    unittest.main()
