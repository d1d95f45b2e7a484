"""Closes the eyes of a picture and raises its brows."""

from dataclasses import dataclass

import cv2
import numpy as np

from soundstage.providers.local.avatar.anatomy import Anatomy, Box
from soundstage.providers.local.avatar.arrays import F32, U8, f32, remap, remap_each, smoothstep, u8
from soundstage.providers.local.avatar.colour import Planes, to_planes
from soundstage.providers.local.avatar.motion import LID_LEVELS

_UPPER_LIDS = ((33, 246, 161, 160, 159, 158, 157, 173, 133), (362, 398, 384, 385, 386, 387, 388, 466, 263))
_LOWER_LIDS = ((33, 7, 163, 144, 145, 153, 154, 155, 133), (362, 382, 381, 380, 374, 373, 390, 249, 263))
_BROWS = ((70, 63, 105, 66, 107, 46, 53, 52, 65, 55), (300, 293, 334, 296, 336, 276, 283, 282, 295, 285))

# In eye widths: how far the lids reach beyond the corners. In eye heights: how far the lashes stand above the
# lid's edge, and how far below the lower lid's edge the upper one comes to rest.
_BEYOND_CORNERS = 0.25
_LASHES, _BELOW_EDGE = 0.5, 0.14
_LASH_COVER = 0.8
# Of the skin's own brightness: more variation than that above an eye is glasses or hair.
_BARE_SKIN = 0.14
# In mouth widths.
_BROW_LIFT = 0.075


@dataclass(frozen=True, slots=True)
class _Eye:
    """One eye in the face's axes: the lids' edges as (x, y), how high it is, where its lid's skin begins at the
    highest, and the middle of its brow."""

    upper: F32
    lower: F32
    open_by: float
    crease: float
    brow: float

    def edge(self, x: F32) -> F32:
        """The upper lid's edge above each x."""
        return f32(np.interp(x, self.upper[:, 0], self.upper[:, 1]))

    def fold(self, x: F32) -> F32:
        """Where the lid begins above each x: an arch that meets the eye's corners."""
        left, right = float(self.upper[0, 0]), float(self.upper[-1, 0])
        away = np.abs(x - (left + right) / 2) / (right - left) * 1.6
        return f32(self.crease + (self.edge(x) - self.crease) * np.clip(away, 0.0, 1.0) ** 5)

    def skin(self, depth: F32) -> F32:
        """The height at which there is bare skin above the whole eye: `depth` 0 at the crease, 1 at the lashes."""
        lashes = float(self.upper[:, 1].min()) - _LASHES * self.open_by
        return f32(self.crease + depth * max(lashes - self.crease, 0.15 * self.open_by))


@dataclass(frozen=True, slots=True)
class Patch:
    """A part of a picture, to be laid over it."""

    box: Box
    planes: Planes

    def draw(self, into: Planes) -> None:
        """Lays the patch over the picture."""
        into.luma[self.box.full] = self.planes.luma
        into.chroma[self.box.half] = self.planes.chroma


def lid_patches(ycc: U8, landmarks: F32, face: Anatomy) -> tuple[tuple[Patch, ...], ...]:
    """For each level of a blink, the patches of both eyes. Empty where glasses or hair cover the lids: an eye
    that cannot be closed cleanly stays open, and so does the other one."""
    eyes = [_measure(landmarks, face, side) for side in range(2)]
    if not all(_bare(ycc, face, eye) for eye in eyes):
        return ()
    return tuple(tuple(_closed(ycc, face, eye, level) for eye in eyes) for level in LID_LEVELS)


class Brows:
    """The brows of one face, ready to be raised; they move within `box`."""

    def __init__(self, planes: Planes, landmarks: F32, face: Anatomy) -> None:
        eyes = [_measure(landmarks, face, side) for side in range(2)]
        top = min(eye.brow for eye in eyes)
        above = 0.5 * face.unit
        left, right = (float(v) for v in (eyes[0].upper[0, 0], eyes[1].upper[-1, 0]))
        lids = [float(eye.upper[:, 1].min()) - 0.2 * eye.open_by for eye in eyes]
        side = 0.25 * face.unit
        self.box = box = face.box(left - side, top - above, right + side, max(lids), planes.luma.shape)
        self._raised = 0.0
        self._planes = Planes(planes.luma[box.full].copy(), planes.chroma[box.half].copy())
        x, y = face.local(box, 2)
        middle = (eyes[0].upper[-1, 0] + eyes[1].upper[0, 0]) / 2
        lid, brow = (np.where(x < middle, *pair) for pair in (lids, [eye.brow for eye in eyes]))
        rise = smoothstep(0.0, 1.0, (lid - y) / np.maximum(lid - brow, 1.0))
        fall = smoothstep(top - above, top, y)
        ends = smoothstep(left - side, left, x) * smoothstep(-right - side, -right, -x)
        # Skin drawn out too far between lid and brow would show it.
        height = min(
            _BROW_LIFT * face.unit, 0.35 * min(low - eye.brow for low, eye in zip(lids, eyes, strict=True))
        )
        lift = f32(-max(height, 0.0) * rise * fall * ends)
        self._lift = face.on_picture(np.zeros_like(lift), lift)
        rows, columns = np.mgrid[0 : x.shape[0], 0 : x.shape[1]]
        self._at = f32(np.stack([columns, rows], axis=-1))

    def draw(self, into: Planes, raised: float) -> None:
        """Draws the brows raised by a share from 0 to 1."""
        raised = 0.0 if raised < 0.01 else raised
        if raised == self._raised:
            return
        self._raised = raised
        half = self._at - self._lift * np.float32(raised * 0.5)
        height, width = self._planes.luma.shape
        full = cv2.resize(half, (width, height), interpolation=cv2.INTER_LINEAR) * 2.0 + 0.5
        into.luma[self.box.full] = remap(self._planes.luma, f32(full))
        into.chroma[self.box.half] = remap_each(self._planes.chroma, half)


