"""Small graphs whose sizes are known when they run only: equal to onnxruntime, compiled once for several sizes, on the CPU and
on the PTX emulator."""

import unittest

import numpy as np
import onnx
import onnx.parser
import onnxruntime

import tilewright as tw

DEVICES = {"cpu": {}, "emulator": {"target": "ptx", "device": "emulator"}}
# The first key of each sequence: the slice is copied in its kernel, whose blocks are as many as there are sequences.
REDUCED_SLICE = """<ir_version: 8, opset_import: ["" : 18]>
g (bool[b, 1, 1, n] x) => (int64[c] y)
<int64[1] zero = {0}, int64[1] one = {1}, int64[1] last = {-1}, int64[3] all = {1, 2, 3}> {
  first = Slice(x, zero, one, last)
  number = Cast<to = 7>(first)
  y = ReduceMin<keepdims = 0>(number, all)
}"""
# What is carried and what is gathered have as many columns as x.
SCANNED = """<ir_version: 8, opset_import: ["" : 18]>
g (float[n, m] x, float[m] start) => (float[m] sum, float[n, m] sums) {
  sum, sums = Scan<num_scan_inputs = 1, scan_input_directions = [DIRECTION], scan_output_directions = [DIRECTION], body = b
    (float[m] sofar, float[m] row) => (float[m] longer, float[m] copy) {
      longer = Add(sofar, row)
      copy = Mul(longer, row)
    }>(start, x)
}"""
LOOPED = """<ir_version: 8, opset_import: ["" : 18]>
g (int64 n, float[a, b] x) => (float[a, b] y, float[c, a, b] rows) {
  y, rows = Loop(n, , x) <body = body (int64 i, bool go, float[d, e] v) => (bool goes, float[d, e] w, float[d, e] row) {
    goes = Identity(go)
    w = Add(v, x)
    number = Cast<to = 1>(i)
    row = Mul(w, number)
  }>
}"""


class UnknownSizesTest(unittest.TestCase):
    def check(self, text: str, *cases: list[np.ndarray]) -> None:
        model = onnx.parser.parse_model(text)
        names = [value.name for value in model.graph.input]
        session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
        for device, options in DEVICES.items():
            compiled = tw.compile(model, **options)
            for case in cases:
                inputs = dict(zip(names, case, strict=True))
                with self.subTest(device, shapes=[array.shape for array in case]):
                    for found, right in zip(compiled.run(inputs).values(), session.run(None, inputs), strict=True):
                        self.assertEqual(found.shape, right.shape)
                        np.testing.assert_allclose(found, right, rtol=1e-5, atol=1e-6)

    def test_reduced_slice(self):
        rng = np.random.default_rng(0)
        self.check(REDUCED_SLICE, *([rng.random((batch, 1, 1, length)) < 0.5] for batch, length in ((5, 7), (1, 1), (300, 2))))

    def test_scan(self):
        rng = np.random.default_rng(0)
        cases = [[rng.standard_normal(shape).astype(np.float32) for shape in ((rows, columns), (columns,))]
                 for rows, columns in ((4, 5), (1, 1), (9, 70))]
        for direction in "01":
            self.check(SCANNED.replace("DIRECTION", direction), *cases)

    def test_loop(self):
        """Where there is no iteration, dims that it would say are 0."""
        rng = np.random.default_rng(0)
        cases = [[np.array(trips), rng.standard_normal((a, b)).astype(np.float32)] for trips, a, b in ((3, 2, 5), (0, 2, 3), (1, 1, 1))]
        self.check(LOOPED, *cases)


if __name__ == "__main__":
    unittest.main()
