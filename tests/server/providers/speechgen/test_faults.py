"""SpeechGen at its worst: each fault ends in a named state with a next step, and nothing is ordered twice."""

import base64
import logging
from collections.abc import AsyncGenerator, Generator
from pathlib import Path
from typing import Any

import pytest
from mcp import Client

from conftest import Connect
from emulators import media
from emulators.chaos import Rule
from emulators.server import Emulator, emulating
from facts import called, finished, refusal
from soundstage.providers.port import CloneWork, Standing
from soundstage.providers.speechgen.provider import SpeechGenProvider
from soundstage.settings import Access, Settings
from soundstage_tools.errors import NotConfigured, OutcomeUnknown, StudioError, Unavailable

VOICE = "speechgen:en-US-Neural2-A"
SPEAK, CLONE, MODEL = "POST /text-to-speech", "POST /voice-clone", "GET /models/*"
CANARY = "CANARY-speechgen-5f1d2c7e9ab34068"
HELLO = "Hello there, and welcome to this place."


@pytest.fixture
def speechgen() -> Generator[Emulator]:
    with emulating("speechgen", keys=[CANARY], switches={"processing_polls": 0}) as emulator:
        yield emulator


@pytest.fixture
def provider(speechgen: Emulator, tmp_path: Path) -> SpeechGenProvider:
    return SpeechGenProvider(Access(speechgen.base_url, speechgen.key), tmp_path / "jobs", look_seconds=0.0)


@pytest.fixture
async def client(connect: Connect, provider: SpeechGenProvider) -> AsyncGenerator[Client]:
    async with connect([provider]) as connected:
        yield connected


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
        Rule(do="truncate", size=900),
        Rule(do="truncate", size=0),
        Rule(do="corrupt"),
        Rule(do="status", status=408),
        *(Rule(do="status", status=status) for status in (500, 502, 503, 504, 522)),
        Rule(do="retry_after", status=503),
        Rule(do="html", status=502, when="after"),
        Rule(do="html", status=200, when="after"),
        Rule(do="status", status=200, body="{}", when="after"),
        Rule(do="status", status=200, body="[1]", when="after"),
        Rule(do="status", status=200, body='{"audio_url": 7}', when="after"),
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


@pytest.fixture
def sample(tmp_path: Path) -> CloneWork:
    file = tmp_path / "sample.mp3"
    file.write_bytes(media.sound("mp3", 12.0))
    return CloneWork("gen_1", file, {"name": "Me"})


async def looks(provider: SpeechGenProvider, work: CloneWork, times: int) -> list[Standing]:
    job_id = await (await provider.prepare(work))()
    return [await provider.poll(job_id) for _ in range(times)]


@pytest.mark.parametrize("rule", [Rule(do="edit", remove=("model_id",)), Rule(do="edit", replace=["vm_1"])])
@pytest.mark.parametrize("model_id", [None, 7, "", "../voices", "a/b", "..", "x" * 201])
async def test_a_clone_without_a_usable_id_may_have_been_made(
    provider: SpeechGenProvider, speechgen: Emulator, sample: CloneWork, rule: Rule, model_id: object
) -> None:
    edit = rule if model_id is None else Rule(do="edit", set_to={"model_id": model_id})
    speechgen.control.add_rules(edit.model_copy(update={"match": CLONE}))
    async with provider.running():
        with pytest.raises(OutcomeUnknown):
            await (await provider.prepare(sample))()
    assert len(speechgen.control.ledger(CLONE)) == 1


@pytest.mark.parametrize("reason", ["", 'Two \u202espeakers "x"'])
async def test_a_clone_that_failed_says_why_where_it_is_told(
    client: Client, settings: Settings, speechgen: Emulator, reason: str
) -> None:
    speechgen.control.switch(clone_outcome="failed", failure_reason=reason)
    (settings.input_roots[0] / "sample.mp3").write_bytes(media.sound("mp3", 12.0))
    clone = await finished(client, await called(client, "clone_voice", audio="sample.mp3", name="Me"))
    assert (clone["status"], clone["error"]["code"]) == ("failed", "clone_failed")
    told = """ SpeechGen wrote: "Two speakers 'x'\""""
    assert clone["error"]["message"] == f"SpeechGen could not clone the voice.{told if reason else ''}"
    assert clone["error"]["next_step"]


