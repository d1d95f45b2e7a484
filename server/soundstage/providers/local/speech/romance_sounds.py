"""The sounds of a word in Spanish, French or Brazilian Portuguese: the spelling rules of a library, mended where
they part from how the Kokoro voices were taught to read."""

import re
import unicodedata
from collections.abc import Callable, Sequence
from typing import Final

from soundstage.providers.local.speech import french_words
from soundstage.providers.local.speech.tables import entries, words

Rules = Callable[[str], tuple[Sequence[str], int]]
"""A word in lower case, to its sounds and the place of the stressed one, or -1."""

_VOWELS: Final = "aeiouyɛɔəøœ"
_SPANISH_UNSTRESSED: Final = frozenset(
    words(
        "el la los las un una de del al a en con por y e o u que se me te le lo les nos su sus mi mis tu tus "
        "es no si para como"
    )
)
_SPANISH_DIPHTHONGS: Final = {"ai": "I", "ei": "A", "oi": "Y", "au": "W"}
_PORTUGUESE_WORDS: Final = entries(
    "o=u os=us a,à=a as,às=as e=i de=dʒi do=du da=da dos=dus das=das em=ẽj no=nu na=na nos=nus nas=nas "
    "um=ũ uma=uma que=ki se=si por=poɾ com=kõ ao=aw aos=aws me=mi te=tʃi lhe=ʎi mas=mas muito=mˈũjtu "
    "muita=mˈũjta táxi=tˈaksi próximo=pɾˈɔsimu próxima=pɾˈɔsima"
)
_AFTER_CONSONANT: Final = rf"(?<=[^{_VOWELS}ˈ])"


def spanish(word: str, rules: Rules) -> str:
    """Latin American: `cuánto` is `kwˈanto`, `aire` is `ˈIɾe`."""
    sounds, _ = rules(word)
    said = re.sub("ˈ+", "ˈ", "".join(sounds)).replace("rr", "r").replace("tʃ", "ʧ")
    if not re.search("[íú]", word):
        said = re.sub(rf"{_AFTER_CONSONANT}(ˈ?)i(?=[{_VOWELS}])", r"j\1", said)
        said = re.sub(rf"{_AFTER_CONSONANT}(ˈ?)u(?=[{_VOWELS}])", r"w\1", said)
    for falling, diphthong in _SPANISH_DIPHTHONGS.items():
        said = re.sub(rf"{falling}(?![{_VOWELS}])", diphthong, said)
    return said.replace("ˈ", "") if word in _SPANISH_UNSTRESSED else said


def french(word: str, following: str, rules: Rules) -> str:
    """`les amis` is `lez amˈi`; a word is stressed on its last vowel."""
    clitic, _, rest = word.rpartition("'")
    if clitic in french_words.CLITICS and word not in french_words.WORDS:
        return french_words.CLITICS[clitic] + french(rest, following, rules)
    lent = french_words.liaison(word, following)
    if word in french_words.UNSTRESSED:
        return french_words.UNSTRESSED[word] + lent
    said = french_words.WORDS.get(word) or _french_by_rule(word, rules)
    vowels = [place for place, sound in enumerate(said) if sound in _VOWELS + "aɑ" and sound != "ə"]
    if vowels:
        said = f"{said[: vowels[-1]]}ˈ{said[vowels[-1] :]}"
    return said + lent


def _french_by_rule(word: str, rules: Rules) -> str:
    sounds, _ = rules(word.replace("oû", "ou"))
    said = "".join("y" if sound == "y_vowel" else sound for sound in sounds if sound != " ")
    if word.endswith("aient"):
        return said.removesuffix("ɑ̃")
    if said.endswith("ə") and len(said) > 2:
        if word.endswith("es"):
            return said.removesuffix("ə")
        if word.endswith(("et", "ets")):
            return said.removesuffix("ə") + "ɛ"
        if word.endswith("ez"):
            return said.removesuffix("ə") + "e"
    return said


def portuguese(word: str, rules: Rules) -> str:
    """Brazilian: `não` is `nˈɐ̃ʊ̃`, `carro` is `kˈaxu`."""
    if word in _PORTUGUESE_WORDS:
        return _affricates(_PORTUGUESE_WORDS[word])
    sounds, stressed = rules(word)
    said = "".join("ˈ" * (place == stressed) + sound for place, sound in enumerate(sounds))
    said = unicodedata.normalize("NFC", said)
    if not re.search("[íú]", word):
        said = re.sub(r"([aeoɛɔ])(ˈ?)i(?![ʁɾlwɲm]|z$)", _falling("j"), said)
        said = re.sub(r"([aeɛ])(ˈ?)u(?![ʁɾlwɲm]|z$)", _falling("w"), said)
    said = re.sub(r"(?<=j)z(?=[aeiou])", "ʃ", said) if "x" in word else said
    said = re.sub(r"^ʁ|(?<=[aeiouɛɔãẽĩõũ])ʁ(?=ˈ?[aeiouɛɔãẽĩõũ])|(?<=[nls])ʁ", "x", said).replace("ʁ", "ɾ")
    said = re.sub(r"ã(ˈ?)[uw]", r"ɐ̃\1ʊ̃", said)
    said = re.sub(r"ã(ˈ?)[ij]", r"ɐ̃\1ɪ̃", said)
    said = re.sub(r"õ(ˈ?)e", r"õ\1ɪ̃", said)
    said = re.sub(r"ẽ$", "ẽɪ̃", said)
    return _affricates(said)


def _falling(glide: str) -> Callable[[re.Match[str]], str]:
    return lambda match: f"{match[2]}{match[1]}{glide}"


def _affricates(said: str) -> str:
    return unicodedata.normalize("NFD", said.replace("tʃ", "ʧ").replace("dʒ", "ʤ"))
