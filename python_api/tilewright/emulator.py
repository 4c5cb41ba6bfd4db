"""Runs PTX on the emulator and tells what is wrong with it; no GPU, no compiler needed.

    from tilewright import emulator
    report = emulator.launch(ptx, "scale", grid=4, block=128, args=[x, y, 0.5, x.size])

NumPy arrays are buffers in the device's memory and changed in place; a TensorMap of an array is one for TMA. Numbers take the type that the kernel's parameter
declares; 0 for a pointer is null. What the emulator finds raises Findings, unless on_finding="report".
"""

import ctypes
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

ABI_VERSION = 1
OK, INVALID, BAD_PTX, FINDINGS = range(4)


# The driver's numbers.
_MAP_TYPES = {"uint8": 0, "int8": 0, "float8_e4m3fn": 0, "float8_e5m2": 0, "uint16": 1, "int16": 1, "uint32": 2, "int32": 3,
              "uint64": 4, "int64": 5, "float16": 6, "float32": 7, "float64": 8, "bfloat16": 9}
_SWIZZLES = (0, 32, 64, 128)


class EmulatorError(ValueError):
    """The text or the launch is not right."""


class Findings(RuntimeError):
    """The kernel is not right: `report` says what was found."""

    def __init__(self, report: "Report"):
        self.report = report
        super().__init__("\n".join(map(str, report.findings)))


@dataclass
class Finding:
    """One thing that is wrong: where, and how often the same instruction did it."""

    kind: str
    kernel: str
    text: str
    line: int
    block: tuple[int, int, int]
    thread: tuple[int, int, int]
    address: int
    count: int
    label: str = ""

    def __str__(self) -> str:
        where = f"{self.kernel}{f' ({self.label})' if self.label else ''}, line {self.line}"
        return f"{self.kind}: {where}, block {self.block}, thread {self.thread}: {self.text}"


@dataclass
class Report:
    """What a launch counted and found."""

    counters: dict
    findings: list[Finding] = field(default_factory=list)


@dataclass
class TensorMap:
    """A kernel's tensor map of a C-contiguous array: `box` has a size for each of its dimensions, outermost first."""

    array: np.ndarray
    box: Sequence[int]
    swizzle: int = 0  # 0, 32, 64 or 128 bytes
    element_strides: Sequence[int] | None = None
    nan_fill: bool = False


class _Launch(ctypes.Structure):
    _fields_ = [
        ("module", ctypes.c_void_p), ("entry", ctypes.c_char_p), ("grid", ctypes.c_uint32 * 3),
        ("block", ctypes.c_uint32 * 3), ("cluster", ctypes.c_uint32 * 3), ("shared_bytes", ctypes.c_uint32),
        ("registers", ctypes.c_uint32), ("reserved", ctypes.c_uint32),
        ("params", ctypes.POINTER(ctypes.c_void_p)), ("label", ctypes.c_char_p),
    ]


class _Finding(ctypes.Structure):
    _fields_ = [
        ("kind", ctypes.c_char_p), ("kernel", ctypes.c_char_p), ("label", ctypes.c_char_p), ("text", ctypes.c_char_p),
        ("line", ctypes.c_uint32), ("block", ctypes.c_uint32 * 3), ("thread", ctypes.c_uint32 * 3),
        ("reserved", ctypes.c_uint32), ("address", ctypes.c_uint64), ("count", ctypes.c_uint64),
    ]


def library_path() -> Path:
    """$TILEWRIGHT_EMULATOR, beside this file, or in the build folder's lib."""
    here = Path(__file__).parent
    name = "libtilewright-emulator.so"
    places = [here / name, here.parent.parent / "lib" / name]
    if chosen := os.environ.get("TILEWRIGHT_EMULATOR"):
        places.insert(0, Path(chosen))
    for place in places:
        if place.exists():
            return place
    raise EmulatorError(f"{name} is not built; looked at {', '.join(map(str, places))}")


_loaded: ctypes.CDLL | None = None


def _library() -> ctypes.CDLL:
    global _loaded
    if _loaded is None:
        library = ctypes.CDLL(str(library_path()))
        library.tw_emulator_create.restype = ctypes.c_void_p
        for name in ("error", "counters", "forms"):
            getattr(library, f"tw_emulator_{name}").restype = ctypes.c_char_p
        library.tw_emulator_get_finding.restype = ctypes.POINTER(_Finding)
        if library.tw_emulator_abi_version() != ABI_VERSION:
            raise EmulatorError(f"{library._name} has another version of its interface")
        _loaded = library
    return _loaded


