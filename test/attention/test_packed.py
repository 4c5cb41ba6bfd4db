"""Sequences without padding and keys in pages (com.microsoft PackedMultiHeadAttention and PagedAttention, which onnxruntime has
for GPUs only) against numpy in float64, on the CPU and on the emulator."""

import re
import sys
import unittest
from pathlib import Path

import numpy as np
from onnx import ModelProto, TensorProto, helper

sys.path.insert(0, str(Path(__file__).resolve().parent))

from reference import attention

import tilewright as tw

TARGETS = [{}, {"target": "ptx", "device": "emulator"}]
TOLERANCES = {np.float32: 2e-6, np.float16: 2e-3}


def model_of(kind: str, inputs: dict[str, np.ndarray | None], outputs: int, symbols: dict[str, tuple], **attributes) -> ModelProto:
    """One node; inputs that are None are left out. `symbols` are the shapes of those that are not fixed."""
    given = {name: array for name, array in inputs.items() if array is not None}
    names = [f"y{i}" for i in range(outputs)]
    node = helper.make_node(kind, [n if n in given else "" for n in inputs], names, "attend", domain="com.microsoft", **attributes)
    values = [helper.make_tensor_value_info(n, helper.np_dtype_to_tensor_dtype(a.dtype), symbols.get(n, a.shape))
              for n, a in given.items()]
    element = helper.np_dtype_to_tensor_dtype(given["query"].dtype)
    results = [helper.make_tensor_value_info(n, element, None) for n in names]
    return helper.make_model(helper.make_graph([node], "g", values, results),
                             opset_imports=[helper.make_opsetid("", 23), helper.make_opsetid("com.microsoft", 1)], ir_version=10)


def run(model: ModelProto, inputs: dict[str, np.ndarray | None], target: dict) -> list[np.ndarray]:
    given = {name: array for name, array in inputs.items() if array is not None}
    return list(tw.compile(model, **target).run(given).values())


def heads(x: np.ndarray, count: int) -> np.ndarray:
    """[tokens, count * size] as [1, count, tokens, size], float64."""
    return x.reshape(1, len(x), count, -1).swapaxes(1, 2).astype(np.float64)


def flat(y: np.ndarray) -> np.ndarray:
    return y[0].swapaxes(0, 1).reshape(y.shape[2], -1)


def starts_of(lengths: list[int]) -> np.ndarray:
    return np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)


