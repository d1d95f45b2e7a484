"""The utterance on its way: samples spooled to disk, with their level and their timings."""

from collections.abc import Iterator
from typing import IO

import numpy as np

from soundstage.providers.local.speech.alignment import Sound
from soundstage.providers.local.speech.loudness import ACTIVE_LEVEL, LevelMeter, limit
from soundstage.providers.local.speech.rendering import SAMPLE_RATE, Samples
from soundstage.providers.local.speech.stretch import stretch
from soundstage.providers.local.speech.timeline import Timeline

BLOCK = SAMPLE_RATE
"""Samples in a block that is read back: one second."""

_ROOM_BEFORE, _ROOM_AFTER = 0.03, 0.06
_FADE_IN, _FADE_OUT = 0.005, 0.02


class Recording:
    """Phrases and silences in the order in which they are added, in constant memory."""

    def __init__(self, spool: IO[bytes]) -> None:
        self._spool = spool
        self._meter = LevelMeter()
        self.timeline = Timeline()
        self.length = 0

    def add_silence(self, seconds: float) -> None:
        """Leave a pause."""
        self._write(np.zeros(round(seconds * SAMPLE_RATE), np.float32))

    def add_phrase(self, samples: Samples, sounds: list[Sound], words: list[tuple[int, str]], rate: float) -> None:
        """Add what is heard of a rendered phrase, `rate` times as fast. `words` holds for each owner of
        a sound the number of its word in the text and the word as written."""
        first = max(round((sounds[0].start - _ROOM_BEFORE) * SAMPLE_RATE), 0)
        last = min(round((sounds[-1].end + _ROOM_AFTER) * SAMPLE_RATE), len(samples))
        heard = _faded(samples[first:last])
        if rate != 1:
            heard = stretch(heard, rate)
        begun = self.length
        for sound in sounds:
            start, end = (
                begun + min(max(round((moment * SAMPLE_RATE - first) / rate), 0), len(heard))
                for moment in (sound.start, sound.end)
            )
            self.timeline.add(sound.ipa, start, end, words[sound.owner])
        self._meter.add(heard)
        self._write(heard)

    def play(self, volume: float) -> Iterator[Samples]:
        """The whole from its beginning, a second at a time, at the volume."""
        level = self._meter.level()
        gain = np.float32(volume * ACTIVE_LEVEL / level if level else 0.0)
        self._spool.seek(0)
        while block := self._spool.read(4 * BLOCK):
            yield limit(np.frombuffer(block, np.float32) * gain)

    def _write(self, samples: Samples) -> None:
        self._spool.write(samples.astype(np.float32).tobytes())
        self.length += len(samples)


def _faded(samples: Samples) -> Samples:
    faded = samples.copy()
    rise, fall = (min(round(fade * SAMPLE_RATE), len(faded)) for fade in (_FADE_IN, _FADE_OUT))
    faded[:rise] *= np.linspace(0, 1, rise, dtype=np.float32)
    faded[len(faded) - fall :] *= np.linspace(1, 0, fall, dtype=np.float32)
    return faded
