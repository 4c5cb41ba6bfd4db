"""Compares outputs as the suite's own runner does: count, kind, dtype, shape, value within tolerance, NaN equal to NaN."""

import numpy as np


class Mismatch(Exception):
    """An output is not what the test expects; the message says which, what was expected and what was found."""


def compare_outputs(found: list, expected: list, rtol: float, atol: float) -> None:
    if len(found) != len(expected):
        raise Mismatch(f"expected {len(expected)} outputs, found {len(found)}")
    for index, (one, other) in enumerate(zip(found, expected)):
        compare_value(one, other, rtol, atol, f"output {index}")


def compare_value(found, expected, rtol: float, atol: float, where: str) -> None:
    """Arrays, lists of values (sequences) and None (an optional without a value)."""
    if expected is None or found is None:
        if found is not expected:
            raise Mismatch(f"{where}: expected {kind_of(expected)}, found {kind_of(found)}")
    elif isinstance(expected, list):
        compare_sequence(found, expected, rtol, atol, where)
    else:
        compare_array(found, np.asarray(expected), rtol, atol, where)


def kind_of(value) -> str:
    return "nothing" if value is None else "a sequence" if isinstance(value, (list, tuple)) else "a tensor"


def compare_sequence(found, expected: list, rtol: float, atol: float, where: str) -> None:
    if not isinstance(found, (list, tuple)):
        raise Mismatch(f"{where}: expected a sequence, found {kind_of(found)}")
    if len(found) != len(expected):
        raise Mismatch(f"{where}: expected {len(expected)} elements, found {len(found)}")
    for index, (one, other) in enumerate(zip(found, expected)):
        compare_value(one, other, rtol, atol, f"{where}[{index}]")


def compare_array(found, expected: np.ndarray, rtol: float, atol: float, where: str) -> None:
    if isinstance(found, (list, tuple)):
        raise Mismatch(f"{where}: expected a tensor, found a sequence")
    found = np.asarray(found)
    if is_text(expected) and is_text(found):
        found, expected = found.astype(object), expected.astype(object)
    if found.dtype != expected.dtype:
        raise Mismatch(f"{where}: expected dtype {expected.dtype}, found {found.dtype}")
    if found.shape != expected.shape:
        raise Mismatch(f"{where}: expected shape {expected.shape}, found {found.shape}")
    wrong = ~equal(found, expected, rtol, atol)
    if wrong.any():
        at = tuple(int(i) for i in np.argwhere(wrong)[0])
        raise Mismatch(f"{where}: {int(wrong.sum())} of {wrong.size} elements differ, the first at {at}: "
                       f"expected {expected[at]}, found {found[at]}")


def is_text(array: np.ndarray) -> bool:
    return array.dtype.kind in "OSUT"


def equal(found: np.ndarray, expected: np.ndarray, rtol: float, atol: float) -> np.ndarray:
    """Element by element. Types that numpy lacks (bfloat16, float8, int4, ...) are compared as float64, exactly held."""
    if expected.dtype.kind == "O":
        return np.asarray(found == expected)
    if expected.dtype.kind in "iub" and expected.dtype.itemsize == 8:
        return found == expected  # beyond 2^53 a float64 would round
    complex_parts = expected.dtype.kind == "c"
    wide = np.complex128 if complex_parts else np.float64
    with np.errstate(invalid="ignore"):
        return np.isclose(found.astype(wide), expected.astype(wide), rtol=rtol, atol=atol, equal_nan=True)
