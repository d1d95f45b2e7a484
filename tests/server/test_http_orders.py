"""Requests that may be charged: each is sent once, whatever comes back."""

import base64
import socket
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import pytest

from emulators import media
from emulators.chaos import Rule
from emulators.server import Emulator, emulating
from soundstage.http.api import Api, Part, Refused
from soundstage.settings import Access
from soundstage_tools.errors import NotConfigured, OutcomeUnknown, StudioError, Unavailable

KEY = "CANARY-speechgen-1f9c27ab04e8"
SPEECH = {"text": "Hello there", "voice": "en-US-Neural2-A", "format": "mp3"}
ORDER = "POST /text-to-speech"


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with emulating("speechgen", keys=[KEY]) as running:
        yield running


@asynccontextmanager
async def running(base_url: str, *rules: Rule, emulator: Emulator | None = None) -> AsyncGenerator[Api]:
    if emulator:
        emulator.control.add_rules(*rules)
    api = Api(
        "SpeechGen",
        Access(base_url, KEY),
        header="Authorization",
        scheme="Bearer",
        key_setting="SPEECHGEN_API_KEY",
        url_setting="SPEECHGEN_BASE_URL",
    )
    with anyio.fail_after(60):
        async with api.running():
            yield api


async def failure(emulator: Emulator, folder: Path, *rules: Rule, deadline: float = 30) -> StudioError:
    """What becomes of one order under these rules. It leaves nothing in the folder."""
    async with running(emulator.base_url, *rules, emulator=emulator) as api:
        with pytest.raises(StudioError) as caught:
            await api.order(
                "/text-to-speech", json=SPEECH, deadline_seconds=deadline, body_to=folder / "speech.mp3"
            )
    assert list(folder.iterdir()) == []
    return caught.value


async def test_an_order_may_be_answered_with_a_file(emulator: Emulator, tmp_path: Path) -> None:
    file = tmp_path / "speech.mp3"
    async with running(emulator.base_url) as api:
        answer = await api.order("/text-to-speech", json=SPEECH, deadline_seconds=30, body_to=file)
    assert (answer.status, answer.body, answer.headers["x-audio-duration"]) == (200, b"", "0.8")
    assert file.read_bytes() == media.sound("mp3", 0.8)
    assert list(tmp_path.iterdir()) == [file]
    (entry,) = emulator.control.ledger()
    assert entry["json"] == SPEECH


async def test_or_with_json_in_place_of_the_file(emulator: Emulator, tmp_path: Path) -> None:
    emulator.control.switch(speech_answer="json")
    async with running(emulator.base_url) as api:
        answer = await api.order("/text-to-speech", json=SPEECH, deadline_seconds=30, body_to=tmp_path / "a.mp3")
        assert list(tmp_path.iterdir()) == []
        await api.download(answer.json()["audio_url"], tmp_path / "a.mp3", max_bytes=2**20)
    assert (tmp_path / "a.mp3").read_bytes() == media.sound("mp3", 0.8)
    assert [entry["leaked"] for entry in emulator.control.ledger()] == [False, False]


async def test_a_form_is_sent_part_by_part(emulator: Emulator, tmp_path: Path) -> None:
    sample = tmp_path / "sample.flac"
    sample.write_bytes(media.sound("flac", 12))
    parts = [Part("audio", sample, "voice_sample.flac"), Part("name", 'Zoë "Z"\r\n--x'), Part("description", "")]
    async with running(emulator.base_url) as api:
        answer = await api.order("/voice-clone", parts=parts, deadline_seconds=30)
    assert answer.status == 201
    assert answer.json()["name"] == 'Zoë "Z"\r\n--x'
    (entry,) = emulator.control.ledger()
    assert [part["name"] for part in entry["parts"]] == ["audio", "name", "description"]
    assert (entry["parts"][0]["filename"], entry["parts"][0]["content_type"]) == (
        "voice_sample.flac",
        "audio/flac",
    )


