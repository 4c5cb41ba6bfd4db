"""onnxruntime's attention operators against onnxruntime, and what is said about wrong ones."""

import sys
import unittest
from pathlib import Path

import numpy as np
import onnxruntime
from onnx import ModelProto, TensorProto, helper

sys.path.insert(0, str(Path(__file__).resolve().parent))

import tilewright as tw

B, S, H, D = 2, 6, 4, 16
MISSING = ""


def model_of(kind: str, inputs: dict[str, np.ndarray | None], outputs: int = 1, domain: str = "com.microsoft", opset: int = 23,
             **attributes) -> ModelProto:
    """One node; inputs that are None are left out."""
    given = {name: array for name, array in inputs.items() if array is not None}
    slots = [name if name in given else MISSING for name in inputs]
    names = [f"y{i}" for i in range(outputs)]
    node = helper.make_node(kind, slots, names, name="attend", domain=domain, **attributes)
    values = [helper.make_tensor_value_info(n, helper.np_dtype_to_tensor_dtype(a.dtype), a.shape) for n, a in given.items()]
    results = [helper.make_tensor_value_info(n, TensorProto.FLOAT, None) for n in names]
    return helper.make_model(helper.make_graph([node], "g", values, results),
                             opset_imports=[helper.make_opsetid("", opset), helper.make_opsetid("com.microsoft", 1)], ir_version=10)


