#!/usr/bin/env python3
"""Exports small transformers by both of torch's exporters, checks each graph (onnxruntime against torch) and writes it without
its weights, with models.json: what its inputs are, the sizes that were checked, and the largest difference found.

    make.py [FAMILY...]        all of families.py

Written with torch 2.13.0+cpu, transformers 5.24.0, diffusers 0.42.1, onnxscript 0.7.2, onnx 1.23.2 (pip install, Python 3.11).
Weights are drawn anew (seed 0), so that softmaxes are not flat.
"""

import io
import itertools
import json
import logging
import sys
import warnings
import zlib
from collections.abc import Iterator

import numpy as np
import onnx
import onnxruntime
import torch

import recipe
from families import FAMILIES, Family

# exporter, opset, attention. 18 is the oldest that the new exporter writes, 20 the newest of the old one.
VARIANTS = [("script", 17, "eager"), ("script", 20, "sdpa"), ("dynamo", 18, "sdpa"), ("dynamo", 20, "eager"),
            ("dynamo", 21, "sdpa"), ("dynamo", 23, "sdpa")]
TOLERANCE = 1e-4


def draw_weights(module: torch.nn.Module) -> None:
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for name, weight in module.named_parameters():
            noise = torch.randn(weight.shape, generator=generator)
            if weight.dim() > 1:
                fan = weight[0].numel() if "embed" not in name else 1
                weight.copy_(noise / max(fan, 1) ** 0.5)
            else:
                weight.copy_(0.1 * noise + (1 if "weight" in name and weight.dim() == 1 else 0))


def tensors(family: Family, sizes: dict[str, int]) -> tuple[torch.Tensor, ...]:
    return tuple(torch.from_numpy(array) for array in recipe.inputs(family.inputs, sizes).values())


def symbols(dims: tuple) -> dict[int, str]:
    return {i: dim.replace("+", "_plus_") for i, dim in enumerate(dims) if isinstance(dim, str)}


def export(family: Family, exporter: str, opset: int, dynamic: bool) -> onnx.ModelProto:
    names = [name for name, _, _ in family.inputs]
    arguments = tensors(family, family.sizes[0])
    shapes = {name: symbols(dims) for name, dims, _ in family.inputs} if dynamic else None
    if exporter == "script":
        file = io.BytesIO()
        torch.onnx.export(family.module, arguments, file, input_names=names, dynamic_axes=shapes, opset_version=opset, dynamo=False)
        return onnx.load_from_string(file.getvalue())
    # The module takes *tensors: one tuple of shapes for them all.
    of_all = tuple(shapes.values()) if dynamic else None
    if dynamic and "tensors" in family.module.forward.__code__.co_varnames:
        of_all = (of_all,)
    program = torch.onnx.export(family.module, arguments, input_names=names, dynamic_shapes=of_all, opset_version=opset,
                                dynamo=True, verbose=False)
    return program.model_proto


def difference(model: onnx.ModelProto, family: Family, sizes: dict[str, int]) -> float:
    """The largest, as a fraction of the largest number."""
    arguments = tensors(family, sizes)
    with torch.no_grad():
        expected = family.module(*arguments)
    expected = [t.numpy() for t in (expected if isinstance(expected, tuple) else (expected,))]
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    known = {value.name for value in session.get_inputs()}
    arrays = recipe.inputs(family.inputs, sizes)
    found = session.run(None, {name: array for name, array in arrays.items() if name in known})
    if len(found) != len(expected) or any(x.shape != y.shape for x, y in zip(found, expected)):
        return float("inf")
    return max(float(np.abs(x - y).max() / max(np.abs(y).max(), 1e-30)) for x, y in zip(found, expected))


def checked(model: onnx.ModelProto, family: Family, dynamic: bool, name: str) -> tuple[list[dict], float]:
    """The sizes at which onnxruntime agrees with torch, and the largest difference there."""
    sizes, largest = [], 0.0
    for candidate in family.sizes if dynamic else family.sizes[:1]:
        try:
            found = difference(model, family, candidate)
        except Exception as error:
            print(f"{name}: onnxruntime fails at {candidate}: {str(error)[:200]}", file=sys.stderr)
            continue
        if not found < TOLERANCE:
            print(f"{name}: onnxruntime differs from torch by {found:.2g} at {candidate}", file=sys.stderr)
            continue
        sizes.append(candidate)
        largest = max(largest, found)
    return sizes, largest


def build(name: str, variant: tuple[str, int, str]) -> Family:
    torch.manual_seed(0)
    family = FAMILIES[name](variant[2])
    family.module.eval().requires_grad_(False)
    draw_weights(family.module)
    return family


def exported(name: str) -> Iterator[tuple[str, onnx.ModelProto, dict]]:
    """The graphs of a family that differ, their names, and what models.json says of them."""
    seen: dict[int, str] = {}
    for variant, dynamic in itertools.product(VARIANTS, (False, True)):
        family = build(name, variant)
        exporter, opset, attention = variant
        key = f"{name}-{exporter}{opset}-{attention}-{'dynamic' if dynamic else 'static'}"
        try:
            model = export(family, exporter, opset, dynamic)
        except Exception as error:
            print(f"{key}: not exported: {type(error).__name__}: {str(error)[-300:]}", file=sys.stderr)
            continue
        sizes, largest = checked(model, family, dynamic, key)
        graph = zlib.crc32(recipe.strip(model).graph.SerializeToString())
        if not sizes or graph in seen:
            print(f"{key}: {'the same as ' + seen[graph] if graph in seen else 'left out'}", flush=True)
            continue
        seen[graph] = key
        known = {value.name for value in model.graph.input}
        yield key, model, {"family": name, "inputs": [spec for spec in family.inputs if spec[0] in known], "sizes": sizes,
                           "difference": float(f"{largest:.2g}")}


def main(*names: str) -> None:
    logging.disable(logging.WARNING)
    warnings.simplefilter("ignore")
    path = recipe.FOLDER / "models.json"
    models = json.loads(path.read_text()) if path.exists() else {}
    for name in names or FAMILIES:
        models = {key: about for key, about in models.items() if about["family"] != name}
        graphs = {}
        for key, model, about in exported(name):
            graphs[key], models[key] = model, about
            print(key, about["difference"], flush=True)
        recipe.save(name, graphs)
        lines = [f"  {json.dumps(key)}: {json.dumps(value)}" for key, value in sorted(models.items())]
        path.write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
