"""How many kernels whole transformers become, for CPUs and for GPUs: norms, activations, rotary positions, embeddings and
residuals are one each, or part of a neighbour."""

import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import onnx

sys.path[:0] = [str(Path(__file__).resolve().parent), str(Path(__file__).resolve().parent / "exported")]

import recipe
import transformers
from graph import Graph

TILEWRIGHT = Path(__file__).resolve().parents[2] / "build/bin/tilewright"
TARGETS = ("cpu", "ptx")
OP = re.compile(r"\s+%\S+ = \"?nn\.(\w+)")


def launches(model: onnx.ModelProto, target: str) -> list[list[str]]:
    """The nn ops of each kernel, in the order of launches."""
    with tempfile.TemporaryDirectory() as folder:
        onnx.save(model, f"{folder}/model.onnx")
        subprocess.run([TILEWRIGHT, "compile", f"{folder}/model.onnx", "--target", target, "--emit=rt", "-o", f"{folder}/rt.mlir",
                        "--dump-ir=form-kernels", "--dump-dir", f"{folder}/ir", "--quiet"], check=True)
        text = next(Path(folder, "ir").glob("*form-kernels.mlir")).read_text()
    kernels: dict[str, list[str]] = {}
    ops: list[str] = []
    for line in text.splitlines():
        if found := re.match(r"\s*module @([^ {]+)", line):
            ops = kernels.setdefault(found[1], [])
        elif found := OP.match(line):
            ops += [found[1]] * (found[1] != "constant")
    return [kernels[name] for name in re.findall(r"rt\.launch @([^(]+)\(", text)]


def having(kernels: list[list[str]], *ops: str) -> list[list[str]]:
    return [kernel for kernel in kernels if set(ops) <= set(kernel)]



# The most launches of a graph, for CPUs and for GPUs.
MOST = {"bert-dynamo23-sdpa-dynamic": 34, "vit-dynamo23-sdpa-static": 24, "gpt2-dynamo23-sdpa-dynamic": 33,
        "llama-dynamo23-sdpa-static": 36, "llama-script17-eager-dynamic": 53, "t5-dynamo23-sdpa-static": 63}
LAYERS = 2


class KernelsTest(unittest.TestCase):
    def check_llama(self, kernels: list[list[str]]) -> None:
        """One kernel for the rotary positions of queries, one for those of keys; norms, gates and residuals beside them. What
        comes before the first norm are embeddings, angles and masks."""
        kernels = kernels[next(i for i, kernel in enumerate(kernels) if "reduce_mean" in kernel):]
        turned = having(kernels, "neg", "concat")
        self.assertEqual(len(turned), 2 * LAYERS)
        for kernel in turned:
            self.assertLessEqual({"slice", "transpose", "mul", "add"}, set(kernel))
        self.assertEqual(having(kernels, "slice"), turned)
        norms = having(kernels, "reduce_mean")
        self.assertEqual(len(norms), 2 * LAYERS + 1)
        for kernel in norms:
            self.assertEqual(kernel[-1], "mul")
        self.assertEqual(len(having(kernels, "sqrt")), len(norms))
        for kernel in having(kernels, "sigmoid"):
            self.assertIn("matmul_packed", kernel)
        self.assertNotIn(["add"], kernels)
        self.assertNotIn(["mul"], kernels)

    def check_gpt2(self, kernels: list[list[str]]) -> None:
        """Its products have another shape than what surrounds them: GELU and residuals are of their kernels all the same."""
        activations = having(kernels, "tanh")
        self.assertEqual(len(activations), LAYERS)
        for kernel in activations:
            self.assertEqual(kernel[:2], ["matmul_packed", "add"])
        self.assertEqual(kernels.count(["matmul_packed", "add", "add"]), 2 * LAYERS)

    def test_exported(self):
        for name, most in MOST.items():
            for target in TARGETS:
                with self.subTest(name, target=target):
                    kernels = launches(recipe.load(name), target)
                    self.assertLessEqual(len(kernels), most)
                    if name.startswith("llama"):
                        self.check_llama(kernels)
                    if name.startswith("gpt2"):
                        self.check_gpt2(kernels)

    def test_written_llama(self):
        for dynamic in (False, True):
            for target in TARGETS:
                with self.subTest(dynamic=dynamic, target=target):
                    self.check_llama(launches(transformers.build("llama", dynamic)[0], target))

    def test_rms_norms_of_t5(self):
        for target in TARGETS:
            with self.subTest(target=target):
                norms = having(launches(transformers.build("t5", True)[0], target), "reduce_mean")
                self.assertEqual(len(norms), 2 * LAYERS + 3 * LAYERS + 1)
                for kernel in norms:
                    self.assertEqual(kernel[-1], "mul")

    def test_rotary_operators(self):
        """ONNX's and onnxruntime's own: nothing but what turns."""
        for domain in ("", "com.microsoft"):
            for target in TARGETS:
                with self.subTest(domain, target=target):
                    g = Graph(opset=23)
                    x = g.input("x", g.tensor(2, 3, 5, 8))
                    positions = g.input("positions", g.rng.integers(0, 20, (2, 5)))
                    caches = [g.const(g.tensor(20, 4)) for _ in range(2)]
                    inputs = [x, positions, *caches] if domain else [x, *caches, positions]
                    model = g.model(g.op("RotaryEmbedding", *inputs, domain=domain))
                    self.assertEqual(launches(model, target), [["rotary_embedding"]])


if __name__ == "__main__":
    unittest.main()
