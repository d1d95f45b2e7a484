"""The languages that Hedra speaks, by its own names (`hedra openapi`, the enum of text_to_speech)."""

from collections.abc import Mapping
from difflib import get_close_matches

from soundstage.providers.languages import UNKNOWN

LANGUAGES: Mapping[str, str] = {
    "Chinese": "zh",
    "Chinese,Yue": "yue",
    "English": "en",
    "Arabic": "ar",
    "Russian": "ru",
    "Spanish": "es",
    "French": "fr",
    "Portuguese": "pt",
    "German": "de",
    "Turkish": "tr",
    "Dutch": "nl",
    "Ukrainian": "uk",
    "Vietnamese": "vi",
    "Indonesian": "id",
    "Japanese": "ja",
    "Italian": "it",
    "Korean": "ko",
    "Thai": "th",
    "Polish": "pl",
    "Romanian": "ro",
    "Greek": "el",
    "Czech": "cs",
    "Finnish": "fi",
    "Hindi": "hi",
    "Bulgarian": "bg",
    "Danish": "da",
    "Hebrew": "he",
    "Malay": "ms",
    "Persian": "fa",
    "Slovak": "sk",
    "Swedish": "sv",
    "Croatian": "hr",
    "Filipino": "fil",
    "Hungarian": "hu",
    "Norwegian": "no",
    "Slovenian": "sl",
    "Catalan": "ca",
    "Nynorsk": "nn",
    "Tamil": "ta",
    "Afrikaans": "af",
}
"""By Hedra's name, the BCP-47 tag."""

AUTO = "auto"

_SYNONYMS: Mapping[str, str] = {
    "Mandarin": "Chinese",
    "Mandarin Chinese": "Chinese",
    "Cantonese": "Chinese,Yue",
    "Yue": "Chinese,Yue",
    "Yue Chinese": "Chinese,Yue",
    "Chinese, Yue": "Chinese,Yue",
    "Castilian": "Spanish",
    "Flemish": "Dutch",
    "Brazilian Portuguese": "Portuguese",
    "Bahasa Indonesia": "Indonesian",
    "Bahasa Melayu": "Malay",
    "Farsi": "Persian",
    "Tagalog": "Filipino",
    "Bokmål": "Norwegian",
    "Bokmal": "Norwegian",
    "Norwegian Bokmål": "Norwegian",
    "Norwegian Nynorsk": "Nynorsk",
    "Slovene": "Slovenian",
}
"""Other names of the same, by which Hedra does not know them."""

_TAGS: Mapping[str, str] = {
    "cmn": "Chinese",
    "zh-cmn": "Chinese",
    "zh-yue": "Chinese,Yue",
    "zh-hk": "Chinese,Yue",
    "zh-mo": "Chinese,Yue",
    "zh-hant-hk": "Chinese,Yue",
    "zh-hant-mo": "Chinese,Yue",
    "nb": "Norwegian",
    "tl": "Filipino",
    "iw": "Hebrew",
    "in": "Indonesian",
}
"""Tags of the same beside those of `LANGUAGES`. What is spoken in Hong Kong and Macao is Cantonese."""

_NAMES = {
    **{tag: name for name, tag in LANGUAGES.items()},
    **_TAGS,
    **{name.lower(): name for name in LANGUAGES},
    **{other.lower(): name for other, name in _SYNONYMS.items()},
    AUTO: AUTO,
}
_NEAR = 0.72
"""How like a name must be to one of Hedra's to be taken for a slip; Serbian is as like as 0.71 to Persian."""


def language_name(given: str) -> str:
    """Hedra's own name for a language, from that name or a common other in any case, or from its BCP-47 tag.

    Raises:
        ValueError: with the names that there are.
    """
    found = _found(given)
    if not found:
        close = get_close_matches(given.strip().title(), LANGUAGES, n=1, cutoff=_NEAR)
        guess = f" Did you mean {close[0]}?" if close else ""
        raise ValueError(f"is not a language of Hedra.{guess} It takes {AUTO}, {', '.join(LANGUAGES)}")
    return found


def language_tag(name: str) -> str:
    """The BCP-47 tag of a language that Hedra names; `und` for one that is not known."""
    return LANGUAGES.get(_found(name), UNKNOWN)


def _found(given: str) -> str:
    """Hedra's name for what was given, of a tag as much from its start as is known; empty where nothing is."""
    wanted = " ".join(given.lower().split())
    if wanted in _NAMES:
        return _NAMES[wanted]
    parts = wanted.replace("_", "-").split("-")
    tags = ("-".join(parts[:length]) for length in range(len(parts), 0, -1))
    return next((_NAMES[tag] for tag in tags if tag in _NAMES), "")
