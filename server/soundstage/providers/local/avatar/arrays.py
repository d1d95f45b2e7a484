"""The array types that the rooms of the renderer hand to each other."""

from typing import Any, TypeAlias, cast

import cv2
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


def smoothstep(low: float, high: float, x: NDArray[Any]) -> F32:
    """0 below `low`, 1 above `high`, smooth between."""
    t = np.clip((x - low) / (high - low), 0.0, 1.0)
    return f32(t * t * (3.0 - 2.0 * t))


def remap(picture: U8, at: NDArray[Any]) -> U8:
    """The picture read at `at`, (height, width, 2) of x and y in its pixels; beyond its edge the edge repeats."""
    cv: Any = cv2
    return u8(cv.remap(picture, f32(at), None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE))


def remap_each(pictures: U8, at: NDArray[Any]) -> U8:
    """Each picture of a stack read at the same points."""
    return np.stack([remap(picture, at) for picture in pictures])


def read_at(field: F32, at: NDArray[Any]) -> F32:
    """A field of numbers read between its points, at (height, width, 2) of x and y; its edge repeats."""
    cv: Any = cv2
    return f32(cv.remap(field, f32(at), None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE))


def convolve(curve: F32, window: NDArray[Any]) -> F32:
    """The curve under a window of odd length, its ends held."""
    reach = window.size // 2
    held: NDArray[Any] = np.concatenate([np.repeat(curve[:1], reach), curve, np.repeat(curve[-1:], reach)])
    weights: NDArray[Any] = window / window.sum()
    return f32(np.convolve(held, weights, mode="valid"))
