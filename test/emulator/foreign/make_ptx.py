#!/usr/bin/env python3
"""Writes the .ptx files from their .cu files: needs nvcc on PATH."""

import subprocess
from pathlib import Path

HERE = Path(__file__).parent


def compile_cuda(source: Path, target: str = "sm_80", *more: str) -> str:
    done = subprocess.run(["nvcc", "-ptx", f"-arch={target}", *more, source.name, "-o", "-"], cwd=source.parent, capture_output=True, text=True,
                          check=True)
    return done.stdout


if __name__ == "__main__":
    for name, target in {"kernels": "sm_80", "matrix": "sm_80", "hopper": "sm_90"}.items():
        (HERE / f"{name}.ptx").write_text(compile_cuda(HERE / f"{name}.cu", target))
