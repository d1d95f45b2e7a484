"""Sentences cut to the length that a model speaks in one breath, every symbol knowing its word."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from soundstage.providers.local.speech.sentences import CLAUSE_PAUSE
from soundstage.providers.local.speech.symbols import PAUSES

MAX_SYMBOLS = 300
"""Below the 510 that Kokoro accepts: its memory grows with the longest phrase it has ever spoken."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """What a model speaks at once. `owners` holds for each symbol the index of its word in the sentence, -1 for
    the spaces between words; `pause` is the silence to leave after it, in seconds at the natural rate."""

    symbols: str
    owners: tuple[int, ...]
    pause: float


def to_phrases(words: Sequence[str], pause: float) -> Iterator[Phrase]:
    """Cut a sentence, given as the symbols of each word, at its clauses, or wherever it must be cut."""
    pieces = [
        (owner, symbols[start : start + MAX_SYMBOLS])
        for owner, symbols in enumerate(words)
        for start in range(0, len(symbols), MAX_SYMBOLS)
    ]
    while pieces:
        count = _fitting(pieces)
        taken, pieces = pieces[:count], pieces[count:]
        yield _join(taken, CLAUSE_PAUSE if pieces else pause, ends=not pieces)


def _fitting(pieces: Sequence[tuple[int, str]]) -> int:
    """How many pieces the next phrase takes: all that fit, or up to the last clause mark in their second half."""
    length, count = -1, 0
    while count < len(pieces) and length + 1 + len(pieces[count][1]) < MAX_SYMBOLS + 1:
        length += 1 + len(pieces[count][1])
        count += 1
    if count == len(pieces):
        return count
    clauses = [place for place in range(count // 2, count) if pieces[place][1][-1] in PAUSES]
    return clauses[-1] + 1 if clauses else count


def _join(pieces: Sequence[tuple[int, str]], pause: float, *, ends: bool) -> Phrase:
    symbols, owners = "", list[int]()
    for owner, piece in pieces:
        if symbols:
            symbols += " "
            owners.append(-1)
        symbols += piece
        owners.extend([owner] * len(piece))
    if symbols[-1] not in PAUSES:
        symbols += "." if ends else ","
        owners.append(-1)
    return Phrase(symbols, tuple(owners), pause)
