"""Moves the head of a picture: turns it in depth, leans and sways it, and lets it melt into what is behind."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from soundstage.providers.local.avatar.anatomy import Box
from soundstage.providers.local.avatar.arrays import F32, U8, f32, remap_each, smoothstep
from soundstage.providers.local.avatar.colour import Planes
from soundstage.providers.local.avatar.faces import CHEEKS, CHIN, FOREHEAD

_STEP = 8

# At head_motion 1, in face widths (roll: radians).
_YAW, _PITCH, _ROLL, _SWAY, _BOB = 0.034, 0.026, 0.020, 0.014, 0.009


class Head:
    """The head of one scene, ready to be moved."""

    def __init__(self, landmarks: F32, bounds: tuple[int, int, int, int], amount: float) -> None:
        points = landmarks[:, :2]
        width = float(np.linalg.norm(points[CHEEKS[0]] - points[CHEEKS[1]]))
        forehead, chin = points[FOREHEAD], points[CHIN]
        height = float(np.linalg.norm(forehead - chin))
        centre = (forehead + chin) / 2
        down = (chin - forehead) / max(height, 1e-6)
        left, top, right, bottom = bounds
        reach_x, reach_up, reach_down = 1.35 * width, 1.25 * height, 1.6 * height
        self._box = box = Box(
            _even(max(left, centre[0] - reach_x)),
            _even(max(top, centre[1] - reach_up)),
            _even(min(right, centre[0] + reach_x)),
            _even(min(bottom, centre[1] + reach_down)),
        )
        # One cell more on each side: the outermost half of a cell cannot be interpolated, and is not shown.
        columns, rows = (-(-length // _STEP) + 2 for length in (box.right - box.left, box.bottom - box.top))
        xs = box.left + (np.arange(columns) - 0.5) * _STEP - 0.5
        ys = box.top + (np.arange(rows) - 0.5) * _STEP - 0.5
        x, y = (f32(v) for v in np.meshgrid(xs, ys))
        dx, dy = x - centre[0], y - centre[1]
        across, along = dx * down[1] - dy * down[0], dx * down[0] + dy * down[1]
        tall = np.where(along > 0, reach_down, reach_up)
        distance = np.hypot(across / reach_x, along / tall)
        weight = 1.0 - smoothstep(0.4, 1.0, f32(distance))
        weight *= _pinned(x, left, right, 0.25 * width) * _pinned(y, top, bottom, 0.25 * width)
        bulge = np.sqrt(np.clip(1.0 - (across / (0.62 * width)) ** 2 - (along / (0.72 * height)) ** 2, 0.0, 1.0))
        depth = 0.25 + 0.75 * bulge
        neck = centre + 0.75 * height * down
        rows_of = [
            (_YAW * width * depth * down[1], -_YAW * width * depth * down[0]),
            (_PITCH * width * depth * down[0], _PITCH * width * depth * down[1]),
            (-_ROLL * (y - neck[1]), _ROLL * (x - neck[0])),
            (np.full_like(x, _SWAY * width), np.zeros_like(x)),
            (np.zeros_like(x), np.full_like(x, _BOB * width)),
        ]
        fields = np.stack([np.stack([a * weight, b * weight], axis=-1) for a, b in rows_of])
        self._fields = f32(fields.reshape(5, -1) * amount)
        self._at = f32(np.stack([x, y], axis=-1))

    def draw(self, picture: Planes, pose: F32, into: Planes) -> None:
        """Draws the head of `picture` in a pose (yaw, pitch, roll, sway, bob); `into` holds the still picture."""
        coarse = self._at - (pose @ self._fields).reshape(self._at.shape)
        into.luma[self._box.full] = self._drawn(picture.luma[None], coarse, _STEP)[0]
        # A chroma sample lies in the middle of its four pixels.
        into.chroma[self._box.half] = self._drawn(picture.chroma, (coarse - np.float32(0.5)) / 2, _STEP // 2)

    def _drawn(self, planes: U8, coarse: NDArray[Any], step: int) -> U8:
        rows, columns = coarse.shape[:2]
        at = cv2.resize(coarse, (columns * step, rows * step), interpolation=cv2.INTER_LINEAR)
        share = _STEP // step
        height, width = (self._box.bottom - self._box.top) // share, (self._box.right - self._box.left) // share
        return remap_each(planes, at)[:, step : step + height, step : step + width]


def _even(value: float) -> int:
    return int(value / 2) * 2


def _pinned(position: F32, low: int, high: int, ease: float) -> F32:
    return f32(smoothstep(0.0, ease, position - low) * smoothstep(0.0, ease, high - 1 - position))
