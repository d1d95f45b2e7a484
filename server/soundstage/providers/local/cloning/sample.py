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

_SILENT = 0.001
_MOST_CHANNELS = 8

Samples = NDArray[np.float32]
Curve = NDArray[np.float64]


def read_sample(path: Path) -> Samples:
    """The sound of a file as mono at 24 kHz, -1 to 1; of channels that cancel each other out, the loudest.

    Raises `EngineError` `sample_missing`, `sample_damaged` or `sample_channels`.
    """
    sound = _read(path, "mono")[0]
    if np.abs(sound).max() < _SILENT:
        channels = _read(path, None)
        sound = channels[int(np.abs(channels).max(axis=1).argmax())]
    return sound


def read_channels(path: Path) -> Samples:
    """The sound of a file at 24 kHz, -1 to 1, a row for each channel.

    Raises `EngineError` as `read_sample` does.
    """
    return _read(path, None)


def _read(path: Path, layout: str | None) -> Samples:
    if not path.is_file():
        raise EngineError(
            "sample_missing",
            "The copy of the sample that the voice was to be learnt from is no longer there.",
            "Clone the voice once more.",
        )
    try:
        sound = _decoded(path, layout)
    except (Unreadable, ValueError) as error:
        raise _damaged(str(error) if isinstance(error, Unreadable) else "changes its form midway") from None
    if not np.isfinite(sound).all():
        raise _damaged("holds values that are no numbers")
    return sound


def _decoded(path: Path, layout: str | None) -> Samples:
    """The sound of each channel of a layout; without one, of each that the file has."""
    with opened(path) as container:
        stream = sound_of(container)
        if stream.layout.nb_channels > _MOST_CHANNELS:
            raise EngineError(
                "sample_channels",
                f"The sample has {stream.layout.nb_channels} channels; at most {_MOST_CHANNELS} are read.",
                "Export it as mono or stereo.",
            )
        resampler = AudioResampler(format="fltp", layout=layout, rate=RATE)
        blocks: list[Samples] = []
        for frame in frames(container, stream):
            frame.pts = None
            blocks += [np.asarray(part.to_ndarray(), np.float32) for part in resampler.resample(frame)]
        blocks += [np.asarray(part.to_ndarray(), np.float32) for part in resampler.resample(None)]
    return np.concatenate(blocks, axis=1)


def _damaged(how: str) -> EngineError:
    return EngineError(
        "sample_damaged",
        f"The sample {how}.",
        "Export it again, as WAV or MP3, and send the whole file.",
    )


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