LOST = {
    "reset before it was read": Rule(do="cut_request"),
    "reset once it was read": Rule(do="drop", when="before"),
    "reset once it was done": Rule(do="drop", when="after"),
    "reset in the answer": Rule(do="drop", when="during"),
    "cut answer": Rule(do="cut_answer", size=20),
    "answer in an unknown coding": Rule(do="corrupt", headers={"Content-Encoding": "br"}),
    "answer that is not compressed": Rule(
        do="wrong_type", value="audio/mpeg", headers={"Content-Encoding": "gzip"}
    ),
    "malformed JSON": Rule(do="status", status=200, body='{"audio_url": "htt'),
    "no JSON": Rule(do="status", status=200),
    "swollen JSON": Rule(do="status", status=200, body='"' + "x" * (16 * 2**20) + '"'),
    **{f"status {status}": Rule(do="status", status=status) for status in (408, 500, 502, 503, 504, 522, 599)},
    "status 503 with a time": Rule(do="retry_after", status=503),
    "HTML 502": Rule(do="html", when="after"),
}


@pytest.mark.parametrize("case", LOST)
async def test_an_order_with_a_lost_answer_may_have_been_made(
    case: str, emulator: Emulator, tmp_path: Path
) -> None:
    failed = await failure(emulator, tmp_path, LOST[case])
    assert type(failed) is OutcomeUnknown
    assert failed.code == "outcome_unknown"
    assert failed.message.startswith("SpeechGen ")
    assert failed.may_be_charged
    assert len(emulator.control.ledger()) == 1


async def test_an_order_has_a_deadline_from_first_to_last(emulator: Emulator, tmp_path: Path) -> None:
    drip = Rule(do="drip", size=1, seconds=0.02)
    failed = await failure(emulator, tmp_path, drip, deadline=0.3)
    assert failed.message == "SpeechGen did not answer within 0.3 seconds."
    assert type(failed) is OutcomeUnknown
    assert len(emulator.control.ledger()) == 1


@pytest.mark.parametrize(
    ("form", "value", "asked"),
    [
        ("seconds", "", 7.0),
        ("absent", "", 0.0),
        ("zero", "", 0.0),
        ("negative", "", 0.0),
        ("past_date", "", 0.0),
        ("garbage", "", 0.0),
        ("huge", "", 600.0),
    ],
)
async def test_an_order_that_came_too_soon_may_be_made_later(
    form: Any, value: str, asked: float, emulator: Emulator, tmp_path: Path
) -> None:
    failed = await failure(emulator, tmp_path, Rule(do="retry_after", form=form, value=value, seconds=7))
    assert isinstance(failed, Unavailable)
    assert (failed.code, failed.retry_after_seconds) == ("provider_busy", asked)
    assert len(emulator.control.ledger()) == 1


@pytest.mark.parametrize(
    ("status", "kind", "code"),
    [
        (302, Refused, "provider_refused"),
        (400, Refused, "provider_refused"),
        (401, NotConfigured, "key_refused"),
        (402, Refused, "insufficient_credits"),
        (403, NotConfigured, "key_refused"),
        (404, Refused, "provider_refused"),
        (409, Refused, "provider_refused"),
        (422, Refused, "provider_refused"),
        (596, Refused, "provider_refused"),
    ],
)
async def test_an_order_that_is_refused_began_nothing(
    status: int, kind: type[StudioError], code: str, emulator: Emulator, tmp_path: Path
) -> None:
    failed = await failure(emulator, tmp_path, Rule(do="status", status=status, body='{"error": "because"}'))
    assert type(failed) is kind
    assert failed.code == code
    assert ("because" in failed.message) == (status != 302)
    assert len(emulator.control.ledger()) == 1


async def test_a_refusal_counts_though_its_words_are_cut_off(emulator: Emulator, tmp_path: Path) -> None:
    rules = Rule(do="status", status=422, body='{"error": "because"}'), Rule(do="cut_answer", size=5)
    failed = await failure(emulator, tmp_path, *rules)
    assert isinstance(failed, Refused)
    assert failed.status == 422
    assert "because" not in failed.said


