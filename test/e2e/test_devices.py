"""Targets and devices on the command line: PTX kernels on the emulator, one file for CPU and GPU, what ptxas says."""

import json
import os
import re
import subprocess
import sys
import unittest
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper

sys.path[:0] = [str(Path(__file__).resolve().parent), str(Path(__file__).resolve().parents[1])]

from sass import ptxas
from test_cli import USER_ERROR, CommandTest, run
import small_models


def operator(op: str, *shapes, dtype: int = TensorProto.FLOAT, **attributes) -> onnx.ModelProto:
    """A model of one node; its inputs are called a, b, c, …"""
    names = [chr(ord("a") + i) for i in range(len(shapes))]
    return small_models.model([helper.make_node(op, names, ["y"], name=op, **attributes)],
                              [small_models.value(name, shape, dtype) for name, shape in zip(names, shapes)],
                              [small_models.value("y", None, dtype)])


def kernels() -> dict[str, onnx.ModelProto]:
    """A model for every kind of kernel."""
    half = TensorProto.FLOAT16
    return {
        "add": small_models.add(), "scale": small_models.scale(),
        "gelu": operator("Gelu", ["n", 100]), "softmax": operator("Softmax", ["n", 100]),
        "layer_norm": operator("LayerNormalization", ["n", 100], [100], [100]), "reduce": operator("ReduceSum", [7, "n"]),
        "transpose": operator("Transpose", ["m", "n"], perm=[1, 0]),
        "matmul": operator("MatMul", ["m", 64], [64, 48]), "matmul_f16": operator("MatMul", ["m", 64], [64, 48], dtype=half),
        "conv": operator("Conv", [1, 8, "h", "w"], [16, 8, 3, 3], kernel_shape=[3, 3], pads=[1, 1, 1, 1]),
        "depthwise": operator("Conv", [1, 8, 20, 20], [8, 1, 3, 3], kernel_shape=[3, 3], group=8),
        "pool": operator("MaxPool", [1, 8, 20, 20], kernel_shape=[3, 3], strides=[2, 2]),
        "cumsum": small_models.model([helper.make_node("CumSum", ["x", "axis"], ["y"], name="CumSum")],
                                     [small_models.value("x", ["n"]), small_models.value("axis", [], TensorProto.INT32)],
                                     [small_models.value("y", ["n"])]),
    }


