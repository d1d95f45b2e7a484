"""The emulated useapi.net answers as its page says, and refuses what it would refuse."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from emulators import media
from emulators.client import Client, fetch
from emulators.examples import example, shape
from emulators.heygen_voices import ENGINES
from emulators.server import Emulator

PROVIDER = "heygen"
ARIA = "en-US-AriaNeural"
JAMES = "1bd001e7e50f421d891986aad5c8bbd2"
SEED = {
    "email": "[email protected]",
    "voice_id": "en-US-AriaNeural",
    "prompt": "Text to be converted to speech",
    "speed": 100,
    "pitch": 0,
    "volume": 100,
    "language_code": "en-US",
    "emotion": "happy",
}
HELLO = {"voice_id": ARIA, "prompt": "Hello, world!"}


def test_the_seeds_requests_are_accepted_as_printed(heygen: Emulator, client: Client) -> None:
    heygen.control.switch(accounts=["[email protected]"])
    for body in (SEED, {"email": "[email protected]", "voice_id": ARIA, "prompt": "Hello, world!"}):
        reply = client.post("/tts/create", body)
        assert reply.status == 200
        assert shape(reply.json) == shape(example("useapi-tts-create.200"))
    assert [entry["json"]["prompt"] for entry in heygen.control.ledger()] == [SEED["prompt"], "Hello, world!"]
    words = reply.json["word_timestamps"]
    assert [word["word"] for word in words] == ["Hello,", "world!"]
    assert words[-1]["end"] <= reply.json["duration"]
    probed = media.probe(fetch(reply.json["audio_url"]).body)
    assert probed is not None
    assert probed.container == "mp3"
    assert probed.seconds == pytest.approx(reply.json["duration"], abs=0.1)


def test_a_multipart_form_says_the_same(heygen: Emulator, client: Client) -> None:
    heygen.control.switch(accounts=["[email protected]"])
    reply = client.form("/tts/create", [(name, str(value)) for name, value in SEED.items()])
    assert reply.status == 200
    assert client.post("/tts/create", SEED).json["audio_url"] == reply.json["audio_url"]
    assert client.form("/tts/create", [("voice_id", ARIA), ("prompt", "Hi"), ("speed", "fast")]).status == 400


def test_no_token_and_a_wrong_one_are_refused(heygen: Emulator) -> None:
    for key in (None, "wrong"):
        reply = Client(heygen, key).post("/tts/create", HELLO)
        assert (reply.status, reply.json) == (401, example("useapi-error-401"))


@pytest.mark.parametrize(
    ("field", "lowest", "highest"), [("speed", 50, 150), ("pitch", -100, 100), ("volume", 0, 100)]
)
def test_a_range_ends_where_the_page_says(client: Client, field: str, lowest: int, highest: int) -> None:
    given = (lowest - 1, lowest, highest, highest + 1)
    replies = [client.post("/tts/create", HELLO | {field: value}) for value in given]
    assert [reply.status for reply in replies] == [400, 200, 200, 400]
    assert replies[0].json == {"error": f"Param {field} must be a number between {lowest} and {highest}"}
    assert client.post("/tts/create", HELLO | {field: str(lowest)}).status == 400


@pytest.mark.parametrize(
    "change",
    [
        {"prompt": "x" * 5001},
        {"prompt": ""},
        {"prompt": None},
        {"voice_id": "nobody"},
        {"voice_id": 7},
        {"language_code": "tlh"},
        {"stability": 1},
        {"engine": "hal"},
    ],
)
def test_what_the_page_does_not_allow_is_refused(heygen: Emulator, client: Client, change: dict[str, Any]) -> None:
    assert client.post("/tts/create", HELLO | change).status == 400
    assert client.post("/tts/create", HELLO | {"prompt": "x" * 5000}).status == 200
    assert len(heygen.control.created()) == 1


def test_engine_and_emotion_go_with_the_voice_in_the_seeds_words(client: Client) -> None:
    wrong = {
        "useapi-error-400-emotion": (ARIA, {"emotion": "angry"}),
        "useapi-error-400-engine": (ARIA, {"engine": "elevenLabs"}),
        "useapi-error-400-no-emotions": (JAMES, {"emotion": "happy"}),
    }
    for name, (voice_id, fields) in wrong.items():
        reply = client.post("/tts/create", {"voice_id": voice_id, "prompt": "Hi", **fields})
        assert reply.status == 400
        assert reply.json["error"] == example(name)["error"].replace(ARIA, voice_id)
    assert {"auto", "aws", "azure"} < set(ENGINES)
    assert client.post("/tts/create", HELLO | {"engine": "aws"}).status == 200


def test_equal_parameters_are_paid_once(heygen: Emulator, client: Client) -> None:
    first, again, other = (
        client.post("/tts/create", HELLO | change).json for change in ({}, {"speed": 100}, {"speed": 99})
    )
    assert first["audio_url"] == again["audio_url"] != other["audio_url"]
    entries = heygen.control.ledger("POST /tts/create")
    assert [entry["cached"] for entry in entries] == [False, True, False]
    assert [bool(entry["created"]) for entry in entries] == [True, False, True]
    assert heygen.control.paid() == pytest.approx(first["duration"] + other["duration"])


def test_with_several_accounts_the_email_is_required(heygen: Emulator, client: Client) -> None:
    heygen.control.switch(accounts=["a@example.invalid", "b@example.invalid"])
    assert client.post("/tts/create", HELLO).status == 400
    assert client.post("/tts/create", HELLO | {"email": "b@example.invalid"}).status == 200
    unknown = client.post("/tts/create", HELLO | {"email": "c@example.invalid"})
    assert (unknown.status, unknown.json) == (404, example("useapi-error-404-config"))
    assert client.get("/tts/voices").status == 400
    assert client.get("/tts/voices?email=a@example.invalid").status == 200
    heygen.control.switch(broken_accounts=["a@example.invalid"])
    broken = client.post("/tts/create", HELLO | {"email": "a@example.invalid"})
    assert (broken.status, broken.json["code"]) == (596, 596)


def test_accounts_are_added_shown_and_removed(client: Client) -> None:
    told = {"email": "two@example.invalid", "password": "pw", "maxJobs": 10}
    assert client.post("/accounts", told | {"maxJobs": 11}).status == 400
    reply = client.post("/accounts", told)
    assert (reply.status, shape(reply.json)) == (201, shape(example("useapi-accounts-post.201")))
    assert len(client.get("/accounts").json) == 2
    assert client.send("DELETE", "/accounts/two@example.invalid").status == 204
    assert client.get("/accounts/two@example.invalid").status == 404


def test_the_daily_limit_has_the_status_that_the_test_sets(heygen: Emulator, client: Client) -> None:
    heygen.control.switch(daily_seconds=1.0, daily_limit_status=429)
    assert client.post("/tts/create", HELLO).status == 200
    reply = client.post("/tts/create", HELLO | {"pitch": 1})
    assert (reply.status, reply.json) == (429, example("useapi-error-daily-limit"))
    heygen.control.advance(86_400)
    assert client.post("/tts/create", HELLO | {"pitch": 1}).status == 200


@pytest.mark.parametrize(
    ("outcome", "members"),
    [("not_passed", {"is_pass", "job_id"}), ("empty", set[str]()), ("job", {"is_pass", "job_id"})],
)
def test_outcomes_without_audio(heygen: Emulator, client: Client, outcome: str, members: set[str]) -> None:
    heygen.control.switch(outcome=outcome)
    reply = client.post("/tts/create", HELLO)
    assert (reply.status, set(reply.json)) == (200, members)


@pytest.mark.parametrize("status", [404, 410])
def test_decommissioned_it_answers_everything_alike(heygen: Emulator, client: Client, status: int) -> None:
    heygen.control.switch(decommissioned=status)
    replies = [client.get("/tts/voices"), client.get("/tts/languages"), client.post("/tts/create", HELLO)]
    assert [reply.status for reply in replies] == [status] * 3


def test_without_a_subscription(heygen: Emulator, client: Client) -> None:
    heygen.control.switch(subscribed=False)
    reply = client.get("/tts/voices")
    assert (reply.status, reply.json) == (402, example("useapi-error-402-subscription"))


def test_voices_and_languages_look_like_the_examples(heygen: Emulator, client: Client) -> None:
    assert shape(client.get("/tts/voices").json) == shape(example("useapi-tts-voices.200.inferred"))
    assert shape(client.get("/tts/languages").json) == shape(example("useapi-tts-languages.200"))
    (found,) = client.get(f"/tts/voices?voice_id={JAMES}").json["voices"]
    assert found["settings"]["clone_emotions"] == []
    assert client.get("/tts/voices?limit=1").status == 400
    heygen.control.switch(envelope="data.voices")
    assert len(client.get("/tts/voices").json["data"]["voices"]) == 3
    heygen.control.switch(envelope="single")
    assert client.get(f"/tts/voices?voice_id={JAMES}").json["voice_id"] == JAMES


def test_jobs_in_flight_are_counted_and_limited(heygen: Emulator, client: Client) -> None:
    heygen.control.switch(processing=10, max_jobs=3)
    with ThreadPoolExecutor(4) as pool:
        running = [pool.submit(client.post, "/tts/create", HELLO | {"pitch": pitch}) for pitch in range(3)]
        heygen.control.wait_for("POST /tts/create", count=3)
        assert client.post("/tts/create", HELLO | {"pitch": 50}).status == 429
        assert not any(job.done() for job in running)
        heygen.control.advance(10)
        assert [job.result().status for job in running] == [200, 200, 200]
        last = pool.submit(client.post, "/tts/create", HELLO | {"pitch": 51})
        heygen.control.wait_for("POST /tts/create", count=5)
        heygen.control.advance(10)
        assert last.result().status == 200
    assert heygen.control.peak_in_flight("one@example.invalid") == 3
    assert heygen.control.ledger()[-1]["in_flight"] == 1
