#!/usr/bin/env python3
"""Writes triton_*.ptx with Triton's compiler, for GPUs that need not be there. Needs PyPI's triton (3.9 wrote the committed files)."""

import re
from pathlib import Path

import triton
import triton.language as tl
from triton.backends.compiler import GPUTarget
from triton.compiler import ASTSource


@triton.jit
def add(x, y, z, n, B: tl.constexpr):
    i = tl.program_id(0) * B + tl.arange(0, B)
    m = i < n
    tl.store(z + i, tl.load(x + i, m) + tl.load(y + i, m), m)


@triton.jit
def softmax(x, y, n, B: tl.constexpr):
    r, c = tl.program_id(0), tl.arange(0, B)
    m = c < n
    v = tl.load(x + r * n + c, m, other=-float("inf"))
    v = tl.exp(v - tl.max(v, 0))
    tl.store(y + r * n + c, v / tl.sum(v, 0), m)


@triton.jit
def matmul(a, b, c, M, N, K, BM: tl.constexpr, BN: tl.constexpr, BK: tl.constexpr):
    rm = tl.program_id(0) * BM + tl.arange(0, BM)
    rn = tl.program_id(1) * BN + tl.arange(0, BN)
    rk = tl.arange(0, BK)
    acc = tl.zeros((BM, BN), tl.float32)
    for k in range(0, K, BK):
        inside = (k + rk)[None, :] < K
        x = tl.load(a + rm[:, None] * K + (k + rk)[None, :], mask=(rm[:, None] < M) & inside, other=0.0)
        w = tl.load(b + (k + rk)[:, None] * N + rn[None, :], mask=((k + rk)[:, None] < K) & (rn[None, :] < N), other=0.0)
        acc = tl.dot(x, w, acc)
    tl.store(c + rm[:, None] * N + rn[None, :], acc, mask=(rm[:, None] < M) & (rn[None, :] < N))


@triton.jit
def matmul_tma(a, b, c, K, BM: tl.constexpr, BN: tl.constexpr, BK: tl.constexpr):
    row, column = tl.program_id(0) * BM, tl.program_id(1) * BN
    acc = tl.zeros((BM, BN), tl.float32)
    for k in range(0, K, BK):
        acc = tl.dot(a.load([row, k]), b.load([column, k]).T, acc)
    c.store([row, column], acc)


POINTERS = {"add": "xyz", "softmax": "xy", "matmul": "abc"}
KERNELS = {
    "add": (add, {"n": "i32"}, {"B": 256}),
    "softmax": (softmax, {"n": "i32"}, {"B": 512}),
    "matmul": (matmul, {"M": "i32", "N": "i32", "K": "i32"}, {"BM": 64, "BN": 64, "BK": 32}),
}


def without_debug(ptx: str) -> str:
    """Line tables name the machine's files."""
    ptx = re.sub(r"^\s*\.section\s+\S+\s*\{.*?^\s*\}", "", ptx, flags=re.S | re.M)
    return "".join(line + "\n" for line in ptx.splitlines() if not re.match(r"\s*(\.loc|\.file|//)", line))


def write(name: str, function, signature: dict[str, str], constants: dict[str, int], target: int) -> None:
    source = ASTSource(fn=function, signature=signature | dict.fromkeys(constants, "constexpr"), constexprs=constants)
    made = triton.compile(source, target=GPUTarget("cuda", target, 32), options={"num_stages": 3})
    head = f"// Triton {triton.__version__}: {made.metadata.shared} bytes of shared memory, {made.metadata.num_warps} warps\n"
    (Path(__file__).parent / f"triton_{name}_{target}.ptx").write_text(head + without_debug(made.asm["ptx"]))


def main() -> None:
    for name, (function, sizes, constants) in KERNELS.items():
        half = "*fp16" if name == "matmul" else "*fp32"
        signature = {p: "*fp32" if p == POINTERS[name][-1] else half for p in POINTERS[name]} | sizes
        for target in (80, 90):
            write(name, function, signature, constants, target)
    # Each descriptor becomes a tensor map, its shape and its strides.
    tiles = {"a": "tensordesc<fp16[128,64]>", "b": "tensordesc<fp16[64,64]>", "c": "tensordesc<fp32[128,64]>", "K": "i32"}
    write("matmul_tma", matmul_tma, tiles, {"BM": 128, "BN": 64, "BK": 64}, 90)


if __name__ == "__main__":
    main()
