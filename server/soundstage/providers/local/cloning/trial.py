"""The engine tries a voice out: short fixed texts, phrase by phrase, in memory."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cache, cached_property

import numpy as np
from numpy.typing import NDArray

from soundstage.providers.local.clones import Voicing
from soundstage.providers.local.cloning.sample import Samples
from soundstage.providers.local.jobs import Report
from soundstage.providers.local.speech.cloned import cloned_render, mixed_style
from soundstage.providers.local.speech.hibari_model import HibariModel
from soundstage.providers.local.speech.kokoro_model import KokoroModel, KokoroProsody
from soundstage.providers.local.speech.phrases import Phrase, to_phrases
from soundstage.providers.local.speech.readers import open_reader
from soundstage.providers.local.speech.reading import Reader
from soundstage.providers.local.speech.rendering import Render
from soundstage.providers.local.speech.sentences import split_sentences
from soundstage.providers.local.speech.symbols import sayable

FITTING = (
    "The old harbour was quiet when we walked along the water, past yellow boats and a few sleepy gulls. "
    "I showed her the map, which was wet and hard to read. "
    "A young man sold us two cups of tea. "
    "Most of the shops had closed for the winter."
)
"""What a voice is fitted to the sample on: sounds in their usual shares."""
CHECKING = (
    "Please leave the garden gate unlocked. "
    "My brother arrives before noon with fresh bread and a jar of plums. "
    "The dog will bark, but he never bites."
)
"""What it is measured on: other words."""
USUAL = (
    "The train was late again this morning. "
    "We keep the spare keys in the drawer below the sink. "
    "Our shop is open from nine to six, and on Saturdays until noon. "
    "He put the letter on the table and left without a word. "
    "What would you like to know about the new plan? "
    "Fresh paint dries slowly in cold weather. "
    "The results of the second test were much better than those of the first. "
    "A narrow path leads down to the beach. "
    "I have sent you the list of names that you asked for. "
    "If the light turns red, press the button and hold it for three seconds. "
    "Most people never notice the small door at the back. "
    "My sister plays the violin and two of her friends sing. "
    "It costs less than you think. "
    "Turn left at the traffic lights, then follow the signs to the airport. "
    "You can change your password on the next page. "
    "The captain told his crew to lower the sails. "
    "Heavy rain is expected in the north, with strong winds along the coast. "
    "She bought a pound of cherries and ate them on the way home. "
    "This machine makes forty thousand bottles a day. "
    "Your order has left our warehouse and should reach you by Friday."
)
"""What people say, in enough sentences for the middle pitch of a voice: they are planned, and not spoken."""

AT_A_TIME = 2
"""Pieces of work: two cores are better used by two than by one that has both."""


class Trial:
    """A speaker for trials, which keeps its models.

    `report` is told after each phrase how much is spoken of the fit and of the two readings that measure it.
    """

    def __init__(self, report: Report = lambda _: None) -> None:
        self._planned_pitch = cache(self._plan_pitch)
        self._report = report
        self._said = 0

    @cached_property
    def _kokoro(self) -> KokoroModel:
        return KokoroModel()

    @cached_property
    def _prosody(self) -> KokoroProsody:
        return KokoroProsody()

    @cached_property
    def _reader(self) -> Reader:
        return open_reader("en-US")

    @cached_property
    def _to_say(self) -> int:
        return sum(len(self._phrases(text)) for text in (FITTING, CHECKING, CHECKING))

    def speak(self, voicing: Voicing, text: str) -> Samples:
        """The text in the voice, at 24 kHz."""
        return self._spoken(cloned_render(self._kokoro, voicing), text)

    def speak_by_default(self, text: str) -> Samples:
        """The text in the engine's default voice, at 24 kHz."""
        return self._spoken(HibariModel().render, text)

    def above_usual(self, mix: Mapping[str, float], text: str) -> float:
        """How many times higher a mixture of stock voices speaks this text than what people usually say."""
        shares = tuple(mix.items())
        return self._planned_pitch(shares, text) / self._planned_pitch(shares, USUAL)

    def _plan_pitch(self, shares: tuple[tuple[str, float], ...], text: str) -> float:
        style = mixed_style(dict(shares))
        prosody = self._prosody

        def planned(phrase: Phrase) -> NDArray[np.float32]:
            return prosody.voiced_pitch(style, phrase.symbols)

        with ThreadPoolExecutor(AT_A_TIME) as pool:
            plans = pool.map(planned, self._phrases(text))
            return float(np.median(np.concatenate([*plans])))

    def _spoken(self, render: Render, text: str) -> Samples:
        def rendered(phrase: Phrase) -> Samples:
            return render(phrase.symbols, 1.0, 1.0).samples

        spoken: list[Samples] = []
        with ThreadPoolExecutor(AT_A_TIME) as pool:
            for samples in pool.map(rendered, self._phrases(text)):
                spoken.append(samples)
                self._said += 1
                self._report(min(1.0, self._said / self._to_say))
        return np.concatenate(spoken)

    def _phrases(self, text: str) -> list[Phrase]:
        return [
            phrase
            for sentence in split_sentences(text)
            for phrase in to_phrases(
                [sayable(said.symbols) for said in self._reader(sentence.words)], sentence.pause
            )
        ]
