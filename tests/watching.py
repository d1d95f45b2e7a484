"""What a viewer makes of a talking portrait: its frames, its sound, and how well the mouth fits what is said."""

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import av
import numpy as np
from numpy.typing import NDArray

from soundstage.providers.local.avatar.faces import Face, FaceFinder
from soundstage.providers.local.jobs import TimedPhoneme

Curve = NDArray[np.float64]
Picture = NDArray[np.uint8]

FPS = 25
LONGEST_LAG = 0.2
"""Seconds by which a mouth may run before or behind its sound and still be looked at."""

_INNER_LIPS = ((13, 14), (82, 87), (312, 317))
_OUTER_EYE_CORNERS = (33, 263)

_OPENNESS: tuple[tuple[str, float, float], ...] = (
    ("pbm", 0.0, 3.0),
    ("fv", 0.1, 2.0),
    ("szʃʒ", 0.15, 1.0),
    ("wɥ", 0.1, 1.2),
    ("tdnlɹrɾθðkɡgŋjhʔxç", 0.25, 0.4),
    ("iuyɪʊʏɨʉ", 0.3, 1.0),
    ("eoøəɜɚɝɵɤ", 0.5, 1.0),
    ("ɛɔœʌɐ", 0.75, 1.0),
    ("aɑæɒɶ", 1.0, 1.0),
)
"""How wide a sound opens the mouth, from closed (0) to the widest vowel (1), and how firmly: closed lips are what
makes a bilabial, while a sound made by the tongue lets the lips do what its neighbours ask for."""
_OPENNESS_OF = {symbol: row[1:] for row in _OPENNESS for symbol in row[0]}
_BILABIALS = frozenset("pbm")
_PAUSE_FIRMNESS = 0.6
_COARTICULATION_SECONDS = 0.04


@dataclass(frozen=True, slots=True)
class Fit:
    """How a mouth follows a curve: the correlation at the lag, in seconds, where it is highest; a mouth that runs
    before the curve has a negative lag."""

    r: float
    lag: float


def pictures(video: Path) -> Iterator[Picture]:
    """The decoded frames as (height, width, 3) RGB."""
    with av.open(video) as container:
        for frame in container.decode(video=0):
            yield frame.to_ndarray(format="rgb24").astype(np.uint8, copy=False)


def sound(file: Path, hertz: int) -> NDArray[np.float32]:
    """The sound of a file, mixed to mono, at a rate."""
    resampler = av.AudioResampler("flt", "mono", hertz)
    with av.open(file) as container:
        frames = [*container.decode(audio=0), None]
        return np.concatenate([part.to_ndarray()[0] for frame in frames for part in resampler.resample(frame)])


def mouth_openings(video: Path) -> Curve:
    """The gap between the inner lips in each frame, as a share of the distance between the eyes."""
    finder = FaceFinder()
    face: Face | None = None
    openings: list[float] = []
    for picture in pictures(video):
        face = finder.track(picture, face) if face else None
        face = face or finder.find(picture)[0]
        points = face.landmarks[:, :2]
        gap = np.mean([np.linalg.norm(points[upper] - points[lower]) for upper, lower in _INNER_LIPS])
        openings.append(float(gap / np.linalg.norm(np.subtract(*points[list(_OUTER_EYE_CORNERS)]))))
    return np.array(openings)


def write_still(video: Path, still: Path) -> None:
    """A video as long as the other that shows nothing but its first frame."""
    shown = pictures(video)
    first = next(shown)
    length = 1 + sum(1 for _ in shown)
    with cast("Any", av.open(still, "w")) as container:
        stream = container.add_stream("libx264", rate=FPS, options={"preset": "veryfast", "crf": "23"})
        stream.height, stream.width = first.shape[:2]
        for _ in range(length):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(first, format="rgb24")))
        container.mux(stream.encode(None))


def openness(phonemes: Sequence[TimedPhoneme]) -> Callable[[Curve], Curve]:
    """How wide a speaker of the phonemes opens the mouth, 0 to 1, at any seconds."""
    step = 0.005
    times = np.arange(0.0, phonemes[-1].end + 1.0, step)
    opening, firmness = np.zeros(times.size), np.full(times.size, _PAUSE_FIRMNESS)
    for phoneme in phonemes:
        sounds = _sounds(phoneme.phoneme)
        cuts = np.linspace(phoneme.start, phoneme.end, len(sounds) + 1)
        for sound, start, end in zip(sounds, cuts[:-1], cuts[1:], strict=True):
            during = (times >= start) & (times < end)
            opening[during], firmness[during] = _OPENNESS_OF[sound]
    deviation = _COARTICULATION_SECONDS / step
    blended = blur(opening * firmness, deviation) / blur(firmness, deviation)
    return lambda seconds: np.interp(seconds, times, blended)


def loudness(audio: Path) -> Callable[[Curve], Curve]:
    """The envelope of a sound at any seconds: the root mean square of 20 ms, blurred over a tenth of a second."""
    size = 16_000 // 50
    samples = sound(audio, 16_000).astype(np.float64)
    levels = np.sqrt((samples[: samples.size // size * size].reshape(-1, size) ** 2).mean(axis=1))
    envelope = blur(levels, 1.75)
    return lambda seconds: np.interp(seconds, (np.arange(envelope.size) + 0.5) / 50, envelope)


def bilabials(phonemes: Sequence[TimedPhoneme]) -> list[float]:
    """The seconds of the middle of each p, b and m."""
    return [(p.start + p.end) / 2 for p in phonemes if p.phoneme and set(_sounds(p.phoneme)) <= _BILABIALS]


def fit(mouth: Curve, wanted: Callable[[Curve], Curve], longest_lag: float = LONGEST_LAG) -> Fit:
    """How a mouth, one value a frame, follows a curve of the seconds."""
    middles = (np.arange(mouth.size) + 0.5) / FPS
    lags = np.arange(-longest_lag, longest_lag + 0.001, 0.01)
    correlations = [_correlation(mouth, wanted(middles - lag)) for lag in lags]
    best = int(np.argmax(correlations))
    return Fit(correlations[best], float(lags[best]))


def shifted(wanted: Callable[[Curve], Curve], seconds: float, length: float) -> Callable[[Curve], Curve]:
    """The curve as of a sound of that length that begins elsewhere and wraps around."""
    return lambda at: wanted((at + seconds) % length)


def blur(curve: Curve, deviation: float) -> Curve:
    """The curve under a Gaussian whose deviation is in samples, its ends held."""
    reach = max(1, round(3 * deviation))
    window = np.exp(-0.5 * (np.arange(-reach, reach + 1) / deviation) ** 2)
    return np.convolve(np.pad(curve, reach, "edge"), window / window.sum(), "valid").astype(np.float64)


def _sounds(phoneme: str) -> list[str]:
    """The letters of a phoneme without marks of length, stress and manner."""
    return [
        char
        for char in unicodedata.normalize("NFD", phoneme)
        if char.isalpha() and unicodedata.category(char) != "Lm"
    ]


def _correlation(a: Curve, b: Curve) -> float:
    a, b = a - a.mean(), b - b.mean()
    size = float(np.linalg.norm(a) * np.linalg.norm(b))
    return float(a @ b) / size if size > 0 else 0.0
