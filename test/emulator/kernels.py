"""Tiny kernels around a few instructions: one warp, a value per lane in and out."""

import numpy as np

from tilewright import emulator

HEADER = ".version 8.6\n.target sm_90a\n.address_size 64\n"
LANES = 32
BITS = {"bool": "pred", "uint16": "b16", "int16": "b16", "float16": "b16", "uint32": "b32", "int32": "b32",
        "float32": "f32", "uint64": "b64", "int64": "b64", "float64": "f64", "uint8": "b16", "int8": "b16"}


def load(name: str, dtype: np.dtype) -> str:
    """Reads the lane's value of one array into a register of the same name."""
    size = dtype.itemsize
    address = f"ld.param.u64 %base, [{name}_array]; mad.wide.u32 %at, %lane, {size}, %base;"
    if dtype == bool:
        return f"{address} ld.global.u8 %byte, [%at]; setp.ne.b16 %{name}, %byte, 0;\n"
    return f"{address} ld.global.{'u8' if size == 1 else f'b{8 * size}'} %{name}, [%at];\n"


def store(name: str, dtype: np.dtype) -> str:
    size = dtype.itemsize
    address = f"ld.param.u64 %base, [{name}_array]; mad.wide.u32 %at, %lane, {size}, %base;"
    if dtype == bool:
        return f"{address} selp.b16 %byte, 1, 0, %{name}; st.global.u8 [%at], %byte;\n"
    return f"{address} st.global.{'u8' if size == 1 else f'b{8 * size}'} [%at], %{name};\n"


def kernel(body: str, arrays: dict[str, np.dtype], outputs: list[str], module: str = "") -> str:
    """Registers %lane, %t0 … %t9 (32 bits), %w0 … %w9 (64 bits), %h0 … %h9 (16 bits), %q0 … %q9 are for the body."""
    params = ", ".join(f".param .u64 {name}_array" for name in arrays)
    declared = "".join(f".reg .{BITS[dtype.name]} %{name};\n" for name, dtype in arrays.items())
    loads = "".join(load(name, dtype) for name, dtype in arrays.items() if name not in outputs)
    stores = "".join(store(name, arrays[name]) for name in outputs)
    return (f"{HEADER}{module}.visible .entry k({params})\n{{\n.reg .b64 %base, %at, %w<10>;\n.reg .b32 %lane, %t<10>;\n"
            f".reg .b16 %byte, %h<10>;\n.reg .pred %q<10>;\n{declared}mov.u32 %lane, %tid.x;\n{loads}{body}\n{stores}ret;\n}}\n")


def lanes(body: str, outputs: dict[str, type], module: str = "", block=LANES, grid=1, seed: int = 0, **inputs):
    """The outputs of a warp that runs the body; inputs are arrays of 32 values, shorter ones repeated."""
    arrays = {name: np.resize(np.asarray(value), LANES) for name, value in inputs.items()}
    arrays |= {name: np.zeros(LANES, dtype) for name, dtype in outputs.items()}
    text = kernel(body, {name: array.dtype for name, array in arrays.items()}, list(outputs), module)
    emulator.launch(text, "k", grid, block, list(arrays.values()), seed=seed)
    found = [arrays[name] for name in outputs]
    return found[0] if len(found) == 1 else found
