"""What a speaker does besides forming sounds: head motion, brows and blinks. Seeded, so a job repeats itself."""

from dataclasses import dataclass

import numpy as np

from soundstage.providers.local.avatar.arrays import F32, convolve, f32
from soundstage.providers.local.avatar.mouth import FPS

LID_LEVELS = (0.45, 1.0, 0.85, 0.5, 0.18)
"""How far the lids are closed in each frame of a blink: they fall faster than they rise."""

_HEAD_PATHS = ((0.11, 1.0), (0.23, 0.6), (0.41, 0.28))


@dataclass(frozen=True, slots=True)
class HeadMotion:
    """One value a frame, each about -1 to 1: `yaw`, `pitch`, `roll`, `sway` (sideways), `bob` (up and down);
    `brows` raised 0 to 1; `lids` the index of the blink's level, -1 with open eyes."""

    yaw: F32
    pitch: F32
    roll: F32
    sway: F32
    bob: F32
    brows: F32
    lids: np.ndarray[tuple[int, ...], np.dtype[np.int8]]


def head_motion(stress: F32, seed: int) -> HeadMotion:
    """The motion that goes with a speaker's stress curve (0 to 1, one value a frame)."""
    random = np.random.default_rng(seed)
    frames = stress.size
    t = np.arange(frames) / FPS
    slow, slower = _average(stress, 0.3), _average(stress, 1.6)
    accent = np.clip(slow - slower, -0.4, 0.4) * 2.0
    lively = 0.55 + 0.6 * slower
    yaw, pitch, roll, sway, bob = (_wander(random, t) for _ in range(5))
    lids = _blinks(random, frames)
    # Brows are still while the lids move under them.
    blinking = _average(f32(_average(f32(lids >= 0), 0.12) > 0.0), 0.12)
    return HeadMotion(
        yaw=f32(yaw * lively),
        pitch=f32((0.6 * pitch + 0.9 * accent) * lively),
        roll=f32(roll * lively),
        sway=f32(sway * lively),
        bob=f32((0.5 * bob + 0.5 * accent) * lively),
        brows=f32(np.clip(_average(f32(accent), 0.2) * 1.6 - 0.15, 0.0, 1.0) * (1.0 - blinking)),
        lids=lids,
    )


def _wander(random: np.random.Generator, t: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> F32:
    path = np.zeros(t.size)
    for hertz, amount in _HEAD_PATHS:
        turn = random.uniform(0.0, 2 * np.pi)
        path += amount * np.sin(2 * np.pi * hertz * random.uniform(0.8, 1.25) * t + turn)
    return f32(path / 1.4)


def _average(curve: F32, seconds: float) -> F32:
    reach = max(1, round(seconds * FPS))
    return convolve(curve, np.hanning(2 * reach + 1))


def _blinks(random: np.random.Generator, frames: int) -> np.ndarray[tuple[int, ...], np.dtype[np.int8]]:
    lids = np.full(frames, -1, np.int8)
    at = int(random.uniform(0.8, 2.2) * FPS)
    while at + len(LID_LEVELS) < frames:
        lids[at : at + len(LID_LEVELS)] = np.arange(len(LID_LEVELS))
        # People blink every two to six seconds, now and then twice in a row.
        pause = random.uniform(0.3, 0.45) if random.random() < 0.12 else random.uniform(2.0, 5.5)
        at += len(LID_LEVELS) + int(pause * FPS)
    return lids
