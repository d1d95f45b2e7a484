"""Speech brought to one loudness, its peaks rounded rather than cut."""

import numpy as np

from soundstage.providers.local.speech.rendering import SAMPLE_RATE, Samples

ACTIVE_LEVEL = 10 ** (-20 / 20)
"""Root mean square of the speech proper, pauses left out, at a volume of 1: -20 dBFS."""

_FRAME = SAMPLE_RATE // 50
_ACTIVE = 10 ** (-30 / 10)
_KNEE = 0.7
_CEILING = 0.98


class LevelMeter:
    """Measures the active level of speech that comes in pieces."""

    def __init__(self) -> None:
        self._powers: list[Samples] = []

    def add(self, samples: Samples) -> None:
        """Hear another piece, in frames of 20 ms from its start."""
        whole = samples[: len(samples) // _FRAME * _FRAME].reshape(-1, _FRAME)
        self._powers.append((whole**2).mean(axis=1))

    def level(self) -> float:
        """Root mean square over the frames within 30 dB of the loud ones; 0 for silence."""
        powers = np.concatenate(self._powers) if self._powers else np.zeros(0, np.float32)
        if not powers.any():
            return 0.0
        loud = np.percentile(powers[powers > 0], 95)
        return float(np.sqrt(powers[powers >= _ACTIVE * loud].mean()))


def limit(samples: Samples) -> Samples:
    """Leave what is below the knee as it is and bend the rest, so that nothing passes 0.98 of full scale."""
    size = np.abs(samples)
    room = _CEILING - _KNEE
    bent = _KNEE + room * np.tanh((size - _KNEE) / room)
    return np.where(size > _KNEE, np.copysign(bent, samples), samples).astype(np.float32)