def forms() -> list[tuple[str, str, bool]]:
    """Every instruction form: opcode pattern, operands, whether a text loaded in this process uses it."""
    lines = _library().tw_emulator_forms().decode().splitlines()
    return [(opcode, operands, used == "used") for opcode, operands, used in (line.split("\t") for line in lines)]


class Device:
    """An emulated GPU with memory of its own."""

    def __init__(self, seed: int = 0):
        self._library = _library()
        self._handle = ctypes.c_void_p(self._library.tw_emulator_create(ctypes.c_uint64(seed)))
        if not self._handle:
            raise EmulatorError("the emulator needs a CPU with AVX2, FMA and BMI2")

    def __enter__(self) -> "Device":
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def close(self) -> None:
        if self._handle:
            self._library.tw_emulator_destroy(self._handle)
            self._handle = None

    def _call(self, name: str, *arguments, accept: Sequence[int] = (OK,)) -> int:
        status = getattr(self._library, f"tw_emulator_{name}")(self._handle, *arguments)
        if status not in accept:
            raise EmulatorError(self._library.tw_emulator_error(self._handle).decode(errors="replace"))
        return status

    def set_checks(self, races: bool = True, uninitialised: bool = True) -> None:
        self._library.tw_emulator_set_checks(self._handle, ctypes.c_uint32(races | uninitialised << 1))

    def set_instruction_limit(self, limit: int) -> None:
        self._library.tw_emulator_set_instruction_limit(self._handle, ctypes.c_uint64(limit))

    def alloc(self, size: int) -> int:
        address = ctypes.c_uint64()
        self._call("alloc", ctypes.c_uint64(size), ctypes.byref(address))
        return address.value

    def free(self, address: int) -> None:
        self._call("free", ctypes.c_uint64(address))

    def write(self, address: int, array: np.ndarray) -> None:
        array = np.ascontiguousarray(array)
        self._call("write", ctypes.c_uint64(address), ctypes.c_void_p(array.ctypes.data), ctypes.c_uint64(array.nbytes))

    def read(self, address: int, array: np.ndarray) -> None:
        """Fills a contiguous array."""
        self._call("read", ctypes.c_uint64(address), ctypes.c_void_p(array.ctypes.data), ctypes.c_uint64(array.nbytes))

    def encode(self, map_: TensorMap, address: int) -> bytes:
        """The 128 bytes of a tensor map of the array's copy at `address`."""
        array, rank = map_.array, map_.array.ndim
        if array.dtype.name not in _MAP_TYPES or not array.flags.c_contiguous or not 1 <= rank <= 5:
            raise EmulatorError(f"no tensor map can be made of {array.dtype} {array.shape}")
        if map_.swizzle not in _SWIZZLES or len(map_.box) != rank:
            raise EmulatorError(f"swizzle {map_.swizzle} and box {tuple(map_.box)} for an array of rank {rank}")
        steps = map_.element_strides or (1,) * rank
        out = ctypes.create_string_buffer(128)
        self._call("encode_tiled", out, ctypes.c_int32(_MAP_TYPES[array.dtype.name]), ctypes.c_uint32(rank),
                   ctypes.c_uint64(address), (ctypes.c_uint64 * 5)(*array.shape[::-1]),
                   (ctypes.c_uint64 * 5)(*array.strides[-2::-1]), (ctypes.c_uint32 * 5)(*tuple(map_.box)[::-1]),
                   (ctypes.c_uint32 * 5)(*tuple(steps)[::-1]), ctypes.c_int32(0),
                   ctypes.c_int32(_SWIZZLES.index(map_.swizzle)), ctypes.c_int32(0), ctypes.c_int32(map_.nan_fill))
        return out.raw

    def load(self, ptx: str | bytes, name: str = "module") -> "Module":
        return Module(self, ptx.encode() if isinstance(ptx, str) else ptx, name)

    def findings(self) -> list[Finding]:
        """Those since the last clear_findings."""
        found = []
        for index in range(self._library.tw_emulator_finding_count(self._handle)):
            one = self._library.tw_emulator_get_finding(self._handle, index).contents
            found.append(Finding(one.kind.decode(), one.kernel.decode(), one.text.decode(errors="replace"), one.line,
                                 tuple(one.block), tuple(one.thread), one.address, one.count, one.label.decode()))
        return found

    def clear_findings(self) -> None:
        self._library.tw_emulator_clear_findings(self._handle)

    def counters(self) -> list[dict]:
        return json.loads(self._library.tw_emulator_counters(self._handle))

    def clear_counters(self) -> None:
        self._library.tw_emulator_clear_counters(self._handle)


