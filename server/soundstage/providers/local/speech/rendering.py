"""What an acoustic model makes of a string of symbols: samples, and how many of them each symbol took."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

SAMPLE_RATE = 24_000
"""Hz, of both models and of every file that is written."""

Samples = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Rendering:
    """A phrase as a model spoke it, 24 kHz mono. `spans` are the samples of the silence before, of each symbol
    in order and of the silence after; they add up to the length of `samples`."""

    samples: Samples
    spans: NDArray[np.int64]


class Render(Protocol):
    """Speaks a phrase in one voice."""

    def __call__(self, symbols: str, speed: float, pitch: float) -> Rendering:
        """`speed` and `pitch` are factors of the voice's own rate (0.5 to 1.5) and fundamental frequency."""
        ...
