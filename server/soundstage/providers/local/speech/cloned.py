"""A cloned voice speaks: a mixture of stock voices at a pitch and with a colour of its own."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from soundstage.providers.local.clones import Voicing
from soundstage.providers.local.speech.kokoro_model import KokoroModel, read_style
from soundstage.providers.local.speech.rendering import Render, Rendering
from soundstage.providers.local.speech.timbre import coloured


def mixed_style(mix: Mapping[str, float]) -> NDArray[np.float32]:
    """The style that lies between those of stock voices, by their shares."""
    return np.sum([np.float32(share) * read_style(voice) for voice, share in mix.items()], axis=0)


def cloned_render(model: KokoroModel, voicing: Voicing) -> Render:
    """What speaks a phrase in the cloned voice."""
    style = mixed_style(voicing.mix)

    def render(symbols: str, speed: float, pitch: float) -> Rendering:
        rendering = model.render(style, symbols, speed, pitch * voicing.pitch)
        return replace(rendering, samples=coloured(rendering.samples, voicing.warp, voicing.equaliser))

    return render
