"""SpeechGen at its worst: each fault ends in a named state with a next step, and nothing is ordered twice."""

import base64
import logging
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from mcp import Client

from emulators import media
from emulators.chaos import Rule
from emulators.server import Emulator, emulating
from facts import called, finished, refusal
from soundstage.settings import Settings

VOICE = "speechgen:en-US-Neural2-A"
SPEAK, CLONE, MODEL = "POST /text-to-speech", "POST /voice-clone", "GET /models/*"
CANARY = "CANARY-speechgen-5f1d2c7e9ab34068"
HELLO = "Hello there, and welcome to this place."


@pytest.fixture
def speechgen() -> Generator[Emulator]:
    with emulating("speechgen", keys=[CANARY], switches={"processing_polls": 0}) as emulator:
        yield emulator


async def spoken(client: Client, **fields: object) -> dict[str, Any]:
    return await finished(client, await called(client, "synthesize_speech", voice_id=VOICE, text=HELLO, **fields))


def left(settings: Settings, folder: Path) -> list[Path]:
    return [*folder.glob("jobs/*"), *settings.home.rglob("*.part")]


@pytest.mark.parametrize(
    "rule",
    [
        Rule(do="cut_request"),
        Rule(do="drop", when="before"),
        Rule(do="drop", when="after"),
        Rule(do="drop", when="during"),
        Rule(do="cut_answer", size=900),
        Rule(do="truncate", size=0),
        Rule(do="status", status=408),
        *(Rule(do="status", status=status) for status in (500, 502, 503, 504, 522)),
        Rule(do="retry_after", status=503),
        Rule(do="html", status=502, when="after"),
        Rule(do="html", status=200, when="after"),
        Rule(do="status", status=200, body="{}", when="after"),
        Rule(do="status", status=200, body="[1]", when="after"),
        Rule(do="status", status=200, body='{"audio_url": 7}', when="after"),
        Rule(do="status", status=200, body='{"audio_url": "https://[x/y"}', when="after"),
        Rule(do="status", status=200, body='{"error": {"message": "overloaded"}}', when="after"),
        Rule(do="status", status=204, when="after"),
    ],
    ids=lambda rule: "-".join(str(value) for value in (rule.do, rule.when, rule.status, rule.body[:12])),
)
async def test_speech_whose_answer_is_lost_may_be_charged_and_is_not_asked_for_again(
    client: Client, speechgen: Emulator, settings: Settings, tmp_path: Path, rule: Rule
) -> None:
    speechgen.control.add_rules(rule.model_copy(update={"match": SPEAK}))
    done = await spoken(client)
    assert (done["status"], done["error"]["code"]) == ("needs_attention", "outcome_unknown")
    assert "charged" in done["error"]["next_step"]
    assert "overloaded" not in rule.body or "overloaded" in done["error"]["message"]
    assert done["assets"] == []
    assert len(speechgen.control.ledger(SPEAK)) == 1
    assert left(settings, tmp_path) == []


@pytest.mark.parametrize(
    ("rule", "code", "words"),
    [
        (Rule(do="status", status=400, body='{"error":{"message":"No <b>"}}'), "provider_refused", '"No <b>"'),
        (Rule(do="status", status=404), "provider_refused", "404"),
        (Rule(do="status", status=413), "provider_refused", "413"),
        (Rule(do="status", status=402), "insufficient_credits", "credits"),
        (Rule(do="status", status=401), "key_refused", "key"),
        (Rule(do="status", status=403), "key_refused", "key"),
        (Rule(do="redirect", to="https://example.com/"), "provider_refused", "redirect"),
    ],
    ids=lambda value: str(value.status) if isinstance(value, Rule) else None,
)
async def test_what_is_refused_has_failed_and_cost_nothing(
    client: Client, speechgen: Emulator, settings: Settings, tmp_path: Path, rule: Rule, code: str, words: str
) -> None:
    speechgen.control.add_rules(rule.model_copy(update={"match": SPEAK}))
    done = await spoken(client)
    assert (done["status"], done["error"]["code"]) == ("failed", code)
    assert words in done["error"]["message"]
    assert len(speechgen.control.ledger(SPEAK)) == 1
    assert speechgen.control.paid() == 0
    assert left(settings, tmp_path) == []


