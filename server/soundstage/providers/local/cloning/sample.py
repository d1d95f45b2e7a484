"""The sample of a voice, decoded to its end."""

from pathlib import Path
from typing import Final

import numpy as np
from av.audio.resampler import AudioResampler
from numpy.typing import NDArray

from soundstage.providers.local.jobs import EngineError
from soundstage.sound.decoding import Unreadable, frames, opened, sound_of

RATE: Final = 24_000
"""Hz, as the engine's own speech."""

Samples = NDArray[np.float32]
Curve = NDArray[np.float64]


def read_sample(path: Path) -> Samples:
    """The sound of a file as mono at 24 kHz, -1 to 1.

    Raises `EngineError` `sample_damaged`.
    """
    try:
        with opened(path) as container:
            resampler = AudioResampler(format="flt", layout="mono", rate=RATE)
            blocks: list[Samples] = []
            for frame in frames(container, sound_of(container)):
                frame.pts = None
                blocks += [np.asarray(part.to_ndarray()[0], np.float32) for part in resampler.resample(frame)]
            blocks += [np.asarray(part.to_ndarray()[0], np.float32) for part in resampler.resample(None)]
    except (Unreadable, ValueError) as error:
        how = str(error) if isinstance(error, Unreadable) else "changes its form midway"
        raise EngineError(
            "sample_damaged",
            f"The sample {how}.",
            "Export it again, as WAV or MP3, and send the whole file.",
        ) from None
    return np.concatenate(blocks)


def resampled(samples: Samples, rate: int, to: int) -> Samples:
    """The samples at another rate."""
    if rate == to:
        return samples
    length = len(samples) * to // rate
    half = 1 << (max(len(samples), 1) - 1).bit_length()
    spectrum = np.fft.rfft(samples, half)
    size = half * to // rate
    kept = np.zeros(size // 2 + 1, spectrum.dtype)
    shared = min(len(kept), len(spectrum))
    kept[:shared] = spectrum[:shared]
    return (np.fft.irfft(kept, size)[:length] * (to / rate)).astype(np.float32)
