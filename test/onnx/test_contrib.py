"""Operators of onnxruntime's own (com.microsoft) that are defined by ONNX's: results against onnxruntime, sizes known or not,
and what is refused."""

import sys
import tempfile
import unittest
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import helper

ATTENTION = Path(__file__).resolve().parents[1] / "attention"
sys.path[:0] = [str(ATTENTION), str(ATTENTION / "exported")]

import recipe
import tilewright as tw
from test_fusion import sites

RANDOM = np.random.default_rng(3)


def real(*shape: int) -> np.ndarray:
    return RANDOM.standard_normal(shape).astype(np.float32)


def byte(*shape: int, dtype: type = np.uint8) -> np.ndarray:
    info = np.iinfo(dtype)
    return RANDOM.integers(info.min, info.max + 1, shape).astype(dtype)


def weight(*shape: int) -> np.ndarray:
    """Signed bytes of seven bits: onnxruntime's sums of two products saturate on some CPUs."""
    return byte(*shape, dtype=np.int8) // 2


def scalar(value: float, dtype: type = np.float32) -> np.ndarray:
    return np.array(value, dtype)


@dataclass
class Case:
    """A node: inputs in order (None: absent); `weights` are constants, by position; outputs that are wanted, by position."""

    inputs: list
    attributes: dict = field(default_factory=dict)
    weights: tuple = ()
    outputs: tuple = (0,)
    domain: str = "com.microsoft"
    tolerance: float = 2e-5
    name: str = ""  # the operator's, where the case has another


def skip(*more, **options) -> Case:
    return Case([real(2, 5, 24), real(2, 5, 24), real(24), *more], {"epsilon": 1e-5}, **options)


def embedding(*more, segments: bool = True, **options) -> Case:
    ids = RANDOM.integers(0, 30, (2, 7)).astype(np.int32)
    kinds = RANDOM.integers(0, 2, (2, 7)).astype(np.int32)
    return Case([ids, kinds if segments else None, real(30, 16), real(12, 16), real(2, 16) if segments else None, real(16), real(16), *more],
                {"epsilon": 1e-6}, weights=(2, 3, 4, 5, 6), **options)