class Module:
    """A PTX text that a device has loaded."""

    def __init__(self, device: Device, ptx: bytes, name: str):
        self.device, self._handle = device, ctypes.c_void_p()
        device._call("load", name.encode(), ptx, ctypes.c_size_t(len(ptx)), ctypes.byref(self._handle))

    def parameters(self, entry: str) -> list[tuple[str, int]]:
        """Declared type and bytes of each parameter."""
        count, bytes_, type_ = ctypes.c_int32(), ctypes.c_uint64(), ctypes.c_char_p()
        self.device._call("parameter_count", self._handle, entry.encode(), ctypes.byref(count))
        found = []
        for index in range(count.value):
            self.device._call("parameter", self._handle, entry.encode(), ctypes.c_int32(index), ctypes.byref(bytes_),
                              ctypes.byref(type_))
            found.append((type_.value.decode(), bytes_.value))
        return found

    def run(self, entry: str, grid, block, params: Sequence[bytes], shared_bytes: int = 0, cluster=(1, 1, 1),
            label: str = "", registers: int = 0) -> int:
        """`params`: the bytes of each parameter. The status: OK or FINDINGS."""
        holders = [ctypes.create_string_buffer(param, max(1, len(param))) for param in params]
        pointers = (ctypes.c_void_p * max(1, len(holders)))(*[ctypes.addressof(holder) for holder in holders])
        launch = _Launch(self._handle, entry.encode(), _shape(grid), _shape(block), _shape(cluster), shared_bytes,
                         registers, 0, pointers, label.encode())
        return self.device._call("run", ctypes.byref(launch), accept=(OK, FINDINGS))


def _shape(sizes) -> tuple[int, int, int]:
    sizes = (sizes,) if isinstance(sizes, int) else tuple(sizes)
    if not 1 <= len(sizes) <= 3:
        raise EmulatorError(f"a grid, block or cluster has one to three sizes, not {len(sizes)}")
    return (*sizes, *(1,) * (3 - len(sizes)))


def _number(value, type_: str, size: int) -> bytes:
    """A number in the parameter's declared type. Bits fit themselves: a float for b32 is an f32."""
    if isinstance(value, (bytes, bytearray)):
        if len(value) != size:
            raise EmulatorError(f"expected {size} bytes, found {len(value)}")
        return bytes(value)
    real = isinstance(value, (float, np.floating))
    if type_ in ("f16", "f32", "f64") or (type_[0] == "b" and real):
        return np.array(value, {2: np.float16, 4: np.float32, 8: np.float64}[size]).tobytes()
    if real and value != int(value):
        raise EmulatorError(f"{value} does not fit a parameter of type {type_}")
    try:
        return int(value).to_bytes(size, "little", signed=value < 0)
    except OverflowError:
        raise EmulatorError(f"{value} does not fit a parameter of type {type_}") from None


def launch(ptx_text: str, entry: str, grid, block, args: Sequence, shared_bytes: int = 0, cluster=(1, 1, 1), seed: int = 0,
           on_finding: str = "raise", name: str = "module", label: str = "", instruction_limit: int = 0) -> Report:
    """Runs one kernel on a device of its own."""
    with Device(seed) as device:
        device.set_instruction_limit(instruction_limit)
        module = device.load(ptx_text, name)
        declared = module.parameters(entry)
        if len(declared) != len(args):
            raise EmulatorError(f"{entry} has {len(declared)} parameters; {len(args)} were given")
        buffers, params = [], []

        def place(array: np.ndarray) -> int:
            """An array has one place, however often it is given."""
            known = [address for other, address in buffers if other is array]
            if not known:
                known = [device.alloc(array.nbytes)]
                buffers.append((array, known[0]))
                device.write(known[0], array)
            return known[0]

        for value, (type_, size) in zip(args, declared):
            if isinstance(value, np.ndarray):
                if size != 8:
                    raise EmulatorError(f"an array for a parameter of type {type_}, which is no pointer")
                params.append(place(value).to_bytes(8, "little"))
            elif isinstance(value, TensorMap):
                if size != 128:
                    raise EmulatorError(f"a tensor map for a parameter of {size} bytes; expected 128")
                params.append(device.encode(value, place(value.array)))
            else:
                params.append(_number(value, type_, size))
        module.run(entry, grid, block, params, shared_bytes, cluster, label)
        for array, address in buffers:
            result = np.empty(array.shape, array.dtype)
            device.read(address, result)
            if array.flags.writeable:
                array[...] = result
        report = Report(device.counters()[0], device.findings())
    if report.findings and on_finding != "report":
        raise Findings(report)
    return report
