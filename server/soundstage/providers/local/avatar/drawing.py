"""Soft shapes on a canvas: what the drawn host is made of."""

from collections.abc import Sequence

import cv2
import numpy as np

from soundstage.providers.local.avatar.anatomy import Box
from soundstage.providers.local.avatar.arrays import F32, U8, f32, u8

Point = tuple[float, float]
Colour = tuple[int, int, int]

_SUBPIXEL = 4
_STEPS = 16
_STRIP = 64


class Canvas:
    """RGB pixels that shapes are laid on, one over the other. Lengths are in pixels."""

    def __init__(self, width: int, height: int, top: Colour, bottom: Colour) -> None:
        fade = np.linspace(0.0, 1.0, height, dtype=np.float32)[:, None, None]
        self._pixels = f32(np.broadcast_to(f32(top) + (f32(bottom) - f32(top)) * fade, (height, width, 3)))

    @property
    def pixels(self) -> U8:
        """The picture as (height, width, 3) RGB."""
        return u8(self._pixels + np.float32(0.5))

    def fill(
        self, outline: F32, colour: Colour, *, to: Colour | None = None, blur: float = 0.0, cover: float = 1.0
    ) -> None:
        """Fill the closed `outline`, fading from `colour` at its top to the colour `to` at its bottom.

        `blur` is the softness of the edge, `cover` how much hides what lies behind, 0 to 1.
        """
        box = self._box(outline, blur)
        self._lay(_mask(outline, box, blur), box, outline, (colour, to or colour), cover)

    def fill_within(
        self, frame: F32, outline: F32, colour: Colour, *, blur: float = 0.0, cover: float = 1.0
    ) -> None:
        """Fill `outline` only where it lies inside the shape `frame`: shading that stays on the skin."""
        box = self._box(outline, blur)
        mask = _mask(outline, box, blur) * _mask(frame, box, 0.0)
        self._lay(mask, box, outline, (colour, colour), cover)

    def stroke(self, line: F32, widths: Sequence[float], colour: Colour, *, cover: float = 1.0) -> None:
        """Draw an open `line` like a brush: its width runs through `widths` from end to end."""
        along = np.gradient(line, axis=0)
        across = np.stack([-along[:, 1], along[:, 0]], axis=1)
        across /= np.maximum(np.linalg.norm(across, axis=1, keepdims=True), 1e-6)
        stops = np.linspace(0, 1, len(widths))
        half = np.interp(np.linspace(0, 1, len(line)), stops, widths)[:, None] / 2
        self.fill(f32(np.vstack([line + across * half, (line - across * half)[::-1]])), colour, cover=cover)

    def _box(self, outline: F32, blur: float) -> Box:
        margin = 3.0 * blur + 2.0
        height, width = self._pixels.shape[:2]
        low, high = outline.min(axis=0) - margin, outline.max(axis=0) + margin
        return Box(
            int(np.clip(low[0], 0, width - 1)),
            int(np.clip(low[1], 0, height - 1)),
            int(np.clip(high[0] + 1, 1, width)),
            int(np.clip(high[1] + 1, 1, height)),
        )

    def _lay(self, mask: F32, box: Box, outline: F32, colours: tuple[Colour, Colour], cover: float) -> None:
        top, bottom = float(outline[:, 1].min()), float(outline[:, 1].max())
        rows = np.arange(box.top, box.bottom, dtype=np.float32)
        fade = np.clip((rows - top) / max(bottom - top, 1.0), 0.0, 1.0)[:, None, None]
        paint = f32(colours[0]) + (f32(colours[1]) - f32(colours[0])) * fade
        behind = self._pixels[box.full]
        # In strips that fit the processor's cache: whole pictures of temporaries take three times as long.
        for first in range(0, rows.size, _STRIP):
            strip = slice(first, first + _STRIP)
            behind[strip] += (paint[strip] - behind[strip]) * (mask[strip] * np.float32(cover))[..., None]


def _mask(outline: F32, box: Box, blur: float) -> F32:
    width, height = box.right - box.left, box.bottom - box.top
    # What is blurred anyway is drawn small: a wide blur at full size would take most of the time.
    shrink = max(1.0, blur / 3.0)
    small_width, small_height = max(1, round(width / shrink)), max(1, round(height / shrink))
    mask = np.zeros((small_height, small_width), np.uint8)
    scale = f32([small_width / width, small_height / height])
    points = (outline - f32([box.left, box.top])) * scale
    cv2.fillPoly(
        mask, [np.round(points * 2**_SUBPIXEL).astype(np.int32)], (255,), lineType=cv2.LINE_AA, shift=_SUBPIXEL
    )
    if not blur:
        return f32(mask) / np.float32(255)
    soft = cv2.GaussianBlur(f32(mask), (0, 0), blur / shrink)
    return f32(cv2.resize(soft, (width, height), interpolation=cv2.INTER_LINEAR)) / np.float32(255)


def closed(*points: Point) -> F32:
    """A smooth closed outline through the points."""
    return _spline(np.array([points[-1], *points, points[0], points[1]]))


def line(*points: Point) -> F32:
    """A smooth line through the points, from the first to the last."""
    return _spline(np.array([points[0], *points, points[-1]]))


def ellipse(x: float, y: float, half_width: float, half_height: float) -> F32:
    """An ellipse around (x, y)."""
    angle = np.linspace(0, 2 * np.pi, 72, endpoint=False)
    return f32(np.stack([x + half_width * np.cos(angle), y + half_height * np.sin(angle)], axis=1))


def mirrored(outline: F32, x: float) -> F32:
    """The outline on the other side of the vertical line at `x`."""
    return f32(np.stack([2 * x - outline[:, 0], outline[:, 1]], axis=1))


def _spline(knots: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> F32:
    """Catmull-Rom: through every knot but the first and the last, which only give the direction."""
    t = np.linspace(0, 1, _STEPS, endpoint=False)[:, None]
    pieces = [
        0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)
        for a, b, c, d in zip(knots, knots[1:], knots[2:], knots[3:], strict=False)
    ]
    return f32(np.vstack([*pieces, knots[-2:-1]]))
