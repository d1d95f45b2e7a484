"""What a speech recogniser, which has never seen the text, hears."""

import pytest

from hearing import transcribe, word_errors, words_of
from saying import Sayer

HARVARD = (
    "The birch canoe slid on the smooth planks.",
    "Glue the sheet to the dark blue background.",
    "It's easy to tell the depth of a well.",
    "These days a chicken leg is a rare dish.",
    "Rice is often served in round bowls.",
    "The juice of lemons makes fine punch.",
    "The box was thrown beside the parked truck.",
)
"""The first list of the IEEE recommended sentences, as far as seven."""
PRODUCT = (
    "Your video is ready, and the link to it works for one more day.",
    "Please choose a voice before you start the next job, or we will use the first one.",
    "We couldn't read the picture that you sent, so nothing has been charged to your account.",
)


@pytest.mark.parametrize("voice", ["hibari", "af_heart", "bm_george"])
def test_at_most_six_words_in_a_hundred_are_misheard(sayer: Sayer, voice: str) -> None:
    text = " ".join((*HARVARD, *PRODUCT))
    heard = transcribe(sayer.say(text, voice).audio, "en")
    expected = words_of(text)
    assert word_errors(expected, words_of(heard)) <= 0.06 * len(expected), heard


@pytest.mark.parametrize(
    ("voice", "text"),
    [
        ("ef_dora", "Su vídeo está listo y el enlace funciona durante un día."),
        ("ff_siwis", "Votre vidéo est prête et le lien fonctionne pendant une journée."),
        ("pf_dora", "O seu vídeo está pronto e o link funciona por um dia."),
    ],
)
def test_other_languages_are_understood(sayer: Sayer, voice: str, text: str) -> None:
    heard = transcribe(sayer.say(text, voice).audio, {"e": "es", "f": "fr", "p": "pt"}[voice[0]])
    assert word_errors(words_of(text), words_of(heard)) <= 1, heard


@pytest.mark.parametrize(
    ("voice", "text", "expected"),
    [
        ("hibari", "Dr. Smith paid $42.50 at 3:30.", {"smith", "42", "50", "3", "30"}),
        ("ef_dora", "La factura es de 42,50 euros y llega el 12 de marzo.", {"42", "50", "12", "marzo"}),
        ("ff_siwis", "Il coûte 42 euros et il arrivera le 12 mars.", {"42", "12", "mars"}),
        ("pm_alex", "Custa 42 reais e chega no dia 12 de março.", {"42", "12", "reais", "março"}),
    ],
)
def test_digits_are_spoken(sayer: Sayer, voice: str, text: str, expected: set[str]) -> None:
    language = {"h": "en", "e": "es", "f": "fr", "p": "pt"}[voice[0]]
    assert expected <= set(words_of(transcribe(sayer.say(text, voice).audio, language)))
