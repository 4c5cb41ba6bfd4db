"""Compiling, loading and running models."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from tilewright import _core
from tilewright._core import UserError
from tilewright.dtypes import dtype_of, extend_sign
from tilewright.emulator import EmulatorError, library_path


@dataclass(frozen=True)
class Value:
    """An input or output of a model.

    name: as in the ONNX graph. dtype: numpy's, or ml_dtypes' where numpy has none.
    shape: per dimension its size, its symbol's name, or None where neither is known; None for any rank.
    """

    name: str
    dtype: np.dtype
    shape: tuple[int | str | None, ...] | None


@dataclass(frozen=True)
class Stage:
    """A step of the compilation: its name, its time, and whether it changed the model."""

    name: str
    milliseconds: float
    changed: bool


@dataclass(frozen=True)
class NodeTime:
    """Time spent in a node of the ONNX graph over all runs so far, and how often it was launched."""

    name: str
    nanoseconds: int
    calls: int


class Model:
    """A compiled model. Made by `compile` and `load`; may be used from many threads at once."""

    def __init__(self, core: _core.Model, stages: Sequence[Stage] = ()):
        self._core = core
        #: With `compile(..., timing=True)` what each step of the compilation took.
        self.stages = list(stages)

    @property
    def name(self) -> str:
        return self._core.name

    @cached_property
    def inputs(self) -> tuple[Value, ...]:
        """Names, dtypes and shapes, in the order of the ONNX graph."""
        return tuple(Value(name, dtype_of(dtype), shape) for name, dtype, shape in self._core.inputs)

    @cached_property
    def outputs(self) -> tuple[Value, ...]:
        """Names, dtypes and shapes, in the order of the ONNX graph."""
        return tuple(Value(name, dtype_of(dtype), shape) for name, dtype, shape in self._core.outputs)

    @cached_property
    def metadata(self) -> dict[str, Any]:
        """What the artifact says about itself: signature, opsets, source hash, compiler version, licences, kernels."""
        return json.loads(self._core.metadata)

    @property
    def threads(self) -> int:
        """Threads that one run may use."""
        return self._core.threads

    @property
    def device(self) -> str:
        """Where it runs: "cpu", "cuda:0 (NVIDIA H100 80GB HBM3, sm_90)", "emulator"."""
        return self._core.device

    @property
    def device_reason(self) -> str:
        """Why device="auto" chose that, where there was a choice; else ""."""
        return self._core.device_reason

    def run(self, inputs: Mapping[str, Any] | Sequence[Any]) -> dict[str, np.ndarray]:
        """Runs the model.

        inputs: arrays by name, or all of them in the model's order. An array (numpy, or anything with DLPack) must have
        the input's dtype and is used in place when it is contiguous, else copied once; numbers and lists are converted.
        Returns the outputs by name, in the model's order. They are the caller's own: no later run changes them.
        If any input lies in a GPU's memory (a torch CUDA tensor, or whatever else offers DLPack there), the outputs do
        too: objects with DLPack, which torch.from_dlpack takes without a copy.
        Raises UserError, naming input and node, for names, dtypes or shapes that do not fit and for values that the
        model forbids (such as an index out of range).
        """
        given = self._in_order(inputs)
        if any(is_on_gpu(value) for value in given):
            return self._run_on_gpu(given)
        arrays = [to_array(value, info) for value, info in zip(given, self.inputs)]
        sizes = self._symbol_sizes(arrays)
        outputs = [make_buffer(info, sizes) for info in self.outputs]
        try:
            results = self._core.run(arrays, outputs)
        except UserError:
            # The graph may declare outputs smaller than they are: once more without buffers of that size.
            if all(output is None for output in outputs):
                raise
            outputs = [None] * len(outputs)
            results = self._core.run(arrays, outputs)
        return {info.name: finish(info, output, result) for info, output, result in zip(self.outputs, outputs, results)}

    def _run_on_gpu(self, given: Sequence[Any]) -> dict[str, DeviceArray]:
        values = [value if is_on_gpu(value) else to_array(value, info) for value, info in zip(given, self.inputs)]
        # On the default stream (1): the model's own stream waits for it.
        capsules = [value.__dlpack__(stream=1) if is_on_gpu(value) else value for value in values]
        results = self._core.run_on_device(capsules)
        return {info.name: DeviceArray(shape, dtype_of(dtype), memory)
                for info, (shape, dtype, memory) in zip(self.outputs, results)}

    def counters(self) -> dict[str, Any] | None:
        """What the emulator counted over all runs so far, by kernel; None on other devices."""
        text = self._core.counters()
        return json.loads(text) if text else None

    def save(self, path: str | os.PathLike) -> None:
        """Writes the compiled model as one file, which `load` takes and which also runs by itself (`--help`).

        Raises UserError if it can't be written; then nothing is left behind.
        """
        self._core.save(os.fspath(path))

    def profile(self) -> list[NodeTime]:
        """Per ONNX node the time of all runs so far. Raises UserError unless compiled or loaded with profile=True."""
        return [NodeTime(*row) for row in self._core.profile()]

    def __repr__(self) -> str:
        def text(values):
            return ", ".join(f"{v.name}: {v.dtype}{'' if v.shape is None else list(v.shape)}" for v in values)
        return f"<tilewright.Model {self.name!r} ({text(self.inputs)}) -> ({text(self.outputs)})>"

    def _in_order(self, inputs) -> Sequence[Any]:
        names = [info.name for info in self.inputs]
        if isinstance(inputs, Mapping):
            if inputs.keys() != set(names):
                raise UserError(f"model '{self.name}': expected inputs {names}, found {list(inputs)}")
            return [inputs[name] for name in names]
        if isinstance(inputs, np.ndarray) or not isinstance(inputs, Sequence):
            raise UserError(f"model '{self.name}': expected a dict or a sequence of inputs, found {type(inputs).__name__}")
        if len(inputs) != len(names):
            raise UserError(f"model '{self.name}': expected {len(names)} inputs {names}, found {len(inputs)}")
        return inputs

    def _symbol_sizes(self, arrays: list[np.ndarray]) -> dict[str, int]:
        return {dim: size for info, array in zip(self.inputs, arrays)
                for dim, size in zip(info.shape or (), array.shape) if isinstance(dim, str)}


class DeviceArray:
    """An output in a GPU's memory, for whoever takes DLPack: torch.from_dlpack(array). Valid until the last such user
    and this object are gone."""

    def __init__(self, shape: tuple[int, ...], dtype: np.dtype, memory: Any):
        self.shape, self.dtype, self._memory = shape, dtype, memory

    def __dlpack__(self, *, stream: Any = None, **options: Any) -> Any:
        """The run that made it is over: no stream needs to wait."""
        return self._memory.__dlpack__(**options)

    def __dlpack_device__(self) -> tuple[int, int]:
        return self._memory.__dlpack_device__()

    def __repr__(self) -> str:
        return f"<tilewright.DeviceArray {self.dtype}{list(self.shape)} on cuda:{self.__dlpack_device__()[1]}>"


#: DLPack's number for memory of a CUDA device.
CUDA_MEMORY = 2


def is_on_gpu(value: Any) -> bool:
    device = getattr(value, "__dlpack_device__", None)
    return not isinstance(value, np.ndarray) and device is not None and device()[0] == CUDA_MEMORY


def to_array(value: Any, info: Value) -> np.ndarray:
    """A contiguous array of the input's dtype; a copy only where there is no other way."""
    if not isinstance(value, np.ndarray | np.generic):
        value = np.from_dlpack(value) if hasattr(value, "__dlpack__") else convert(value, info)
    if value.dtype != info.dtype:
        raise UserError(f"input '{info.name}': expected {info.dtype}, found {value.dtype}")
    shape = np.shape(value)
    return extend_sign(np.ascontiguousarray(value)).reshape(shape)


