"""The emulated SpeechGen answers as its pages say, and refuses what it would refuse."""

import struct
from typing import Any

import pytest

from emulators import media
from emulators.client import Client, File, fetch
from emulators.examples import example, shape
from emulators.server import Emulator

PROVIDER = "speechgen"
SAMPLE: File = ("voice_sample.mp3", "audio/mpeg", media.sound("mp3", 12.0))
SEED: list[tuple[str, str | File]] = [
    ("audio", SAMPLE),
    ("name", "My Custom Voice"),
    ("description", "Professional narrator voice"),
    ("enhance_quality", "true"),
]
HELLO = {"text": "Hello, this is my cloned voice speaking!", "voice": "en-US-Neural2-A", "format": "mp3"}


def wav_of(size: int) -> bytes:
    """Twelve seconds of sound in a file of this many bytes."""
    sound = media.wav(12.0)
    return sound + struct.pack("<4sI", b"JUNK", size - len(sound) - 8) + bytes(size - len(sound) - 8)


def code(reply: Any) -> tuple[int, str]:
    return reply.status, reply.json["error"]["code"]


def test_the_seeds_story_from_sample_to_deletion(speechgen: Emulator, client: Client) -> None:
    made = client.form("/voice-clone", SEED)
    assert (made.status, shape(made.json)) == (201, shape(example("speechgen-voice-clone.201")))
    sample = fetch(made.json["samples"][0]["audio_url"])
    assert media.probe(sample.body) is not None
    path = f"/models/{made.json['model_id']}"
    seen = [client.get(path).json for _ in range(3)]
    assert [model["status"] for model in seen] == ["processing", "processing", "ready"]
    assert shape(seen[0]) == shape(example("speechgen-model-processing.200"))
    assert shape(seen[2]) == shape(example("speechgen-model-ready.200"))
    spoken = HELLO | {"voice": seen[2]["voice_id"]}
    assert client.post("/text-to-speech", spoken).status == 200
    by_model = client.post("/text-to-speech", HELLO | {"voice": made.json["model_id"]})
    assert code(by_model) == (400, "invalid_voice")
    assert client.send("DELETE", path).status == 204
    assert [client.get(path).status, client.send("DELETE", path).status] == [404, 404]
    assert code(client.post("/text-to-speech", spoken)) == (400, "invalid_voice")
    (entry,) = speechgen.control.ledger("POST /voice-clone")
    assert [(part["name"], part["text"]) for part in entry["parts"][1:]] == SEED[1:]
    assert entry["parts"][0]["filename"] == "voice_sample.mp3"


def test_a_voice_is_not_there_before_it_is_ready(speechgen: Emulator, client: Client) -> None:
    speechgen.control.switch(processing_polls=0)
    ready = client.form("/voice-clone", SEED).json["model_id"]
    voice_id = client.get(f"/models/{ready}").json["voice_id"]
    speechgen.control.switch(processing_polls=5)
    assert code(client.post("/text-to-speech", HELLO | {"voice": voice_id})) == (400, "invalid_voice")


@pytest.mark.parametrize("reason", ["", "Too much noise"])
def test_a_clone_can_fail(speechgen: Emulator, client: Client, reason: str) -> None:
    speechgen.control.switch(
        processing_polls=0, clone_outcome="failed", failure_reason=reason, clone_answer="brief"
    )
    made = client.form("/voice-clone", SEED)
    assert shape(made.json) == shape(example("speechgen-voice-clone.alt"))
    model = client.get(f"/models/{made.json['model_id']}").json
    assert model.pop("failure_reason", "") == reason
    assert shape(model) == shape(example("speechgen-model-failed.200"))


