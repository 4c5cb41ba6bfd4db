"""The attention kernels for PTX on the emulator, which finds nothing wrong with them, against numpy in float64; exporters' graphs
and small transformers against onnxruntime."""

import sys
import unittest
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent))

import patterns
import test_fusion
import transformers
from test_kernel import KINDS, add_kind, attention_model, error, expected, operands

import tilewright as tw

SIZES = [32, 40, 64, 96, 128, 160, 256]
TYPES = {np.float32: 2e-6, np.float16: 1e-3}


def run(inputs: dict[str, np.ndarray], attributes: dict, dynamic: bool = False) -> np.ndarray:
    """What the emulator finds is an error."""
    model = attention_model(inputs, attributes, dynamic)
    return tw.compile(model, target="ptx", device="emulator").run(inputs)["Y"]


class PtxTest(unittest.TestCase):
    def check(self, x: dict[str, np.ndarray], kind: str, tolerance: float, dynamic: bool = False) -> None:
        attributes, arguments = add_kind(np.random.default_rng(1), x, kind)
        self.assertLess(error(run(x, attributes, dynamic), expected(x, **arguments)), tolerance)

    def test_head_sizes(self):
        rng = np.random.default_rng(2)
        for dtype, tolerance in TYPES.items():
            for size in SIZES:
                with self.subTest(dtype=dtype.__name__, size=size):
                    self.check(operands(rng, (2, 1), (70, 100), (size, size), dtype=dtype), "none", tolerance)
            for sizes in [(7, 13), (20, 300), (300, 9), (512, 40), (1, 1)]:
                with self.subTest(dtype=dtype.__name__, sizes=sizes):
                    self.check(operands(rng, (1, 1), (33, 50), sizes, dtype=dtype), "causal", tolerance)

    def test_lengths(self):
        rng = np.random.default_rng(3)
        for dtype, tolerance in TYPES.items():
            for dynamic in (False, True):
                for lengths in [(1, 1), (64, 128), (128, 192), (239, 1), (1, 1500), (17, 65), (30, 203)]:
                    with self.subTest(dtype=dtype.__name__, lengths=lengths, dynamic=dynamic):
                        self.check(operands(rng, (4, 2), lengths, (32, 24), dtype=dtype), "none", tolerance, dynamic)

    def test_kinds(self):
        rng = np.random.default_rng(4)
        for dtype, tolerance in TYPES.items():
            for kind in KINDS:
                for dynamic, heads, lengths in [(False, (2, 2), (113, 203)), (True, (4, 2), (70, 70)), (False, (3, 1), (5, 150))]:
                    with self.subTest(dtype=dtype.__name__, kind=kind, dynamic=dynamic, lengths=lengths):
                        self.check(operands(rng, heads, lengths, (24, 40), batch=2, dtype=dtype), kind, 2 * tolerance, dynamic)

    def test_shared_keys(self):
        rng = np.random.default_rng(11)
        for dtype, tolerance in TYPES.items():
            for i, kind in enumerate(KINDS):
                dynamic, lengths = [(False, (3, 800)), (True, (150, 700))][i % 2]
                with self.subTest(dtype=dtype.__name__, kind=kind, lengths=lengths):
                    self.check(operands(rng, (2, 1), lengths, (16, 20), batch=2, dtype=dtype), kind, 2 * tolerance, dynamic)
            x = operands(rng, (1, 1), (2, 900), (16, 16), dtype=dtype)
            mask = np.zeros((2, 900), bool)
            mask[1, 880:] = True
            found = run({**x, "attn_mask": mask}, {})
            self.assertTrue(np.all(found[:, :, 0] == 0))
            self.assertLess(error(found, expected(x, mask=mask)), tolerance)

    def test_no_keys(self):
        for dtype in TYPES:
            x = operands(np.random.default_rng(5), (2, 2), (5, 0), (16, 16), dtype=dtype)
            self.assertTrue(np.all(run(x, {}, dynamic=True) == 0))
            x = operands(np.random.default_rng(5), (2, 2), (0, 5), (16, 16), dtype=dtype)
            self.assertEqual(run(x, {}, dynamic=True).shape, (1, 2, 0, 16))

    def test_past_and_flat_heads(self):
        rng = np.random.default_rng(6)
        x = {name: rng.standard_normal((2, 37, 4 * 24)).astype(np.float32) for name in "QKV"}
        past = {name: rng.standard_normal((2, 4, 50, 24)).astype(np.float32) for name in ("past_key", "past_value")}
        found = run({**x, **past}, {"q_num_heads": 4, "kv_num_heads": 4, "is_causal": 1})
        q, k, v = (x[name].reshape(2, 37, 4, 24).swapaxes(1, 2) for name in "QKV")
        k, v = (np.concatenate(pair, 2) for pair in ((past["past_key"], k), (past["past_value"], v)))
        y = expected({"Q": q, "K": k, "V": v}, causal=50).swapaxes(1, 2).reshape(2, 37, 96)
        self.assertLess(error(found, y), 2e-6)

    def test_a_common_summand_changes_nothing(self):
        x = operands(np.random.default_rng(7), (2, 2), (65, 140), (64, 64))
        plain = run(x, {})
        for shift, tolerance in [(64.0, 1e-5), (1e4, 1e-3)]:
            shifted = run({**x, "attn_mask": np.full((65, 140), shift, np.float32)}, {})
            self.assertLess(error(shifted, plain), tolerance)

    def test_dead_rows_are_zero(self):
        for dtype, tolerance in TYPES.items():
            x = operands(np.random.default_rng(8), (2, 2), (20, 90), (16, 16), dtype=dtype)
            mask = np.random.default_rng(9).random((20, 90)) < 0.5
            mask[[3, 17]] = False
            found = run({**x, "attn_mask": mask}, {})
            self.assertTrue(np.all(found[:, :, [3, 17]] == 0))
            self.assertLess(error(found, expected(x, mask=mask)), tolerance)

    def test_exporters_graphs(self):
        graphs = {name: patterns.build(name, True, True) for name in list(patterns.PATTERNS)[::3]}
        graphs.update((name, transformers.build(name, True)) for name in ("gpt2_past", "llama"))
        for name, (model, inputs) in graphs.items():
            results = tw.compile(model, target="ptx", device="emulator").run(inputs).values()
            for found, right in zip(results, test_fusion.expected(model, inputs)):
                with self.subTest(name):
                    self.assertEqual(found.shape, right.shape)
                    self.assertLess(error(found, right), 1e-4)

    def test_finite_masks_are_numbers(self):
        x = operands(np.random.default_rng(10), (1, 1), (9, 70), (16, 16))
        lowest = np.full((9, 70), np.finfo(np.float32).min, np.float32)
        mean = np.broadcast_to(x["V"].mean(2, keepdims=True), (1, 1, 9, 16))
        self.assertLess(error(run({**x, "attn_mask": lowest}, {}), mean), 2e-6)


if __name__ == "__main__":
    unittest.main()
