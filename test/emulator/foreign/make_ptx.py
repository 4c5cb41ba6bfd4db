#!/usr/bin/env python3
"""Writes kernels.ptx from kernels.cu: needs nvcc on PATH."""

import subprocess
from pathlib import Path

HERE = Path(__file__).parent


def compile_cuda(source: Path, target: str = "sm_80", *more: str) -> str:
    done = subprocess.run(["nvcc", "-ptx", f"-arch={target}", *more, source.name, "-o", "-"], cwd=source.parent, capture_output=True, text=True,
                          check=True)
    return done.stdout


if __name__ == "__main__":
    (HERE / "kernels.ptx").write_text(compile_cuda(HERE / "kernels.cu"))
