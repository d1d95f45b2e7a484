"""Where a phrase is silent."""

import numpy as np
from numpy.typing import NDArray

from soundstage.providers.local.speech.rendering import SAMPLE_RATE, Samples

HOP = SAMPLE_RATE // 200
"""Samples between two measures of level: 5 ms."""

_WINDOW = 2 * HOP
_BELOW_SPEECH = 10 ** (-38 / 10)


def silent_frames(samples: Samples) -> NDArray[np.bool_]:
    """For each 5 ms of a phrase, whether it is 38 dB or more below the loud parts of the phrase."""
    count = -(-len(samples) // HOP)
    padded = np.pad(samples, (HOP // 2, count * HOP + _WINDOW - len(samples)))
    power = np.lib.stride_tricks.sliding_window_view(padded**2, _WINDOW)[::HOP][:count].mean(axis=1)
    return power < _BELOW_SPEECH * np.percentile(power, 95)


def longest_run(silent: NDArray[np.bool_], start: int, end: int) -> tuple[int, int]:
    """The longest silence between two frames, as first frame and the one after the last; empty if none."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], silent[start:end].astype(np.int8), [0]))))
    if not len(edges):
        return start, start
    firsts, lasts = edges[::2], edges[1::2]
    best = int(np.argmax(lasts - firsts))
    return start + int(firsts[best]), start + int(lasts[best])
