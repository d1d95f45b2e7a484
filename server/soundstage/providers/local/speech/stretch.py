"""Speech made faster or slower at the same pitch: waveform-similarity overlap-add."""

import numpy as np

from soundstage.providers.local.speech.rendering import SAMPLE_RATE, Samples

_WINDOW = SAMPLE_RATE * 3 // 100
_HOP = _WINDOW // 2
_SEARCH = SAMPLE_RATE // 100


def stretch(samples: Samples, rate: float) -> Samples:
    """The samples at `rate` times their speed, 0.5 to 2; every moment moves to its place divided by `rate`.

    Windows of 30 ms are laid half over each other; each is taken within 10 ms of where it is due, there where
    it continues the one before best.
    """
    length = round(len(samples) / rate)
    count = -(-length // _HOP) + 1
    padded = np.pad(samples, (_HOP + _SEARCH, round(count * _HOP * rate) + _WINDOW + _HOP + 2 * _SEARCH))
    window = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(_WINDOW) / _WINDOW)).astype(np.float32)
    out = np.zeros((count + 1) * _HOP, np.float32)
    taken = _SEARCH
    for step in range(count):
        due = round(step * _HOP * rate) + _SEARCH
        if step:
            taken = due + _best_offset(padded, due, padded[taken + _HOP : taken + _HOP + _WINDOW])
        out[step * _HOP : step * _HOP + _WINDOW] += window * padded[taken : taken + _WINDOW]
    return out[_HOP : _HOP + length]


def _best_offset(samples: Samples, due: int, wanted: Samples) -> int:
    """How far from where it is due, within the search, the window lies that is most like the wanted one."""
    region = samples[due - _SEARCH : due + _SEARCH + _WINDOW]
    likeness = np.correlate(region, wanted, "valid")
    energy = np.cumsum(np.concatenate(([0.0], region.astype(np.float64) ** 2)))
    norms = np.sqrt(np.maximum(energy[_WINDOW:] - energy[:-_WINDOW], 1e-9))
    return int(np.argmax(likeness / norms)) - _SEARCH