@pytest.mark.parametrize("kind", ["mp3", "wav", "ogg"])
def test_speech_is_answered_with_the_audio_itself(client: Client, kind: str) -> None:
    reply = client.post("/text-to-speech", HELLO | {"format": kind})
    assert reply.status == 200
    wanted = example("speechgen-tts.200.headers")["headers"]
    assert {name.lower() for name in wanted} <= set(reply.headers)
    assert (
        reply.headers["content-type"]
        == {"mp3": wanted["Content-Type"], "wav": "audio/wav", "ogg": "audio/ogg"}[kind]
    )
    probed = media.probe(reply.body)
    assert probed is not None
    assert probed.container == kind
    assert probed.seconds == pytest.approx(float(reply.headers["x-audio-duration"]), abs=0.1)
    assert int(reply.headers["x-characters-used"]) == len(HELLO["text"])


def test_keys(speechgen: Emulator) -> None:
    wrong, none = (Client(speechgen, key).get("/voices") for key in ("wrong", None))
    assert (wrong.status, wrong.json) == (401, example("speechgen-error-401"))
    assert code(none) == (401, "missing_api_key")


def test_the_words_for_an_unknown_voice(client: Client) -> None:
    reply = client.post("/text-to-speech", HELLO | {"voice": "invalid-voice"})
    assert (reply.status, reply.json) == (400, example("speechgen-error-400-voice"))


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"text": ""}, 400),
        ({"text": 3}, 400),
        ({"format": "flac"}, 400),
        ({"speed": "fast"}, 400),
        ({"pitch": True}, 400),
        ({"volume": 3}, 400),
        ({"speed": 1.0, "pitch": 0}, 200),
    ],
)
def test_speech_fields_are_checked(
    speechgen: Emulator, client: Client, change: dict[str, Any], status: int
) -> None:
    assert client.post("/text-to-speech", HELLO | change).status == status
    assert len(speechgen.control.created("speech")) == (status == 200)


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (media.sound("wav", 9.99), 400),
        (media.sound("wav", 10.0), 201),
        (media.sound("flac", 300.0), 201),
        (media.sound("flac", 300.01), 400),
        (media.sound("m4a", 12.0), 201),
        (media.sound("ogg", 12.0), 201),
        (media.png(8, 8), 400),
        (b"ID3 not audio at all", 400),
        (wav_of(10 * 1024 * 1024), 201),
        (wav_of(10 * 1024 * 1024 + 1), 413),
    ],
    ids=["9.99s", "10s", "300s", "300.01s", "m4a", "ogg", "picture", "noise", "10MB", "10MB+1"],
)
def test_a_sample_is_measured_by_its_content(client: Client, content: bytes, status: int) -> None:
    file: File = ("sample.mp3", "audio/mpeg", content)
    assert client.form("/voice-clone", [("audio", file), ("name", "Me")]).status == status


@pytest.mark.parametrize(
    "parts",
    [
        [("name", "Me")],
        [("audio", SAMPLE)],
        [("audio", SAMPLE), ("name", "Me"), ("language", "en")],
        [("audio", SAMPLE), ("name", "Me"), ("name", "You")],
        [("audio", "text"), ("name", "Me")],
        [("audio", SAMPLE), ("name", "Me"), ("enhance_quality", "yes")],
    ],
)
def test_parts_are_checked(speechgen: Emulator, client: Client, parts: list[tuple[str, str | File]]) -> None:
    assert client.form("/voice-clone", parts).status == 400
    assert client.post("/voice-clone", {"name": "Me"}).status == 415
    assert speechgen.control.created() == []


def test_voices(client: Client) -> None:
    assert shape(client.get("/voices").json) == shape(example("speechgen-voices.200"))
    assert client.get("/voices/en-US-Neural2-A").json["name"] == "Aria"
    assert client.get("/voices/nobody").status == 404


def test_speech_may_be_an_address_and_characters_may_run_out(speechgen: Emulator, client: Client) -> None:
    speechgen.control.switch(speech_answer="json", characters=len(HELLO["text"]))
    reply = client.post("/text-to-speech", HELLO)
    assert media.probe(fetch(reply.json["audio_url"]).body) is not None
    assert client.post("/text-to-speech", HELLO).status == 402
    assert speechgen.control.paid() == len(HELLO["text"])
