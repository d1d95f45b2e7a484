"""SpeechGen as its users meet it: every tool that it serves, from the list of voices to the file, over stdio."""

from collections.abc import Generator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

import pytest
from mcp import Client

from connecting import ERAS
from emulators import media
from emulators.server import Emulator, emulating
from facts import called, facts_of, finished, refusal
from serving import serving


@pytest.fixture
def speechgen() -> Generator[Emulator]:
    with emulating("speechgen", switches={"processing_polls": 1}) as emulator:
        yield emulator


def heard(generation: dict[str, Any]) -> media.Probed:
    """What the generation's only asset is, by its content."""
    [asset] = generation["assets"]
    content = Path(url2pathname(urlsplit(str(asset["url"])).path)).read_bytes()
    assert len(content) == asset["bytes"]
    found = media.probe(content)
    assert found is not None
    assert asset["duration_seconds"] == pytest.approx(found.seconds, abs=0.1)
    return found


def sent(emulator: Emulator, path: str) -> list[dict[str, Any]]:
    return emulator.control.ledger(f"POST {path}")


async def followed(client: Client, generation: dict[str, Any]) -> tuple[dict[str, Any], list[tuple[float, str]]]:
    """The generation at its end, and the progress that was told on the way."""
    told: list[tuple[float, str]] = []

    async def note(progress: float, total: float | None, message: str | None) -> None:
        assert total == 1.0
        told.append((progress, message or ""))

    arguments = {"generation_id": generation["generation_id"], "wait_seconds": 50}
    result = await client.call_tool("get_generation_status", arguments, progress_callback=note)
    return facts_of(result), told


@pytest.mark.parametrize("mode", ERAS)
async def test_from_a_list_of_voices_to_a_voice_of_ones_own(
    tmp_path: Path, speechgen: Emulator, mode: str
) -> None:
    async with serving(tmp_path, speechgen, mode=mode) as client:
        page = await called(client, "list_voices", provider="speechgen", language="en", gender="female")
        [voice] = page["voices"]
        assert (voice["voice_id"], voice["name"], voice["kind"]) == ("speechgen:en-US-Neural2-A", "Aria", "stock")

        speech = await called(
            client, "synthesize_speech", voice_id=voice["voice_id"], text="Hello there.", wait_seconds=50
        )
        assert speech["status"] == "succeeded"
        assert heard(speech).container == "mp3"

        clone = await called(
            client,
            "clone_voice",
            consent=True,
            audio="voice-sample.mp3",
            name="My Custom Voice",
            provider="speechgen",
            description="Professional narrator voice",
            enhance_quality=True,
        )
        assert clone["status"] in {"queued", "processing"}
        done, told = await followed(client, clone)
        assert done["status"] == "succeeded"
        assert told
        assert [progress for progress, _ in told] == sorted(progress for progress, _ in told)
        assert any(0 < progress < 1 for progress, _ in told)

        own = await called(client, "list_voices", kind="cloned")
        assert [(one["voice_id"], one["name"]) for one in own["voices"]] == [(done["voice_id"], "My Custom Voice")]
        words = "Hello, this is my cloned voice speaking!"
        spoken = await called(
            client, "synthesize_speech", voice_id=done["voice_id"], text=words, format="mp3", wait_seconds=50
        )
        assert heard(spoken).container == "mp3"

        again = await called(client, "synthesize_speech", voice_id=done["voice_id"], text=words, format="mp3")
        assert (again["generation_id"], again["joined"]) == (spoken["generation_id"], True)

        await called(client, "delete_voice", voice_id=done["voice_id"])
        assert (await called(client, "list_voices", kind="cloned"))["voices"] == []
        assert "list_voices" in await refusal(
            client, "synthesize_speech", voice_id=done["voice_id"], text="Once more."
        )

    [first, last] = [entry["json"] for entry in sent(speechgen, "/text-to-speech")]
    assert first == {"text": "Hello there.", "voice": "en-US-Neural2-A", "format": "mp3"}
    assert last == {
        "text": "Hello, this is my cloned voice speaking!",
        "voice": done["voice_id"].removeprefix("speechgen:"),
        "format": "mp3",
    }
    [order] = sent(speechgen, "/voice-clone")
    assert [(part["name"], part["text"]) for part in order["parts"]] == [
        ("audio", None),
        ("name", "My Custom Voice"),
        ("description", "Professional narrator voice"),
        ("enhance_quality", "true"),
    ]
    assert (order["parts"][0]["filename"], order["parts"][0]["content_type"]) == ("voice_sample.mp3", "audio/mpeg")
    assert speechgen.control.inventory()["models"] == []
    assert list((tmp_path / "home" / "jobs").rglob("*.*")) == []


async def test_every_field_of_speech_reaches_the_provider_as_it_was_given(
    tmp_path: Path, speechgen: Emulator
) -> None:
    async with serving(tmp_path, speechgen) as client:
        for wanted, speed, pitch in (("wav", 0.5, -2.5), ("ogg", 0.1, -100), ("mp3", 10, 100)):
            speech = await called(
                client,
                "synthesize_speech",
                voice_id="speechgen:es-ES-Neural2-C",
                text="<speak>Hola</speak>",
                speed=speed,
                pitch=pitch,
                format=wanted,
                wait_seconds=50,
            )
            assert heard(speech).container == wanted
            assert speech["assets"][0]["mime_type"] == media.CONTENT_TYPES[wanted]
            assert speech["assets"][0]["url"].endswith(f".{wanted}")
    assert [entry["json"] for entry in sent(speechgen, "/text-to-speech")] == [
        {
            "text": "<speak>Hola</speak>",
            "voice": "es-ES-Neural2-C",
            "format": wanted,
            "speed": speed,
            "pitch": pitch,
        }
        for wanted, speed, pitch in (("wav", 0.5, -2.5), ("ogg", 0.1, -100), ("mp3", 10, 100))
    ]


async def test_a_clone_is_sent_no_more_than_was_given(tmp_path: Path, speechgen: Emulator) -> None:
    speechgen.control.switch(clone_answer="brief", processing_polls=0)
    async with serving(tmp_path, speechgen) as client:
        for extra in ({}, {"enhance_quality": False}):
            asked = {"audio": "voice-sample.mp3", "name": "Zoë", "provider": "speechgen", **extra}
            clone = await called(client, "clone_voice", consent=True, **asked)
            assert (await finished(client, clone))["voice_id"].startswith("speechgen:custom-")
    parts = [
        [(part["name"], part["text"]) for part in order["parts"]] for order in sent(speechgen, "/voice-clone")
    ]
    assert parts == [
        [("audio", None), ("name", "Zoë")],
        [("audio", None), ("name", "Zoë"), ("enhance_quality", "false")],
    ]
