"""Runs a network of one input and one output: a function from array to array."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np

Network = Callable[[np.ndarray], np.ndarray]
ROOT = Path(__file__).resolve().parents[2]


class EngineError(Exception):
    """The network can't be compiled or loaded; the message says why."""


def with_onnxruntime(model: Path, threads: int | None, folder: Path) -> Network:
    """The peer that the end-to-end tests compare with."""
    import onnxruntime
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads or 0
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    return lambda x: session.run(None, {name: x})[0]


def with_tilewright(model: Path, threads: int | None, folder: Path) -> Network:
    """Compiles the model into folder/STEM.so with build/bin/tilewright and loads that file."""
    artifact = folder / f"{model.stem}.so"
    folder.mkdir(parents=True, exist_ok=True)
    command = [ROOT / "build/bin/tilewright", "compile", model, "--emit=so", "-o", artifact]
    if not sys.stderr.isatty():
        command.append("--quiet")
    if subprocess.run(command).returncode != 0:
        raise EngineError(f"{model}: not compiled (the message is above)")
    import tilewright
    compiled = tilewright.load(artifact, threads=threads) if threads else tilewright.load(artifact)
    name = next(iter(compiled.inputs)).name
    return lambda x: next(iter(compiled.run({name: x}).values()))


ENGINES = {"tilewright": with_tilewright, "onnxruntime": with_onnxruntime}
