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

_NAMES = {
    **{tag: name for name, tag in LANGUAGES.items()},
    **{name.lower(): name for name in LANGUAGES},
    AUTO: AUTO,
}


def language_name(given: str) -> str:
    """Hedra's own name for a language, from that name in any case or from its BCP-47 tag.

    Raises:
        ValueError: with the names that there are.
    """
    wanted = given.strip().lower()
    found = _NAMES.get(wanted) or _NAMES.get(wanted.partition("-")[0])
    if found is None:
        close = get_close_matches(given.title(), LANGUAGES, n=1)
        guess = f" Did you mean {close[0]}?" if close else ""
        raise ValueError(f"is not a language of Hedra.{guess} It takes {AUTO}, {', '.join(LANGUAGES)}")
    return found


def language_tag(name: str) -> str:
    """The BCP-47 tag of a language that Hedra names; `und` for one that is not known."""
    return LANGUAGES.get(_NAMES.get(name.strip().lower(), ""), UNKNOWN)
