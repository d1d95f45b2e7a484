"""A long text cut into pieces where a speaker would pause, in any script."""

import re
import unicodedata
from collections.abc import Callable, Iterator
from itertools import pairwise
from math import ceil, inf

_CLOSING = r"[\"'”’»)\]」』】）》]*"
_PARAGRAPH = re.compile(r"\n[^\S\n]*\n\s*")
_LINE = re.compile(r"\n\s*(?=[^\sa-zß-öø-ÿ])")
_SENTENCE = re.compile(rf"([.!?…]+){_CLOSING}\s+|([。！？｡．؟۔।॥։።]+){_CLOSING}\s*")
_CLAUSE = re.compile(rf"[,;:—–]{_CLOSING}\s+|[、，；：،؛]{_CLOSING}\s*|\s[—–-]\s+")
_SPACE = re.compile(r"\s+")
_DOTTED = re.compile(r"(?:[^\W\d_]{1,2}\.)+[^\W\d_]{1,2}")
_OPENING = "\"'“‘«¿¡([{"
_ABBREVIATED = """
    mr mrs ms dr prof st mt gen gov sen rep capt lt col sgt rev hon pres jr sr vs no nos vol fig approx dept est
    inc ltd co corp al cf ca bzw usw nr str hr fr sra srta dra ud uds núm pág págs av m mm mme mlle env p pp
    art ex tel séc jan feb mar apr jun jul aug sep sept oct nov dec
"""
_ABBREVIATIONS = frozenset(_ABBREVIATED.split())

_PARAGRAPH_COST, _SENTENCE_COST, _CLAUSE_COST, _SPACE_COST, _INSIDE_COST = 0.6, 1.0, 4.0, 8.0, 16.0
_UNEVEN_COST = 3.0

_JOINER = "\u200d"
_VIRAMA_CLASS = 9

Places = Callable[[str, int, int], Iterator[int]]
"""Where a stretch of a text, from one place to another, can be cut."""


def pieces(text: str, limit: int) -> list[str]:
    """The text in pieces of at most `limit` characters, as even as is natural.

    It is cut between paragraphs and sentences; a sentence over the limit at its clauses, a clause over it between
    words, and a word over it anywhere but inside what is seen as one character. Nothing is lost but the white
    space at the seams, and what of that at the ends has no room.
    """
    whole, text = text, text.strip()
    if not text:
        return []
    cuts = {0: 0.0, len(text): 0.0}

    def cut(places: Places, cost: float, longer_than: int) -> None:
        for start, end in pairwise(sorted(cuts)):
            if len(text[start:end].strip()) > longer_than:
                for place in places(text, start, end):
                    cuts.setdefault(place, cost)

    cut(_ends_of(_PARAGRAPH), _PARAGRAPH_COST, 0)
    cut(_ends_of(_LINE), _SENTENCE_COST, 0)
    cut(_sentence_ends, _SENTENCE_COST, 0)
    cut(_ends_of(_CLAUSE), _CLAUSE_COST, limit)
    cut(_ends_of(_SPACE), _SPACE_COST, limit)
    cut(_inside(limit), _INSIDE_COST, limit)
    found = _cheapest(text, cuts, limit)
    # A space more or less is how a text is spoken anew, instead of from HeyGen's cache.
    before, _, after = whole.partition(text)
    found[0] = before[: limit - len(found[0])] + found[0]
    found[-1] += after[: limit - len(found[-1])]
    return found


def _ends_of(pattern: re.Pattern[str]) -> Places:
    return lambda text, start, end: (mark.end() for mark in pattern.finditer(text, start, end))


def _sentence_ends(text: str, start: int, end: int) -> Iterator[int]:
    for mark in _SENTENCE.finditer(text, start, end):
        if mark[2] or _ends_sentence(text[start : mark.start()], mark[1], text[mark.end() : end]):
            yield mark.end()


def _ends_sentence(before: str, mark: str, after: str) -> bool:
    if after.lstrip(_OPENING)[:1].islower():
        return False
    if mark != ".":
        return True
    word = re.split(r"[\s(\[{\"'“‘«]", before)[-1]
    initial = len(word) == 1 and word.isupper()
    numbers_an_item = word.isdecimal() and before.rpartition("\n")[2].strip() == word
    shortened = word.lower() in _ABBREVIATIONS or _DOTTED.fullmatch(word)
    return not (initial or numbers_an_item or shortened)


def _inside(limit: int) -> Places:
    """Places at most `limit` apart, and about equally far."""

    def places(text: str, start: int, end: int) -> Iterator[int]:
        step = ceil((end - start) / ceil((end - start) / limit))
        place = start
        while end - place > limit:
            furthest = place + step
            place = next((at for at in range(furthest, place, -1) if _is_between(text, at)), furthest)
            yield place

    return places


def _is_between(text: str, place: int) -> bool:
    """Whether the two characters about a place are seen as two, as near as Unicode's rules can be told shortly."""
    before, after = text[place - 1], text[place]
    joined = (
        unicodedata.category(after) in {"Mn", "Mc", "Me"}
        or _JOINER in {before, after}
        or unicodedata.combining(before) == _VIRAMA_CLASS
        or "\U0001f3fb" <= after <= "\U0001f3ff"
        or "\U000e0020" <= after <= "\U000e007f"
        or "\u1160" <= after <= "\u11ff"
        or "\udc00" <= after <= "\udfff"
    )
    return not joined and not (_is_flag_letter(after) and _flag_letters_before(text, place) % 2)


def _is_flag_letter(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"


def _flag_letters_before(text: str, place: int) -> int:
    count = 0
    while count < place and _is_flag_letter(text[place - 1 - count]):
        count += 1
    return count


def _cheapest(text: str, cuts: dict[int, float], limit: int) -> list[str]:
    """The pieces that cost least together: for where they are cut, and for how uneven they are."""
    places = sorted(cuts)
    even = len(text) / max(1, ceil(len(text) / limit))
    cost, came_from = {0: 0.0}, dict[int, int]()
    for number, end in enumerate(places[1:], 1):
        cost[end] = inf
        for start in reversed(places[:number]):
            length = len(text[start:end].strip())
            if length > limit:
                break
            total = cost[start] + cuts[end] + _UNEVEN_COST * (1 - length / even) ** 2
            if total < cost[end]:
                cost[end], came_from[end] = total, start
    found: list[str] = []
    end = len(text)
    while end:
        found.append(text[came_from[end] : end].strip())
        end = came_from[end]
    return [piece for piece in reversed(found) if piece]
