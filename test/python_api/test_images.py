"""Convolutions and pools on GPUs: element types, channel counts, groups; what runs on tensor cores."""

import sys
import unittest
from pathlib import Path

import ml_dtypes
import numpy as np
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import small_models
import tilewright as tw

TYPES = {np.float16: TensorProto.FLOAT16, np.float32: TensorProto.FLOAT, ml_dtypes.bfloat16: TensorProto.BFLOAT16}


def network(x, weights, dtype, **attributes):
    """relu(conv(x) + bias), then a pool."""
    kind = TYPES[dtype]
    nodes = [helper.make_node("Conv", ["x", "w", "b"], ["c"], **attributes), helper.make_node("Relu", ["c"], ["r"]),
             helper.make_node("MaxPool", ["r"], ["y"], kernel_shape=[2, 2], strides=[2, 1])]
    bias = np.linspace(-1, 1, weights.shape[0]).astype(dtype)
    return small_models.model(nodes, [small_models.value("x", x.shape, kind)], [small_models.value("y", None, kind)],
                              [numpy_helper.from_array(weights.astype(dtype), "w"), numpy_helper.from_array(bias, "b")], opset=22)


class ImagesTest(unittest.TestCase):
    def setUp(self):
        self.generator = np.random.default_rng(11)

    def check(self, image, filters, dtype, on_tensor_cores=True, tolerance=2e-2, options=None, **attributes):
        """Eighths are exact in every type; sums and results are rounded."""
        x, w = (self.generator.integers(-8, 9, shape) / 8 for shape in (image, filters))
        single = network(x, w, np.float32, **attributes)
        expected = onnxruntime.InferenceSession(single.SerializeToString()).run(None, {"x": x.astype(np.float32)})[0]
        for target in ({"device": "emulator"}, {"target": "cpu,ptx", "device": "cpu"}):
            with self.subTest(image=image, filters=filters, dtype=dtype, **attributes, **target):
                model = tw.compile(network(x, w, dtype, **attributes), **target, **(options or {}))
                found = model.run({"x": x.astype(dtype)})["y"]
                np.testing.assert_allclose(found.astype(np.float32), expected, rtol=tolerance, atol=tolerance)
                if target["device"] == "emulator":
                    macs = sum(sum(kernel["tensor_macs"].values()) for kernel in model.counters())
                    self.assertEqual(macs > 0, on_tensor_cores)

    def test_channels(self):
        """A stem; channels that fill chunks, and that do not."""
        for dtype, tolerance in ((np.float16, 2e-3), (ml_dtypes.bfloat16, 2e-2)):
            for channels in (3, 8, 20):
                self.check((2, channels, 11, 9), (24, channels, 3, 3), dtype, tolerance=tolerance, pads=[1, 1, 1, 1],
                           strides=[2, 1])

    def test_stem(self):
        self.check((1, 3, 20, 18), (16, 3, 7, 7), np.float16, tolerance=2e-3, pads=[3, 3, 3, 3], strides=[2, 2])
        self.check((1, 3, 20, 18), (16, 3, 7, 7), np.float32, False, tolerance=1e-6, pads=[3, 3, 3, 3], strides=[2, 2])

    def test_groups(self):
        self.check((1, 32, 7, 6), (32, 16, 3, 3), np.float16, tolerance=2e-3, group=2, dilations=[2, 1], pads=[2, 1, 2, 1])
        self.check((1, 18, 7, 6), (18, 9, 2, 3), np.float16, tolerance=2e-3, group=2)

    def test_depthwise(self):
        for dtype, tolerance in ((np.float16, 2e-3), (np.float32, 1e-6)):
            for channels in (16, 7):
                self.check((1, channels, 8, 9), (channels, 1, 3, 3), dtype, False, tolerance=tolerance, group=channels,
                           pads=[1, 1, 1, 1])

    def test_tf32(self):
        """Eighths are tf32 numbers."""
        self.check((1, 9, 9, 8), (20, 9, 3, 3), np.float32, tolerance=1e-6, options={"allow_tf32": True})
        self.check((1, 9, 9, 8), (20, 9, 3, 3), np.float32, False, tolerance=1e-6)


if __name__ == "__main__":
    unittest.main()
