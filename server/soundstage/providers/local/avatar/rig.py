"""A portrait that can be drawn in any pose, frame by frame."""

from collections.abc import Iterable

import numpy as np

from soundstage.providers.local.avatar.anatomy import Box, measure
from soundstage.providers.local.avatar.arrays import F32, U8, f32
from soundstage.providers.local.avatar.colour import Planes, picture_to_ycc, to_planes
from soundstage.providers.local.avatar.eyes import Brows, lid_patches
from soundstage.providers.local.avatar.framing import Scene
from soundstage.providers.local.avatar.head import Head
from soundstage.providers.local.avatar.lips import LipPose, Lips
from soundstage.providers.local.avatar.motion import HeadMotion
from soundstage.providers.local.avatar.mouth import MouthMotion


class Rig:
    """The moving parts of one scene."""

    def __init__(
        self, scene: Scene, mouth: MouthMotion, head: HeadMotion, expressiveness: float, head_amount: float
    ) -> None:
        ycc = picture_to_ycc(scene.pixels)
        self._still = to_planes(ycc)
        self._face = self._still.copy()
        face = measure(scene.landmarks, self._still.luma)
        self._lips = Lips(ycc, self._still, face)
        self._lids = lid_patches(ycc, scene.landmarks, face)
        # What hides the lids lies over the brows too: glasses must not move with them.
        self._brows = Brows(self._still, scene.landmarks, face) if self._lids else None
        self._head = Head(scene.landmarks, scene.bounds, head_amount) if head_amount > 0 else None
        self._mouth, self._motion, self._expressiveness = mouth, head, expressiveness
        self._poses = f32(np.stack([head.yaw, head.pitch, head.roll, head.sway, head.bob], axis=1))
        self._blinking = False
        lids = [patch.box for patches in self._lids for patch in patches]
        self._moving = _around([self._lips.box, *lids, *([self._brows.box] if self._brows else [])])

    def canvas(self) -> U8:
        """The still picture as YUV 4:2:0: (height * 3 / 2, width), luma above both kinds of chroma."""
        return np.concatenate([self._still.luma.ravel(), self._still.chroma.ravel()]).reshape(
            -1, self._still.luma.shape[1]
        )

    def draw(self, frame: int, canvas: U8) -> U8:
        """Draws a frame on a canvas of this rig, which may hold any of its frames already, and returns it."""
        self._draw_face(frame)
        into = _planes(canvas)
        if self._head is not None:
            self._head.draw(self._face, f32(self._poses[frame]), into)
        else:
            into.luma[self._moving.full] = self._face.luma[self._moving.full]
            into.chroma[self._moving.half] = self._face.chroma[self._moving.half]
        return canvas

    def _draw_face(self, frame: int) -> None:
        self._lips.draw(self._face, self._lip_pose(frame))
        if self._brows is not None:
            self._brows.draw(self._face, float(self._motion.brows[frame]) * self._expressiveness)
        lids = int(self._motion.lids[frame]) if self._lids else -1
        if lids >= 0:
            for patch in self._lids[lids]:
                patch.draw(self._face)
        elif self._blinking:
            for patch in self._lids[0]:
                self._face.luma[patch.box.full] = self._still.luma[patch.box.full]
                self._face.chroma[patch.box.half] = self._still.chroma[patch.box.half]
        self._blinking = lids >= 0

    def _lip_pose(self, frame: int) -> LipPose:
        m, strength = self._mouth, self._expressiveness

        def at(curve: F32) -> float:
            return float(curve[frame])

        return LipPose(
            gap=at(m.gap) * strength, width=at(m.width) * min(strength, 1.2), tuck=at(m.tuck), press=at(m.press),
            tongue=at(m.tongue), teeth=at(m.teeth), rest=at(m.rest),
        )  # fmt: skip


def _planes(canvas: U8) -> Planes:
    height, width = canvas.shape[0] * 2 // 3, canvas.shape[1]
    return Planes(canvas[:height], canvas[height:].reshape(2, height // 2, width // 2))


def _around(boxes: Iterable[Box]) -> Box:
    left, top, right, bottom = zip(*((b.left, b.top, b.right, b.bottom) for b in boxes), strict=True)
    return Box(min(left), min(top), max(right), max(bottom))
