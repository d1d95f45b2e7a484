"""The Kokoro voices: one network, and a style for each voice kept as factors of rank eight."""

from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from soundstage.providers.local import weights
from soundstage.providers.local.speech import graph
from soundstage.providers.local.speech.rendering import Rendering, to_rendering
from soundstage.providers.local.speech.symbols import to_ids

_STYLES: Final = Path(__file__).parents[1] / "models" / "kokoro_voices.npz"
_DURATIONS = "/encoder/Div_output_0"
_F0 = "/encoder/Squeeze_output_0"


class KokoroModel:
    """The loaded network."""

    def __init__(self) -> None:
        model = graph.with_output(weights.load(weights.KOKORO), _DURATIONS, np.float32)
        self._session = graph.open_session(graph.with_factor(model, _F0, "pitch"))

    def render(self, style: NDArray[np.float32], symbols: str, speed: float, pitch: float) -> Rendering:
        """Speak a phrase of at most 510 symbols in the voice of that style."""
        feed = {
            "tokens": np.array([to_ids(symbols)], np.int64),
            "style": style[len(symbols) - 1 : len(symbols)],
            "speed": np.array([speed], np.float32),
            "pitch": np.array([pitch], np.float32),
        }
        samples, durations = self._session.run(("audio", _DURATIONS), feed)
        return to_rendering(samples, durations[0], speed)


def read_style(voice: str) -> NDArray[np.float32]:
    """The style of a voice: for each length of phrase, in symbols less one, a vector of 256."""
    with np.load(_STYLES) as styles:
        row = int(np.flatnonzero(styles["names"] == voice)[0])
        weight, basis, mean = (styles[key][row].astype(np.float32) for key in ("U", "B", "M"))
    return weight @ basis + mean
