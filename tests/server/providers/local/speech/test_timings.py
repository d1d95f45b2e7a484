"""When words and phonemes sound."""

from itertools import pairwise

import numpy as np
import pytest

from hearing import align, decode, words_of
from saying import Sayer
from soundstage.providers.local.jobs import Timings

EXPANDED = "Dr. Smith paid $42.50 at 3:30, then 5€ more — on 12 March, no less."


def assert_sound(timings: Timings, seconds: float) -> None:
    """Phonemes and pauses fill the audio; words follow each other and begin and end with a phoneme."""
    phonemes, words = timings.phonemes, timings.words
    assert timings.duration_seconds == pytest.approx(seconds, abs=1e-3)
    assert phonemes[0].start == 0
    assert phonemes[-1].end == timings.duration_seconds
    assert all(before.end == after.start for before, after in pairwise(phonemes))
    assert all(phoneme.end > phoneme.start for phoneme in phonemes)
    assert all(before.end <= after.start for before, after in pairwise(words))
    sounded = [phoneme for phoneme in phonemes if phoneme.phoneme]
    assert {word.start for word in words} <= {phoneme.start for phoneme in sounded}
    assert {word.end for word in words} <= {phoneme.end for phoneme in sounded}


@pytest.mark.parametrize(
    ("voice", "speed"), [("hibari", 0.5), ("hibari", 1.0), ("hibari", 1.5), ("hibari", 2.0), ("bf_emma", 1.0)]
)
def test_the_timings_fill_the_audio_with_the_users_own_words(sayer: Sayer, voice: str, speed: float) -> None:
    said = sayer.say(EXPANDED, voice, speed=speed)
    assert_sound(said.timings, len(decode(said.audio)) / 24_000)
    expected = [
        "Dr.",
        "Smith",
        "paid",
        "$42.50",
        "at",
        "3:30",
        "then",
        "5€",
        "more",
        "on",
        "12",
        "March",
        "no",
        "less",
    ]
    assert [word.word for word in said.timings.words] == expected


@pytest.mark.parametrize(
    ("voice", "text", "expected"),
    [
        ("ef_dora", "¿Cuánto es? 42,50 € a las 3:30, Sr. García.", "Cuánto es 42,50 € a las 3:30 Sr. García"),
        ("ff_siwis", "L'eau coûte 42,50 € à 3h30, « M. Dupont ».", "L'eau coûte 42,50 € à 3h30 M. Dupont"),
        ("pm_alex", "Custa R$42,50 às 15:30, Sr. João.", "Custa R$42,50 às 15:30 Sr. João"),
    ],
)
def test_other_languages_keep_the_users_words_too(sayer: Sayer, voice: str, text: str, expected: str) -> None:
    said = sayer.say(text, voice)
    assert_sound(said.timings, len(decode(said.audio)) / 24_000)
    assert [word.word for word in said.timings.words] == expected.split()


def test_a_number_takes_the_time_of_all_its_words(sayer: Sayer) -> None:
    words = {word.word: word.end - word.start for word in sayer.say(EXPANDED).timings.words}
    assert words["$42.50"] > 4 * words["at"]
    assert words["3:30"] > 2 * words["at"]


def test_phonemes_are_ipa_without_stress(sayer: Sayer) -> None:
    phonemes = [phoneme.phoneme for phoneme in sayer.say("A boy now goes by; I judge each day.").timings.phonemes]
    for diphthong in ("eɪ", "ɔɪ", "aʊ", "oʊ", "aɪ", "dʒ", "tʃ"):
        assert diphthong in phonemes
    assert not set("".join(phonemes)) & set("AIOQWYTSˈˌʤʧ .,;")


def test_pauses_are_silent_and_phonemes_are_not(sayer: Sayer) -> None:
    said = sayer.say("We are open, as you see. Come in; sit down.")
    samples = decode(said.audio)
    loudness = {True: list[float](), False: list[float]()}
    for phoneme in said.timings.phonemes:
        part = samples[round(phoneme.start * 24_000) : round(phoneme.end * 24_000)]
        loudness[phoneme.phoneme == ""].append(float(np.sqrt((part**2).mean())))
    assert max(loudness[True]) < 0.01
    assert np.percentile(loudness[False], 10) > 0.01


@pytest.mark.parametrize("voice", ["hibari", "bm_george"])
def test_words_begin_where_a_forced_alignment_finds_them(sayer: Sayer, voice: str) -> None:
    gaps: list[float] = []
    for text in (
        "The birch canoe slid on the smooth planks.",
        "Glue the sheet to the dark blue background.",
        "These days a chicken leg is a rare dish.",
        "Rice is often served in round bowls.",
        "The box was thrown beside the parked truck.",
    ):
        said = sayer.say(text, voice)
        found = align(said.audio, words_of(text))
        gaps += [abs(word.start - start) for word, (start, _) in zip(said.timings.words, found, strict=True)]
    assert np.median(gaps) <= 0.03
    assert np.percentile(gaps, 90) <= 0.06
