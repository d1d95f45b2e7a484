"""Closes the eyes of a picture: lids for every level of a blink, made once."""

from dataclasses import dataclass

import numpy as np

from soundstage.providers.local.avatar.anatomy import Anatomy, Box
from soundstage.providers.local.avatar.arrays import F32, U8, f32, remap, smoothstep, u8
from soundstage.providers.local.avatar.colour import Planes, to_planes
from soundstage.providers.local.avatar.motion import LID_LEVELS

_UPPER_LIDS = ((33, 246, 161, 160, 159, 158, 157, 173, 133), (362, 398, 384, 385, 386, 387, 388, 466, 263))
_LOWER_LIDS = ((33, 7, 163, 144, 145, 153, 154, 155, 133), (362, 382, 381, 380, 374, 373, 390, 249, 263))
_BROWS = ((70, 63, 105, 66, 107, 46, 53, 52, 65, 55), (300, 293, 334, 296, 336, 276, 283, 282, 295, 285))

# In eye widths: how far the lids reach beyond the corners. In eye heights: how far the lashes stand above the
# lid's edge, and how far below the lower lid's edge the upper one comes to rest.
_BEYOND_CORNERS = 0.22
_LASHES, _BELOW_EDGE = 0.5, 0.12
_LASH_COVER = 0.8


@dataclass(frozen=True, slots=True)
class LidPatch:
    """One eye at one level of a blink, to be laid over the picture."""

    box: Box
    planes: Planes

    def draw(self, into: Planes) -> None:
        """Lays the patch over the picture."""
        into.luma[self.box.full] = self.planes.luma
        into.chroma[self.box.half] = self.planes.chroma


def lid_patches(ycc: U8, landmarks: F32, face: Anatomy) -> tuple[tuple[LidPatch, ...], ...]:
    """For each level of a blink, the patches of both eyes."""
    return tuple(tuple(_closed(ycc, landmarks, face, eye, level) for eye in range(2)) for level in LID_LEVELS)


def _closed(ycc: U8, landmarks: F32, face: Anatomy, eye: int, level: float) -> LidPatch:
    axes = np.stack([face.across, face.down], axis=1)

    def local(indices: tuple[int, ...]) -> F32:
        points = f32((landmarks[list(indices), :2] - face.centre) @ axes)
        return f32(points[np.argsort(points[:, 0])])

    upper, lower, brow = local(_UPPER_LIDS[eye]), local(_LOWER_LIDS[eye]), local(_BROWS[eye])
    left, right = float(upper[0, 0]), float(upper[-1, 0])
    side = _BEYOND_CORNERS * (right - left)
    open_by = max(float((lower[:, 1] - upper[:, 1]).max()), 2.0)
    highest = float(upper[:, 1].min())
    crease = float(np.clip(brow[:, 1].max() + 0.1 * open_by, highest - 1.6 * open_by, highest - 0.75 * open_by))
    foot = float(lower[:, 1].max()) + 0.5 * open_by
    box = face.box(left - side, crease - 2, right + side, foot, ycc.shape[:2])
    x, y = face.local(box)
    top, bottom = np.interp(x, upper[:, 0], upper[:, 1]), np.interp(x, lower[:, 0], lower[:, 1])
    inside = smoothstep(-side, 0.25 * side, f32(x - left)) * smoothstep(-side, 0.25 * side, f32(right - x))
    # The mesh draws eyes a little smaller than they are, drawn ones above all.
    falls_to = f32(top + ((bottom - top) + _BELOW_EDGE * open_by) * level * inside)
    skin_ends = np.maximum(top - _LASHES * open_by, crease + 0.15 * open_by)
    source_y = crease + (y - crease) * (skin_ends - crease) / np.maximum(falls_to - crease, 1.0)
    shift = face.on_picture(np.zeros_like(x), f32(np.where(y < crease, 0.0, source_y - y)))
    rows, columns = np.mgrid[box.top : box.bottom, box.left : box.right]
    at = f32(np.stack([columns, rows], axis=-1)) + shift
    lid = f32(remap(ycc, at))
    behind = f32(ycc[box.full])
    thick = max(0.075 * open_by, 0.8)
    lashes = np.exp(-(((y - falls_to) / thick) ** 2)) * inside * _LASH_COVER
    dark = np.percentile(behind.reshape(-1, 3)[:, 0], 4)
    cover = np.clip(falls_to - y + 0.5, 0.0, 1.0) * smoothstep(0.0, 0.35 * open_by, f32(y - crease))
    lid_cover = f32(cover * smoothstep(0.0, 0.3, f32(inside)))[..., None]
    drawn = behind + (lid - behind) * lid_cover
    drawn[..., 0] += (dark - drawn[..., 0]) * lashes
    return LidPatch(box, to_planes(u8(drawn + 0.5)))
