"""The fundamental frequency of speech: peaks of the autocorrelation, and the smoothest path through them."""

import numpy as np
from numpy.typing import NDArray

from soundstage.providers.local.cloning.sample import Curve, Samples

HOP_SECONDS = 0.01
LOWEST_HERTZ, HIGHEST_HERTZ = 60.0, 500.0

_STEPS_PER_SEMITONE = 4
_PERIODS = 3.0
_FINER = 2
_BLOCK = 256
_BLOCK_SECONDS = 30.0

_VOICED_FROM = 0.45
_SILENT_BELOW = 0.03
_OCTAVE_COST = 0.01
_LEAP_COST = 0.35
_VOICING_COST = 0.14


def pitch_of(samples: Samples, rate: int) -> Curve:
    """The fundamental frequency in Hz every 10 ms, 60 to 500; not a number where the sound has none."""
    hop = round(HOP_SECONDS * rate)
    block = round(_BLOCK_SECONDS / HOP_SECONDS) * hop
    peak = float(np.abs(samples).max(initial=0))
    return np.concatenate(
        [
            np.zeros(0),
            *(_pitch_of(samples[at : at + block], peak, rate, hop) for at in range(0, len(samples), block)),
        ]
    )


def _pitch_of(samples: Samples, peak: float, rate: int, hop: int) -> Curve:
    frames = _frames(samples, rate, hop)
    hertz = _grid()
    likeness = np.concatenate([_likeness(frames[at : at + _BLOCK], rate) for at in range(0, len(frames), _BLOCK)])
    third = frames.shape[1] // 3
    loudness = np.abs(frames[:, third:-third]).max(axis=1) / max(peak, 1e-9)
    unvoiced = _VOICED_FROM + np.maximum(0.0, 2 - loudness / (_SILENT_BELOW / (1 + _VOICED_FROM)))
    lags = rate * _FINER / hertz
    strengths = _peaks(likeness, lags) + _OCTAVE_COST * np.log2(hertz / HIGHEST_HERTZ)
    path = _smoothest(strengths, unvoiced)
    return _refined(likeness, lags, path, rate)


def median_pitch(curve: Curve) -> float:
    """The middle of a curve of pitch, in Hz; 0 where nothing is voiced."""
    voiced = curve[np.isfinite(curve)]
    return float(np.median(voiced)) if voiced.size else 0.0


def _grid() -> Curve:
    semitones = 12 * np.log2(HIGHEST_HERTZ / LOWEST_HERTZ)
    steps = np.arange(int(semitones * _STEPS_PER_SEMITONE) + 1)
    return LOWEST_HERTZ * 2 ** (steps / 12 / _STEPS_PER_SEMITONE)


def _frames(samples: Samples, rate: int, hop: int) -> NDArray[np.float32]:
    """Windows of three of the longest periods about the middle of each 10 ms, without their means."""
    size = round(_PERIODS / LOWEST_HERTZ * rate)
    padded = np.pad(samples, (size - hop) // 2 + hop)
    windows = np.lib.stride_tricks.sliding_window_view(padded[hop:], size)[::hop][: -(-len(samples) // hop)]
    means = windows.mean(axis=1, keepdims=True)
    return np.subtract(windows, means, dtype=np.float32)


def _likeness(frames: NDArray[np.float32], rate: int) -> NDArray[np.float32]:
    """How like itself each frame is after a lag, in halves of a sample; the window's own share is divided out."""
    size = frames.shape[1]
    fft = 1 << (2 * size - 1).bit_length()
    window = np.hanning(size).astype(np.float32)
    longest = round(rate * _FINER / LOWEST_HERTZ) + 3

    def correlation(sound: NDArray[np.float32]) -> NDArray[np.float32]:
        power = np.abs(np.fft.rfft(sound, fft, axis=-1)) ** 2
        lags = np.fft.irfft(power, fft * _FINER, axis=-1)[..., :longest]
        return (lags / np.maximum(lags[..., :1], 1e-12)).astype(np.float32)

    return np.divide(correlation(frames * window), np.maximum(correlation(window), 1e-3), dtype=np.float32)


def _peaks(likeness: NDArray[np.float32], lags: Curve) -> NDArray[np.float32]:
    """The highest peak in each step of the grid, from one middle between two steps to the next; 0 without one."""
    rises = np.diff(likeness, axis=1) > 0
    peaks = np.zeros_like(likeness)
    peaks[:, 1:-1] = np.where(rises[:, :-1] & ~rises[:, 1:], likeness[:, 1:-1], 0)
    # Lags fall as the pitch rises.
    edges = np.sqrt(lags * np.append(lags[1:], lags[-1] ** 2 / lags[-2]))[::-1]
    starts = np.round(edges).astype(np.int64)
    return np.maximum.reduceat(peaks, starts, axis=1)[:, ::-1]


def _smoothest(strengths: Curve, unvoiced: Curve) -> NDArray[np.int64]:
    """For each frame the step of the grid on the best path; -1 where it has no pitch."""
    count, steps = strengths.shape
    octaves = np.arange(steps, dtype=np.float64) / (12 * _STEPS_PER_SEMITONE)
    # The last state is that of no pitch.
    costs = np.full((steps + 1, steps + 1), _VOICING_COST)
    costs[:steps, :steps] = _LEAP_COST * np.abs(octaves[:, None] - octaves[None, :])
    costs[steps, steps] = 0.0
    worth = np.concatenate([strengths, unvoiced[:, None]], axis=1)
    came = np.zeros((count, steps + 1), np.int64)
    best, states = worth[0], np.arange(steps + 1, dtype=np.int64)
    for frame in range(1, count):
        reached = best[None, :] - costs
        came[frame] = reached.argmax(axis=1)
        best = reached[states, came[frame]] + worth[frame]
    path = np.zeros(count, np.int64)
    path[-1] = int(best.argmax())
    for frame in range(count - 1, 0, -1):
        path[frame - 1] = came[frame, path[frame]]
    return np.where(path == steps, -1, path)


def _refined(likeness: NDArray[np.float32], lags: Curve, path: NDArray[np.int64], rate: int) -> Curve:
    """The path in Hz, each step moved to the peak beside it."""
    curve = np.full(len(path), np.nan)
    voiced = np.flatnonzero(path >= 0)
    middles = np.round(lags[path[voiced]]).astype(np.int64)
    reach = np.maximum(2, np.round(middles * 0.015).astype(np.int64))
    for frame, middle, far in zip(voiced, middles, reach, strict=True):
        first = middle - far
        peak = first + int(likeness[frame, first : middle + far + 1].argmax())
        if peak + 1 < likeness.shape[1]:
            before, at, after = (float(value) for value in likeness[frame, peak - 1 : peak + 2])
            bend = before - 2 * at + after
            offset = 0.5 * (before - after) / bend if bend < 0 else 0.0
            curve[frame] = rate * _FINER / (peak + min(max(offset, -1.0), 1.0))
    return curve
