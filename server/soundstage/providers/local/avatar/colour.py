"""RGB and the video's colours: BT.709, limited range, as Y, Cb, Cr."""

from dataclasses import dataclass

import cv2
import numpy as np

from soundstage.providers.local.avatar.arrays import F32, U8, f32, u8

_MATRIX = f32(
    [
        [0.2126 * 219, 0.7152 * 219, 0.0722 * 219],
        [-0.2126 / 1.8556 * 224, -0.7152 / 1.8556 * 224, 0.5 * 224],
        [0.5 * 224, -0.7152 / 1.5748 * 224, -0.0722 / 1.5748 * 224],
    ]
) / np.float32(255)
_OFFSET = f32([16.0, 128.0, 128.0])


@dataclass(frozen=True, slots=True)
class Planes:
    """A picture as the encoder takes it: luma (height, width), chroma (2, height / 2, width / 2).

    Each kind of chroma lies by itself: OpenCV moves single planes twice as fast as interleaved ones.
    """

    luma: U8
    chroma: U8

    def copy(self) -> "Planes":
        """The same picture in memory of its own."""
        return Planes(self.luma.copy(), self.chroma.copy())


def to_ycc(rgb: F32) -> F32:
    """(..., 3) RGB of 0 to 255 as Y, Cb, Cr."""
    return f32(rgb @ _MATRIX.T + _OFFSET)


def picture_to_ycc(rgb: U8) -> U8:
    """(height, width, 3) RGB as Y, Cb, Cr, all at full resolution."""
    return u8(np.clip(to_ycc(f32(rgb)) + 0.5, 0, 255))


def to_planes(ycc: U8) -> Planes:
    """Full-resolution Y, Cb, Cr with its chroma halved; both sides must be even."""
    height, width = ycc.shape[:2]
    chroma = cv2.resize(
        np.ascontiguousarray(ycc[..., 1:]), (width // 2, height // 2), interpolation=cv2.INTER_AREA
    )
    return Planes(np.ascontiguousarray(ycc[..., 0]), u8(np.moveaxis(u8(chroma), 2, 0)))
