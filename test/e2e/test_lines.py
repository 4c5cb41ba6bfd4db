"""What goes along lines (CumSum, CumProd, TopK, NonZero, Compress, Unique) on CPUs and, as PTX kernels in several orders of
events, on the emulator, against numpy."""

import unittest

import numpy as np
from onnx import ModelProto, helper

import tilewright as tw

SEEDS = 3
NUMBERS = [np.float16, np.float32, np.float64, np.int8, np.int16, np.int32, np.int64, np.uint8, np.uint16, np.uint32, np.uint64]
SHAPES = [((1,), 0), ((0,), 0), ((7,), 0), ((33, 5), 0), ((5, 257), 1), ((3, 300, 40), 1), ((2, 1000, 3), 1), ((140, 2049), 1),
          ((2, 700, 9), 1), ((5000,), 0), ((100_000,), 0), ((3, 0, 5), 1)]


def model(op: str, inputs: dict[str, np.ndarray], constants: dict[str, np.ndarray], outputs: dict[str, type], dynamic: bool,
          **attributes) -> ModelProto:
    """One node; constants come after inputs."""
    def value(name: str, dtype, shape):
        return helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(np.dtype(dtype)), shape)

    values = [value(name, x.dtype, [f"{name}{i}" for i in range(x.ndim)] if dynamic else x.shape) for name, x in inputs.items()]
    tensors = [helper.make_tensor(name, helper.np_dtype_to_tensor_dtype(x.dtype), x.shape, x.tobytes(), raw=True)
               for name, x in constants.items()]
    node = helper.make_node(op, [*inputs, *constants], list(outputs), name=op, **attributes)
    graph = helper.make_graph([node], "g", values, [value(name, dtype, None) for name, dtype in outputs.items()], tensors)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 24 if op != "CumProd" else 26)], ir_version=11)


