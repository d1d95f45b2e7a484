"""Draws the moving mouth and jaw into a picture."""

from dataclasses import dataclass

import cv2
import numpy as np

from soundstage.providers.local.avatar.anatomy import Anatomy, Box
from soundstage.providers.local.avatar.arrays import F32, U8, f32, remap, remap_each, smoothstep, u8
from soundstage.providers.local.avatar.colour import Planes
from soundstage.providers.local.avatar.fields import UPPER_SHARE, Pull, lip_fields, seen_as_one
from soundstage.providers.local.avatar.interior import (
    LOWER_EDGE,
    UPPER_EDGE,
    paint_interior,
    skin_light,
)

# In mouth widths: the gap of the most open vowel at expressiveness 1, and the gap no face exceeds.
_WIDEST, _LIMIT = 0.34, 0.42
_SPREAD, _ROUND = 0.10, 0.30


@dataclass(frozen=True, slots=True)
class LipPose:
    """One frame of MouthMotion, scaled by the expressiveness."""

    gap: float
    width: float
    tuck: float
    press: float
    tongue: float
    teeth: float
    rest: float


class Lips:
    """The mouth and jaw of one face, ready to be drawn in any pose; they move within `box`."""

    def __init__(self, ycc: U8, planes: Planes, face: Anatomy) -> None:
        shape = ycc.shape[:2]
        self._face = face
        reach = 1.08 * face.half_jaw
        top = -max(1.1 * face.nose, 0.85 * face.chin)
        self.box = jaw = face.box(-reach, top, reach, 1.85 * face.chin, shape)
        slack = 0.1 * face.unit
        side = 1.1 * face.half_mouth + slack
        highest = float(face.upper[:, 1].min()) - 0.4 * slack - UPPER_SHARE * _LIMIT * face.unit
        lowest = float(face.lower[:, 1].max()) + slack + _LIMIT * face.unit
        self._mouth = mouth = face.box(-side, highest, side, lowest, shape)
        self._luma, self._chroma = planes.luma[jaw.full].copy(), planes.chroma[jaw.half].copy()

        x, y = face.local(jaw, 2)
        fields = lip_fields(face, x, y)
        self._skin = seen_as_one(face, x, y, fields)
        rows, columns = (
            slice((low - start) // 2, (high - start) // 2)
            for low, high, start in ((mouth.top, mouth.bottom, jaw.top), (mouth.left, mouth.right, jaw.left))
        )
        self._above, self._below = (field.within(rows, columns) for field in fields)
        self._at, self._mouth_at = _pixels(jaw, jaw), _pixels(mouth, jaw)
        x, y = face.local(mouth)
        self._interior = paint_interior(face, x, y, skin_light(ycc, face))
        self._upper_layer, self._lower_layer = self._layers(ycc)
        self._own = self._own_teeth(ycc, x, y)

    def draw(self, into: Planes, pose: LipPose) -> None:
        """Draws the mouth and the jaw in this pose; everything else is left as it is."""
        pull = self._pull(pose)
        if pull.is_none:
            into.luma[self.box.full] = self._luma
            into.chroma[self.box.half] = self._chroma
            return
        skin = self._skin.displacement(pull)
        into.luma[self.box.full] = remap(self._luma, self._at - _enlarged(skin))
        into.chroma[self.box.half] = remap_each(self._chroma, self._skin.grid - skin * np.float32(0.5))
        mouth = self._drawn_mouth(pull, pose)
        into.luma[self._mouth.full] = mouth[..., 0]
        half = cv2.resize(mouth[..., 1:], (mouth.shape[1] // 2, mouth.shape[0] // 2), interpolation=cv2.INTER_AREA)
        into.chroma[self._mouth.half] = np.moveaxis(half, 2, 0)

    def _pull(self, pose: LipPose) -> Pull:
        face = self._face
        gap = min(pose.gap * _WIDEST, _LIMIT) * face.unit
        gap += (face.gap - gap) * pose.rest
        awake = 1.0 - pose.rest
        return Pull(
            opened=max(0.0, gap - face.gap),
            # A little more than the gap, so that no sliver of the own teeth stays between the lips.
            closed=max(0.0, face.gap - gap) * (1.0 + 0.12 * pose.press),
            spread=awake * pose.width * (_SPREAD if pose.width > 0 else _ROUND),
            pucker=awake * max(0.0, -pose.width),
            tuck=awake * pose.tuck,
            press=awake * pose.press,
        )

    def _drawn_mouth(self, pull: Pull, pose: LipPose) -> U8:
        above = remap(self._upper_layer, self._mouth_at - _enlarged(self._above.displacement(pull)))
        below = remap(self._lower_layer, self._mouth_at - _enlarged(self._below.displacement(pull)))
        drawn = np.where(above[..., 3:] > 127, above, below)[..., :3]
        gap = np.flatnonzero(((above[..., 3] < 255) & (below[..., 3] < 255)).any(axis=1))
        if gap.size:
            reach = max(1, int(0.055 * self._face.unit))
            rows = slice(max(0, int(gap[0]) - 2 * reach), int(gap[-1]) + 1 + 2 * reach)
            upper_cover, lower_cover = _cover(above[rows]), _cover(below[rows])
            seen = self._seen_inside(pull, pose, rows)
            hidden = 1.0 - (1.0 - upper_cover) * (1.0 - lower_cover)
            # What lies behind nearly closed lips is dark whatever it is: no grey line of teeth.
            depth = smoothstep(0.3, 0.75, f32(cv2.blur(hidden, (2 * reach + 1, 2 * reach + 1))))
            seen = _over(self._interior.dark, depth * np.float32(0.95 - 0.75 * pull.tuck), seen)
            seen = _over(f32(below[rows, :, :3]), lower_cover, seen)
            drawn[rows] = _over(f32(above[rows, :, :3]), upper_cover, seen) + np.float32(0.5)
        return drawn

    def _seen_inside(self, pull: Pull, pose: LipPose, rows: slice) -> F32:
        """The rows of the mouth's inside, as it would be without lips."""
        face, parts = self._face, self._interior
        drop = pull.opened * (1.0 - UPPER_SHARE)
        between = max(0.0, drop - (LOWER_EDGE + UPPER_EDGE) * face.unit)
        lifted = drop - min(pose.tongue * 0.16 * face.unit, max(0.0, between + 0.04 * face.unit))
        seen = self._laid(parts.cavity[rows], parts.tongue, lifted, rows)
        if self._own is not None:
            return self._laid(seen, self._own, 0.0, rows)
        seen = self._laid(seen, parts.lower_teeth, drop - 0.9 * between * pose.teeth, rows)
        # Rounded lips stand forward and hide the upper teeth.
        return self._laid(seen, parts.upper_teeth, -0.06 * face.unit * pull.pucker, rows)

    def _laid(self, behind: F32, part: F32, down: float, rows: slice) -> F32:
        """A part of the mouth laid over what is behind it, that many pixels lower than it rests."""
        moved = part[rows]
        if down:
            along = self._face.down * np.float32(down)
            shift = f32([[1.0, 0.0, along[0]], [0.0, 1.0, along[1] - rows.start]])
            size = (moved.shape[1], moved.shape[0])
            moved = f32(cv2.warpAffine(part, shift, size, borderMode=cv2.BORDER_REPLICATE))
        return _over(f32(moved[..., :3]), f32(moved[..., 3]), behind)

    def _layers(self, ycc: U8) -> tuple[U8, U8]:
        face, jaw = self._face, self.box
        x, y = face.local(jaw)
        upper, lower = (np.interp(x, edge[:, 0], edge[:, 1]) for edge in (face.upper, face.lower))
        inside = 1.0 - smoothstep(0.98, 1.04, f32(np.abs(x) / face.half_mouth))
        inset = 0.012 * face.unit if face.gap else 0.0
        over_upper = np.clip(upper - inset - y + 0.5, 0.0, 1.0)
        # Closed lips overlap by a pixel, the upper one in front, or the cavity would show through the seam.
        start = lower + inset if face.gap else lower - 1.0
        over_lower = np.clip(y - start + 0.5, 0.0, 1.0)
        own = ycc[jaw.full]
        layers = [
            np.dstack([own, u8(255.0 * (1.0 - inside * (1.0 - cover)) + 0.5)])
            for cover in (over_upper, over_lower)
        ]
        return u8(layers[0]), u8(layers[1])

    def _own_teeth(self, ycc: U8, x: F32, y: F32) -> F32 | None:
        """What the portrait itself shows between its lips, when they stand open."""
        face = self._face
        if not face.gap:
            return None
        upper, lower = (np.interp(x, edge[:, 0], edge[:, 1]) for edge in (face.upper, face.lower))
        soft = 0.03 * face.unit
        cover = (
            smoothstep(0.0, soft, f32(lower - y)) * (np.abs(x) < face.half_mouth * 1.02) * (lower - upper > 0.5)
        )
        return f32(np.dstack([ycc[self._mouth.full], cover]))


def _pixels(box: Box, within: Box) -> F32:
    """The x and y in `within` of each pixel of `box`."""
    rows, columns = np.mgrid[box.top : box.bottom, box.left : box.right]
    return f32(np.stack([columns - within.left, rows - within.top], axis=-1))


def _enlarged(displacement: F32) -> F32:
    height, width = displacement.shape[:2]
    return f32(cv2.resize(displacement, (2 * width, 2 * height), interpolation=cv2.INTER_LINEAR))


def _cover(layer: U8) -> F32:
    return f32(layer[..., 3]) * np.float32(1 / 255)


def _over(colour: F32, cover: F32, behind: F32) -> F32:
    return f32(behind + (colour - behind) * cover[..., None])