def convert(value: Any, info: Value) -> np.ndarray:
    """Numbers and lists of numbers."""
    try:
        return np.asarray(value, info.dtype)
    except (TypeError, ValueError, OverflowError) as error:
        raise UserError(f"input '{info.name}': expected an array of {info.dtype}, found {type(value).__name__}: "
                        f"{error}") from error


def make_buffer(info: Value, sizes: Mapping[str, int]) -> np.ndarray | None:
    """Memory for an output whose size follows from the inputs' sizes."""
    if info.shape is None:
        return None
    shape = [sizes.get(dim) if isinstance(dim, str) else dim for dim in info.shape]
    return None if None in shape else np.empty(shape, info.dtype)


def finish(info: Value, buffer: np.ndarray | None, result: tuple) -> np.ndarray:
    """The output as an array, in our buffer or in the bytes that came back."""
    if buffer is None:
        shape, memory = result
        return np.frombuffer(memory, info.dtype).reshape(shape) if memory else np.empty(shape, info.dtype)
    if buffer.shape == result:
        return buffer
    return buffer.reshape(-1)[:math.prod(result)].reshape(result)


def target_for(device: str | None) -> str:
    """The target that a device needs."""
    return "ptx" if device and (device == "emulator" or device.startswith("cuda")) else "cpu"


def find_emulator() -> str:
    """Its library; "" where it is none of ours, and the runtime looks further."""
    try:
        return str(library_path())
    except EmulatorError:
        return ""


