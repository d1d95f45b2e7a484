"""How the skin follows the jaw and the lips: displacement fields around the mouth."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from soundstage.providers.local.avatar.anatomy import Anatomy
from soundstage.providers.local.avatar.arrays import F32, f32, read_at, smoothstep

UPPER_SHARE = 0.2
"""The part of an opening that the upper lip makes; the jaw makes the rest."""
_UPPER_CLOSING = 0.4
_CHIN_FOLLOWS = 0.62
_CORNER_FOLLOWS = 0.3


@dataclass(frozen=True, slots=True)
class Pull:
    """What pulls at the skin in one frame: `opened` and `closed` in pixels of lip gap, `spread` the share by which
    the mouth grows wider, `pucker`, `tuck` and `press` from 0 to 1."""

    opened: float
    closed: float
    spread: float
    pucker: float
    tuck: float
    press: float

    @property
    def is_none(self) -> bool:
        """Whether the face rests as it is on the picture."""
        return max(self.opened, self.closed, abs(self.spread), self.pucker, self.tuck, self.press) < 1e-3


@dataclass(frozen=True, slots=True)
class Field:
    """Where the skin of one layer comes from, at the points `grid` of a lattice whose cells are two pixels.

    The lips' own shape is applied first, then the mouth's width, then the jaw; read backwards, each is looked up
    where the ones after it leave it. Without that, a rounded mouth would open as wide as a straight one.
    """

    jaw: F32
    width: F32
    lips: F32
    grid: F32

    def displacement(self, pull: Pull) -> F32:
        """(height, width, 2) pixels of the picture, at every point of the grid."""
        total: NDArray[Any] = self.width * np.float32(pull.spread)
        jaw = _sum(self.jaw, (pull.opened, pull.closed))
        total = total + read_at(jaw, self.grid - total * np.float32(0.5))
        if pull.pucker or pull.tuck or pull.press:
            lips = _sum(self.lips, (pull.pucker, pull.tuck, pull.press))
            total = total + read_at(lips, self.grid - total * np.float32(0.5))
        return f32(total)

    def within(self, rows: slice, columns: slice) -> "Field":
        """The same field at a part of its grid; it still knows what lies around that part."""
        return Field(self.jaw, f32(self.width[rows, columns]), self.lips, f32(self.grid[rows, columns]))


def _sum(rows: F32, weights: tuple[float, ...]) -> F32:
    total = rows[0] * np.float32(weights[0])
    for row, weight in zip(rows[1:], weights[1:], strict=True):
        if weight:
            total += row * np.float32(weight)
    return f32(total)


def lip_fields(face: Anatomy, x: F32, y: F32) -> tuple[Field, Field]:
    """The fields above and below the lips' gap at a grid of points (x, y) in the face's axes. They agree beyond
    the corners of the mouth and fade out at the nose, the ears and the neck."""
    reach = np.abs(x) / face.half_mouth
    upper, lower = (np.interp(x, edge[:, 0], edge[:, 1]) for edge in (face.upper, face.lower))
    dy = f32(y - (upper + lower) / 2)
    lens = f32(np.clip(1.0 - reach**2, 0.0, 1.0) ** 0.62)
    closing = f32(np.clip((lower - upper) / max(face.gap, 1e-3), 0.0, 1.0))

    jaw = _jaw(face, x, y, dy)
    above_fade = 1.0 - smoothstep(0.35, 1.0, -dy / face.nose)
    below_fade = 1.0 - smoothstep(0.35, 1.0, dy / face.chin)
    around = (1.0 - smoothstep(0.9, 1.8, reach)) * above_fade * (1.0 - smoothstep(0.3, 0.8, dy / face.chin))
    near = 1.0 - smoothstep(0.75, 1.5, reach)
    upper_lip = -face.lip_top * near * _lip(-dy, face.lip_top)
    lower_lip = face.lip_bottom * near * _lip(dy, face.lip_bottom)
    bare = -0.05 * face.unit * lens * above_fade

    still = np.zeros_like(x)
    rows, columns = np.mgrid[0 : x.shape[0], 0 : x.shape[1]]
    grid, width = f32(np.stack([columns, rows], axis=-1)), face.on_picture(f32(x * around), still)

    def field(jaw_rows: tuple[NDArray[Any], ...], lip_rows: tuple[NDArray[Any], ...]) -> Field:
        both = (f32(np.stack([face.on_picture(still, f32(v)) for v in rows])) for rows in (jaw_rows, lip_rows))
        return Field(*(next(both), width, next(both), grid))

    return (
        field(
            (
                jaw - (jaw + UPPER_SHARE) * lens * above_fade,
                (jaw + _UPPER_CLOSING) * closing * above_fade - jaw,
            ),
            (0.3 * upper_lip, bare, -0.22 * upper_lip),
        ),
        field(
            (
                jaw + (1.0 - UPPER_SHARE - jaw) * lens * below_fade,
                -jaw - (1.0 - _UPPER_CLOSING - jaw) * closing * below_fade,
            ),
            (0.3 * lower_lip, -0.42 * lower_lip, -0.24 * lower_lip),
        ),
    )


def seen_as_one(face: Anatomy, x: F32, y: F32, fields: tuple[Field, Field]) -> Field:
    """One field for the skin around the mouth: the upper above the lips' line, the lower below it."""
    above, below = fields
    line = np.interp(x, face.lower[:, 0], (face.lower[:, 1] + face.upper[:, 1]) / 2)
    up = (y < line)[..., None]
    return Field(
        f32(np.where(up, above.jaw, below.jaw)), above.width, f32(np.where(up, above.lips, below.lips)), above.grid
    )


def _jaw(face: Anatomy, x: F32, y: F32, dy: F32) -> F32:
    """The share of an opening by which the jaw takes the skin along, not counting the lips themselves."""
    sides = 1.0 - smoothstep(0.5, 1.02, np.abs(x) / face.half_jaw)
    neck = 1.0 - smoothstep(1.02, 1.75, y / face.chin)
    jaw = _CHIN_FOLLOWS * smoothstep(-0.75, 0.95, dy / face.chin) * sides * neck
    at_line = _CHIN_FOLLOWS * 0.42
    return f32(jaw * (1.0 + (_CORNER_FOLLOWS / at_line - 1.0) * np.exp(-6.0 * (dy / face.unit) ** 2)))


def _lip(distance: F32, thickness: float) -> F32:
    """Rises from 0 at the lips' line to 1 at the lip's edge, and fades beyond it."""
    t = distance / max(thickness, 1.0)
    return f32(np.clip(t, 0.0, 1.0) * (1.0 - smoothstep(1.0, 2.2, t)))
