"""What HeyGen takes: each field to its edge, and what a voice takes; nothing beyond is ever asked of it."""

import pytest
from mcp import Client

from emulators.heygen_voices import ENGINES
from emulators.server import Emulator
from facts import refusal
from heygen_calls import ARIA, JAMES, bodies, spoken


@pytest.mark.parametrize(
    ("field", "inside", "native", "outside", "words"),
    [
        ("speed", 0.5, ("speed", 50), 0.499, "0.5 to 1.5"),
        ("speed", 1.5, ("speed", 150), 1.501, "0.5 to 1.5"),
        ("pitch", -100, ("pitch", -100), -100.1, "-100 to 100"),
        ("pitch", 100, ("pitch", 100), 101, "-100 to 100"),
        ("volume", 0, ("volume", 0), -0.01, "0 to 1"),
        ("volume", 1, ("volume", 100), 1.01, "0 to 1"),
        ("engine", "aws", ("engine", "aws"), "hal", ENGINES[0]),
        ("emotion", "sad", ("emotion", "sad"), "angry", "happy, sad, neutral"),
        ("language", "es-ES", ("language_code", "es-ES"), "tlh", "en-US, en-GB, es-ES"),
    ],
)
async def test_a_field_is_taken_to_its_edge_and_refused_beyond(
    heygen: Emulator,
    client: Client,
    field: str,
    inside: object,
    native: tuple[str, object],
    outside: object,
    words: str,
) -> None:
    said = await refusal(client, "synthesize_speech", text="Hello, world!", voice_id=ARIA, **{field: outside})
    assert f"`{field}`" in said
    assert words in said
    assert bodies(heygen) == []
    assert (await spoken(client, **{field: inside}))["status"] == "succeeded"
    name, value = native
    assert bodies(heygen) == [{"voice_id": "en-US-AriaNeural", "prompt": "Hello, world!", name: value}]


async def test_fractions_become_whole_percents(heygen: Emulator, client: Client) -> None:
    await spoken(client, speed=1.15, volume=0.295, pitch=-0.4)
    (body,) = bodies(heygen)
    assert (body["speed"], body["volume"], body["pitch"]) == (115, 30, 0)
    assert all(type(body[name]) is int for name in ("speed", "volume", "pitch"))


@pytest.mark.parametrize("text", ["", " \n\t ", "x" * 5001, "bell\x07"])
async def test_a_text_beyond_the_limits_is_refused(heygen: Emulator, client: Client, text: str) -> None:
    assert "`text`" in await refusal(client, "synthesize_speech", text=text, voice_id=ARIA)
    assert bodies(heygen) == []


async def test_a_text_at_the_edge_is_spoken(heygen: Emulator, client: Client) -> None:
    assert (await spoken(client, text="x"))["status"] == "succeeded"
    assert (await spoken(client, text="x" * 1000))["status"] == "succeeded"
    assert [len(body["prompt"]) for body in bodies(heygen)] == [1, 1000]
    assert (await spoken(client, text="x" * 1001))["status"] == "succeeded"
    assert [len(body["prompt"]) for body in bodies(heygen)[2:]] == [501, 500]


async def test_engine_and_emotion_are_those_of_the_voice(heygen: Emulator, client: Client) -> None:
    ask = {"text": "Hello", "voice_id": JAMES}
    engine = await refusal(client, "synthesize_speech", **ask, engine="azure")
    assert "`engine` must be one of auto, elevenLabs, elevenLabsV3, starfish with James" in engine
    emotion = await refusal(client, "synthesize_speech", **ask, emotion="happy")
    assert "James takes no emotion" in emotion
    assert bodies(heygen) == []
    assert (await spoken(client, **ask, engine="starfish"))["status"] == "succeeded"