def open_options(device: str | None, threads: int, profile: bool, emulator: str | os.PathLike | None, emulator_seed: int,
                 cuda_graph: bool) -> _core.OpenOptions:
    options = _core.OpenOptions()
    options.device, options.threads, options.profile = device or "", threads, profile
    options.emulator, options.emulator_seed, options.cuda_graph = os.fspath(emulator or find_emulator()), emulator_seed, cuda_graph
    return options


def compile(model: Any, *, target: str | None = None, cpu: str = "native", dims: Mapping[str, int] | None = None,
            conv: str = "auto", check_fusions: bool = False, threads: int = 0, dump_ir: str = "", dump_dir: str | os.PathLike = "",
            verify_each: bool = True, timing: bool = False, profile: bool = False, embed_cubin: bool = False,
            fast_math: bool = False, allow_tf32: bool = False, device: str | None = None,
            emulator: str | os.PathLike | None = None, emulator_seed: int = 0, cuda_graph: bool = False) -> Model:
    """Compiles an ONNX model to native code, in memory.

    model: a path, the file's bytes, or an onnx.ModelProto.
    target: "cpu", "ptx", "ptx:sm_90a" or both, "cpu,ptx"; None: what `device` needs. cpu: "native", "x86-64-v2", "x86-64-v3" or "x86-64-v4".
    dims: sizes for symbolic dims by name, {"batch": 8}; others stay open and are taken from each run's inputs.
    conv: "auto", or "direct" to forbid algorithms that round differently (Winograd).
    check_fusions: compare what was fused with what it was made of, on random and hostile numbers.
    threads: for compiling and for each run; 0: all CPUs that this process may use (TILEWRIGHT_THREADS for runs).
    dump_ir: a stage's name or "all": the IR after it, into files in dump_dir, or to standard error.
    embed_cubin: assemble the PTX with NVIDIA's ptxas and keep the result beside it.
    fast_math: GPU kernels use approximate instructions for exp, log, tanh, sin, cos, square roots and division in f32.
    allow_tf32: GPU kernels multiply f32 matrices and convolve f32 images on tensor cores, with operands rounded to tf32.
    device, emulator, emulator_seed, cuda_graph: as for `load`.
    verify_each: verify the IR after every pass. timing: fill Model.stages. profile: measure each node (Model.profile).

    Raises UserError with file, node and attribute, what was expected and what was found; CompilerBug for our faults.
    """
    options = _core.CompileOptions()
    options.target, options.cpu, options.conv, options.threads = target or target_for(device), cpu, conv, threads
    options.embed_cubin, options.fast_math, options.allow_tf32 = embed_cubin, fast_math, allow_tf32
    options.check_fusions = check_fusions
    options.dims = list((dims or {}).items())
    options.dump_ir, options.dump_dir, options.verify_each = dump_ir, os.fspath(dump_dir), verify_each
    path, content = source_of(model)
    opening = open_options(device, threads, profile, emulator, emulator_seed, cuda_graph)
    core, stages = _core.compile(path, content, options, opening, timing)
    return Model(core, [Stage(*stage) for stage in stages])


def source_of(model: Any) -> tuple[str, bytes]:
    """(path, b"") for a file, (a name for messages, bytes) for a model in memory."""
    if isinstance(model, str | os.PathLike):
        return os.fspath(model), b""
    if hasattr(model, "SerializeToString"):
        model = model.SerializeToString()
    if not isinstance(model, bytes | bytearray | memoryview):
        raise UserError(f"model: expected a path, bytes or an onnx.ModelProto, found {type(model).__name__}")
    if not model:
        raise UserError("model: expected the bytes of an ONNX model, found none")
    return "model", bytes(model)


def load(path: str | os.PathLike, device: str | None = None, threads: int = 0, *, profile: bool = False,
         emulator: str | os.PathLike | None = None, emulator_seed: int = 0, cuda_graph: bool = False) -> Model:
    """Loads an artifact that `Model.save` or `tilewright compile` wrote.

    device: "cpu", "cuda", "cuda:N", "emulator" or "auto" (a GPU where the model has code for it and there is one, else
    the CPU); None: TILEWRIGHT_DEVICE, or else "auto". emulator: its library, emulator_seed: of its order of events.
    cuda_graph: replay runs of equal sizes as a CUDA graph. threads: that one run may use; 0: TILEWRIGHT_THREADS, or all CPUs that this process may use.
    Raises UserError if the file can't be read, is no artifact, needs CPU features that this machine lacks, or holds no
    code for the device, and if there is no such device.
    """
    return Model(_core.load(os.fspath(path), open_options(device, threads, profile, emulator, emulator_seed, cuda_graph)))