def few_bits(bits: int, depth: int, rows: int, block: int, *more, **options) -> Case:
    blocks = -(-depth // block)
    packed = byte(rows, blocks, block * bits // 8)
    return Case([real(3, depth), packed, np.abs(real(rows * blocks)) * 0.02, *more],
                {"K": depth, "N": rows, "bits": bits, "block_size": block}, weights=(1, 2, 3, 4, 5), tolerance=1e-4, **options)


def binary(dtype: type = np.uint8, zeros: tuple = (3, 7, 100)) -> Case:
    zero = [scalar(z, dtype) for z in zeros]
    return Case([byte(2, 9, dtype=dtype), scalar(0.02), zero[0], byte(9, dtype=dtype), scalar(0.03), zero[1], scalar(0.05), zero[2]])


def unary(*shape: int, **attributes) -> Case:
    x = byte(*shape)
    return Case([x, scalar(0.04), scalar(128, np.uint8), scalar(0.01), scalar(5, np.uint8)], attributes)


CASES = {
    "Gelu": Case([real(3, 17)]), "FastGelu": Case([real(3, 17), real(17)]), "FastGelu plain": Case([real(3, 17)]),
    "BiasGelu": Case([real(2, 3, 17), real(17)]), "QuickGelu": Case([real(3, 17)], {"alpha": 1.5}), "QuickGelu default": Case([real(5)]),
    "SimplifiedLayerNormalization": Case([real(2, 5, 24), real(24)], {"axis": -1, "epsilon": 1e-5}, domain=""),
    "SkipLayerNormalization": skip(real(24), real(24)), "SkipLayerNormalization plain": skip(),
    "SkipLayerNormalization sum": skip(real(24), None, outputs=(0, 3)),
    "SkipLayerNormalization broadcast": Case([real(2, 5, 24), real(1, 5, 24), real(24), real(24)], {"epsilon": 1e-5}),
    "SkipSimplifiedLayerNormalization": skip(real(24)), "SkipSimplifiedLayerNormalization sum": skip(outputs=(0, 3)),
    "EmbedLayerNormalization": embedding(outputs=(0, 1)), "EmbedLayerNormalization one kind": embedding(segments=False, outputs=(0, 1)),
    "EmbedLayerNormalization mask": embedding((RANDOM.random((2, 7)) < 0.7).astype(np.int32), outputs=(0, 1)),
    "EmbedLayerNormalization places": embedding(None, RANDOM.integers(0, 12, (2, 7)).astype(np.int32), outputs=(0, 1)),
    "FusedMatMul": Case([real(2, 3, 8), real(2, 8, 5)], {"alpha": 0.5}),
    "FusedMatMul transposed": Case([real(2, 8, 3), real(5, 8)], {"transA": 1, "transB": 1}),
    "FusedMatMul rotated": Case([real(3, 2, 4, 8), real(5, 2, 4, 8)], {"transBatchA": 1, "transBatchB": 1, "transB": 1}),
    "MatMulNBits": few_bits(4, 64, 10, 32), "MatMulNBits zeros": few_bits(4, 96, 10, 32, byte(10 * 2)),
    "MatMulNBits ragged": few_bits(4, 50, 10, 16, byte(10 * 2)), "MatMulNBits bias": few_bits(4, 32, 7, 16, None, None, real(7)),
    "MatMulNBits 8": few_bits(8, 64, 10, 32, byte(10 * 2)),
    "FusedConv": Case([real(1, 4, 9, 9), real(6, 4, 3, 3), real(6)],
                      {"activation": "Relu", "kernel_shape": [3, 3], "pads": [1, 1, 1, 1]}, weights=(1, 2)),
    "FusedConv sum": Case([real(1, 4, 9, 9), real(6, 4, 1, 1), real(6), real(1, 6, 9, 9)], {"activation": "Relu", "kernel_shape": [1, 1]}, weights=(1, 2)),
    "FusedConv clip": Case([real(1, 4, 9, 9), real(6, 4, 3, 3), real(6)],
                           {"activation": "Clip", "activation_params": [-0.25, 6.0], "kernel_shape": [3, 3], "strides": [2, 2]}, weights=(1, 2)),
    "FusedGemm": Case([real(5, 8), real(8, 6), real(6)], {"activation": "LeakyRelu", "activation_alpha": 0.1, "alpha": 0.5}),
    "QLinearAdd": binary(), "QLinearAdd signed": binary(np.int8), "QLinearMul": binary(),
    "QLinearSigmoid": unary(4, 33), "QLinearLeakyRelu": unary(4, 33, alpha=0.2), "QLinearSoftmax": unary(4, 33, axis=-1, opset=13),
    "QLinearGlobalAveragePool": unary(2, 5, 6, 7), "QLinearAveragePool": unary(1, 3, 8, 8, kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1]),
    "QLinearConcat": Case([scalar(0.02), scalar(9, np.uint8), byte(2, 3), scalar(0.03), scalar(1, np.uint8), byte(2, 4), scalar(0.01), scalar(2, np.uint8)], {"axis": 1}),
    "MatMulIntegerToFloat": Case([byte(3, 16), weight(16, 5), scalar(0.02), scalar(0.03), scalar(120, np.uint8), scalar(-3, np.int8), real(5)]),
    "MatMulIntegerToFloat columns": Case([byte(3, 16), byte(16, 5), scalar(0.02), np.abs(real(5)), None, byte(5)]),
    "DynamicQuantizeMatMul": Case([real(3, 16), weight(16, 5), np.abs(real(5)) * 0.02, np.zeros(5, np.int8), real(5)], tolerance=1e-4),
    "QGemm": Case([byte(3, 16), scalar(0.02), scalar(100, np.uint8), weight(16, 5), scalar(0.03), scalar(4, np.int8),
                   RANDOM.integers(-500, 500, 5).astype(np.int32), scalar(0.1), scalar(100, np.uint8)]),
    "QGemm real": Case([byte(3, 16), scalar(0.02), scalar(100, np.uint8), weight(5, 16), np.abs(real(5)), np.zeros(5, np.int8)], {"transB": 1}),
    "QuantizeLinear": Case([real(4, 5), scalar(0.02), scalar(7, np.int8)]),
    "DequantizeLinear": Case([byte(4, 5), np.abs(real(5)), byte(5)], {"axis": 1}),
}


def model(name: str, case: Case, dynamic: bool = False) -> onnx.ModelProto:
    names = ["" if x is None else f"x{i}" for i, x in enumerate(case.inputs)]
    graph_inputs, constants = [], []
    for i, (label, array) in enumerate(zip(names, case.inputs)):
        if array is None:
            continue
        if i in case.weights:
            constants.append(onnx.numpy_helper.from_array(array, label))
            continue
        dims = [f"{label}_{d}" if dynamic and d < array.ndim - 1 and array.ndim > 1 else size for d, size in enumerate(array.shape)]
        graph_inputs.append(helper.make_tensor_value_info(label, helper.np_dtype_to_tensor_dtype(array.dtype), dims))
    outputs = [f"y{i}" if i in case.outputs else "" for i in range(max(case.outputs) + 1)]
    node = helper.make_node(name.split()[0], names, outputs, name="node", domain=case.domain, **case.attributes)
    results = [onnx.ValueInfoProto(name=label) for label in outputs if label]
    graph = helper.make_graph([node], "g", graph_inputs, results, constants)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17), helper.make_opsetid("com.microsoft", 1)], ir_version=8)


