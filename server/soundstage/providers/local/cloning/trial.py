"""The engine tries a voice out: short fixed texts, phrase by phrase, in memory."""

from functools import cached_property

import numpy as np

from soundstage.providers.local.clones import Voicing
from soundstage.providers.local.cloning.sample import Samples
from soundstage.providers.local.speech.cloned import cloned_render
from soundstage.providers.local.speech.hibari_model import HibariModel
from soundstage.providers.local.speech.kokoro_model import KokoroModel
from soundstage.providers.local.speech.phrases import to_phrases
from soundstage.providers.local.speech.readers import open_reader
from soundstage.providers.local.speech.rendering import Render
from soundstage.providers.local.speech.sentences import split_sentences
from soundstage.providers.local.speech.symbols import sayable

FITTING = (
    "The old harbour was quiet when we walked along the water, past yellow boats and a few sleepy gulls. "
    "Most of the shops had closed for the winter. "
    "She asked me where the bakery was. "
    "I showed her the map, which was wet and hard to read. "
    "Nobody knew that the bridge was being mended. "
    "A young man sold us two cups of tea. "
    "We took the path behind the church. "
    "In the end a fisherman gave us a lift."
)
"""What a voice is fitted to the sample on: sounds in their usual shares, in sentences of the usual lengths, as a
style changes its pitch with the length of the phrase."""
CHECKING = (
    "Please leave the garden gate unlocked. "
    "My brother arrives before noon with fresh bread and a jar of plums. "
    "The dog will bark, but he never bites. "
    "We could choose a longer road through the valley."
)
"""What it is measured on: other words."""


class Trial:
    """A speaker for trials, which keeps its models."""

    @cached_property
    def _kokoro(self) -> KokoroModel:
        return KokoroModel()

    def speak(self, voicing: Voicing, text: str) -> Samples:
        """The text in the voice, at 24 kHz."""
        return _spoken(cloned_render(self._kokoro, voicing), text)

    def speak_by_default(self, text: str) -> Samples:
        """The text in the engine's default voice, at 24 kHz."""
        return _spoken(HibariModel().render, text)


def _spoken(render: Render, text: str) -> Samples:
    reader = open_reader("en-US")
    phrases = [
        phrase
        for sentence in split_sentences(text)
        for phrase in to_phrases([sayable(said) for said in reader(sentence.words)], sentence.pause)
    ]
    return np.concatenate([render(phrase.symbols, 1.0, 1.0).samples for phrase in phrases])
