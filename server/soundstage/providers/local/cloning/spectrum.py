"""The long-term spectrum of speech, in the bands of the equaliser."""

import numpy as np

from soundstage.providers.local.cloning.sample import RATE, Curve, Samples
from soundstage.providers.local.speech.timbre import BANDS, band_centres

_SIZE, _HOP = 1024, 512
_HEARD_DB = 55.0
"""A band that is further below the loudest one holds nothing of the speaker: the recording cut it off."""


def long_term_spectrum(speech: Samples) -> Curve:
    """The mean level of each band in dB, of speech at 24 kHz without pauses."""
    padded = np.pad(speech, (0, max(0, _SIZE - len(speech))))
    frames = np.lib.stride_tricks.sliding_window_view(padded, _SIZE)[::_HOP]
    power = (np.abs(np.fft.rfft(frames * np.hanning(_SIZE).astype(np.float32), axis=1)) ** 2).mean(axis=0)
    hertz = np.fft.rfftfreq(_SIZE, 1 / RATE)
    centres = band_centres()
    edges = np.concatenate([[2 * centres[0] - centres[1]], centres, [2 * centres[-1] - centres[-2]]])
    bands = np.empty(BANDS)
    for band in range(BANDS):
        low, high = edges[band], edges[band + 2]
        weights = np.maximum(0, 1 - np.abs(hertz - centres[band]) / (high - low) * 2)
        bands[band] = weights @ power / weights.sum()
    return 10 * np.log10(bands + 1e-12)


def difference(wanted: Curve, spoken: Curve) -> Curve:
    """By how many dB each band is to be raised, whatever the loudness. Bands that the sample lacks stay."""
    heard = wanted > wanted.max() - _HEARD_DB
    gap = np.where(heard, wanted - spoken, 0.0)
    return np.where(heard, gap - gap[heard].mean(), 0.0)


def distance(wanted: Curve, spoken: Curve) -> float:
    """Root mean square of the difference over the bands, in dB."""
    heard = wanted > wanted.max() - _HEARD_DB
    return float(np.sqrt(np.mean(difference(wanted, spoken)[heard] ** 2)))
