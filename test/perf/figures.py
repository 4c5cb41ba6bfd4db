#!/usr/bin/env python3
"""Single figures: matrix product against the machine's FMA peak, compile time and memory, artifact size, start-up, the emulator.

Writes results/DATE-figures.md (--dry: prints only).
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parent))

import models
from record import write_result

TILEWRIGHT = models.ROOT / "build/bin/tilewright"
ROUNDS = 7


@dataclass
class Figure:
    """A row of the table."""

    what: str
    measured: str
    floor: str
    aim: str


def compile_model(model: Path, output: Path, cache: Path, *options: str) -> subprocess.CompletedProcess:
    """`tilewright compile` with an object cache of its own (cold where that folder is new)."""
    command = [TILEWRIGHT, "compile", model, "-o", output, "--quiet", *options]
    return subprocess.run(command, check=True, env={**os.environ, "TILEWRIGHT_CACHE": str(cache)})


def fma_peak(folder: Path) -> float:
    """GFLOP/s of one core."""
    program = folder / "peak"
    if not program.exists():
        source = Path(__file__).parent / "peak.cpp"
        subprocess.run(["clang++-22", "-O3", "-march=native", "-std=c++20", source, "-o", program], check=True)
    return float(subprocess.run(["taskset", "-c", "0", program], capture_output=True, text=True, check=True).stdout)


def matmul_model(size: int) -> bytes:
    weight = np.random.default_rng(0).standard_normal((size, size), np.float32)
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, [size, size])
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, [size, size])
    graph = helper.make_graph([helper.make_node("MatMul", ["x", "w"], ["y"])], "matmul", [x], [y],
                              [numpy_helper.from_array(weight, "w")])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10).SerializeToString()


def matmul_share(folder: Path, size: int = 512) -> Figure:
    """Best of rounds that alternate between the probe and the product, one thread."""
    import tilewright
    compiled = tilewright.compile(matmul_model(size), threads=1)
    x = np.random.default_rng(1).standard_normal((size, size), np.float32)
    peak = speed = 0.0
    for _ in range(ROUNDS):
        peak = max(peak, fma_peak(folder))
        for _ in range(20):
            start = time.perf_counter()
            compiled.run({"x": x})
            speed = max(speed, 2e-9 * size**3 / (time.perf_counter() - start))
    return Figure(f"fp32 matrix product {size}³, one thread, share of the FMA peak",
                  f"{speed / peak:.0%} ({speed:.1f} of {peak:.1f} GFLOP/s)", "≥ 75 %", "≥ 90 %")


def compile_time(folder: Path) -> Figure:
    model, seconds = models.light_model("resnet50"), []
    for index in range(3):
        start = time.perf_counter()
        compile_model(model, folder / "resnet50", folder / f"cold{index}")
        seconds.append(time.perf_counter() - start)
    return Figure("compile ResNet-50, cold", f"{statistics.median(seconds):.1f} s", "≤ 10 s", "≤ 3 s")


def compile_memory(folder: Path) -> Figure:
    """Largest resident size of the compiler, mapped files counted in."""
    model = models.light_model("vgg19")
    pid = os.fork()
    if pid == 0:
        os.environ["TILEWRIGHT_CACHE"] = str(folder / "vgg-cache")
        os.execv(TILEWRIGHT, [str(TILEWRIGHT), "compile", str(model), "-o", str(folder / "vgg19"), "--quiet"])
    _, status, usage = os.wait4(pid, 0)
    assert status == 0, "the compiler failed on VGG-19"
    megabytes, weights = usage.ru_maxrss / 1024, model.stat().st_size / 2**20
    return Figure("peak memory compiling VGG-19", f"{megabytes:.0f} MB (model: {weights:.0f} MB)",
                  f"≤ {weights + 1024:.0f} MB", f"≤ {weights / 2 + 300:.0f} MB")


def executable_size(folder: Path) -> Figure:
    """A model of one ReLU: all but a few hundred bytes are runtime and host code."""
    x, y = (helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n"]) for name in "xy")
    graph = helper.make_graph([helper.make_node("Relu", ["x"], ["y"])], "relu", [x], [y])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10), folder / "relu.onnx")
    compile_model(folder / "relu.onnx", folder / "relu", folder / "cache")
    size = (folder / "relu").stat().st_size / 1024
    return Figure("runtime and host code in an executable (one ReLU)", f"{size:.0f} KB", "≤ 500 KB", "≤ 200 KB")


def start_up(folder: Path) -> Figure:
    """Wall time of the executable for one picture, beyond one steady run."""
    sized = models.sized("resnet50")[0]
    program = folder / "resnet50"
    name, x = next(iter(sized.inputs.items()))
    np.save(folder / "x.npy", x)
    command = [program, "--input", f"{name}={folder / 'x.npy'}", "--output", folder / "out", "--threads", "2"]
    wall = []
    for _ in range(10):
        start = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        wall.append(time.perf_counter() - start)
    bench = subprocess.run([*command[:3], "--threads", "2", "--bench", "--json"], check=True, capture_output=True, text=True)
    steady = json.loads(bench.stdout)["median_ms"]
    beyond = 1000 * statistics.median(wall) - steady
    return Figure("start to first result beyond one steady run, ResNet-50", f"{beyond:.1f} ms (a run: {steady:.1f} ms)",
                  "≤ 20 ms", "≤ 5 ms")


def emulated_squeezenet(_: Path) -> Figure:
    """224 x 224 pixels, compiled and run with all checks."""
    import tilewright
    x = models.light_input(1, 224, 224)
    start = time.perf_counter()
    tilewright.compile(models.light_model("squeezenet"), device="emulator").run({"data_0": x})
    return Figure("SqueezeNet on the PTX emulator, all checks on", f"{time.perf_counter() - start:.1f} s", "≤ 60 s", "≤ 15 s")


def emulator_size(folder: Path) -> Figure:
    """Its library, and what an executable has of the runtime, CUDA device included."""
    library = folder / "emulator.so"
    subprocess.run(["strip", "-o", library, models.ROOT / "build/lib/libtilewright-emulator.so"], check=True)
    size = (library.stat().st_size + (folder / "relu").stat().st_size) / 1000
    return Figure("runtime with CUDA and emulator, stripped", f"{size:.0f} KB", "≤ 900 KB", "")


def table(figures: list[Figure]) -> str:
    lines = ["| what | measured | floor | aim |", "|---|---|---|---|"]
    return "\n".join(lines + [f"| {f.what} | {f.measured} | {f.floor} | {f.aim} |" for f in figures])


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        figures = []
        for measure in (matmul_share, compile_time, compile_memory, executable_size, start_up, emulated_squeezenet, emulator_size):
            figures.append(measure(folder))
            print(figures[-1], file=sys.stderr)
    text = table(figures)
    print(text)
    if "--dry" not in sys.argv:
        print(write_result("figures", text))


if __name__ == "__main__":
    main()
