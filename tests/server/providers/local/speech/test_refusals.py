"""Jobs that the speaker does not take."""

from collections.abc import Mapping
from types import MappingProxyType

import pytest

from saying import Sayer
from soundstage.providers.local.jobs import EngineError
from soundstage.providers.local.speech.readers import open_reader
from soundstage.providers.local.speech.sentences import split_sentences


def refusal_of(
    sayer: Sayer, text: str = "Hello.", voice: str = "hibari", fields: Mapping[str, float] = MappingProxyType({})
) -> EngineError:
    job = sayer.job(text, voice, **fields)
    before = set(sayer.folder.iterdir())
    with pytest.raises(EngineError) as refusal:
        sayer.run(job, list[float]().append)
    assert set(sayer.folder.iterdir()) == before
    return refusal.value


@pytest.mark.parametrize("voice", ["", "heart", "hf_alpha", "AF_HEART", "../af_heart"])
def test_an_unknown_voice_is_refused_with_the_choices(sayer: Sayer, voice: str) -> None:
    refusal = refusal_of(sayer, voice=voice)
    assert refusal.code == "voice_unknown"
    assert "hibari, af_heart" in refusal.next_step


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "text_empty"),
        ("👍", "text_unreadable"),
        ("你好", "text_not_in_latin_script"),
        ("a\0b", "text_has_control_characters"),
        ("a" * 10**6, "text_too_long"),
    ],
)
def test_text_that_cannot_be_read_is_refused(sayer: Sayer, text: str, code: str) -> None:
    assert refusal_of(sayer, text).code == code


def test_a_letter_that_no_rule_can_say_is_refused_rather_than_left_silent(sayer: Sayer) -> None:
    assert refusal_of(sayer, "ʘ ǃ").code == "text_unreadable"


def test_what_is_not_spoken_is_told(sayer: Sayer) -> None:
    outcome = sayer.say("Well done 👍 everyone").outcome
    assert outcome.warnings == ("Not spoken: 👍.",)
    assert sayer.say("Well done everyone").outcome.warnings == ()


@pytest.mark.parametrize(
    "text",
    [
        "El puerto estaba tranquilo cuando caminamos junto al agua esta mañana.",
        "Hola, me llamo Ana y vivo en Madrid con mi hermano.",
        "Bonjour, je m'appelle Marie et j'habite à Paris depuis dix ans.",
        "Guten Tag, mein Name ist Anna und ich wohne in Berlin.",
        "Il porto era tranquillo quando camminavamo lungo l'acqua questa mattina.",
        "De haven was rustig toen we vanmorgen langs het water liepen.",
        "Jintian zaoshang women yanzhe shuibian sanbu de shihou gangkou hen anjing.",
    ],
)
def test_a_text_that_is_not_english_is_told_by_an_english_voice(sayer: Sayer, text: str) -> None:
    [warning] = sayer.say(text).outcome.warnings
    words = [word for word in text.split() if len(word.strip(",.")) > 1]
    assert f" of {len(words)} words are not in the dictionary of this voice" in warning
    assert "take a voice of that language" in warning


@pytest.mark.parametrize(
    "text",
    [
        "Buongiorno, Wojciech!",
        "Dr. Smith paid $42.50 on March 12, 2024 for 3 lbs. of tea, i.e. too much.",
        "Kubernetes pods restart when the kubelet misses a heartbeat; check Grafana and Prometheus in us-east-1.",
        "Patients on apixaban, rivaroxaban or dabigatran should avoid ketoconazole and phenytoin.",
        "Try our pappardelle al ragù, tagliatelle ai funghi porcini and a glass of Vernaccia di San Gimignano.",
    ],
)
def test_english_with_names_and_terms_of_a_trade_is_spoken_without_a_word(sayer: Sayer, text: str) -> None:
    assert sayer.say(text).outcome.warnings == ()


def test_a_spanish_voice_reads_spanish_without_a_word(sayer: Sayer) -> None:
    assert sayer.say("El puerto estaba tranquilo esta mañana.", "ef_dora").outcome.warnings == ()


@pytest.mark.parametrize(
    "text", ["x1" * 1500, "$9" * 1500, "1/" * 1500, "." * 9000 + "a", "a " * 9000, "A." * 1500]
)
def test_text_without_sentences_or_words_is_read_all_the_same(text: str) -> None:
    read = open_reader("en-US")
    for sentence in split_sentences(text):
        assert len(read(sentence.words)) == len(sentence.words) <= 80
