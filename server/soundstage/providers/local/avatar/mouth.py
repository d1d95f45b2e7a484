"""The motion of a mouth, 25 times a second, and how it is heard in a signal without phonemes."""

from dataclasses import dataclass

import numpy as np

from soundstage.providers.local.avatar.arrays import F32, convolve, f32
from soundstage.providers.local.avatar.listening import HOPS_PER_SECOND, Heard

FPS = 25
LEAD_SECONDS = 0.03
"""How far the lips run before the sound: viewers forgive an early mouth, not a late one."""


@dataclass(frozen=True, slots=True)
class MouthMotion:
    """One value a frame of each articulation.

    `gap` between the lips: 0 closed to 1 widest. `width` of the mouth: -1 rounded to 1 spread. `tuck` of the
    lower lip under the upper teeth, `press` of the lips together, `tongue` raised to the teeth, `teeth`
    brought together: 0 to 1. `rest`: 1 where the speaker is silent for long and wears the portrait's own
    expression. `stress`: the loudness of the syllable, 0 to 1.
    """

    gap: F32
    width: F32
    tuck: F32
    press: F32
    tongue: F32
    teeth: F32
    rest: F32
    stress: F32

    @property
    def frames(self) -> int:
        """How many frames the motion lasts."""
        return self.gap.size


def frame_count(seconds: float) -> int:
    """The number of frames that cover `seconds` of sound."""
    return max(1, int(np.ceil(seconds * FPS - 1e-6)))


def frame_times(frames: int) -> F32:
    """The second of the sound that each frame shows: its middle, plus the lead."""
    return f32((np.arange(frames) + 0.5) / FPS + LEAD_SECONDS)


def at_frames(hops: F32, frames: int) -> F32:
    """A curve sampled 100 times a second, read at the frames."""
    return f32(np.interp(frame_times(frames) * HOPS_PER_SECOND, np.arange(hops.size), hops))


def smooth(hops: F32, seconds: float) -> F32:
    """A Gaussian blur in time, of that standard deviation, that keeps the ends."""
    sigma = seconds * HOPS_PER_SECOND
    reach = max(1, int(np.ceil(3 * sigma)))
    return convolve(hops, np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2))


def long_silence(loudness: F32) -> F32:
    """1 inside silences of more than 0.4 seconds, eased in and out where there is speech, 0 elsewhere."""
    quiet = np.r_[False, loudness < 0.08, False]
    edges = np.flatnonzero(np.diff(quiet.astype(np.int8)))
    rest = np.zeros(loudness.size, np.float32)
    for start, end in edges.reshape(-1, 2):
        if end - start > 0.4 * HOPS_PER_SECOND:
            first = start + 12 if start else 0
            last = end - 8 if end < loudness.size else end
            rest[first : max(first, last)] = 1.0
    return smooth(rest, 0.07)


def motion_from_signal(heard: Heard) -> MouthMotion:
    """The mouth as the signal alone suggests it: no phoneme is recognised.

    Loud sound with energy high in the first formant's band opens the mouth; a high second formant spreads
    it, a low one rounds it; hiss brings the teeth together.
    """
    frames = frame_count(heard.seconds)
    loud = heard.loudness
    voiced = loud > 0.25
    openness = _ranked(heard.first_formant, voiced)
    front = _ranked(heard.second_formant, voiced & (heard.hiss < 0.3))
    hiss = np.clip((heard.hiss - 0.15) / 0.4, 0.0, 1.0) * np.clip(loud * 4.0, 0.0, 1.0)
    gap = np.clip(loud * 1.15 - 0.12, 0.0, 1.0) ** 1.3 * (0.3 + 0.7 * openness) * (1.0 - 0.75 * hiss)
    gap = np.maximum(gap, 0.16 * hiss)
    width = np.clip((front - 0.5) * 1.7, -0.8, 0.8) * np.clip(loud * 1.5, 0.0, 1.0) * (1.0 - 0.5 * hiss)
    still = np.zeros(frames, np.float32)
    return MouthMotion(
        gap=np.clip(at_frames(smooth(f32(gap), 0.022), frames), 0.0, 1.0),
        width=at_frames(smooth(f32(width), 0.05), frames),
        tuck=still,
        press=still,
        tongue=at_frames(smooth(f32(0.3 * hiss), 0.03), frames),
        teeth=at_frames(smooth(f32(hiss), 0.025), frames),
        rest=at_frames(long_silence(loud), frames),
        stress=at_frames(smooth(loud, 0.08), frames),
    )


def _ranked(values: F32, where: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> F32:
    """The values on the speaker's own scale: 0 at the 10th percentile of `where`, 1 at the 90th."""
    if np.count_nonzero(where) < 10:
        return np.full(values.size, 0.5, np.float32)
    low, high = np.percentile(values[where], [10, 90])
    return f32(np.clip((values - low) / max(float(high - low), 1.0), 0.0, 1.0))
