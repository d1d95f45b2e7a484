"""The measures of a framed face that the moving parts are built on."""

from dataclasses import dataclass

import cv2
import numpy as np

from soundstage.providers.local.avatar.arrays import F32, U8, f32, remap, u8
from soundstage.providers.local.avatar.faces import CHEEKS, CHIN

_INNER_UPPER = (78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308)
_INNER_LOWER = (78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308)
_OUTER_TOP, _OUTER_BOTTOM = (37, 0, 267), 17
_NOSE_BASE = 2
_EYE_CORNERS = (33, 263)

# Of the mouth's width: a smaller gap between the inner lips is the mesh's own slack on a closed mouth.
_CLOSED = 0.09


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle of pixels on even coordinates: right and bottom excluded."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def full(self) -> tuple[slice, slice]:
        """The index into a full-resolution plane."""
        return slice(self.top, self.bottom), slice(self.left, self.right)

    @property
    def half(self) -> tuple[slice, slice, slice]:
        """The index into both half-resolution planes."""
        return slice(None), slice(self.top // 2, self.bottom // 2), slice(self.left // 2, self.right // 2)


@dataclass(frozen=True, slots=True)
class Anatomy:
    """A face in its own axes: `across` to the viewer's right, `down` to the chin, from the mouth's centre.

    Lengths are in pixels. `unit` is the width of an average mouth on a face of this size. `upper` and `lower`
    are the inner edges of the lips as (x, y) in the face's axes; on a closed mouth both are the same line.
    """

    centre: F32
    across: F32
    down: F32
    unit: float
    half_mouth: float
    half_jaw: float
    chin: float
    nose: float
    lip_top: float
    lip_bottom: float
    upper: F32
    lower: F32

    @property
    def gap(self) -> float:
        """How far the portrait's own mouth stands open."""
        return float((self.lower[:, 1] - self.upper[:, 1]).max())

    def local(self, box: Box, step: int = 1) -> tuple[F32, F32]:
        """The face's (x, y) of every pixel of the box, or of every 2x2 block with `step` 2."""
        shift = (step - 1) / 2
        ys, xs = np.mgrid[box.top : box.bottom : step, box.left : box.right : step]
        dx, dy = xs + shift - self.centre[0], ys + shift - self.centre[1]
        return f32(dx * self.across[0] + dy * self.across[1]), f32(dx * self.down[0] + dy * self.down[1])

    def on_picture(self, x: F32, y: F32) -> F32:
        """Displacements in the face's axes as (..., 2) on the picture."""
        return f32(x[..., None] * self.across + y[..., None] * self.down)

    def box(self, left: float, top: float, right: float, bottom: float, shape: tuple[int, ...]) -> Box:
        """The even box on a picture of `shape` around a rectangle in the face's axes."""
        corners = f32([[x, y] for x in (left, right) for y in (top, bottom)])
        points = self.centre + self.on_picture(f32(corners[:, 0]), f32(corners[:, 1]))
        low, high = np.floor(points.min(axis=0) / 2) * 2, np.ceil(points.max(axis=0) / 2) * 2
        x0, x1 = (int(np.clip(v, 0, shape[1])) for v in (low[0], high[0]))
        y0, y1 = (int(np.clip(v, 0, shape[0])) for v in (low[1], high[1]))
        return Box(x0, y0, max(x1, x0 + 2), max(y1, y0 + 2))


def measure(landmarks: F32, luma: U8) -> Anatomy:
    """The anatomy of the face with these landmarks on a picture with this luma."""
    points = f32(landmarks[:, :2])
    right_eye, left_eye = points[_EYE_CORNERS[0]], points[_EYE_CORNERS[1]]
    across = left_eye - right_eye
    across /= max(float(np.linalg.norm(across)), 1e-6)
    down = f32([-across[1], across[0]])
    centre = f32((points[78] + points[308]) / 2)
    axes = f32(np.stack([across, down], axis=1))

    def local(indices: tuple[int, ...]) -> F32:
        return f32((points[list(indices)] - centre) @ axes)

    width = float(np.linalg.norm(points[CHEEKS[0]] - points[CHEEKS[1]]))
    half_mouth = float(np.linalg.norm(points[78] - points[308])) / 2
    upper, lower = _ordered(local(_INNER_UPPER)), _ordered(local(_INNER_LOWER))
    if float((lower[:, 1] - upper[:, 1]).max()) < _CLOSED * 2 * half_mouth:
        upper = lower = _darkest_line(f32((upper + lower) / 2), centre, axes, half_mouth, luma)
    return Anatomy(
        centre=centre,
        across=f32(across),
        down=down,
        unit=0.36 * width,
        half_mouth=half_mouth,
        half_jaw=width / 2,
        chin=float(local((CHIN,))[0, 1]),
        nose=-float(local((_NOSE_BASE,))[0, 1]),
        lip_top=-float(local(_OUTER_TOP)[:, 1].min()),
        lip_bottom=float(local((_OUTER_BOTTOM,))[0, 1]),
        upper=upper,
        lower=lower,
    )


def _ordered(line: F32) -> F32:
    return f32(line[np.argsort(line[:, 0])])


def _darkest_line(line: F32, centre: F32, axes: F32, half_mouth: float, luma: U8) -> F32:
    """The line between closed lips, drawn from the mesh's guess to the shadow it lies next to."""
    x = np.linspace(-half_mouth, half_mouth, 33)
    guess = np.interp(x, line[:, 0], line[:, 1])
    offsets = np.linspace(-0.16, 0.16, 33) * half_mouth
    local = np.stack([np.broadcast_to(x[:, None], (33, 33)), guess[:, None] + offsets], axis=-1)
    points = f32(local @ axes.T + centre)
    seen = f32(remap(u8(cv2.GaussianBlur(luma, (0, 0), 1.0)), points))
    cost = seen - seen.mean(axis=1, keepdims=True) + 14.0 * (offsets / (0.08 * half_mouth)) ** 2
    weight = np.exp(-(cost - cost.min(axis=1, keepdims=True)) / 4.0)
    found = (weight * offsets).sum(axis=1) / weight.sum(axis=1)
    # A cubic keeps the line as smooth as lips are, whatever single columns say.
    inside = np.abs(x) < 0.92 * half_mouth
    bend = np.polynomial.Polynomial.fit(x[inside], found[inside], 3)(x) * (1.0 - (x / half_mouth) ** 8)
    return f32(np.stack([x, guess + bend], axis=1))