def feeds(case: Case) -> dict[str, np.ndarray]:
    return {f"x{i}": x for i, x in enumerate(case.inputs) if x is not None and i not in case.weights}


def expected(name: str, case: Case) -> list[np.ndarray]:
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(model(name, case).SerializeToString(), options, providers=["CPUExecutionProvider"])
    return session.run([f"y{i}" for i in case.outputs], feeds(case))


class ContribTest(unittest.TestCase):
    def check(self, name: str, case: Case, **options) -> None:
        for dynamic in (False, True):
            found = tw.compile(model(name, case, dynamic), **options).run(feeds(case))
            for i, wanted in zip(case.outputs, expected(name, case)):
                with self.subTest(name, dynamic=dynamic, output=i):
                    self.assertEqual(found[f"y{i}"].dtype, wanted.dtype)
                    self.assertEqual(found[f"y{i}"].shape, wanted.shape)
                    # Bytes: onnxruntime multiplies with reciprocals, which rounds some the other way.
                    loose = {"atol": 1, "rtol": 0} if wanted.dtype.itemsize == 1 else {"atol": case.tolerance, "rtol": case.tolerance}
                    np.testing.assert_allclose(found[f"y{i}"].astype(np.float64), wanted.astype(np.float64), **loose)

    def test_operators(self):
        for name, case in CASES.items():
            self.check(name, case)

    def test_on_emulator(self):
        for name in ("SkipLayerNormalization", "MatMulNBits", "QGemm", "EmbedLayerNormalization"):
            self.check(name, CASES[name], device="emulator")

    def test_split_gelu(self):
        """onnxruntime has it for GPUs only."""
        case = Case([real(2, 3, 16), real(16)])
        found = tw.compile(model("BiasSplitGelu", case)).run(feeds(case))["y0"]
        left, right = np.split(case.inputs[0] + case.inputs[1], 2, axis=-1)
        gelu = tw.compile(model("Gelu", Case([right]))).run({"x0": right})["y0"]
        np.testing.assert_allclose(found, left * gelu, rtol=1e-5, atol=1e-6)

    def test_absent_zero_points(self):
        """They are 0, of the operands' type; onnxruntime's check of types does not let them be absent."""
        case = binary(np.int8, (0, 0, 0))
        absent = Case([None if i in (2, 5, 7) else x for i, x in enumerate(case.inputs)])
        found = tw.compile(model("QLinearAdd", absent)).run(feeds(absent))["y0"]
        self.assertEqual(found.dtype, np.int8)
        self.assertLessEqual(np.abs(found.astype(int) - expected("QLinearAdd", case)[0]).max(), 1)

    def test_optimised_transformers(self):
        """Exported graphs, optimised by onnxruntime: they compile, and their attention is found as before."""
        for name in ("torch_transformer-dynamo18-sdpa-static", "clip-dynamo18-sdpa-dynamic", "bert-dynamo18-sdpa-static"):
            with self.subTest(name), tempfile.TemporaryDirectory() as folder:
                options = onnxruntime.SessionOptions()
                options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
                options.optimized_model_filepath = f"{folder}/model.onnx"
                options.log_severity_level = 4
                session = onnxruntime.InferenceSession(recipe.load(name).SerializeToString(), options, providers=["CPUExecutionProvider"])
                optimised = onnx.load(options.optimized_model_filepath)
                self.assertIn("com.microsoft", {node.domain for node in optimised.graph.node})
                about = recipe.manifest()[name]
                x = recipe.inputs(about["inputs"], about["sizes"][0])
                found = tw.compile(optimised).run(x)
                for info, wanted in zip(optimised.graph.output, session.run(None, x)):
                    np.testing.assert_allclose(found[info.name], wanted, atol=2e-5)
                self.assertEqual([site["fused"] for site in sites(optimised)].count(False), 0)

    def refuse(self, name: str, case: Case, message: str) -> None:
        with self.subTest(name), self.assertRaisesRegex(tw.UserError, message):
            tw.compile(model(name, case))

    def test_refusals(self):
        self.refuse("QLinearGlobalAveragePool", unary(2, 5, 6, 7, channels_last=1), "'QLinearGlobalAveragePool' of com.microsoft opset 1 is not supported yet")
        self.refuse("MatMulNBits", few_bits(4, 32, 7, 16, None, np.arange(32, dtype=np.int32)), "'MatMulNBits' of com.microsoft opset 1 is not supported yet")
        self.refuse("FastGelu", Case([byte(3, 4)]), "input 'X': expected another element type, found uint8")
        self.refuse("QuickGelu", Case([real(4)], {"beta": 1.0}), "attribute 'beta': no attribute of this operator")
        self.refuse("SkipLayerNormalization", Case([real(2, 3, 4), real(2, 3, 4)]), "expected 3 to 5 inputs, found 2")
        self.refuse("Sampling", Case([real(4)]), "domain com.microsoft")


if __name__ == "__main__":
    unittest.main()
