"""Whether a text can be read aloud by a voice, before anything is made of it."""

import re
import unicodedata

from soundstage.providers.local.jobs import EngineError

MAX_CHARACTERS = 20_000
"""The longest text of one utterance: some twenty minutes of speech, which take the slower engine some ten minutes
on two cores."""

_NAMED = 5
_ORDINALS = "ªº"
_LAYOUT = frozenset("\t\n\r\v\f\x85\u2028\u2029")
_APOSTROPHES = str.maketrans(dict.fromkeys("ʻʼʹ′´‘’", "'"))
_DASHES = str.maketrans({"‐": "-", "‑": "-", "‒": "–", "―": "—", "−": "-"})
_LANGUAGES = {"en": "English", "es": "Spanish", "fr": "French", "pt": "Portuguese"}


def check_text(text: str, language: str) -> None:
    """Refuse a text that a voice of this language (a BCP-47 tag) cannot read.

    Raises `EngineError`: `text_too_long`, `text_empty`, `text_has_control_characters`, `text_unreadable` (no
    letter or digit to say) or `text_not_in_latin_script`, with the characters at fault named.
    """
    if len(text) > MAX_CHARACTERS:
        raise EngineError(
            "text_too_long",
            f"The text has {len(text)} characters; the local voices read at most {MAX_CHARACTERS} at a time.",
            "Split it at a paragraph and ask for each part.",
        )
    if not text.strip():
        raise EngineError("text_empty", "There is no text to speak.", "Pass the words to be said.")
    if controls := sorted({char for char in text if _is_control(char)}):
        raise EngineError(
            "text_has_control_characters",
            f"The text holds characters that are not text: {_name(controls)}.",
            "Remove them; line breaks and tabs may stay.",
        )
    plain = plain_text(text)
    if foreign := sorted({char for char in plain if _is_foreign(char)}):
        spoken = _LANGUAGES[language.partition("-")[0]]
        raise EngineError(
            "text_not_in_latin_script",
            f"This voice speaks {spoken} and cannot read: {_name(foreign)}.",
            "Write these words in Latin letters, or leave them out. The local voices speak English, Spanish, "
            "French and Brazilian Portuguese.",
        )
    if not any(char.isalnum() for char in plain):
        raise EngineError(
            "text_unreadable",
            "The text has no letter or digit: punctuation and emoji are not spoken.",
            "Pass words to be said.",
        )


def plain_text(text: str) -> str:
    """The text with its typographic variants (ligatures, wide and styled letters, curly apostrophes, invisible
    marks) written plainly, word for word."""
    composed = unicodedata.normalize("NFC", text).translate(_APOSTROPHES).translate(_DASHES)
    return "".join(map(_plain, composed))


def _plain(char: str) -> str:
    if char.isascii() or char in _ORDINALS:
        return char
    category = unicodedata.category(char)
    if category == "Cf" or unicodedata.name(char, "").startswith("VARIATION SELECTOR"):
        return ""
    if category == "Zs":
        return " "
    if unicodedata.decomposition(char).startswith("<fraction>"):
        return " " + unicodedata.normalize("NFKC", char).replace("⁄", "/")
    if category[0] in "LN" or unicodedata.east_asian_width(char) == "F":
        return unicodedata.normalize("NFKC", char)
    return char


def _is_control(char: str) -> bool:
    return unicodedata.category(char) in {"Cc", "Cs", "Co", "Cn"} and char not in _LAYOUT


def _is_foreign(char: str) -> bool:
    if char.isascii() or char in _ORDINALS:
        return False
    category = unicodedata.category(char)
    if category[0] == "L":
        return not unicodedata.name(char).startswith("LATIN")
    return category[0] == "N" or (category in {"Mn", "Mc"} and not 0x300 <= ord(char) <= 0x36F)


def _name(characters: list[str]) -> str:
    shown = ", ".join(_describe(char) for char in characters[:_NAMED])
    rest = len(characters) - _NAMED
    return f"{shown} and {rest} more" if rest > 0 else shown


def _describe(char: str) -> str:
    code = f"U+{ord(char):04X}"
    name = unicodedata.name(char, "")
    return f"{char} ({code} {name.lower()})" if name and re.match(r"\S", char) else code
