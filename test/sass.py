"""What ptxas makes of PTX, for sm_90a instruction by instruction, without NVIDIA's disassembler."""

import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

# Opcodes: the lowest 12 bits of an instruction of 16 bytes. They are not documented; these were read off small kernels.
PRODUCT, PRODUCT_OF_REGISTERS, PRODUCTS_WAIT, EXPONENTIAL = 0x9F0, 0xDF0, 0x9C5, 0x308
LOCAL_MEMORY = {0x983, 0x387}
MOVES = {0x202, 0x805, 0xC02}  # of registers: MOV, CS2R, MOV from a uniform one
BRANCH = 0x947


@cache
def ptxas() -> str | None:
    """On PATH, or from PyPI's nvidia-cuda-nvcc in this environment."""
    if found := os.environ.get("TILEWRIGHT_PTXAS") or shutil.which("ptxas"):
        return found
    packaged = sorted(Path(sys.prefix).glob("lib/python3*/site-packages/nvidia/*/bin/ptxas"))
    return str(packaged[-1]) if packaged else None


def assemble(ptx: str, architecture: str = "sm_90a") -> tuple[bytes, str]:
    """The cubin, and what ptxas says."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "k.ptx").write_text(ptx)
        done = subprocess.run([ptxas(), f"-arch={architecture}", "-v", "-o", f"{folder}/k.cubin", f"{folder}/k.ptx"],
                              capture_output=True, text=True, check=True)
        return (Path(folder) / "k.cubin").read_bytes(), done.stdout + done.stderr


def warnings(said: str) -> list[str]:
    """C75xx among them, with which ptxas exits with 0."""
    return re.findall(r".*(?:C75\d\d|warning).*", said)


def complaints(said: str) -> list[str]:
    """Warnings, spills and stacks."""
    return warnings(said) + re.findall(r"[1-9]\d* bytes (?:spill|stack).*", said)


def instructions(cubin: bytes) -> dict[str, list[int]]:
    """Of each entry, in order, each a number of 128 bits; a cubin is an ELF file of 64 bits."""
    start, = struct.unpack_from("<Q", cubin, 40)
    count, names = struct.unpack_from("<HH", cubin, 60)
    sections = [struct.unpack_from("<IIQQQQIIQQ", cubin, start + 64 * i) for i in range(count)]
    texts = {}
    for name, _, _, _, offset, size, *_ in sections:
        begin = sections[names][4] + name
        label = cubin[begin : cubin.index(b"\0", begin)].decode()
        if label.startswith(".text."):
            code = struct.iter_unpack("<QQ", cubin[offset : offset + size])
            texts[label.removeprefix(".text.")] = [low | high << 64 for low, high in code]
    return texts


def opcodes(cubin: bytes) -> dict[str, list[int]]:
    return {entry: [opcode(word) for word in code] for entry, code in instructions(cubin).items()}


def opcode(word: int) -> int:
    return word & 0xFFF


def innermost_loops(code: list[int], architecture: str) -> list[range]:
    """The instructions between a branch backwards and its target that hold no other such; a branch to itself ends a kernel."""
    backwards = [(place + 1 + distance(word, architecture), place) for place, word in enumerate(code) if opcode(word) == BRANCH]
    loops = [range(target, place + 1) for target, place in backwards if target < place]
    return [loop for loop in loops if not any(other != loop and other.start in loop and other.stop <= loop.stop for other in loops)]


def distance(word: int, architecture: str) -> int:
    """Of a branch, in instructions from the next one: it holds units of four bytes, from sm_90 on with eight more bits."""
    bits, value = 48, word >> 34 & (1 << 48) - 1
    if architecture == "sm_90a":
        bits, value = 56, value << 8 | word >> 16 & 0xFF
    return (value - (1 << bits) if value >> (bits - 1) else value) // 4
