#!/usr/bin/env python3
"""Attention by itself, two threads, against onnxruntime and OpenVINO, each with the better of two models: the operator
Attention, and the nodes that it stands for (which we have to find and fuse). Where torch can be imported, against its
scaled_dot_product_attention too.

    attention.py                      all; writes results/DATE-attention.md
    attention.py --only 4096 --dry    those with "4096" in the name, nothing written
"""

import importlib.util
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
from onnx import helper, numpy_helper

sys.path.insert(0, str(Path(__file__).resolve().parent))

from record import run_cases
from tilewright import bench

ENGINES = [bench.Setting(name, name) for name in ("tilewright", "onnxruntime", "openvino")]
TORCH = [bench.Setting("torch", "torch")] if importlib.util.find_spec("torch") else []
THREADS = 2


@dataclass(frozen=True)
class Case:
    heads: int
    queries: int
    keys: int
    size: int
    causal: bool = False
    groups: int = 0  # heads of keys and values; 0: as many as queries have


CASES = {
    "12x512 d64": Case(12, 512, 512, 64), "12x512 d64 causal": Case(12, 512, 512, 64, True),
    "8x4096 d128": Case(8, 4096, 4096, 128), "8x4096 d128 causal": Case(8, 4096, 4096, 128, True),
    "12x128 d64": Case(12, 128, 128, 64), "12x197 d64": Case(12, 197, 197, 64),
    "8x1024 d40": Case(8, 1024, 1024, 40), "8x1024 on 77 d40": Case(8, 1024, 77, 40),
    "decode 32 on 2048 d128": Case(32, 1, 2048, 128), "decode 32/8 on 4096 d128": Case(32, 1, 4096, 128, groups=8),
}


def operands(case: Case) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    groups = case.groups or case.heads
    shapes = {"q": (1, case.heads, case.queries, case.size), "k": (1, groups, case.keys, case.size),
              "v": (1, groups, case.keys, case.size)}
    return {name: rng.standard_normal(shape).astype(np.float32) for name, shape in shapes.items()}


def operator(case: Case) -> tuple[list, list]:
    return [helper.make_node("Attention", ["q", "k", "v"], ["y"], is_causal=int(case.causal))], []


def plain(case: Case) -> tuple[list, list]:
    """matmul, scale, mask, softmax, matmul."""
    constants = [numpy_helper.from_array(np.float32(case.size**-0.5), "scale")]
    nodes = [helper.make_node("Transpose", ["k"], ["kt"], perm=[0, 1, 3, 2]), helper.make_node("MatMul", ["q", "kt"], ["s0"]),
             helper.make_node("Mul", ["s0", "scale"], ["s1"])]
    scores = "s1"
    if case.causal:
        mask = np.triu(np.full((case.queries, case.keys), -np.inf, np.float32), 1)
        constants.append(numpy_helper.from_array(mask, "mask"))
        nodes.append(helper.make_node("Add", ["s1", "mask"], ["s2"]))
        scores = "s2"
    nodes += [helper.make_node("Softmax", [scores], ["p"], axis=-1), helper.make_node("MatMul", ["p", "v"], ["y"])]
    return nodes, constants


def write_model(path: Path, nodes: list, constants: list, inputs: dict[str, np.ndarray]) -> None:
    values = [helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(array.dtype), array.shape)
              for name, array in inputs.items()]
    output = helper.make_tensor_value_info("y", values[0].type.tensor_type.elem_type, None)
    graph = helper.make_graph(nodes, "attention", values, [output], constants)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 23)], ir_version=10), path)


def measure(case: Case, rounds: int) -> dict[str, float]:
    """Median milliseconds by engine, of its better model; "plain" is ours on the plain nodes."""
    best: dict[str, float] = {}
    inputs = operands(case)
    forms = {"operator": operator} if case.groups else {"operator": operator, "plain": plain}
    for form, build in forms.items():
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "attention.onnx"
            write_model(path, *build(case), inputs)
            engines = ENGINES + (TORCH if form == "operator" else [])
            for name, result in bench.measure(path, inputs, engines, THREADS, rounds).items():
                if result.error:
                    print(f"{form}, {name}: {result.error}", file=sys.stderr)
                    continue
                key = "plain" if name == "tilewright" and form == "plain" else name
                best[key] = min(best.get(key, float("inf")), result.median_ms)
    return best


def table(rows: dict[str, dict[str, float]]) -> str:
    names = ["tilewright", "plain", "onnxruntime", "openvino", *(["torch"] if TORCH else [])]
    lines = ["Milliseconds, medians. `plain`: ours on the nodes that Attention stands for, fused.", "",
             "| attention | " + " | ".join(names) + " | ours / best peer |", "|---" * (len(names) + 2) + "|"]
    for case, row in rows.items():
        peers = [row[name] for name in names[2:] if name in row]
        ratio = row.get("tilewright", float("nan")) / min(peers, default=float("nan"))
        lines.append(f"| {case} | " + " | ".join(f"{row.get(name, float('nan')):.3g}" for name in names) + f" | {ratio:.2f} |")
    return "\n".join(lines)


if __name__ == "__main__":
    run_cases("attention", __doc__, CASES, measure, table)
