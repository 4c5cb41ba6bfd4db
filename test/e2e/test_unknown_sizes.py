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


# Graphs, sizes that go together, sizes that do not and what is said about them.
SUM = """<ir_version: 8, opset_import: ["" : 18]> g (float[a, b] x, float[c, d] y) => (float[e, f] z) { [sum] z = Add(x, y) }"""
PRODUCT = """<ir_version: 8, opset_import: ["" : 18]> g (float[a, 4, k] x, float[b, l, 6] y) => (float[c, 4, 6] z) { [product] z = MatMul(x, y) }"""
JOINED = """<ir_version: 8, opset_import: ["" : 18]> g (float[a, p] x, float[b, q] y) => (float[c, r] z) { [joined] z = Concat<axis = 0>(x, y) }"""
RESHAPED = """<ir_version: 8, opset_import: ["" : 18]>
g (float[a, b] x) => (float[3, 4] z) <int64[2] shape = {3, 4}> { [reshaped] z = Reshape(x, shape) }"""
SPREAD = """<ir_version: 8, opset_import: ["" : 18]>
g (float[a, b] x) => (float[c, 4] z) <int64[2] shape = {-1, 4}> { [spread] z = Reshape(x, shape) }"""
ATTENTION = """<ir_version: 11, opset_import: ["" : 24]>
g (float[n, 2, q, 8] x, float[m, 2, k, 8] y, bool[r, s] mask) => (float[n, 2, q, 8] z) { [attention] z = Attention(x, y, y, mask) }"""
FITTING = {
    "sum": (SUM, [((3, 8), (3, 8)), ((3, 8), (1, 8)), ((1, 1), (5, 2)), ((0, 8), (1, 1))],
            [((3, 8), (2, 8), "node 'sum' \\(Add\\): expected sizes that are equal or 1, found 3 and 2"), ((5, 50000), (5, 7), "found 50000 and 7")]),
    "product": (PRODUCT, [((3, 4, 5), (3, 5, 6)), ((1, 4, 5), (3, 5, 6))],
                [((3, 4, 5), (2, 5, 6), "node 'product' \\(MatMul\\): expected sizes that are equal or 1, found 3 and 2"),
                 ((3, 4, 5), (3, 9, 6), "expected sizes that are equal, found 5 and 9")]),
    "joined": (JOINED, [((3, 4), (2, 4)), ((0, 4), (2, 4))], [((3, 4), (2, 5), "node 'joined' \\(Concat\\): expected sizes that are equal, found 4 and 5")]),
    "reshaped": (RESHAPED, [((3, 4),), ((12, 1),)], [((3, 5), "node 'reshaped' \\(Reshape\\): expected sizes that are equal, found 15 and 12")]),
    "spread": (SPREAD, [((3, 4),), ((8, 1),), ((0, 3),)], [((3, 5), "node 'spread' \\(Reshape\\): expected sizes that are equal, found 15 and 12")]),
    "attention": (ATTENTION, [((2, 2, 5, 8), (2, 2, 7, 8), (5, 7)), ((2, 2, 5, 8), (2, 2, 7, 8), (1, 7))],
                  [((2, 2, 5, 8), (3, 2, 7, 8), (5, 7), "node 'attention' \\(Attention\\): expected sizes that are equal, found 3 and 2"),
                   ((2, 2, 5, 8), (2, 2, 7, 8), (4, 7), "expected sizes that are equal or 1, found 4 and 5")]),
}


class FittingSizesTest(unittest.TestCase):
    """Sizes that must go together are checked before anything runs that relies on them."""

    def test_sizes(self):
        for name, (text, good, bad) in FITTING.items():
            model = onnx.parser.parse_model(text)
            for device, options in DEVICES.items():
                compiled = tw.compile(model, **options)
                for shapes in good:
                    with self.subTest(name, device=device, shapes=shapes):
                        compiled.run(self.inputs(model, shapes))
                for *shapes, message in bad:
                    with self.subTest(name, device=device, shapes=shapes), self.assertRaisesRegex(tw.UserError, message):
                        compiled.run(self.inputs(model, shapes))

    def inputs(self, model: onnx.ModelProto, shapes: list) -> dict[str, np.ndarray]:
        types = {"mask": bool}
        return {value.name: np.ones(shape, types.get(value.name, np.float32))
                for value, shape in zip(model.graph.input, shapes, strict=True)}


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