@pytest.mark.parametrize("secure", [True, False])
async def test_an_order_without_a_connection_was_not_sent(
    secure: bool, emulator: Emulator, tmp_path: Path
) -> None:
    base_url = emulator.base_url.replace("http:", "https:")
    if not secure:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            base_url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    async with running(base_url) as api:
        with pytest.raises(Unavailable) as caught:
            await api.order("/text-to-speech", json=SPEECH, deadline_seconds=30, body_to=tmp_path / "a.mp3")
    assert caught.value.code == "provider_unreachable"
    assert list(tmp_path.iterdir()) == []
    assert emulator.control.ledger() == []


async def test_a_handshake_that_outlasts_the_deadline_sent_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        async with running(f"https://127.0.0.1:{silent.getsockname()[1]}") as api:
            with pytest.raises(Unavailable) as caught:
                await api.order("/text-to-speech", json=SPEECH, deadline_seconds=0.2)
    assert caught.value.code == "provider_unreachable"


async def test_an_order_whose_result_has_no_place_is_not_sent(emulator: Emulator, tmp_path: Path) -> None:
    async with running(emulator.base_url) as api:
        with pytest.raises(Unavailable) as caught:
            await api.order("/a", json=SPEECH, deadline_seconds=9, body_to=tmp_path / "none" / "a.mp3")
        assert caught.value.code == "home_unwritable"
        with pytest.raises(Unavailable) as caught:
            await api.order("/a", parts=[Part("audio", tmp_path / "gone.mp3")], deadline_seconds=9)
        assert caught.value.code == "input_unreadable"
    assert emulator.control.ledger() == []


async def test_orders_have_connections_of_their_own(emulator: Emulator, tmp_path: Path) -> None:
    async with running(emulator.base_url) as api:
        await api.read("/voices")
        await api.order("/text-to-speech", json=SPEECH, deadline_seconds=9, body_to=tmp_path / "a.mp3")
        await api.order("/text-to-speech", json=SPEECH, deadline_seconds=9, body_to=tmp_path / "b.mp3")
        await api.read("/voices")
    numbers = [entry["connection"] for entry in emulator.control.ledger()]
    assert numbers == [1, 2, 3, 1]


@pytest.mark.parametrize("status", [400, 401, 402, 429, 500])
async def test_the_key_is_in_no_error(status: int, emulator: Emulator, tmp_path: Path) -> None:
    encoded = base64.b64encode(f"user:{KEY}".encode()).decode()
    for rule in (Rule(do="echo_key", status=status), Rule(do="status", status=status, body=f"Basic {encoded}")):
        emulator.control.clear_rules()
        told = str(await failure(emulator, tmp_path, rule))
        assert "[removed]" in told
        for secret in (KEY, encoded):
            assert not [at for at in range(len(secret) - 11) if secret[at : at + 12] in told]


async def test_a_result_that_is_gone_or_damaged_leaves_nothing(emulator: Emulator, tmp_path: Path) -> None:
    emulator.control.switch(speech_answer="json", url_lifetime=60)
    target = tmp_path / "a.mp3"
    async with running(emulator.base_url) as api:
        answer = await api.order("/text-to-speech", json=SPEECH, deadline_seconds=30)
        url = answer.json()["audio_url"]
        for rule, kind, code in (
            (Rule(match="GET /media/*", do="cut_answer"), Unavailable, "result_unavailable"),
            (Rule(match="GET /media/*", do="status", status=503), Unavailable, "result_unavailable"),
            (Rule(match="GET /media/*", do="oversize", size=2**21), Refused, "result_refused"),
            (Rule(match="GET /media/*", do="expired"), Refused, "result_refused"),
            (Rule(match="GET /media/*", do="redirect", to="http://10.0.0.1/"), Refused, "result_refused"),
        ):
            emulator.control.clear_rules()
            emulator.control.add_rules(rule)
            with pytest.raises(kind) as caught:
                await api.download(url, target, max_bytes=2**20)
            assert caught.value.code == code
            assert "SpeechGen" in caught.value.message
        emulator.control.clear_rules()
        with pytest.raises(Refused):
            await api.download("http://localhost:1/a.mp3", target, max_bytes=2**20)
        emulator.control.advance(61)
        with pytest.raises(Refused):
            await api.download(url, target, max_bytes=2**20)
    assert list(tmp_path.iterdir()) == []
