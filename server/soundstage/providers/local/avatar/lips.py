"""Draws the moving mouth and jaw into a picture."""

from dataclasses import dataclass

import cv2
import numpy as np

from soundstage.providers.local.avatar.anatomy import Anatomy
from soundstage.providers.local.avatar.arrays import F32, U8, f32, remap, smoothstep, u8
from soundstage.providers.local.avatar.colour import Planes
from soundstage.providers.local.avatar.fields import (
    CLOSE,
    OPEN,
    PRESS,
    PUCKER,
    TUCK,
    UPPER_SHARE,
    WIDTH,
    lip_fields,
)
from soundstage.providers.local.avatar.interior import LOWER_EDGE, UPPER_EDGE, Sprite, paint_interior, skin_light

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
    """The mouth and jaw of one face, ready to be drawn in any pose."""

    def __init__(self, ycc: U8, planes: Planes, face: Anatomy) -> None:
        shape = ycc.shape[:2]
        self._face = face
        reach = 1.08 * face.half_jaw
        top = -max(1.1 * face.nose, 0.85 * face.chin)
        self._jaw = jaw = face.box(-reach, top, reach, 1.85 * face.chin, shape)
        slack = 0.1 * face.unit
        low, high = float(face.upper[:, 1].min()), float(face.lower[:, 1].max())
        side = 1.1 * face.half_mouth + slack
        self._mouth = mouth = face.box(-side, low - 0.4 * slack - UPPER_SHARE * _LIMIT * face.unit, side,
                                       high + slack + _LIMIT * face.unit, shape)  # fmt: skip
        self._luma, self._chroma = planes.luma[jaw.full].copy(), planes.chroma[jaw.half].copy()

        x, y = face.local(jaw, 2)
        fields = lip_fields(face, x, y)
        line = np.interp(x, face.lower[:, 0], (face.lower[:, 1] + face.upper[:, 1]) / 2)
        self._skin = _flat(np.where((y < line)[..., None], fields.above, fields.below))
        rows, columns = np.mgrid[0 : x.shape[0], 0 : x.shape[1]]
        self._skin_at = f32(np.stack([columns, rows], axis=-1))

        x, y = face.local(mouth)
        fields = lip_fields(face, x, y)
        self._above, self._below = _flat(fields.above), _flat(fields.below)
        rows, columns = np.mgrid[mouth.top : mouth.bottom, mouth.left : mouth.right]
        self._mouth_at = f32(np.stack([columns - jaw.left, rows - jaw.top], axis=-1))
        self._interior = paint_interior(face, x, y, skin_light(ycc, face))
        self._upper_layer, self._lower_layer = self._layers(ycc)
        self._own = self._own_teeth(ycc, x, y)

    def draw(self, into: Planes, pose: LipPose) -> None:
        """Draws the mouth and the jaw in this pose; everything else is left as it is."""
        weights = self._weights(pose)
        if not np.abs(weights).max() > 1e-3:
            into.luma[self._jaw.full] = self._luma
            into.chroma[self._jaw.half] = self._chroma
            return
        skin = self._skin_at - (weights @ self._skin).reshape(self._skin_at.shape) * np.float32(0.5)
        height, width = self._luma.shape
        full = cv2.resize(skin, (width, height), interpolation=cv2.INTER_LINEAR) * np.float32(2.0) + np.float32(
            0.5
        )
        into.luma[self._jaw.full] = remap(self._luma, f32(full))
        into.chroma[self._jaw.half] = remap(self._chroma, skin)
        mouth = self._drawn_mouth(weights, pose)
        into.luma[self._mouth.full] = mouth[..., 0]
        half = cv2.resize(mouth[..., 1:], (mouth.shape[1] // 2, mouth.shape[0] // 2), interpolation=cv2.INTER_AREA)
        into.chroma[self._mouth.half] = half

    def _weights(self, pose: LipPose) -> F32:
        face = self._face
        gap = min(pose.gap * _WIDEST, _LIMIT) * face.unit
        gap += (face.gap - gap) * pose.rest
        weights = np.zeros(6, np.float32)
        weights[OPEN] = max(0.0, gap - face.gap)
        # A little more than the gap, so that no sliver of the own teeth stays between the lips.
        weights[CLOSE] = max(0.0, face.gap - gap) * (1.0 + 0.12 * pose.press)
        awake = 1.0 - pose.rest
        weights[WIDTH] = awake * pose.width * (_SPREAD if pose.width > 0 else _ROUND)
        weights[PUCKER] = awake * max(0.0, -pose.width)
        weights[TUCK] = awake * pose.tuck
        weights[PRESS] = awake * pose.press
        return weights

    def _drawn_mouth(self, weights: F32, pose: LipPose) -> U8:
        shape = self._mouth_at.shape
        above = remap(self._upper_layer, self._mouth_at - (weights @ self._above).reshape(shape))
        below = remap(self._lower_layer, self._mouth_at - (weights @ self._below).reshape(shape))
        upper_cover, lower_cover = _cover(above), _cover(below)
        seen = self._seen_inside(weights, pose)
        blur = max(3, int(0.11 * self._face.unit) | 1)
        shadow = cv2.blur(1.0 - (1.0 - upper_cover) * (1.0 - lower_cover), (blur, blur))[..., None]
        seen[..., :1] = 16.0 + (seen[..., :1] - 16.0) * (1.0 - 0.9 * f32(shadow) ** 1.5)
        seen = _over(f32(below[..., :3]), lower_cover, seen)
        return u8(_over(f32(above[..., :3]), upper_cover, seen) + np.float32(0.5))

    def _seen_inside(self, weights: F32, pose: LipPose) -> F32:
        face, parts = self._face, self._interior
        drop = float(weights[OPEN]) * (1.0 - UPPER_SHARE)
        between = max(0.0, drop - (LOWER_EDGE + UPPER_EDGE) * face.unit)
        seen = parts.cavity.copy()
        if self._own is None:
            raised = drop - between * max(0.9 * pose.teeth, 0.0)
            seen = _laid(seen, parts.lower_teeth, self._shift(raised))
        lifted = drop - min(pose.tongue * 0.16 * face.unit, max(0.0, between + 0.04 * face.unit))
        seen = _laid(seen, parts.tongue, self._shift(lifted))
        if self._own is None:
            return _laid(seen, parts.upper_teeth, None)
        return _laid(seen, self._own, None)

    def _shift(self, distance: float) -> F32:
        along = self._face.down * np.float32(distance)
        return f32([[1.0, 0.0, along[0]], [0.0, 1.0, along[1]]])

    def _layers(self, ycc: U8) -> tuple[U8, U8]:
        face, jaw = self._face, self._jaw
        x, y = face.local(jaw)
        upper, lower = (np.interp(x, edge[:, 0], edge[:, 1]) for edge in (face.upper, face.lower))
        inside = 1.0 - smoothstep(0.98, 1.04, f32(np.abs(x) / face.half_mouth))
        inset = 0.012 * face.unit if face.gap else 0.0
        over_upper = np.clip(upper - inset - y + 0.5, 0.0, 1.0)
        # Closed lips overlap by two pixels, the upper one in front, or the cavity would show through the seam.
        start = lower + inset if face.gap else lower - 2.0
        over_lower = np.clip(y - start + 0.5, 0.0, 1.0)
        own = ycc[jaw.full]
        layers = [
            np.dstack([own, u8(255.0 * (1.0 - inside * (1.0 - cover)) + 0.5)])
            for cover in (over_upper, over_lower)
        ]
        return u8(layers[0]), u8(layers[1])

    def _own_teeth(self, ycc: U8, x: F32, y: F32) -> Sprite | None:
        """What the portrait itself shows between its lips, when they stand open."""
        face = self._face
        if not face.gap:
            return None
        upper, lower = (np.interp(x, edge[:, 0], edge[:, 1]) for edge in (face.upper, face.lower))
        soft = 0.03 * face.unit
        cover = (
            smoothstep(0.0, soft, f32(lower - y)) * (np.abs(x) < face.half_mouth * 1.02) * (lower - upper > 0.5)
        )
        return Sprite(f32(ycc[self._mouth.full]), f32(cover)[..., None])


def _flat(field: F32) -> F32:
    return f32(field.reshape(field.shape[0], -1))


def _cover(layer: U8) -> F32:
    return f32(layer[..., 3]) * np.float32(1 / 255)


def _over(colour: F32, cover: F32, behind: F32) -> F32:
    return f32(behind + (colour - behind) * cover[..., None])


def _laid(behind: F32, sprite: Sprite, shift: F32 | None) -> F32:
    colour, cover = sprite.ycc, sprite.cover
    if shift is not None:
        size = (colour.shape[1], colour.shape[0])
        colour = f32(cv2.warpAffine(colour, shift, size, borderMode=cv2.BORDER_REPLICATE))
        cover = f32(cv2.warpAffine(cover, shift, size, borderMode=cv2.BORDER_REPLICATE))[..., None]
    return f32(behind + (colour - behind) * cover)
