"""The Kokoro voices: one network, and a style for each voice kept as factors of rank eight."""

from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from soundstage.providers.local import weights
from soundstage.providers.local.speech import graph
from soundstage.providers.local.speech.rendering import Rendering, to_rendering
from soundstage.providers.local.speech.symbols import to_ids

_STYLES: Final = Path(__file__).parents[1] / "models" / "kokoro_voices.npz"
_DURATIONS = "/encoder/Div_output_0"
_F0 = "/encoder/Squeeze_output_0"
_ENERGY = "/encoder/Squeeze_1_output_0"

_VOICED_HERTZ, _VOICED_ENERGY = 50.0, 5.5
"""Above both, what the network plans is heard as voiced: it draws its pitch on through consonants and pauses."""


class KokoroModel:
    """The loaded network."""

    def __init__(self) -> None:
        model = graph.with_output(weights.load(weights.KOKORO), _DURATIONS, np.float32)
        self._session = graph.open_session(graph.with_factor(model, _F0, "pitch"))

    def render(self, style: NDArray[np.float32], symbols: str, speed: float, pitch: float) -> Rendering:
        """Speak a phrase of at most 510 symbols in the voice of that style."""
        feed = _feed(style, symbols, speed) | {"pitch": np.array([pitch], np.float32)}
        samples, durations = self._session.run(("audio", _DURATIONS), feed)
        return to_rendering(samples, durations[0], speed)


class KokoroProsody:
    """The part of the network that plans a phrase: a thirtieth of the work of speaking it."""

    def __init__(self) -> None:
        self._session = graph.open_session(graph.up_to(weights.load(weights.KOKORO), (_F0, _ENERGY)))

    def voiced_pitch(self, style: NDArray[np.float32], symbols: str) -> NDArray[np.float32]:
        """The pitch in Hz of what is voiced in a phrase of at most 510 symbols, every 12.5 ms."""
        pitch, energy = self._session.run((_F0, _ENERGY), _feed(style, symbols, 1.0))
        return pitch[(pitch > _VOICED_HERTZ) & (energy > _VOICED_ENERGY)]


def _feed(style: NDArray[np.float32], symbols: str, speed: float) -> dict[str, NDArray[Any]]:
    return {
        "tokens": np.array([to_ids(symbols)], np.int64),
        "style": style[len(symbols) - 1 : len(symbols)],
        "speed": np.array([speed], np.float32),
    }


def read_style(voice: str) -> NDArray[np.float32]:
    """The style of a voice: for each length of phrase, in symbols less one, a vector of 256."""
    with np.load(_STYLES) as styles:
        row = int(np.flatnonzero(styles["names"] == voice)[0])
        weight, basis, mean = (styles[key][row].astype(np.float32) for key in ("U", "B", "M"))
    return weight @ basis + mean