class LinesTest(unittest.TestCase):
    def runs(self, op, inputs, outputs, constants=None, unknown=(False, True), **attributes):
        """The outputs on CPUs with one thread and two, and on the emulator, of sizes known and unknown."""
        for dynamic in unknown:
            made = model(op, inputs, constants or {}, outputs, dynamic, **attributes)
            for threads in (1, 2):
                yield f"cpu, threads={threads}, dynamic={dynamic}", tw.compile(made, device="cpu", threads=threads).run(inputs)
            runs = [tw.compile(made, target="ptx", device="emulator", emulator_seed=seed).run(inputs) for seed in range(SEEDS)]
            for other in runs[1:]:
                for name, array in runs[0].items():
                    np.testing.assert_array_equal(array, other[name])
            yield f"emulator, dynamic={dynamic}", runs[0]

    def check_sums(self, x: np.ndarray, axis: int, exclusive: bool, reverse: bool, axis_known: bool = True):
        place = np.array(axis, np.int64)
        wide = np.flip(x, axis) if reverse else x
        with np.errstate(over="ignore"):
            sums = np.cumsum(wide.astype(np.float64) if x.dtype.kind == "f" else wide, axis, dtype=None if x.dtype.kind == "f" else x.dtype)
        if exclusive:
            sums = np.roll(sums, 1, axis)
            np.moveaxis(sums, axis, 0)[:1] = 0
        expected = (np.flip(sums, axis) if reverse else sums).astype(x.dtype)
        is_float = x.dtype.kind == "f"
        tolerance = 8 * np.max(np.abs(x).sum(axis), initial=1) * np.finfo(x.dtype).eps if is_float else 0
        constants, inputs = ({"axis": place}, {"x": x}) if axis_known else ({}, {"x": x, "axis": place})
        with self.subTest(dtype=x.dtype.name, shape=x.shape, axis=axis, exclusive=exclusive, reverse=reverse, axis_known=axis_known):
            for where, found in self.runs("CumSum", inputs, {"y": x.dtype}, constants, exclusive=int(exclusive), reverse=int(reverse)):
                np.testing.assert_allclose(found["y"], expected, rtol=0, atol=tolerance, err_msg=where)

    def test_sums(self):
        rng = np.random.default_rng(1)
        for n, (shape, axis) in enumerate(SHAPES):
            self.check_sums(rng.standard_normal(shape).astype(np.float32), axis, n % 2 == 1, n % 3 == 1)

    def test_sums_of_all_types(self):
        rng = np.random.default_rng(2)
        for dtype in (np.float16, np.float64, np.int32, np.int64, np.uint32, np.uint64):
            self.check_sums((10 * rng.standard_normal((3, 300))).astype(dtype), 1, False, False)
            self.check_sums((10 * rng.standard_normal((20, 2, 33))).astype(dtype), 0, True, True)

    def test_sums_along_an_axis_that_is_given_late(self):
        rng = np.random.default_rng(3)
        for axis in (0, 1, -1):
            self.check_sums(rng.standard_normal((20, 33, 300)).astype(np.float32), axis, axis == 1, axis == -1, axis_known=False)

    def test_products(self):
        x = np.random.default_rng(4).uniform(0.9, 1.1, (3, 3000)).astype(np.float32)
        for where, found in self.runs("CumProd", {"x": x}, {"y": x.dtype}, {"axis": np.array(1, np.int64)}):
            np.testing.assert_allclose(found["y"], np.cumprod(x.astype(np.float64), 1), rtol=1e-4, err_msg=where)

    def check_top(self, x: np.ndarray, axis: int, k: int, largest: bool, unknown=(False, True)):
        """Of equal elements the first; NaN is larger than all else, 0 and -0 are equal."""
        count = x.shape[axis]
        if largest:  # A stable sort of the flipped elements, flipped, has equal ones the other way around.
            order = count - 1 - np.flip(np.argsort(np.flip(x, axis), axis, kind="stable"), axis)
        else:
            order = np.argsort(x, axis, kind="stable")
        places = np.take(order, range(k), axis)
        with self.subTest(dtype=x.dtype.name, shape=x.shape, axis=axis, k=k, largest=largest):
            for where, found in self.runs("TopK", {"x": x}, {"v": x.dtype, "i": np.int64}, {"k": np.array([k], np.int64)}, unknown=unknown, axis=axis, largest=int(largest)):
                np.testing.assert_array_equal(found["i"], places, where)
                np.testing.assert_array_equal(found["v"], np.take_along_axis(x, places, axis), where)

    def test_top(self):
        rng = np.random.default_rng(5)
        for n, (shape, axis) in enumerate(SHAPES):
            count = shape[axis]
            for k in {min(1, count), min(50, count), count} if count < 1000 else {min(1200, count)} if count <= 5000 else {5, 3000}:
                self.check_top(np.round(rng.standard_normal(shape) * 50).astype(np.float32), axis, k, (n + k) % 2 == 0)

    def test_top_of_all_types(self):
        rng = np.random.default_rng(6)
        for n, dtype in enumerate(NUMBERS):
            x = (rng.standard_normal((3, 300)) * 1000).astype(np.int64).astype(dtype)
            self.check_top(x, 1, 20, n % 2 == 0, unknown=(n % 2 == 0,))
            self.check_top(x.T.copy(), 0, 300, n % 2 == 1, unknown=(n % 2 == 1,))

    def test_top_of_strange_numbers(self):
        x = np.array([[0.0, -0.0, np.nan, np.inf, -np.inf, -np.nan, 1e-45, -1e-45, 3.0, 3.0, -0.0, np.inf]], np.float32)
        for dtype in (np.float16, np.float32, np.float64):
            for largest in (False, True):
                self.check_top(x.astype(dtype), 1, 12, largest)
        self.check_top(np.full((1, 3000), np.nan, np.float32), 1, 3000, False)
        self.check_top(np.array([[-128, 127, 0, -1]], np.int8), 1, 4, True)
        self.check_top(np.array([[2**64 - 1, 0, 2**63, 2**63 - 1]], np.uint64), 1, 4, True)

    def test_positions(self):
        rng = np.random.default_rng(7)
        for shape in [(), (1,), (0,), (37,), (3, 100), (4, 5, 6), (100_000,), (50, 0)]:
            for share in (0, 0.1, 1):
                x = (rng.uniform(size=shape) < share).astype(np.float32) * 2
                with self.subTest(shape=shape, share=share):
                    for where, found in self.runs("NonZero", {"x": x}, {"y": np.int64}):
                        expected = np.stack(np.nonzero(x)) if shape else np.zeros((0, int(x != 0)), np.int64)
                        np.testing.assert_array_equal(found["y"], expected, where)

    def test_compress(self):
        rng = np.random.default_rng(8)
        x, condition = rng.standard_normal((300, 20)).astype(np.float32), rng.uniform(size=250) < 0.3
        for where, found in self.runs("Compress", {"x": x, "condition": condition}, {"y": x.dtype}, axis=0):
            np.testing.assert_array_equal(found["y"], np.compress(condition, x, 0), where)

    def check_unique(self, x: np.ndarray, **attributes):
        values, first, inverse, counts = np.unique(x, return_index=True, return_inverse=True, return_counts=True)
        inverse = inverse.reshape(-1)
        if not attributes.get("sorted", 1):
            order = np.argsort(first)
            values, first, counts, inverse = values[order], first[order], counts[order], np.argsort(order)[inverse]
        outputs = {"y": x.dtype, "first": np.int64, "inverse": np.int64, "counts": np.int64}
        with self.subTest(dtype=x.dtype.name, shape=x.shape, **attributes):
            for where, found in self.runs("Unique", {"x": x}, outputs, **attributes):
                for name, expected in zip(outputs, (values, first, inverse, counts)):
                    np.testing.assert_array_equal(found[name], expected, f"{name}, {where}")

    def test_unique(self):
        rng = np.random.default_rng(9)
        for n, shape in enumerate([(1,), (50,), (7, 11), (3000,), (0,)]):
            for dtype in (np.float32, np.int64, np.uint8):
                self.check_unique(rng.integers(0, 40, shape).astype(dtype), sorted=n % 2)
        self.check_unique(np.array([2, np.nan, -np.inf, np.nan, 2, 0.0, -0.0], np.float32), sorted=1)


if __name__ == "__main__":
    unittest.main()
