"""What an acoustic model makes of a string of symbols: samples, and how many of them each symbol took."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

SAMPLE_RATE = 24_000
"""Hz, of both models and of every file that is written."""

UNIT = 600
"""Samples in one unit of a model's durations: 25 ms."""

Samples = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Rendering:
    """A phrase as a model spoke it, 24 kHz mono. `spans` are the samples of the silence before, of each symbol
    in order and of the silence after; they add up to the length of `samples`. `rate` is how many times faster than
    the voice's own rate the phrase came out."""

    samples: Samples
    spans: NDArray[np.int64]
    rate: float


def to_rendering(samples: Samples, durations: NDArray[np.float32], speed: float) -> Rendering:
    """From the durations that a model predicted at a speed, in units and before they are made whole.

    A model makes the duration of each symbol a whole number of units, so that short symbols gain or lose up to a
    half at a speed other than 1: the phrase comes out faster or slower than was asked.
    """
    whole, natural = (np.maximum(np.round(units), 1) for units in (durations, durations * speed))
    return Rendering(samples, whole.astype(np.int64) * UNIT, float(natural.sum() / whole.sum()))


class Render(Protocol):
    """Speaks a phrase in one voice."""

    def __call__(self, symbols: str, speed: float, pitch: float) -> Rendering:
        """`speed` and `pitch` are factors of the voice's own rate (0.5 to 1.25) and fundamental frequency."""
        ...