def _measure(landmarks: F32, face: Anatomy, side: int) -> _Eye:
    axes = np.stack([face.across, face.down], axis=1)

    def local(indices: tuple[int, ...]) -> F32:
        points = f32((landmarks[list(indices), :2] - face.centre) @ axes)
        return f32(points[np.argsort(points[:, 0])])

    upper, lower, brow = local(_UPPER_LIDS[side]), local(_LOWER_LIDS[side]), local(_BROWS[side])
    open_by = max(float((lower[:, 1] - upper[:, 1]).max()), 2.0)
    highest = float(upper[:, 1].min())
    crease = float(np.clip(brow[:, 1].max() + 0.1 * open_by, highest - 1.6 * open_by, highest - 0.75 * open_by))
    return _Eye(upper, lower, open_by, crease, float(brow[:, 1].mean()))


def _bare(ycc: U8, face: Anatomy, eye: _Eye) -> bool:
    left, right = float(eye.upper[0, 0]), float(eye.upper[-1, 0])
    x = f32(np.linspace(left + 0.15 * (right - left), right - 0.15 * (right - left), 24))
    y = np.repeat(eye.skin(f32(np.linspace(0.0, 1.0, 8)))[:, None], x.size, axis=1)
    points = face.centre + face.on_picture(f32(np.broadcast_to(x, y.shape)), f32(y))
    rows = np.clip(np.round(points[..., 1]).astype(int), 0, ycc.shape[0] - 1)
    columns = np.clip(np.round(points[..., 0]).astype(int), 0, ycc.shape[1] - 1)
    luma = ycc[rows, columns, 0].astype(np.float32) - 16.0
    return float(luma.std()) < _BARE_SKIN * max(float(luma.mean()), 1.0)


def _closed(ycc: U8, face: Anatomy, eye: _Eye, level: float) -> Patch:
    left, right = float(eye.upper[0, 0]), float(eye.upper[-1, 0])
    side = _BEYOND_CORNERS * (right - left)
    foot = float(eye.lower[:, 1].max()) + 0.5 * eye.open_by
    box = face.box(left - side, eye.crease - 2, right + side, foot, ycc.shape[:2])
    x, y = face.local(box)
    top, fold = eye.edge(x), eye.fold(x)
    bottom = np.interp(x, eye.lower[:, 0], eye.lower[:, 1])
    inside = smoothstep(-side, -0.2 * side, x - left) * smoothstep(-side, -0.2 * side, right - x)
    # The mesh draws eyes a little smaller than they are, drawn ones above all.
    falls_to = top + (bottom - top + _BELOW_EDGE * eye.open_by) * level * inside
    depth = np.clip((y - fold) / np.maximum(falls_to - fold, 1.0), 0.0, 1.0)
    shift = face.on_picture(np.zeros_like(x), f32(eye.skin(f32(depth)) - y))
    rows, columns = np.mgrid[box.top : box.bottom, box.left : box.right]
    # A narrow band of skin is drawn out over the whole lid: its grain would turn into streaks.
    soft = f32(cv2.blur(remap(ycc, f32(np.stack([columns, rows], axis=-1)) + shift), (_odd(0.3 * side), 1)))
    behind = f32(ycc[box.full])
    above = (y > eye.crease) & (y < eye.skin(f32(1.0))) & (inside > 0.5)
    below = (y > bottom + 0.3 * eye.open_by) & (inside > 0.5)
    if above.any() and below.any():
        # The closed lid takes on the light of the skin that it comes to lie on.
        soft += (behind[below].mean(axis=0) - behind[above].mean(axis=0)) * (0.8 * f32(depth))[..., None]
    soft[..., 0] = 16.0 + (soft[..., 0] - 16.0) * (1.0 - 0.08 * level * depth**2)
    cover = np.clip(falls_to - y + 0.5, 0.0, 1.0) * smoothstep(0.0, 0.3, depth) * smoothstep(0.0, 0.5, inside)
    drawn = behind + (soft - behind) * f32(cover)[..., None]
    lashes = np.exp(-(((y - falls_to) / max(0.075 * eye.open_by, 0.8)) ** 2)) * inside**3 * _LASH_COVER
    dark = np.percentile(behind[..., 0], 4)
    drawn[..., 0] += (dark - drawn[..., 0]) * lashes
    return Patch(box, to_planes(u8(drawn + 0.5)))


def _odd(length: float) -> int:
    return int(length) | 1
