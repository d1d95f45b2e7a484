"""The timings of an utterance, gathered phrase by phrase and counted in samples."""

import json
from dataclasses import asdict
from pathlib import Path

from soundstage.providers.local.jobs import TimedPhoneme, TimedWord, Timings
from soundstage.providers.local.speech.rendering import SAMPLE_RATE


class Timeline:
    """Sounds laid one after the other; where there is none, there is a pause."""

    def __init__(self) -> None:
        self._sounds: list[tuple[str, int, int]] = []
        self._words: list[tuple[str, int, int]] = []
        self._word: object = None

    @property
    def has_sounds(self) -> bool:
        """Whether anything was laid."""
        return bool(self._sounds)

    def add(self, ipa: str, start: int, end: int, word: tuple[int, str]) -> None:
        """Lay a sound from sample `start` to `end`, part of the `word` of that number."""
        self._sounds.append((ipa, start, end))
        if word == self._word:
            text, begun, _ = self._words[-1]
            self._words[-1] = (text, begun, end)
        else:
            self._word = word
            self._words.append((word[1], start, end))

    def timings(self, samples: int) -> Timings:
        """The timings of an utterance of so many samples: phonemes and pauses follow each other without a gap."""
        phonemes: list[TimedPhoneme] = []
        reached = 0
        for ipa, start, end in (*self._sounds, ("", samples, samples)):
            if start > reached:
                phonemes.append(TimedPhoneme("", _seconds(reached), _seconds(start)))
            if end > start:
                phonemes.append(TimedPhoneme(ipa, _seconds(start), _seconds(end)))
            reached = end
        words = [TimedWord(text, _seconds(start), _seconds(end)) for text, start, end in self._words]
        return Timings(_seconds(samples), words, phonemes)


def write_timings(timings: Timings, path: Path) -> None:
    """The timings as a JSON object."""
    path.write_text(json.dumps(asdict(timings), ensure_ascii=False, separators=(",", ":")), encoding="utf-8")


def _seconds(samples: int) -> float:
    return round(samples / SAMPLE_RATE, 4)