async def test_an_account_without_characters_says_so(client: Client, speechgen: Emulator) -> None:
    speechgen.control.switch(characters=3)
    done = await spoken(client)
    assert done["error"]["code"] == "insufficient_credits"
    assert "Not enough characters left." in done["error"]["message"]


async def test_speech_that_came_too_soon_is_asked_for_later(client: Client, speechgen: Emulator) -> None:
    speechgen.control.add_rules(Rule(match=SPEAK, nth=(1,), do="retry_after", seconds=1))
    assert (await spoken(client))["status"] == "succeeded"
    refused, accepted = speechgen.control.ledger(SPEAK)
    assert accepted["at"] >= refused["at"] + 1


async def test_speech_may_be_named_by_a_url(
    client: Client, speechgen: Emulator, settings: Settings, tmp_path: Path
) -> None:
    speechgen.control.switch(speech_answer="json")
    speechgen.control.add_rules(
        Rule(match="GET /media/*", nth=(1,), do="cut_answer", size=900),
        Rule(match="GET /media/*", nth=(2,), do="corrupt"),
    )
    done = await spoken(client)
    assert done["status"] == "succeeded"
    assert done["assets"][0]["duration_seconds"] == pytest.approx(media.spoken_seconds(HELLO), abs=0.1)
    assert len(speechgen.control.ledger(SPEAK)) == 1
    assert len(speechgen.control.ledger("GET /media/*")) == 3
    assert left(settings, tmp_path) == []


async def test_speech_in_another_format_is_kept_as_what_it_is(client: Client, speechgen: Emulator) -> None:
    speechgen.control.add_rules(Rule(match=SPEAK, do="wrong_type", value="application/octet-stream"))
    done = await spoken(client, format="wav")
    assert done["assets"][0]["mime_type"] == "audio/wav"


async def test_voices_of_a_hostile_list_are_cleaned_or_left_out(client: Client, speechgen: Emulator) -> None:
    hostile = [
        {"id": "a", "name": "\x1b[31mEve\u202e\u200b " + "x" * 100, "language": 7, "gender": "robot"},
        {"id": "b", "name": "", "language": "fr-FR", "gender": "FEMALE"},
        {"id": "../c", "name": "up"},
        {"id": 7},
        {},
        "text",
        None,
        {"id": "b", "name": "twice"},
    ]
    speechgen.control.add_rules(
        Rule(match="GET /voices", do="edit", replace=hostile), Rule(match="GET /models", do="edit", replace=7)
    )
    voices = (await called(client, "list_voices"))["voices"]
    assert [(one["voice_id"], one["language"], one["gender"]) for one in voices] == [
        ("speechgen:a", "und", "neutral"),
        ("speechgen:b", "und", "neutral"),
    ]
    assert voices[0]["name"] == "Eve " + "x" * 75 + "…"


async def test_the_key_is_in_nothing_that_is_told(
    client: Client, speechgen: Emulator, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    key = speechgen.key
    encoded = base64.b64encode(f"key:{key}".encode()).decode()
    texts: list[str] = []
    for status in (400, 401, 402, 500):
        for rule in (
            Rule(do="echo_key", status=status),
            Rule(do="status", status=status, body=f"It is {encoded}"),
        ):
            speechgen.control.clear_rules()
            speechgen.control.add_rules(rule.model_copy(update={"match": SPEAK}))
            texts.append(str(await spoken(client, speed=1.0 + len(texts))))
    speechgen.control.clear_rules()
    speechgen.control.add_rules(Rule(do="echo_key", status=401))
    texts += [str(await called(client, "list_providers")), await refusal(client, "delete_voice", voice_id=VOICE)]
    told = "\n".join([*texts, caplog.text])
    for secret in (key, encoded):
        assert not [at for at in range(len(secret) - 11) if secret[at : at + 12] in told]
