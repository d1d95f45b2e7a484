"""A text cut into sentences, each with the pause that follows it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from soundstage.providers.local.speech.tables import words

SENTENCE_PAUSE = 0.4
PARAGRAPH_PAUSE = 0.75
CLAUSE_PAUSE = 0.15
"""Seconds of silence at the natural rate."""

_MAX_WORDS = 80

_PARAGRAPH = re.compile(r"\n\s*\n")
_LINE = re.compile(r"\n(?!\s*[a-zß-öø-ÿ])")
_BULLET = re.compile(r"^(?:[-*•·–—]\s+|#{1,6}\s+)")
_END = re.compile(r"""[.!?…]+["'”»)\]]*(?=\s+\S)""")
_PIECE = re.compile(r"\S+?(?:—|\.{2,}|…)(?=\w)|\S+")
_ABBREVIATIONS = frozenset(
    words(
        "mr mrs ms dr prof st mt gen gov sen rep capt lt col sgt rev hon pres jr vs no nos vol fig approx "
        "dept est inc ltd co corp sr sra srta dra ud uds núm pág págs av m mm mme mlle env p pp art ex n nº "
        "tel fl séc jan feb mar apr jun jul aug sep sept oct nov dec"
    )
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """Words as written, punctuation attached, and the silence to leave after them, in seconds."""

    words: tuple[str, ...]
    pause: float


def split_sentences(text: str) -> Iterator[Sentence]:
    """The sentences of a text. A blank line ends a paragraph; a line break ends a sentence unless the next line
    goes on in lower case."""
    for paragraph in _PARAGRAPH.split(text.replace("\r\n", "\n").replace("\r", "\n")):
        sentences = [sentence for line in _LINE.split(paragraph) for sentence in _split_line(line)]
        for place, sentence in enumerate(sentences, 1):
            pause = PARAGRAPH_PAUSE if place == len(sentences) else SENTENCE_PAUSE
            yield from _bounded(sentence, pause)


def _bounded(sentence: tuple[str, ...], pause: float) -> Iterator[Sentence]:
    """A sentence in runs of words that a reader can take in one view."""
    while len(sentence) > _MAX_WORDS:
        clauses = [place for place in range(_MAX_WORDS // 2, _MAX_WORDS) if sentence[place][-1] in ",;:)—"]
        cut = clauses[-1] + 1 if clauses else _MAX_WORDS
        yield Sentence(sentence[:cut], CLAUSE_PAUSE)
        sentence = sentence[cut:]
    yield Sentence(sentence, pause)


def _split_line(line: str) -> Iterator[tuple[str, ...]]:
    line = _BULLET.sub("", line.strip())
    start = 0
    for mark in _END.finditer(line):
        if _ends_sentence(line[start : mark.start()], mark[0], line[mark.end() :].lstrip()):
            yield tuple(_PIECE.findall(line[start : mark.end()]))
            start = mark.end()
    if rest := tuple(_PIECE.findall(line[start:])):
        yield rest


def _ends_sentence(before: str, mark: str, after: str) -> bool:
    opening = after.lstrip("\"'“‘«¿¡([")[:1]
    if opening.islower():
        return False
    if mark != ".":
        return True
    last = re.split(r"[\s(\"'“‘«]", before)[-1]
    initial = len(last) == 1 and last.isupper()
    numbered = last.isdecimal() and before.strip() == last
    return not (initial or numbered or ("." in last[:-1] and len(last) <= 6) or last.lower() in _ABBREVIATIONS)


def bare_word(word: str, *, ends_sentence: bool) -> str:
    """A word as written, without the quotes, brackets and punctuation about it. The full stop of an abbreviation
    stays, unless it ends the sentence too."""
    bare = word.lstrip("\"'“‘«¿¡([{*_").rstrip("\"'”’»)]}*_,;:!?…—")
    return bare.rstrip(".") if ends_sentence or bare.endswith("..") else bare
