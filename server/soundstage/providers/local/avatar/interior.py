"""Paints what an open mouth shows: cavity, tongue, and two rows of teeth."""

from dataclasses import dataclass

import cv2
import numpy as np

from soundstage.providers.local.avatar.anatomy import Anatomy
from soundstage.providers.local.avatar.arrays import F32, U8, f32, smoothstep
from soundstage.providers.local.avatar.colour import to_ycc

_CAVITY_DEEP, _CAVITY_LIT = (36, 13, 15), (88, 33, 35)
_TEETH, _TEETH_SHADE = (226, 218, 206), (194, 172, 158)
_CAST = 0.32
_TONGUE, _TONGUE_LIT = (158, 70, 72), (196, 102, 100)

# Half the row, from the middle outwards: (width, length) of each tooth in mouth widths.
_UPPER_ROW = ((0.172, 0.0), (0.135, -0.008), (0.140, -0.001), (0.115, -0.012), (0.10, -0.02))
_LOWER_ROW = ((0.108, 0.0), (0.112, 0.0), (0.125, 0.004), (0.115, -0.006), (0.10, -0.012))
UPPER_EDGE = 0.08
LOWER_EDGE = 0.035


@dataclass(frozen=True, slots=True)
class Light:
    """How bright and how colourful the portrait's skin is, relative to a well-lit photograph, and the (Cb, Cr)
    cast that the room lays on everything in the face."""

    brightness: float
    colour: float
    cast: F32


@dataclass(frozen=True, slots=True)
class Interior:
    """The parts of the mouth, each where it lies while the mouth is closed: (height, width, 4) of Y, Cb, Cr and
    how much it covers (0 to 1); the cavity covers all. `dark` is the colour of the deepest shadow."""

    dark: F32
    cavity: F32
    upper_teeth: F32
    lower_teeth: F32
    tongue: F32


def skin_light(ycc: U8, face: Anatomy) -> Light:
    """The light on the cheeks beside the mouth."""
    x, y = f32([-1.9, -1.6, 1.6, 1.9] * 2) * face.half_mouth, f32([-0.2] * 4 + [0.3] * 4) * face.unit
    points = face.centre + face.on_picture(x, y)
    columns = np.clip(points[:, 0].astype(int), 0, ycc.shape[1] - 1)
    rows = np.clip(points[:, 1].astype(int), 0, ycc.shape[0] - 1)
    colours = np.median(cv2.GaussianBlur(ycc, (0, 0), 2.0)[rows, columns].astype(np.float32), axis=0)
    chroma = float(np.hypot(colours[1] - 128.0, colours[2] - 128.0))
    brightness = (float(np.percentile(ycc[rows, columns, 0], 70)) - 16.0) / 150.0
    # White looks blue beside ruddy skin unless it has a part of the same warmth.
    cast = f32(_CAST * (colours[1:] - 128.0))
    return Light(float(np.clip(brightness, 0.35, 1.08)), float(np.clip(chroma / 14.0, 0.0, 1.0)), cast)


def paint_interior(face: Anatomy, x: F32, y: F32, light: Light) -> Interior:
    """The parts at points (x, y) in the face's axes."""
    u, reach = face.unit, f32(np.abs(x) / face.half_mouth)
    upper = np.interp(x, face.upper[:, 0], face.upper[:, 1])
    lower = np.interp(x, face.lower[:, 0], face.lower[:, 1])
    corners = float((face.upper[0, 1] + face.upper[-1, 1]) / 2)
    # The row of teeth is straighter than the lips: a smile's line bends them only in part.
    upper_line = f32(0.45 * upper + 0.55 * corners)
    top, bottom = float(upper_line[np.abs(x) < u].mean()), float(lower.max())
    depth = smoothstep(0.0, 0.55, f32((y - top) / u))
    cavity = _mix(_CAVITY_DEEP, _CAVITY_LIT, f32(depth * (1.0 - 0.6 * np.clip(reach, 0.0, 1.0) ** 2)))

    edge = f32(top + u * UPPER_EDGE + 0.35 * (upper_line - top) - 0.02 * u * np.clip(reach, 0, 1.2) ** 2)
    upper_teeth = _row(f32(x / u), f32((edge - y) / u), _UPPER_ROW, reach)
    lower_teeth = _row(f32(x / u), f32((y - bottom + u * LOWER_EDGE) / u), _LOWER_ROW, f32(reach * 1.1))
    lower_teeth[..., :3] *= 0.86

    tx, ty = x / (0.66 * face.half_mouth + 0.16 * u), (y - (bottom + 0.055 * u)) / (0.165 * u)
    ball = tx**2 + np.where(ty < 0, ty**2, 0.0)
    groove = 1.0 - 0.16 * np.exp(-((x / (0.05 * u)) ** 2))
    lit = f32(np.clip(1.0 - ball, 0.0, 1.0) ** 0.5 * groove * (0.55 + 0.45 * np.clip(-ty, 0.0, 1.0)))
    soft = 1.5 / max(0.165 * u, 2.0)
    shape = 1.0 - smoothstep(1.0 - 2 * soft, 1.0 + soft, f32(ball))
    tongue = f32(np.dstack([_mix(_TONGUE, _TONGUE_LIT, lit) * 0.82, shape]))
    return Interior(
        _lit(f32(_CAVITY_DEEP) * np.float32(0.8), light),
        _lit(cavity, light),
        *(f32(np.dstack([_lit(f32(p[..., :3]), light), p[..., 3]])) for p in (upper_teeth, lower_teeth, tongue)),
    )


def _row(x: F32, height: F32, teeth: tuple[tuple[float, float], ...], reach: F32) -> F32:
    """A row of teeth, lit from the front, as RGB and cover; `x` and `height` above its edge in mouth widths."""
    side = np.abs(x)
    bounds = np.cumsum([0.0, *(width for width, _ in teeth)])
    index = np.clip(np.searchsorted(bounds, side, side="right") - 1, 0, len(teeth) - 1)
    left, width = bounds[:-1][index], np.diff(bounds)[index]
    across = np.clip((side - left) / width, 0.0, 1.0) * 2.0 - 1.0
    length = np.array([tooth[1] for tooth in teeth])[index]
    # Corners of a tooth are round: the edge draws back where two teeth meet.
    tip = height + length - 0.007 * np.abs(across) ** 5
    seam = 1.0 - smoothstep(0.0, 0.014, f32((1.0 - np.abs(across)) * width))
    cover = smoothstep(-0.004, 0.012, f32(tip)) * (1.0 - smoothstep(0.95, 1.2, reach))
    round_off = 0.10 * across**2 + 0.55 * np.clip(reach, 0.0, 1.0) ** 2.6
    shade = np.clip(1.0 - round_off - 0.15 * seam * smoothstep(0.0, 0.05, f32(tip)), 0.2, 1.0)
    warm = np.clip(height / 0.22, 0.0, 1.0)
    rgb = _mix(_TEETH, _TEETH_SHADE, f32(warm)) * shade[..., None]
    return f32(np.dstack([rgb, cover]))


def _lit(rgb: F32, light: Light) -> F32:
    ycc = to_ycc(f32(rgb * light.brightness))
    ycc[..., 1:] = 128.0 + (ycc[..., 1:] - 128.0) * light.colour + light.cast
    return ycc


def _mix(a: tuple[int, int, int], b: tuple[int, int, int], share: F32) -> F32:
    return f32(f32(a) + (f32(b) - f32(a)) * np.clip(share, 0.0, 1.0)[..., None])
