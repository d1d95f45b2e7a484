"""How the skin follows the jaw and the lips: displacement fields around the mouth."""

from dataclasses import dataclass

import numpy as np

from soundstage.providers.local.avatar.anatomy import Anatomy
from soundstage.providers.local.avatar.arrays import F32, f32, smoothstep

OPEN, CLOSE, WIDTH, PUCKER, TUCK, PRESS = range(6)
"""The rows of a field: open and close in pixels of lip gap, the others as shares from 0 to 1 (width: -1 to 1)."""

UPPER_SHARE = 0.2
"""The part of an opening that the upper lip makes; the jaw makes the rest."""
_UPPER_CLOSING = 0.4
_CHIN_FOLLOWS = 0.62
_CORNER_FOLLOWS = 0.3


@dataclass(frozen=True, slots=True)
class LipFields:
    """(6, height, width, 2) displacements on the picture, of what lies above and below the lips' gap."""

    above: F32
    below: F32


def lip_fields(face: Anatomy, x: F32, y: F32) -> LipFields:
    """The fields at points (x, y) in the face's axes; they agree beyond the corners of the mouth and fade out
    at the nose, the ears and the neck."""
    reach = np.abs(x) / face.half_mouth
    line = f32(
        (np.interp(x, face.upper[:, 0], face.upper[:, 1]) + np.interp(x, face.lower[:, 0], face.lower[:, 1])) / 2
    )
    dy = y - line
    lens = f32(np.clip(1.0 - reach**2, 0.0, 1.0) ** 0.62)
    rest_gap = np.interp(x, face.upper[:, 0], face.lower[:, 1] - face.upper[:, 1])
    closing = f32(np.clip(rest_gap / max(face.gap, 1e-3), 0.0, 1.0)) if face.gap > 0 else lens

    sides = 1.0 - smoothstep(0.5, 1.02, f32(np.abs(x) / face.half_jaw))
    neck = 1.0 - smoothstep(1.02, 1.75, f32(y / face.chin))
    jaw = f32(_CHIN_FOLLOWS * smoothstep(-0.75, 0.95, f32(dy / face.chin)) * sides * neck)
    corner = _CORNER_FOLLOWS / (_CHIN_FOLLOWS * 0.42)
    jaw = f32(jaw * (1.0 + (corner - 1.0) * np.exp(-((dy / face.unit) ** 2) * 6.0)))
    above_fade = 1.0 - smoothstep(0.35, 1.0, f32(-dy / face.nose))
    below_fade = 1.0 - smoothstep(0.35, 1.0, f32(dy / face.chin))
    open_above = jaw - (jaw + UPPER_SHARE) * lens * above_fade
    open_below = jaw + ((1.0 - UPPER_SHARE) - jaw) * lens * below_fade
    close_above = _UPPER_CLOSING * closing * above_fade
    close_below = -(1.0 - _UPPER_CLOSING) * closing * below_fade

    around = f32(
        (1.0 - smoothstep(0.9, 1.8, reach)) * above_fade * (1.0 - smoothstep(0.3, 0.8, f32(dy / face.chin)))
    )
    width = x * around
    near = f32(1.0 - smoothstep(0.75, 1.5, reach))
    lip_above = _lip(f32(-dy), face.lip_top) * near
    lip_below = _lip(dy, face.lip_bottom) * near
    upper_lip, lower_lip = -lip_above * face.lip_top, lip_below * face.lip_bottom
    nothing = np.zeros_like(x)
    above = [
        (nothing, open_above),
        (nothing, close_above),
        (width, nothing),
        (nothing, 0.3 * upper_lip),
        (nothing, -0.05 * face.unit * lens * above_fade),
        (nothing, -0.22 * upper_lip),
    ]
    below = [
        (nothing, open_below),
        (nothing, close_below),
        (width, nothing),
        (nothing, 0.3 * lower_lip),
        (nothing, -0.42 * lower_lip),
        (nothing, -0.24 * lower_lip),
    ]
    return LipFields(
        *(f32(np.stack([face.on_picture(f32(a), f32(b)) for a, b in rows])) for rows in (above, below))
    )


def _lip(distance: F32, thickness: float) -> F32:
    """Rises from 0 at the lips' line to 1 at the lip's edge, and fades beyond it."""
    t = distance / max(thickness, 1.0)
    return f32(np.clip(t, 0.0, 1.0) * (1.0 - smoothstep(1.0, 2.2, f32(t))))