class DeviceTest(CommandTest):
    def test_emulator_equals_cpu(self):
        model = self.save(small_models.add())
        common = ("--input", "x=random", "--input", "y=random", "--dim", "n=50", "--quiet", "--output")
        self.tilewright("run", model, *common, "cpu")
        self.tilewright("run", model, *common, "emulated", "--device", "emulator")
        found, expected = (np.load(self.folder / folder / "z.npy") for folder in ("emulated", "cpu"))
        np.testing.assert_array_equal(found, expected)

    def test_one_file_for_both(self):
        self.tilewright("compile", self.save(small_models.add()), "-o", "both", "--target", "cpu,ptx")
        inputs = ("--input", "x=random", "--input", "y=random", "--dim", "n=5")
        without_gpu = {**os.environ, "TILEWRIGHT_LIBCUDA": "/nonexistent/libcuda.so"}
        done = run(self.folder / "both", *inputs, env=without_gpu)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("device: cpu, because device 'cuda': no CUDA driver", done.stderr)
        library = Path(__file__).resolve().parents[2] / "build/lib/libtilewright-emulator.so"
        emulated = run(self.folder / "both", *inputs, "--device", "emulator", "--emulator", library)
        self.assertEqual(emulated.returncode, 0, emulated.stderr)
        self.assertEqual(emulated.stdout, done.stdout)

    def test_hopper_has_code_for_others_beside_it(self):
        self.tilewright("compile", self.save(small_models.add()), "-o", "k.ptx", "--target", "ptx:sm_90a")
        targets = re.findall(r"^\.target (\S+)", (self.folder / "k.ptx").read_text(), re.MULTILINE)
        self.assertEqual(targets, ["sm_90a", "sm_80"])

    def test_counters(self):
        model = self.save(small_models.add())
        done = self.tilewright("run", model, "--input", "x=random", "--input", "y=random", "--dim", "n=5", "--quiet", "--json",
                               "--timing", "--device", "emulator")
        report = json.loads(done.stdout.splitlines()[-1])
        self.assertEqual([node["name"] for node in report["nodes"]], ["sum"])
        self.assertEqual(len(report["counters"]), 1)

    def test_refusals(self):
        model = self.save(small_models.add())
        cpu, ptx = ("compile", model, "-o", "cpu.so"), ("compile", model, "-o", "ptx.so", "--target", "ptx")
        self.tilewright(*cpu), self.tilewright(*ptx)
        inputs = ("--input", "x=random", "--input", "y=random", "--dim", "n=5")
        self.refuse("compile", model, "-o", "k", "--target", "gpu", says=("target", "'cpu,ptx'", "'gpu'"))
        self.refuse("compile", model, "-o", "k", "--target", "cpu,cpu", says=("target",))
        self.refuse("compile", model, "-o", "k.ptx", says=("emit", "'ptx'", "'cpu'"))
        self.refuse("compile", model, "-o", "k", "--embed-cubin", says=("embed-cubin", "'cpu'"))
        self.refuse("compile", model, "-o", "k", "--fast-math", says=("fast-math", "'cpu'"))
        self.refuse("compile", model, "-o", "k", "--allow-tf32", says=("allow-tf32", "'cpu'"))
        self.refuse("run", "cpu.so", *inputs, "--device", "cuda", says=("no code for device 'cuda'", "--target=ptx"))
        self.refuse("run", "ptx.so", *inputs, "--device", "cpu", says=("no code for device 'cpu'", "--target=cpu"))
        self.refuse("run", "ptx.so", *inputs, "--device", "tpu", says=("device", "emulator or auto", "'tpu'"))
        self.refuse("run", "ptx.so", *inputs, "--device", "emulator", "--emulator", "/nonexistent.so", says=("'emulator'",))
        self.assertEqual(self.files(), {"model.onnx", "cpu.so", "cpu.h", "ptx.so", "ptx.h"})

    def test_no_ptxas(self):
        model = self.save(small_models.add())
        words = ("compile", model, "-o", "k", "--target", "ptx", "--embed-cubin")
        done = self.tilewright(*words, code=USER_ERROR, env={**os.environ, "TILEWRIGHT_PTXAS": "/nonexistent/ptxas"})
        self.assertIn("TILEWRIGHT_PTXAS: expected NVIDIA's ptxas, found '/nonexistent/ptxas'", done.stderr)
        done = self.tilewright(*words, code=USER_ERROR, env={"PATH": "/nonexistent", "HOME": str(self.folder)})
        self.assertIn("expected NVIDIA's assembler ptxas on PATH", done.stderr)
        self.assertEqual(self.files(), {"model.onnx"})


@unittest.skipUnless(ptxas(), "no ptxas")
class PtxasTest(CommandTest):
    """Every kernel assembles: no error, no C75xx (these exit with 0), no spill."""

    def modules(self, model: onnx.ModelProto) -> list[tuple[str, str]]:
        """(architecture, PTX) of each kernel."""
        self.tilewright("compile", self.save(model), "-o", "k.ptx", "--target", "ptx:sm_90a", "--quiet")
        texts = re.split(r"^(?=\.version)", (self.folder / "k.ptx").read_text(), flags=re.MULTILINE)[1:]
        return [(re.search(r"^\.target (\w+)", text, re.MULTILINE)[1], text) for text in texts]

    def test_kernels(self):
        for name, model in kernels().items():
            for architecture, text in self.modules(model):
                with self.subTest(f"{name} {architecture}"):
                    (self.folder / "one.ptx").write_text(text)
                    done = run(ptxas(), f"-arch={architecture}", "-v", "-o", self.folder / "one.cubin", self.folder / "one.ptx")
                    self.assertEqual(done.returncode, 0, done.stderr)
                    said = done.stderr + done.stdout
                    self.assertNotRegex(said, r"C75\d\d")
                    self.assertEqual(set(re.findall(r"(\d+) bytes spill", said)) - {"0"}, set(), said)

    def test_embedded(self):
        model = self.save(small_models.add())
        environment = {**os.environ, "TILEWRIGHT_PTXAS": ptxas()}
        self.tilewright("compile", model, "-o", "plain", "--target", "ptx", "--quiet")
        self.tilewright("compile", model, "-o", "cubin", "--target", "ptx", "--embed-cubin", "--quiet", env=environment)
        plain, cubin = ((self.folder / name).read_bytes() for name in ("plain", "cubin"))
        self.assertEqual(cubin.count(b"\x7fELF") - plain.count(b"\x7fELF"), 1)


if __name__ == "__main__":
    unittest.main()
