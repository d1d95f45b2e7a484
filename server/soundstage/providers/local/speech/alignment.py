"""When each sound of a phrase is heard, from the durations that the model gave its symbols."""

from dataclasses import dataclass, replace

import numpy as np

from soundstage.providers.local.speech.phrases import Phrase
from soundstage.providers.local.speech.rendering import SAMPLE_RATE, Rendering
from soundstage.providers.local.speech.silence import HOP, longest_run, silent_frames
from soundstage.providers.local.speech.symbols import ATTACHED, PAUSES, is_sound, to_ipa

LEAD = 0.04
"""Seconds by which a sound is heard before its frames begin. The models centre a sound on the boundary of its
frames; measured on the voicing of the audio (35 to 57 ms) and by forced alignment (35 to 40 ms)."""

_SHORTEST_PAUSE = 0.05
_SHORTEST_SOUND = 0.01
_FRAME = HOP / SAMPLE_RATE


@dataclass(frozen=True, slots=True)
class Sound:
    """An IPA sound, the index of its word in the sentence, and its start and end in seconds of the phrase."""

    ipa: str
    owner: int
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class _Draft:
    sound: Sound
    after_pause: bool


def align(phrase: Phrase, rendering: Rendering) -> list[Sound]:
    """The sounds of a rendered phrase, in order and apart only where there is silence.

    The frames of a stress mark or of a space are those of the sound after it, which is already heard in them;
    at a pause the boundary is where the audio falls silent and where it sets in again.
    """
    drafts = _draft(phrase, rendering)
    return _settle(drafts, rendering) if drafts else []


def _draft(phrase: Phrase, rendering: Rendering) -> list[_Draft]:
    edges = np.concatenate(([0], np.cumsum(rendering.spans))) / SAMPLE_RATE - LEAD
    drafts: list[_Draft] = []
    begun: float | None = None
    after_pause = True
    for place, (symbol, owner) in enumerate(zip(phrase.symbols, phrase.owners, strict=True)):
        start, end = float(edges[place + 1]), float(edges[place + 2])
        if is_sound(symbol):
            sound = Sound(to_ipa(symbol), owner, start if begun is None else begun, end)
            drafts.append(_Draft(sound, after_pause))
            begun, after_pause = None, False
        elif symbol in ATTACHED and drafts and not after_pause:
            last = drafts[-1].sound
            drafts[-1] = replace(drafts[-1], sound=replace(last, ipa=last.ipa + symbol, end=end))
        elif symbol in PAUSES:
            begun, after_pause = None, True
        elif begun is None:
            begun = start
    return drafts


def _settle(drafts: list[_Draft], rendering: Rendering) -> list[Sound]:
    """Make neighbours meet, and move the edges at pauses to where the audio falls silent and sets in."""
    silent = silent_frames(rendering.samples)
    length = len(rendering.samples) / SAMPLE_RATE
    starts = [max(draft.sound.start, 0.0) for draft in drafts]
    ends = [*starts[1:], length]
    pauses = [place for place, draft in enumerate(drafts) if draft.after_pause]
    for place in (*pauses, len(drafts)):
        low = starts[place - 1] + _SHORTEST_SOUND if place else 0.0
        high = drafts[place].sound.end - _SHORTEST_SOUND if place < len(drafts) else length
        first, last = longest_run(silent, round(low / _FRAME), round(high / _FRAME))
        if (last - first) * _FRAME < _SHORTEST_PAUSE:
            continue
        if place > 0:
            ends[place - 1] = first * _FRAME
        if place < len(drafts):
            starts[place] = last * _FRAME
    return [
        replace(draft.sound, start=start, end=end) for draft, start, end in zip(drafts, starts, ends, strict=True)
    ]
