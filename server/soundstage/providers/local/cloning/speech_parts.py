"""Where in a recording somebody speaks."""

import numpy as np
from numpy.typing import NDArray

from soundstage.providers.local.cloning.pitch import HOP_SECONDS
from soundstage.providers.local.cloning.sample import RATE, Curve, Samples

HOP = round(HOP_SECONDS * RATE)
_BELOW_SPEECH_DB = 35.0
_BESIDE_VOICE = 15
"""Frames beside a voiced one that may be speech: the fricatives and bursts of a syllable."""


def levels(samples: Samples) -> Curve:
    """The level of each 10 ms, in dB of full scale."""
    count = len(samples) // HOP
    power = (samples[: count * HOP].reshape(count, HOP).astype(np.float64) ** 2).mean(axis=1)
    return 10 * np.log10(power + 1e-12)


def speech_frames(samples: Samples, pitch: Curve) -> NDArray[np.bool_]:
    """For each 10 ms whether it is speech: loud enough, and voiced or next to what is voiced."""
    level = levels(samples)
    count = min(len(level), len(pitch))
    level, voiced = level[:count], np.isfinite(pitch[:count])
    if not voiced.any():
        return np.zeros(count, bool)
    loud = level > np.percentile(level[voiced], 95) - _BELOW_SPEECH_DB
    near = np.convolve(voiced, np.ones(2 * _BESIDE_VOICE + 1), "same") > 0
    return loud & near


def only(samples: Samples, frames: NDArray[np.bool_]) -> Samples:
    """The samples of the frames that are marked, one after the other."""
    return samples[: len(frames) * HOP][np.repeat(frames, HOP)]
