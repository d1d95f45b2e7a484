"""Closes the eyes of a picture: lids for every level of a blink, made once."""

from dataclasses import dataclass

import cv2
import numpy as np

from soundstage.providers.local.avatar.anatomy import Anatomy, Box
from soundstage.providers.local.avatar.arrays import F32, U8, f32, smoothstep, u8
from soundstage.providers.local.avatar.colour import Planes, to_planes
from soundstage.providers.local.avatar.motion import LID_LEVELS

_UPPER_LIDS = ((33, 246, 161, 160, 159, 158, 157, 173, 133), (362, 398, 384, 385, 386, 387, 388, 466, 263))
_LOWER_LIDS = ((33, 7, 163, 144, 145, 153, 154, 155, 133), (362, 382, 381, 380, 374, 373, 390, 249, 263))
_BROWS = ((70, 63, 105, 66, 107, 46, 53, 52, 65, 55), (300, 293, 334, 296, 336, 276, 283, 282, 295, 285))


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
    width = float(upper[-1, 0] - upper[0, 0])
    open_by = max(float((lower[:, 1] - upper[:, 1]).max()), 2.0)
    side = 0.12 * width
    crease = float(
        np.clip(
            brow[:, 1].max() + 0.1 * open_by, upper[:, 1].min() - 1.6 * open_by, upper[:, 1].min() - 0.3 * open_by
        )
    )
    box = face.box(
        upper[0, 0] - side,
        crease - 2,
        upper[-1, 0] + side,
        float(lower[:, 1].max()) + 0.3 * open_by,
        ycc.shape[:2],
    )
    x, y = face.local(box)
    top, bottom = np.interp(x, upper[:, 0], upper[:, 1]), np.interp(x, lower[:, 0], lower[:, 1])
    # The lashes hang below the lid's edge and travel with it.
    lashes = 0.10 * open_by
    inside = smoothstep(-side, 0.0, f32(x - upper[0, 0])) * smoothstep(-side, 0.0, f32(upper[-1, 0] - x))
    edge = top + lashes
    falls_to = edge + np.maximum(bottom - top, 0.0) * level * inside
    stretched = crease + (y - crease) * (edge - crease) / np.maximum(falls_to - crease, 1.0)
    source_y = np.where(y < crease, y, np.minimum(stretched, y))
    shift = face.on_picture(np.zeros_like(x), f32(source_y - y))
    rows, columns = np.mgrid[box.top : box.bottom, box.left : box.right]
    at = f32(np.stack([columns, rows], axis=-1)) + shift
    lid = f32(cv2.remap(ycc, at, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE))
    cover = np.clip(falls_to - y + 0.5, 0.0, 1.0)[..., None]
    behind = f32(ycc[box.full])
    return LidPatch(box, to_planes(u8(behind + (lid - behind) * cover + 0.5)))
