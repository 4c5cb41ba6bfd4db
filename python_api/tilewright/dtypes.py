"""Element types: from the runtime's names to numpy's dtypes."""

import functools

import numpy as np

SIGN_BITS = {"int4": 4, "int2": 2}  # ml_dtypes leaves the upper bits of a byte open, the runtime extends the sign


@functools.cache
def dtype_of(name: str) -> np.dtype:
    """numpy's dtype of that name; of ml_dtypes where numpy has none (bfloat16, float8_…, int4, …)."""
    try:
        return np.dtype(name)
    except TypeError:
        import ml_dtypes
        return np.dtype(getattr(ml_dtypes, name))


def extend_sign(array: np.ndarray) -> np.ndarray:
    """The array as the runtime wants it in memory."""
    bits = SIGN_BITS.get(array.dtype.name)
    if not bits:
        return array
    shift = 8 - bits
    return ((array.view(np.int8) << shift) >> shift).view(array.dtype)
