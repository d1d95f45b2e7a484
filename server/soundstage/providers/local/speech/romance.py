"""Spanish, French and Brazilian Portuguese, as written, to symbols."""

import logging
import re
from collections.abc import Sequence
from importlib import import_module
from typing import Any

from soundstage.providers.local.speech import romance_sounds
from soundstage.providers.local.speech.expansion import expand, is_abbreviation
from soundstage.providers.local.speech.lexicons import FRENCH, PORTUGUESE, SPANISH
from soundstage.providers.local.speech.reading import ReadWord
from soundstage.providers.local.speech.romance_sounds import Rules
from soundstage.providers.local.speech.symbols import PAUSES

_TAIL = re.compile(r"[,.;:!?…)\"”»—]+$")
_DASHES = frozenset("—–-")
_LEXICONS = {"es": SPANISH, "fr": FRENCH, "pt": PORTUGUESE}
_RULES = {"es": "spanish", "fr": "french", "pt": "portuguese"}


class RomanceReader:
    """Reads `es`, `fr` or `pt`."""

    def __init__(self, language: str) -> None:
        self._language = language
        self._lexicon = _LEXICONS[language]
        self._rules = _open_rules(_RULES[language])

    def read(self, words: Sequence[str]) -> list[ReadWord]:
        """What is read of each word of a sentence; by rules that know of no word that they are not for."""
        tails = [self._tail(word, last=place == len(words) - 1) for place, word in enumerate(words)]
        parts = [
            (owner, part)
            for owner, spoken in enumerate(expand(words, self._lexicon))
            for part in " ".join(spoken).lower().replace("-", " ").split()
        ]
        symbols = [""] * len(words)
        for place, (owner, part) in enumerate(parts):
            next_owner, following = parts[place + 1] if place + 1 < len(parts) else (-1, "")
            breath = following if next_owner == owner or not tails[owner] else ""
            symbols[owner] = f"{symbols[owner]} {self._pronounce(part, breath)}".strip()
        return [ReadWord(said + tail) for said, tail in zip(symbols, tails, strict=True)]

    def _pronounce(self, word: str, following: str) -> str:
        match self._language:
            case "es":
                return romance_sounds.spanish(word, self._rules)
            case "fr":
                return romance_sounds.french(word, following, self._rules)
            case _:
                return romance_sounds.portuguese(word, self._rules)

    def _tail(self, word: str, *, last: bool) -> str:
        if set(word) <= _DASHES:
            return "—"
        tail = _TAIL.search(word)
        marks = "" if tail is None else tail[0].replace("»", "”")
        if not last and is_abbreviation(word, self._lexicon):
            marks = marks.removeprefix(".")
        return "".join(mark for mark in marks if mark in PAUSES)


def _open_rules(name: str) -> Rules:
    # The package reports, with tracebacks, each language whose own dependencies are absent.
    logging.getLogger("piper_plus_g2p.registry").disabled = True
    module: Any = import_module(f"piper_plus_g2p.{name}")
    phonemize = getattr(module, f"phonemize_{name}_with_prosody")

    def rules(word: str) -> tuple[Sequence[str], int]:
        sounds, prosody = phonemize(word)
        stressed = next((place for place, note in enumerate(prosody) if note.a2 == 2), -1)
        return sounds, stressed

    return rules
