"""English, as written, to symbols."""

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from itertools import accumulate
from typing import Any, cast

from hibari import g2p  # pyright: ignore[reportMissingTypeStubs]

from soundstage.providers.local.speech.reading import ReadWord

_IN_THE_LEXICON = 3
"""The least rating of what the lexicon has, with the forms that follow from it; its guesses have less."""
_WORD = re.compile(r"[^\W\d_]{2}")

_LONGEST_NUMBER = 15
_NUMBER = re.compile(r"\d+(?:,\d{3})*")
_LONG_RUN = re.compile(r"\S{60}(?=[^\W_])")
_AMOUNT_FIRST = re.compile(r"(?<![\w.,])(\d[\d,.]*)([€£$])")
_BARE_FRACTION = re.compile(r"(?<![\w.])(?=\.\d)")


class EnglishReader:
    """American or British English. Loads the lexicon once."""

    def __init__(self, *, british: bool) -> None:
        self._g2p = cast("Any", g2p).G2P(british=british)

    def read(self, words: Sequence[str]) -> list[ReadWord]:
        """What is read of each word of a sentence.

        Numbers, dates, times, money and abbreviations are expanded with the whole sentence in view; what they
        expand to belongs to the word that was written.
        """
        prepared = [_prepare(word) for word in words]
        normalised = _normalise(" ".join(prepared)).split()
        read = [ReadWord("")] * len(words)
        for owner, spoken in zip(_owners(prepared, normalised), self._pronounce(normalised), strict=True):
            before = read[owner]
            symbols = f"{before.symbols} {spoken.symbols}".strip()
            read[owner] = ReadWord(symbols, before.guessed or spoken.guessed)
        return read

    def _pronounce(self, words: Sequence[str]) -> list[ReadWord]:
        tokens = self._g2p.phonemize_tokens(self._g2p.tokenize(" ".join(words)))
        spoken = [ReadWord("")] if tokens else []
        for token in tokens:
            guessed = _WORD.search(token.text) is not None and (token.rating or 0) < _IN_THE_LEXICON
            spoken[-1] = ReadWord(spoken[-1].symbols + (token.phonemes or ""), spoken[-1].guessed or guessed)
            if token.whitespace:
                spoken.append(ReadWord(""))
        return spoken


def _normalise(text: str) -> str:
    return cast("str", cast("Any", g2p).normalize(text))


def _prepare(word: str) -> str:
    """Write a word so that the normaliser reads it: `5€` and `.5` are not in its grammar, nor are numbers
    beyond its largest scale; what looks like its notation for given phonemes is a link of the user's; and its
    time grows with the cube of an unbroken run."""
    word = _AMOUNT_FIRST.sub(r"\2\1", word)
    word = _BARE_FRACTION.sub("0", word)
    word = _NUMBER.sub(_spell_if_long, word).replace("](", "] (")
    return _LONG_RUN.sub(r"\g<0> ", word)


def _spell_if_long(number: re.Match[str]) -> str:
    digits = number[0].replace(",", "")
    return " ".join(digits) if len(digits) > _LONGEST_NUMBER else number[0]


def _owners(written: Sequence[str], spoken: Sequence[str]) -> list[int]:
    """For each spoken word, the index of the written word that it comes from."""
    owners: list[int] = []
    for kind, start, end, first, last in SequenceMatcher(None, written, spoken, autojunk=False).get_opcodes():
        if kind == "equal":
            owners.extend(range(start, end))
        elif kind == "insert":
            owners.extend([max(start - 1, 0)] * (last - first))
        elif kind == "replace":
            owners.extend(start + share for share in _shares(written[start:end], last - first))
    return owners


def _shares(written: Sequence[str], spoken: int) -> list[int]:
    """Divide a number of spoken words among written ones, in order, by how many each makes when alone."""
    alone = [len(_normalise(word).split()) for word in written]
    reached = list(accumulate(alone))
    total = reached[-1] or 1
    return [
        next((index for index, end in enumerate(reached) if end * spoken > place * total), len(written) - 1)
        for place in range(spoken)
    ]
