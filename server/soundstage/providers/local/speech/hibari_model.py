"""The hibari voice: a small distilled network whose spectra are turned into samples here on the CPU."""

from typing import Any, cast

import numpy as np
from hibari import dsp  # pyright: ignore[reportMissingTypeStubs]
from numpy.typing import NDArray

from soundstage.providers.local import weights
from soundstage.providers.local.speech import graph
from soundstage.providers.local.speech.rendering import Rendering, Samples, to_rendering
from soundstage.providers.local.speech.symbols import to_ids

_DURATIONS = "/Div_40_output_0"
_OUTPUTS = ("lh", "theta", "ln", "lr", "phi", "f0", _DURATIONS)


class HibariModel:
    """The loaded network."""

    def __init__(self) -> None:
        model = graph.with_output(weights.load(weights.HIBARI), _DURATIONS, np.float32)
        self._session = graph.open_session(model)

    def render(self, symbols: str, speed: float, pitch: float) -> Rendering:
        """Speak a phrase. The noise in it is the same each time."""
        ids = np.array([to_ids(symbols)], np.int64)
        feed = {"ids": ids, "speed": np.array([speed], np.float32)}
        *spectra, f0, durations = self._session.run(_OUTPUTS, feed)
        samples = _synthesise([part[0] for part in spectra], f0[0] * np.float32(pitch))
        return to_rendering(samples, durations, speed)


def _synthesise(spectra: list[NDArray[Any]], f0: NDArray[np.float32]) -> Samples:
    synthesise = cast("Any", dsp).synth
    return cast("Samples", synthesise(*spectra, f0, np.random.default_rng(0)))
