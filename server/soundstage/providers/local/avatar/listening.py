"""Listens to the audio once: how long it is, and what can be heard of the mouth in the signal."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from soundstage.providers.local.avatar.arrays import F32, f32
from soundstage.providers.local.avatar.audio import MIN_SECONDS, Tally, decode, read_header
from soundstage.providers.local.jobs import EngineError

HOPS_PER_SECOND = 100
_RATE = 16_000
_HOP = _RATE // HOPS_PER_SECOND
_WINDOW = 400
_FFT = 512
_LOUDNESS, _FIRST_FORMANT, _SECOND_FORMANT, _HISS = range(4)


@dataclass(frozen=True, slots=True)
class Heard:
    """The audio, analysed 100 times a second.

    `loudness` runs from 0 (silence) to 1 (the speaker's loud syllables); `first_formant` and
    `second_formant` are spectral centres in Hz; `hiss` is the share of the energy above 3.5 kHz.
    """

    seconds: float
    channels: int
    loudness: F32
    first_formant: F32
    second_formant: F32
    hiss: F32
    warnings: tuple[str, ...]


def listen(path: Path) -> Heard:
    """Decodes the audio at `path` once.

    Raises EngineError `audio_unreadable`, `audio_too_long`, `audio_too_short` (under 0.1 seconds) or
    `audio_corrupt` (opens, but most of it cannot be decoded).
    """
    header = read_header(path)
    tally = Tally()
    counter = _Counter()
    rows = list(_features(counter.counted(decode(path, _RATE, 1, tally))))
    seconds = counter.samples / _RATE
    _refuse_useless(seconds, header.seconds, tally)
    features = f32(np.vstack(rows)) if rows else np.zeros((1, 4), np.float32)
    return Heard(
        seconds,
        header.channels,
        _relative_loudness(f32(features[:, _LOUDNESS])),
        f32(features[:, _FIRST_FORMANT]),
        f32(features[:, _SECOND_FORMANT]),
        f32(features[:, _HISS]),
        _damage(seconds, header.seconds, tally),
    )


@dataclass(slots=True)
class _Counter:
    samples: int = 0

    def counted(self, blocks: Iterable[F32]) -> Iterator[F32]:
        for block in blocks:
            self.samples += block.shape[1]
            yield f32(block[0])


def _refuse_useless(seconds: float, announced: float | None, tally: Tally) -> None:
    damaged = tally.lost > 0 or (announced or 0.0) >= 2 * MIN_SECONDS
    if tally.lost > tally.decoded or (seconds < MIN_SECONDS and damaged):
        raise EngineError(
            "audio_corrupt",
            f"The audio is damaged: {tally.lost} of {tally.lost + tally.decoded} packets cannot be decoded, "
            f"{seconds:.1f} seconds remain.",
            "Export or download the audio again.",
        )
    if seconds < MIN_SECONDS:
        raise EngineError(
            "audio_too_short",
            f"The audio lasts {seconds:.2f} seconds; at least {MIN_SECONDS} are needed.",
            "Give longer audio.",
        )


def _damage(seconds: float, announced: float | None, tally: Tally) -> tuple[str, ...]:
    missing = (announced or 0.0) - seconds
    if missing > 0.3:
        return (
            f"The audio is damaged or cut short: {seconds:.1f} of {announced:.1f} seconds could be decoded, "
            "and the video shows those.",
        )
    if tally.lost:
        return (
            f"The audio is damaged: {tally.lost} packets were skipped; the video shows the {seconds:.1f} "
            "seconds that could be decoded.",
        )
    return ()


def _features(blocks: Iterable[F32]) -> Iterator[F32]:
    """Rows of the four features, a second or so at a time; each row is centred on its hop."""
    pending = [np.zeros(_WINDOW // 2, np.float32)]
    held = _WINDOW // 2
    for block in blocks:
        pending.append(block)
        held += block.size
        if held >= _RATE:
            samples = np.concatenate(pending)
            hops = (samples.size - _WINDOW) // _HOP + 1
            yield _rows(samples, hops)
            pending = [samples[hops * _HOP :]]
            held = pending[0].size
    samples = np.concatenate([*pending, np.zeros(_WINDOW, np.float32)])
    yield _rows(samples, (samples.size - _WINDOW) // _HOP + 1)


def _rows(samples: F32, hops: int) -> F32:
    windows = np.lib.stride_tricks.sliding_window_view(samples, _WINDOW)[::_HOP][:hops]
    power = np.abs(np.fft.rfft(windows * np.hanning(_WINDOW).astype(np.float32), _FFT)) ** 2 + 1e-9
    hertz = np.fft.rfftfreq(_FFT, 1 / _RATE)

    def band(low: float, high: float) -> tuple[F32, F32]:
        inside = (hertz >= low) & (hertz < high)
        return f32(power[:, inside]), f32(hertz[inside])

    def centre(low: float, high: float) -> F32:
        amplitude, frequency = band(low, high)
        amplitude = np.sqrt(amplitude)
        return f32((amplitude @ frequency) / amplitude.sum(axis=1))

    speech = band(80, 5000)[0].sum(axis=1)
    hiss = band(3500, 8000)[0].sum(axis=1) / (power[:, 2:].sum(axis=1))
    return f32(np.stack([10 * np.log10(speech), centre(250, 1100), centre(900, 3000), hiss], axis=1))


def _relative_loudness(decibels: F32) -> F32:
    """0 at 32 dB under the loud syllables, 1 at them: the same for a whisper and a shout."""
    loud = float(np.percentile(decibels, 95))
    # Below this level, relative to full scale, there is nothing but the noise of a silent recording.
    loud = max(loud, -20.0)
    return f32(np.clip((decibels - (loud - 32.0)) / 30.0, 0.0, 1.0))
