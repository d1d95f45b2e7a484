"""Which reader turns a language's writing into symbols."""

from collections.abc import Callable, Sequence

from soundstage.providers.local.speech.english import EnglishReader
from soundstage.providers.local.speech.romance import RomanceReader

Reader = Callable[[Sequence[str]], list[str]]
"""Takes the words of a sentence, punctuation attached, and gives the symbols of each; none if unspoken."""


def open_reader(language: str) -> Reader:
    """The reader of a language of the voices (a BCP-47 tag)."""
    if language.startswith("en"):
        return EnglishReader(british=language == "en-GB").read
    return RomanceReader(language.partition("-")[0]).read
