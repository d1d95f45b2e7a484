"""Which mixture of stock voices is most like a speaker."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import numpy as np

from soundstage.providers.local.cloning.sample import Curve, Samples

_BANK: Final = Path(__file__).parents[1] / "models" / "kokoro_voice_embeddings.npz"
_PITCH_PRIOR = 0.05
"""What a voice an octave away from the speaker's pitch costs, in squared distance of embeddings."""
_SMALLEST_SHARE = 0.03
_ROUNDS = 800


def blend(embedding: Samples, hertz: float) -> dict[str, float]:
    """The shares of stock voices, which add up to 1, whose embeddings rebuild that of the speaker best."""
    names, embeddings, pitches = _bank()
    octaves = np.log2(pitches / hertz)
    shares = _least_squares(embeddings, embedding.astype(np.float64), _PITCH_PRIOR * octaves**2)
    kept = np.where(shares >= _SMALLEST_SHARE, shares, 0)
    kept /= kept.sum()
    return {name: round(float(share), 4) for name, share in zip(names, kept, strict=True) if share}


def expected_pitch(mix: Mapping[str, float]) -> float:
    """The pitch in Hz that a mixture may be expected to have: the mean of its voices' on a scale of octaves."""
    names, _, pitches = _bank()
    octaves = dict(zip(names, np.log2(pitches), strict=True))
    return float(2 ** sum(share * octaves[name] for name, share in mix.items()))


def _bank() -> tuple[list[str], Curve, Curve]:
    with np.load(_BANK) as bank:
        return bank["names"].tolist(), bank["G"].astype(np.float64), bank["F0"].astype(np.float64)


def _least_squares(rows: Curve, wanted: Curve, cost: Curve) -> Curve:
    """The x on the simplex with the least |x @ rows - wanted|² + cost @ x: accelerated projected gradient."""
    gram, goal = rows @ rows.T, rows @ wanted - cost / 2
    step = 1 / float(np.linalg.eigvalsh(gram)[-1])
    shares = ahead = np.full(len(rows), 1 / len(rows))
    pace = 1.0
    for _ in range(_ROUNDS):
        moved = _on_simplex(ahead - step * (gram @ ahead - goal))
        faster = (1 + np.sqrt(1 + 4 * pace**2)) / 2
        ahead = moved + (pace - 1) / faster * (moved - shares)
        shares, pace = moved, faster
    return shares


def _on_simplex(point: Curve) -> Curve:
    """The nearest point whose parts are not negative and add up to 1."""
    ordered = np.sort(point)[::-1]
    excess = (np.cumsum(ordered) - 1) / np.arange(1, len(point) + 1)
    return np.maximum(point - excess[np.flatnonzero(ordered > excess)[-1]], 0)
