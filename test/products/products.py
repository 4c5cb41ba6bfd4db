"""Models of one product, numpy's results, and the kernels that they become."""

import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from small_models import model, value

RNG = np.random.default_rng(0)


@dataclass
class Product:
    """a [..., m, k] times b: "rows" [..., k, n], "columns" [..., n, k], or "weight" [k, n], a constant; and what follows."""

    m: int
    n: int
    k: int
    batch: tuple[int, ...] = ()
    right_batch: tuple[int, ...] | None = None  # where it differs
    right: str = "rows"
    dtype: type = np.float16
    epilogue: bool = False
    dynamic: bool = False

    def operands(self) -> dict[str, np.ndarray]:
        """Powers of two and sums of a few: products are exact in every order, and their sums in float32 nearly so."""
        def draw(*shape: int) -> np.ndarray:
            return (RNG.integers(-8, 9, shape) / 8).astype(self.dtype)

        right = () if self.right == "weight" else self.batch if self.right_batch is None else self.right_batch
        matrix = (self.n, self.k) if self.right == "columns" else (self.k, self.n)
        inputs = {"a": draw(*self.batch, self.m, self.k), "b": draw(*right, *matrix)}
        if self.epilogue:
            inputs |= {"bias": draw(self.n), "more": draw(*self.batch, self.m, self.n)}
        return inputs

    def expected(self, inputs: dict[str, np.ndarray]) -> np.ndarray:
        b = np.swapaxes(inputs["b"], -1, -2) if self.right == "columns" else inputs["b"]
        result = inputs["a"].astype(np.float32) @ b.astype(np.float32)
        if self.epilogue:
            result = np.maximum(result + inputs["bias"], 0) + inputs["more"]
        return result

    def model(self, inputs: dict[str, np.ndarray]) -> onnx.ModelProto:
        element = helper.np_dtype_to_tensor_dtype(np.dtype(self.dtype))
        nodes, product = [], "y"
        if self.right == "columns" and not self.batch:
            nodes.append(helper.make_node("Gemm", ["a", "b"], ["p"], transB=1))
        elif self.right == "columns":
            rank = inputs["b"].ndim
            nodes.append(helper.make_node("Transpose", ["b"], ["t"], perm=[*range(rank - 2), rank - 1, rank - 2]))
            nodes.append(helper.make_node("MatMul", ["a", "t"], ["p"]))
        else:
            nodes.append(helper.make_node("MatMul", ["a", "b"], ["p"]))
        if self.epilogue:
            nodes += [helper.make_node("Add", ["p", "bias"], ["q"]), helper.make_node("Relu", ["q"], ["r"]),
                      helper.make_node("Add", ["r", "more"], ["y"])]
        else:
            nodes[-1].output[0] = "y"
        weights = ["b"] if self.right == "weight" else []
        declared = [value(name, self.shape(array), element) for name, array in inputs.items() if name not in weights]
        return model(nodes, declared, [value("y", None, element)], [numpy_helper.from_array(inputs[name], name) for name in weights])

    def shape(self, array: np.ndarray) -> list:
        """Unknown sizes have the name of their number: what is equal stays so."""
        return [f"d{size}" if self.dynamic else size for size in array.shape]


def kernels(graph: onnx.ModelProto) -> dict[str, str]:
    """The PTX of a model of one kernel, by architecture."""
    build = Path(__file__).resolve().parents[2] / "build"
    with tempfile.TemporaryDirectory() as folder:
        onnx.save(graph, f"{folder}/model.onnx")
        subprocess.run([build / "bin/tilewright", "compile", f"{folder}/model.onnx", "-o", f"{folder}/k.ptx", "--target", "ptx:sm_90a",
                        "--quiet"], check=True, capture_output=True, text=True)
        text = Path(f"{folder}/k.ptx").read_text()
    modules = re.split(r"^(?=\.version)", text, flags=re.MULTILINE)[1:]
    return {re.search(r"^\.target (\w+)", module, re.MULTILINE)[1]: module for module in modules}


def error(found: np.ndarray, expected: np.ndarray) -> float:
    """Relative to the largest value."""
    return float(np.abs(found.astype(np.float32) - expected).max() / max(1.0, np.abs(expected).max()))
