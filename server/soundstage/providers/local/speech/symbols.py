"""The alphabet of the acoustic models, and the same sounds in IPA."""

import json
from functools import cache
from pathlib import Path
from typing import Final, cast

_VOCABULARY: Final = Path(__file__).parents[1] / "models" / "kokoro_vocab.json"


STRESS: Final = frozenset("ˈˌ")
ATTACHED: Final = frozenset("ːʰʲ\N{COMBINING TILDE}ᵝ")
"""Marks that belong to the sound before them."""
PAUSES: Final = frozenset(';:,.!?—…"()“”')
_SILENT: Final = frozenset("→↓↗↘")

_IPA: Final = {
    "A": "eɪ",
    "I": "aɪ",
    "O": "oʊ",
    "Q": "əʊ",
    "W": "aʊ",
    "Y": "ɔɪ",
    "S": "s",
    "T": "ɾ",
    "ʣ": "dz",
    "ʤ": "dʒ",
    "ʥ": "dʑ",
    "ʦ": "ts",
    "ʧ": "tʃ",
    "ʨ": "tɕ",
    "ᵊ": "ə",
    "ᵻ": "ɪ",
}


@cache
def symbol_ids() -> dict[str, int]:
    """The id of each symbol; both models share them."""
    return cast("dict[str, int]", json.loads(_VOCABULARY.read_text(encoding="utf-8")))


def to_ids(symbols: str) -> list[int]:
    """A phrase as the models take it, with the silence before and after."""
    known = symbol_ids()
    return [0, *(known[symbol] for symbol in symbols), 0]


def is_sound(symbol: str) -> bool:
    """Whether the symbol is a sound of its own: no pause, space, stress or mark on another."""
    return symbol != " " and not any(symbol in marks for marks in (STRESS, ATTACHED, PAUSES, _SILENT))


def to_ipa(symbol: str) -> str:
    """A sound in IPA. Diphthongs and affricates stay one sound: `A` is `eɪ`, `ʧ` is `tʃ`."""
    return _IPA.get(symbol, symbol)


def sayable(symbols: str) -> str:
    """The symbols that the models know."""
    known = symbol_ids()
    return "".join(symbol for symbol in symbols if symbol in known)