class ContribTest(unittest.TestCase):
    def setUp(self) -> None:
        self.rng = np.random.default_rng(0)

    def floats(self, *shape: int) -> np.ndarray:
        return self.rng.standard_normal(shape).astype(np.float32)

    def check(self, kind: str, inputs: dict[str, np.ndarray | None], outputs: int = 1, **attributes) -> None:
        model = model_of(kind, inputs, outputs, **attributes)
        given = {name: array for name, array in inputs.items() if array is not None}
        session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
        found = tw.compile(model).run(given)
        for (name, array), expected in zip(found.items(), session.run(None, given)):
            self.assertEqual(array.shape, expected.shape, name)
            np.testing.assert_allclose(array, expected, atol=2e-5, rtol=1e-4, err_msg=name)

    def test_multi_head(self):
        q, k, v = self.floats(B, S, H * D), self.floats(B, 9, H * D), self.floats(B, 9, H * D)
        mask = np.ones((B, 9), np.int32)
        mask[1, 5:] = 0
        plain = {"query": q, "key": k, "value": v}
        rest = {"bias": None, "mask": None, "added": None, "past_key": None, "past_value": None}
        for name, changes in {
                "plain": {}, "bias": {"bias": self.floats(3 * H * D)}, "mask": {"mask": mask},
                "added": {"added": self.floats(1, H, S, 9)}, "both": {"mask": mask, "added": self.floats(B, H, S, 9)},
        }.items():
            with self.subTest(name):
                self.check("MultiHeadAttention", {**plain, **rest, **changes}, num_heads=H)

    def test_multi_head_packed(self):
        """onnxruntime packs on GPUs only: the same numbers, not packed, are its oracle."""
        packed = self.floats(B, S, H, 3, D)
        whole, pair = model_of("MultiHeadAttention", {"query": packed}, num_heads=H), packed[:, :, :, 1:]
        parts = {n: np.ascontiguousarray(packed[:, :, :, i].reshape(B, S, H * D)) for i, n in enumerate(("query", "key", "value"))}
        plain = model_of("MultiHeadAttention", parts, num_heads=H)
        session = onnxruntime.InferenceSession(plain.SerializeToString(), providers=["CPUExecutionProvider"])
        expected = session.run(None, parts)[0]
        half = {"query": parts["query"], "key": np.ascontiguousarray(pair)}
        found = [tw.compile(whole).run({"query": packed}), tw.compile(model_of("MultiHeadAttention", half, num_heads=H)).run(half)]
        for result in found:
            np.testing.assert_allclose(result["y0"], expected, atol=2e-5, rtol=1e-4)

    def test_multi_head_with_past(self):
        inputs = {"query": self.floats(B, S, H * D), "key": self.floats(B, S, H * D), "value": self.floats(B, S, H * D),
                  "bias": None, "mask": None, "added": None, "past_key": self.floats(B, H, 5, D),
                  "past_value": self.floats(B, H, 5, D)}
        for unidirectional in (0, 1):
            self.check("MultiHeadAttention", inputs, 3, num_heads=H, unidirectional=unidirectional)

    def test_attention(self):
        inputs = {"input": self.floats(B, S, 24), "weights": self.floats(24, 3 * H * D) * 0.2, "bias": self.floats(3 * H * D)}
        mask = np.ones((B, S), np.int32)
        mask[1, 3:] = 0
        for name, more in {"plain": {}, "mask": {"mask": mask}, "lengths": {"mask": np.array([6, 4], np.int32)}}.items():
            with self.subTest(name):
                self.check("Attention", {**inputs, **more}, num_heads=H)
        self.check("Attention", inputs, num_heads=H, unidirectional=1)
        past = {"mask": None, "past": self.floats(2, B, H, 5, D)}
        self.check("Attention", {**inputs, **past}, 2, num_heads=H, unidirectional=1)

    def query_group(self, **changes) -> dict[str, np.ndarray | None]:
        inputs = {"query": self.floats(B, S, H * D), "key": self.floats(B, S, 2 * D), "value": self.floats(B, S, 2 * D),
                  "past_key": None, "past_value": None, "seqlens_k": np.full(B, S - 1, np.int32),
                  "total": np.array([S], np.int32)}
        return {**inputs, **changes}

    def test_group_query(self):
        self.check("GroupQueryAttention", self.query_group(), 3, num_heads=H, kv_num_heads=2)
        self.check("GroupQueryAttention", self.query_group(), 3, num_heads=H, kv_num_heads=2, local_window_size=3)
        past = {"past_key": self.floats(B, 2, 5, D), "past_value": self.floats(B, 2, 5, D), "query": self.floats(B, 1, H * D),
                "key": self.floats(B, 1, 2 * D), "value": self.floats(B, 1, 2 * D), "seqlens_k": np.full(B, 5, np.int32),
                "total": np.array([6], np.int32)}
        self.check("GroupQueryAttention", self.query_group(**past), 3, num_heads=H, kv_num_heads=2)

    def test_group_query_rotates(self):
        angles = np.outer(np.arange(32), 0.1 ** np.arange(D // 2)).astype(np.float32)
        caches = {"cos": np.cos(angles), "sin": np.sin(angles)}
        for interleaved in (0, 1):
            self.check("GroupQueryAttention", {**self.query_group(), **caches}, 3, num_heads=H, kv_num_heads=2, do_rotary=1,
                       rotary_interleaved=interleaved)

    def test_rotary(self):
        angles = np.outer(np.arange(32), 0.1 ** np.arange(D // 2)).astype(np.float32)
        inputs = {"x": self.floats(B, S, H * D), "positions": np.array([3], np.int64), "cos": np.cos(angles), "sin": np.sin(angles)}
        for interleaved in (0, 1):
            self.check("RotaryEmbedding", inputs, interleaved=interleaved)
        each = {**inputs, "x": self.floats(B, H, S, D), "positions": self.rng.integers(0, 32, (B, S))}
        self.check("RotaryEmbedding", each)


class ErrorTest(unittest.TestCase):
    def refuse(self, message: str, kind: str, inputs: dict[str, np.ndarray | None], **arguments) -> None:
        with self.assertRaisesRegex(tw.UserError, f"node 'attend'.*{message}"):
            tw.compile(model_of(kind, inputs, **arguments))

    def test_standard(self):
        def x(*shape: int) -> np.ndarray:
            return np.zeros(shape, np.float32)

        four = {"Q": x(1, 4, 5, 8), "K": x(1, 4, 5, 8), "V": x(1, 4, 5, 8)}
        for message, changes in {
                "heads of keys and values: expected a divisor of the 4 heads of queries, found 3":
                    {"K": x(1, 3, 5, 8), "V": x(1, 3, 5, 8)},
                "size of the keys' heads: expected 8, found 7": {"K": x(1, 4, 5, 7)},
                "length of values: expected 5, found 6": {"V": x(1, 4, 6, 8)},
                "bias: expected a shape that broadcasts to 1x4x5x5, found 5x6": {"mask": x(5, 6)},
                "mask: expected a shape that broadcasts to 1x4x5x5, found 3x5": {"mask": np.zeros((3, 5), bool)},
                "input 'K': expected 4 dims, found 3": {"K": x(1, 5, 32)},
                "expected both or none": {"mask": None, "past_key": x(1, 4, 2, 8)},
        }.items():
            with self.subTest(message):
                self.refuse(message, "Attention", {**four, **changes}, domain="")
        three = {name: x(1, 5, 30) for name in "QKV"}
        self.refuse("attribute 'q_num_heads': expected a divisor of the 30 columns", "Attention", three, domain="", q_num_heads=4,
                    kv_num_heads=4)
        self.refuse("attribute 'q_num_heads': expected the number of heads", "Attention", three, domain="")

    def test_contrib(self):
        x = np.zeros((1, 5, 32), np.float32)
        inputs = {"query": x, "key": x, "value": x}
        self.refuse("attribute 'num_heads': expected a divisor of 32 columns, found 5", "MultiHeadAttention", inputs, num_heads=5)
        ints = {"past_key": None, "past_value": None, "seqlens_k": np.zeros(1, np.int32), "total": np.zeros(1, np.int32)}
        self.refuse("attribute 'kv_num_heads': expected a divisor of num_heads", "GroupQueryAttention", {**inputs, **ints},
                    num_heads=4, kv_num_heads=3)


if __name__ == "__main__":
    unittest.main()
