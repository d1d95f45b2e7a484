"""Which reader turns a language's writing into symbols."""

from soundstage.providers.local.speech.english import EnglishReader
from soundstage.providers.local.speech.reading import Reader
from soundstage.providers.local.speech.romance import RomanceReader


def open_reader(language: str) -> Reader:
    """The reader of a language of the voices (a BCP-47 tag)."""
    if language.startswith("en"):
        return EnglishReader(british=language == "en-GB").read
    return RomanceReader(language.partition("-")[0]).read