class Cases(unittest.TestCase):
    def setUp(self) -> None:
        self.rng = np.random.default_rng(5)

    def floats(self, *shape: int, dtype=np.float32) -> np.ndarray:
        return self.rng.standard_normal(shape).astype(dtype)

    def close(self, found: np.ndarray, expected: np.ndarray, tolerance: float) -> None:
        self.assertEqual(found.shape, expected.shape)
        difference = np.linalg.norm(found.astype(np.float64) - expected)
        self.assertLessEqual(difference, tolerance * np.linalg.norm(expected), np.abs(found - expected).max(initial=0))


    def paged(self, own: list[int], past: list[int], page: int, count: tuple[int, int], size: int,
               dtype=np.float32) -> dict[str, np.ndarray | None]:
        """Sequences with pages in a random order, and pages that nobody has."""
        tokens, (H, G) = sum(own), count
        needed = [-(-(n + p) // page) for n, p in zip(own, past)]
        pages = sum(needed) + 2
        order = iter(self.rng.permutation(pages))
        table = np.full((len(own), max(needed, default=0) + 1), -1, np.int32)
        for b, n in enumerate(needed):
            table[b, :n] = [next(order) for _ in range(n)]
        return {"query": self.floats(tokens, H * size, dtype=dtype), "key": self.floats(tokens, G * size, dtype=dtype),
                "value": self.floats(tokens, G * size, dtype=dtype), "key_cache": self.floats(pages, page, G, size, dtype=dtype),
                "value_cache": self.floats(pages, page, G, size, dtype=dtype), "starts": starts_of(own),
                "past": np.array(past, np.int32), "table": table}


class PackedTest(Cases):
    H = 3

    def inputs(self, lengths: list[int], size: int, value_size: int, dtype=np.float32) -> dict[str, np.ndarray | None]:
        tokens, H = sum(lengths), self.H
        return {"query": self.floats(tokens, H * size, dtype=dtype), "key": self.floats(tokens, H * size, dtype=dtype),
                "value": self.floats(tokens, H * value_size, dtype=dtype), "bias": None,
                "token_offset": np.zeros((len(lengths), max(lengths, default=0)), np.int32), "starts": starts_of(lengths)}

    def expected(self, x: dict[str, np.ndarray | None], **options) -> np.ndarray:
        rows = []
        q, k, v = x["query"], x["key"], x["value"]
        for first, end in zip(x["starts"][:-1], x["starts"][1:]):
            rows.append(flat(attention(*(heads(a[first:end], self.H) for a in (q, k, v)), **options)) if end > first
                        else np.zeros((0, v.shape[1])))
        return np.concatenate(rows)

    symbols = {"query": ("t", None), "key": ("t", None), "value": ("t", None), "token_offset": ("b", "s"), "starts": ("b1",)}

    def model(self, x: dict[str, np.ndarray | None], dynamic: bool, **attributes) -> ModelProto:
        symbols = {n: tuple(d or x[n].shape[i] for i, d in enumerate(s)) for n, s in self.symbols.items()} if dynamic else {}
        return model_of("PackedMultiHeadAttention", x, 1, symbols, num_heads=self.H, **attributes)

    def test_lengths(self):
        for target in TARGETS:
            for dtype, tolerance in TOLERANCES.items():
                for dynamic, lengths in [(False, [5, 1, 70]), (True, [1, 0, 33, 129, 0]), (True, [0, 2]), (False, [64, 64])]:
                    with self.subTest(**target, dtype=dtype.__name__, lengths=lengths, dynamic=dynamic):
                        x = self.inputs(lengths, 24, 16, dtype)
                        self.close(run(self.model(x, dynamic), x, target)[0], self.expected(x), tolerance)

    def test_many_keys_are_shared_by_blocks(self):
        """Few queries and many keys: on a GPU several blocks share the keys, where sequences are short too."""
        x = self.inputs([700, 3, 0, 1200], 16, 16)
        for target in TARGETS:
            self.close(run(self.model(x, True), x, target)[0], self.expected(x), 2e-6)

    def test_one_model_for_all_batches(self):
        first = self.inputs([3, 4], 16, 16)
        compiled = tw.compile(self.model(first, True))
        for lengths in ([3, 4], [0], [100], [1] * 9):
            x = self.inputs(lengths, 16, 16)
            found = compiled.run({n: a for n, a in x.items() if a is not None})["y0"]
            self.close(found, self.expected(x), 2e-6)

    def test_bias(self):
        x = self.inputs([9, 4], 16, 16)
        width = self.H * 16
        x["bias"] = self.floats(3 * width)
        x["added"] = self.floats(1, self.H, 9, 9)
        parts = {n: x[n] + x["bias"][i * width:(i + 1) * width] for i, n in enumerate(("query", "key", "value"))}
        whole = {**x, **parts}
        expected = []
        for first, end in ((0, 9), (9, 13)):
            n = end - first
            q, k, v = (heads(whole[p][first:end], self.H) for p in parts)
            expected.append(flat(attention(q, k, v, bias=x["added"][:, :, :n, :n], scale=0.5)))
        for target in TARGETS:
            self.close(run(self.model(x, False, scale=0.5), x, target)[0], np.concatenate(expected), 2e-6)

    def test_packed_columns(self):
        x = self.inputs([5, 6], 16, 16)
        packed = np.stack([x[n].reshape(11, self.H, 16) for n in ("query", "key", "value")], 2)
        one = {**x, "query": packed, "key": None, "value": None}
        self.close(run(model_of("PackedMultiHeadAttention", one, 1, {}, num_heads=self.H), one, {})[0], self.expected(x), 2e-6)

    def test_wrong_starts_read_nothing_else(self):
        """Beyond what exists, negative, falling: clamped."""
        x = self.inputs([5, 6, 7], 16, 16)
        for starts in ([0, 5, 11, 1 << 30], [0, -7, 11, 18], [0, 11, 5, 18], [-(1 << 31), 18, 18, 18]):
            x["starts"] = np.array(starts, np.int32)
            # Where they fall, two sequences write the same rows: a race, which the emulator would report.
            for target in TARGETS if sorted(starts[1:]) == starts[1:] else TARGETS[:1]:
                y = run(self.model(x, True), x, target)[0]
                self.assertEqual(y.shape, x["query"].shape)
        x["starts"] = np.array([0, 5, 11, 1 << 30], np.int32)
        good = {**x, "starts": starts_of([5, 6, 7])}
        self.close(run(self.model(x, True), x, {})[0], self.expected(good), 2e-6)


class PagedTest(Cases):
    def expected(self, x: dict[str, np.ndarray | None], count: tuple[int, int], causal: bool = True,
                 slots: np.ndarray | None = None, **options) -> list[np.ndarray]:
        H, G = count
        caches = [x["key_cache"].copy(), x["value_cache"].copy()]
        page, size = x["key_cache"].shape[1], x["key_cache"].shape[3]
        places = []
        for b, past in enumerate(x["past"]):
            for i in range(x["starts"][b + 1] - x["starts"][b]):
                number = x["table"][b, (past + i) // page]
                places.append(number * page + (past + i) % page)
        for cache, name in zip(caches, ("key", "value")):
            rows = cache.reshape(-1, G, size)
            for t, place in enumerate(places if slots is None else slots):
                if place >= 0:
                    rows[place] = x[name][t].reshape(G, size)
        results = [np.zeros((0, H * size))]
        for b, past in enumerate(x["past"]):
            first, end = x["starts"][b:b + 2]
            total = past + end - first
            k, v = (c[x["table"][b, :-(-total // page)]].reshape(1, -1, G, size)[:, :total].swapaxes(1, 2) for c in caches)
            if end > first:
                results.append(flat(attention(heads(x["query"][first:end], H), k, v, causal=past if causal else None, **options)))
        return [np.concatenate(results), *caches]

    symbols = {"query": ("t", None), "key": ("t", None), "value": ("t", None), "key_cache": ("n", None, None, None),
               "value_cache": ("n", None, None, None), "starts": ("b1",), "past": ("b",), "table": ("b", "m"), "slots": ("t",)}

    def model(self, x: dict[str, np.ndarray | None], count: tuple[int, int], **attributes) -> ModelProto:
        symbols = {n: tuple(d or x[n].shape[i] for i, d in enumerate(s)) for n, s in self.symbols.items() if x.get(n) is not None}
        return model_of("PagedAttention", x, 3, symbols, num_heads=count[0], kv_num_heads=count[1], **attributes)

    def check(self, x: dict[str, np.ndarray | None], count: tuple[int, int], tolerance: float, target: dict,
              options: dict | None = None, slots: np.ndarray | None = None, **attributes) -> None:
        found = run(self.model(x, count, **attributes), x, target)
        for y, expected in zip(found, self.expected(x, count, slots=slots, **(options or {}))):
            self.close(y, expected, tolerance)

    def test_pages(self):
        for target in TARGETS:
            for page, own, past in [(16, [1, 1, 1], [0, 40, 100]), (1, [3, 2], [5, 0]), (7, [20, 0, 1], [0, 9, 13]),
                                    (256, [70, 1], [0, 300]), (48, [5], [200])]:
                for dtype, tolerance in TOLERANCES.items():
                    with self.subTest(**target, page=page, own=own, past=past, dtype=dtype.__name__):
                        x = self.paged(own, past, page, (4, 2), 16, dtype)
                        self.check(x, (4, 2), tolerance, target)

    def test_decoding_many_keys(self):
        x = self.paged([1, 1], [3000, 700], 16, (2, 1), 32)
        for target in TARGETS:
            self.check(x, (2, 1), 2e-6, target)

    def test_options(self):
        x = self.paged([20, 1, 3], [50, 33, 0], 16, (2, 2), 16)
        for target in TARGETS:
            self.check(x, (2, 2), 2e-6, target, {"window": 9}, local_window_size=9)
            self.check(x, (2, 2), 2e-6, target, {"softcap": 2.0, "scale": 0.3}, softcap=2.0, scale=0.3)
            self.check(x, (2, 2), 2e-6, target, {"causal": False}, is_causal=0)

    def test_slots(self):
        x = self.paged([3, 2], [4, 0], 4, (2, 1), 16)
        derived = [x["table"][0, 1] * 4 + i for i in range(3)] + [x["table"][1, 0] * 4 + i for i in range(2)]
        slots = np.array(derived, np.int32)
        slots[1] = -1
        given = {**x, "cos": None, "sin": None, "slots": slots}
        for target in TARGETS:
            self.check(given, (2, 1), 2e-6, target, slots=slots)

    def test_rotary(self):
        x = self.paged([3, 1], [4, 9], 4, (2, 1), 16)
        angles = np.outer(np.arange(32), 0.1 ** np.arange(8)).astype(np.float32)
        given = {**x, "cos": np.cos(angles), "sin": np.sin(angles)}
        positions = np.concatenate([p + np.arange(n) for p, n in zip((4, 9), (3, 1))])
        turned = dict(x)
        for name in ("query", "key"):
            y = x[name].reshape(4, -1, 2, 8)
            cos, sin = np.cos(angles)[positions][:, None], np.sin(angles)[positions][:, None]
            turned[name] = np.stack([y[:, :, 0] * cos - y[:, :, 1] * sin, y[:, :, 1] * cos + y[:, :, 0] * sin], 2).reshape(4, -1)
        found = run(self.model(given, (2, 1), do_rotary=1), given, {})
        for y, expected in zip(found, self.expected(turned, (2, 1))):
            self.close(y, expected, 2e-6)

    def test_packed_columns(self):
        x = self.paged([3, 1], [4, 9], 4, (4, 2), 16)
        one = {**x, "query": np.concatenate([x[n] for n in ("query", "key", "value")], 1), "key": None, "value": None}
        for y, expected in zip(run(self.model(one, (4, 2)), one, {}), self.expected(x, (4, 2))):
            self.close(y, expected, 2e-6)

    def test_wrong_tables_read_nothing_else(self):
        x = self.paged([3, 1], [4, 9], 4, (2, 1), 16)
        for change in ({"table": np.full_like(x["table"], 1 << 30)}, {"table": np.full_like(x["table"], -5)},
                       {"past": np.array([1 << 30, -8], np.int32)}):
            for target in TARGETS:
                wrong = {**x, **change}
                self.assertEqual(run(self.model(wrong, (2, 1)), wrong, target)[0].shape, (4, 32))


class ErrorTest(Cases):
    def refused(self, kind: str, inputs: dict[str, np.ndarray | None], message: str, **attributes) -> None:
        with self.assertRaisesRegex(tw.UserError, "node .attend.*" + re.escape(message)):
            tw.compile(model_of(kind, inputs, 1, {}, **attributes))

    def test_packed(self):
        q = self.floats(5, 48)
        base = {"query": q, "key": q, "value": q, "bias": None, "offset": np.zeros((2, 3), np.int32), "starts": starts_of([2, 3])}
        self.refused("PackedMultiHeadAttention", base, "expected a divisor of 48 columns, found 5", num_heads=5)
        self.refused("PackedMultiHeadAttention", {**base, "key": None, "value": None}, "'key' and 'value': expected both", num_heads=3)
        double = {n: a.astype(np.float64) if a is not None and a.dtype == np.float32 else a for n, a in base.items()}
        self.refused("PackedMultiHeadAttention", double, "f32, f16 or bf16", num_heads=3)
        self.refused("PackedMultiHeadAttention", {**base, "starts": np.zeros((2, 2), np.int32)}, "query_starts: expected i32 or i64",
                     num_heads=3)

    def test_paged(self):
        x = self.paged([2, 3], [0, 4], 4, (4, 2), 8)
        self.refused("PagedAttention", x, "expected a divisor of num_heads (4), found 3", num_heads=4, kv_num_heads=3)
        self.refused("PagedAttention", {**x, "table": None}, "'block_table': expected one", num_heads=4, kv_num_heads=2)
        self.refused("PagedAttention", x, "'kv_cache_layout': expected SEPARATE, found LATENT", num_heads=4, kv_num_heads=2,
                     kv_cache_layout="LATENT")
        self.refused("PagedAttention", x, "'k_quant_type': expected NONE", num_heads=4, kv_num_heads=2, k_quant_type="PER_TENSOR")
        self.refused("PagedAttention", x, "expected both for do_rotary", num_heads=4, kv_num_heads=2, do_rotary=1)
        self.refused("PagedAttention", x, "'rotary_offset': expected 0, found 8", num_heads=4, kv_num_heads=2, rotary_offset=8)
        between = {**x, "cos": None, "sin": None, "slots": None}
        names = ("head_sink", "q_norm_weight", "k_norm_weight")
        for i, name in enumerate(names):
            more = {**dict.fromkeys(names[:i]), name: self.floats(4)}
            self.refused("PagedAttention", {**between, **more}, f"'{name}': expected none", num_heads=4, kv_num_heads=2)
        self.refused("PagedAttention", {**x, "past": np.zeros(3, np.int32)}, "'past_seqlens': expected 2 for 2 sequences, found 3", num_heads=4,
                     kv_num_heads=2)
        half = {**x, "key_cache": x["key_cache"].astype(np.float16)}
        self.refused("PagedAttention", half, "caches: expected [pages, page size, heads, size]", num_heads=4, kv_num_heads=2)


if __name__ == "__main__":
    unittest.main()
