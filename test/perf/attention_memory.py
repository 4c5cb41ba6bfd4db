#!/usr/bin/env python3
"""Peak memory of one head's causal attention, from 4,096 to 32,768 tokens: the compiled program's on the CPU, its kernels' for
GPUs on the emulator (which keeps account of every byte that they touch), and onnxruntime's with the plain nodes (no mask), each
less what the process takes for one token. Scores of all pairs would be 4 GB at the end. The emulator takes ten minutes.

    attention_memory.py          writes results/DATE-attention-memory.md (--dry: prints only)
"""

import multiprocessing
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent))

from attention import Case, operands, operator, plain, write_model
from record import write_result

TILEWRIGHT = Path(__file__).resolve().parents[2] / "build/bin/tilewright"
LENGTHS = [4096, 8192, 16384, 32768]
ONNXRUNTIME_LIMIT = 16384  # its scores, twice, would not fit beside everything else


def child_peak(arguments: list) -> float:
    """MB that a program held at most."""
    process = subprocess.Popen(arguments, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{arguments[0]} ended with {process.returncode}")
    return usage.ru_maxrss / 1e3


def ours(length: int, folder: Path, target: str = "cpu", dtype: type = np.float32) -> float:
    case = Case(1, length, length, 64, causal=True)
    model, program = folder / "model.onnx", folder / "model"
    write_model(model, *operator(case), {name: array.astype(dtype) for name, array in operands(case).items()})
    subprocess.run([TILEWRIGHT, "compile", model, "-o", program, "--target", target, "--quiet"], check=True)
    inputs = [word for name in "qkv" for word in ("--input", f"{name}=random")]
    device = "cpu" if target == "cpu" else "emulator"
    return child_peak([TILEWRIGHT, "run", program, *inputs, "--threads", "2", "--device", device])


def emulated(length: int, folder: Path) -> float:
    return ours(length, folder, "ptx", np.float16)


def run_onnxruntime(model: Path, length: int) -> None:
    import onnxruntime
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    session.run(None, operands(Case(1, length, length, 64)))


def theirs(length: int, folder: Path) -> float:
    """Without the mask, whose constant would be as large as the scores."""
    case = Case(1, length, length, 64)
    model = folder / "model.onnx"
    write_model(model, *plain(case), operands(case))
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        return pool.apply(peak_of, (model, length))


def peak_of(model: Path, length: int) -> float:
    import resource
    run_onnxruntime(model, length)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


def table() -> str:
    lines = ["| tokens | queries, keys, values, result MB (f32) | ours, CPU, f32, MB | ours, emulator, f16, MB | onnxruntime, f32, MB |",
             "|---" * 5 + "|"]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        base, device, other = ours(1, folder), emulated(1, folder), theirs(1, folder)
        for length in LENGTHS:
            data = 4 * length * 64 * 4 / 1e6
            peer = f"{theirs(length, folder) - other:.0f}" if length <= ONNXRUNTIME_LIMIT else "–"
            lines.append(f"| {length} | {data:.0f} | {ours(length, folder) - base:.0f} | {emulated(length, folder) - device:.0f} | {peer} |")
    return "\n".join(lines)


def main() -> None:
    text = table()
    print(text)
    if "--dry" not in sys.argv[1:]:
        print(write_result("attention-memory", text))


if __name__ == "__main__":
    main()