async def test_a_model_that_vanished_needs_attention(
    client: Client, settings: Settings, speechgen: Emulator
) -> None:
    speechgen.control.add_rules(Rule(match=MODEL, do="vanish"))
    (settings.input_roots[0] / "sample.mp3").write_bytes(media.sound("mp3", 12.0))
    clone = await finished(client, await called(client, "clone_voice", audio="sample.mp3", name="Me"))
    assert (clone["status"], clone["error"]["code"]) == ("needs_attention", "job_vanished")
    assert len(speechgen.control.ledger(CLONE)) == 1


@pytest.mark.parametrize(
    ("rule", "word"),
    [
        (Rule(do="unknown_status"), "transmogrifying"),
        (Rule(do="backwards"), "queued"),
        (Rule(do="never_ends"), "processing"),
        (Rule(do="edit", remove=("voice_id",)), "ready"),
        (Rule(do="edit", set_to={"voice_id": "../x"}), "ready"),
        (Rule(do="edit", set_to={"voice_id": {"id": "x"}}), "ready"),
        (Rule(do="edit", remove=("status",)), ""),
        (Rule(do="edit", set_to={"status": None}), ""),
        (Rule(do="edit", set_to={"status": "\x1b[31mhot\u202e" + "x" * 99}), "hot" + "x" * 36 + "…"),
        (Rule(do="edit", replace=[]), ""),
        (Rule(do="progress_nan"), "ready"),
    ],
    ids=lambda value: str(value.set_to or value.do)[:30] if isinstance(value, Rule) else None,
)
async def test_an_answer_of_no_sense_is_waited_out(
    provider: SpeechGenProvider, speechgen: Emulator, sample: CloneWork, rule: Rule, word: str
) -> None:
    speechgen.control.add_rules(rule.model_copy(update={"match": MODEL, "nth": (1,)}))
    async with provider.running():
        odd, ready = await looks(provider, sample, 2)
    assert (odd.state, odd.provider_status) == ("done" if rule.do == "progress_nan" else "running", word)
    assert 0 <= odd.progress <= 1
    assert (ready.state, ready.provider_status) == ("done", "ready")


@pytest.mark.parametrize(
    ("rule", "kind"),
    [
        (Rule(do="status", status=503), Unavailable),
        (Rule(do="status", status=429), Unavailable),
        (Rule(do="drop"), Unavailable),
        (Rule(do="html", status=200), Unavailable),
        (Rule(do="malformed"), Unavailable),
        (Rule(do="gzip_bomb", size=1 << 27), Unavailable),
        (Rule(do="status", status=401), NotConfigured),
    ],
    ids=lambda value: f"{value.do}-{value.status}" if isinstance(value, Rule) else None,
)
async def test_a_look_that_fails_is_one_request_and_ends_nothing(
    provider: SpeechGenProvider, speechgen: Emulator, sample: CloneWork, rule: Rule, kind: type[StudioError]
) -> None:
    speechgen.control.add_rules(rule.model_copy(update={"match": MODEL, "nth": (1,)}))
    async with provider.running():
        job_id = await (await provider.prepare(sample))()
        with pytest.raises(kind):
            await provider.poll(job_id)
        assert len(speechgen.control.ledger(MODEL)) == 1
        assert (await provider.poll(job_id)).state == "done"
        assert (await provider.fetch(job_id)).voice.startswith("custom-")


async def test_a_clone_is_followed_by_a_process_that_knows_only_its_id(
    provider: SpeechGenProvider, speechgen: Emulator, sample: CloneWork, tmp_path: Path
) -> None:
    speechgen.control.switch(processing_polls=1)
    async with provider.running():
        job_id = await (await provider.prepare(sample))()
        assert (await provider.poll(job_id)).progress > 0
    other = SpeechGenProvider(Access(speechgen.base_url, speechgen.key), tmp_path / "jobs")
    async with other.running():
        assert (await other.poll(job_id)).state == "done"
        assert (await other.poll("speech/gen_none")).state == "lost"
        await other.release("")
        await other.release("speech/gen_none")


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
