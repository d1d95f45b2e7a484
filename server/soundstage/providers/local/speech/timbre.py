"""The colour of a voice changed after it has spoken: its resonances moved, its long-term spectrum tilted."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from soundstage.providers.local.speech.rendering import SAMPLE_RATE, Samples

BANDS: Final = 24
"""Bands of the equaliser, evenly spread over the mel scale between the two frequencies below."""
LOWEST_HERTZ, HIGHEST_HERTZ = 80.0, 10_000.0

_SIZE, _HOP = 1024, 256
_ENVELOPE = 48
"""Samples of quefrency that hold the resonances and, with voices below 500 Hz, no pitch."""
_MOST_WARPED_DB = 12.0
_FLOOR = 1e-7


def band_centres() -> NDArray[np.float64]:
    """The middle of each band, in Hz."""
    low, high = (_mel(hertz) for hertz in (LOWEST_HERTZ, HIGHEST_HERTZ))
    edges = np.linspace(low, high, BANDS + 1)
    return 700 * (10 ** ((edges[:-1] + edges[1:]) / 2 / 2595) - 1)


def _mel(hertz: float) -> float:
    return float(2595 * np.log10(1 + hertz / 700))


def coloured(samples: Samples, warp: float, equaliser: tuple[float, ...]) -> Samples:
    """Speech at 24 kHz, as long as before and at the same pitch.

    The resonances are moved by the factor `warp`; each band has its gain of the `equaliser`, in dB.
    """
    if warp == 1 and not any(equaliser):
        return samples
    window = np.sqrt(np.hanning(_SIZE + 1)[:-1]).astype(np.float32)
    count = -(-len(samples) // _HOP) + 3
    padded = np.pad(samples, (_SIZE - _HOP, count * _HOP + _SIZE - len(samples)))
    frames = np.lib.stride_tricks.sliding_window_view(padded, _SIZE)[::_HOP][:count]
    spectra = np.fft.rfft(frames * window, axis=1)
    gains = _warping(spectra, warp) if warp != 1 else np.zeros((1, _SIZE // 2 + 1))
    spectra *= 10 ** ((gains + _equalising(equaliser)) / 20)
    pieces = np.fft.irfft(spectra, axis=1) * window
    laid = np.zeros((count - 1) * _HOP + _SIZE)
    for place, piece in enumerate(pieces):
        laid[place * _HOP : place * _HOP + _SIZE] += piece
    # Four windows lie over each sample; their squares add up to two.
    return (laid[_SIZE - _HOP : _SIZE - _HOP + len(samples)] / 2).astype(np.float32)


def _equalising(equaliser: tuple[float, ...]) -> NDArray[np.float64]:
    hertz = np.asarray(np.fft.rfftfreq(_SIZE, 1 / SAMPLE_RATE), np.float64)
    return np.interp(hertz, band_centres(), equaliser or np.zeros(BANDS))


def _warping(spectra: NDArray[np.complexfloating], warp: float) -> NDArray[np.float64]:
    """The gain in dB that puts the envelope of each frame where its resonances are to be."""
    cepstra = np.fft.irfft(20 * np.log10(np.abs(spectra) + _FLOOR), axis=1)
    cepstra[:, _ENVELOPE : _SIZE - _ENVELOPE + 1] = 0
    envelopes = np.fft.rfft(cepstra, axis=1).real
    bins = envelopes.shape[1]
    source = np.minimum(np.arange(bins, dtype=np.float64) / warp, bins - 1)
    below = np.minimum(source.astype(np.int64), bins - 2)
    share = source - below
    moved = envelopes[:, below] * (1 - share) + envelopes[:, below + 1] * share
    return np.clip(moved - envelopes, -_MOST_WARPED_DB, _MOST_WARPED_DB)
