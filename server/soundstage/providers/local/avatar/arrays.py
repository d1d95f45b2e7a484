"""The array types that the rooms of the renderer hand to each other."""

from typing import Any, TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

U8: TypeAlias = NDArray[np.uint8]
F32: TypeAlias = NDArray[np.float32]


def u8(array: object) -> U8:
    """The bytes of an untyped library's image, contiguous."""
    return np.ascontiguousarray(cast("NDArray[Any]", array), dtype=np.uint8)


def f32(array: object) -> F32:
    """An untyped library's numbers as contiguous single precision."""
    return np.ascontiguousarray(cast("NDArray[Any]", array), dtype=np.float32)


def smoothstep(low: float, high: float, x: F32) -> F32:
    """0 below `low`, 1 above `high`, smooth between."""
    t = np.clip((x - low) / (high - low), 0.0, 1.0)
    return f32(t * t * (3.0 - 2.0 * t))
