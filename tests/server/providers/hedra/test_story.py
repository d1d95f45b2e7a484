"""Hedra as its users meet it: every tool that it serves, from the list of voices to the file, over stdio."""

from collections.abc import Generator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

import pytest

from connecting import ERAS
from emulators import media
from emulators.server import Emulator, emulating
from facts import called, finished
from hedra_calls import AVATAR, STOCK_VOICE, SWIFT, ordered
from serving import serving


@pytest.fixture
def hedra() -> Generator[Emulator]:
    with emulating("hedra", switches={"scripts": {"*": SWIFT}}) as emulator:
        yield emulator


def probed(generation: dict[str, Any]) -> media.Probed:
    """What the generation's only asset is, by its content."""
    [asset] = generation["assets"]
    content = Path(url2pathname(urlsplit(str(asset["url"])).path)).read_bytes()
    assert len(content) == asset["bytes"]
    found = media.probe(content)
    assert found is not None
    return found


@pytest.mark.parametrize("mode", ERAS)
async def test_from_a_list_of_voices_to_a_video_of_ones_own(tmp_path: Path, hedra: Emulator, mode: str) -> None:
    async with serving(tmp_path, hedra, mode=mode) as client:
        page = await called(client, "list_voices", provider="hedra", language="en", gender="female")
        [voice] = page["voices"]
        assert voice["voice_id"] == f"hedra:{STOCK_VOICE}"
        assert (voice["name"], voice["kind"]) == ("Example Voice", "stock")

        speech = await called(
            client,
            "synthesize_speech",
            voice_id=voice["voice_id"],
            text="Hello, welcome to Hedra! This is an example of text-to-speech generation.",
            stability=0.5,
            speed=1.0,
            language="English",
        )
        waiting = await called(
            client, "get_generation_status", generation_id=speech["generation_id"], wait_seconds=0
        )
        assert "Nothing failed" in waiting["next_step"]
        spoken = await finished(client, speech)
        assert probed(spoken).container == "mp3"
        assert spoken["assets"][0]["duration_seconds"] == pytest.approx(media.spoken_seconds("w " * 11), abs=0.1)

        clone = await finished(
            client,
            await called(
                client,
                "clone_voice",
                consent=True,
                audio="voice-sample.mp3",
                name="My Custom Voice",
                provider="hedra",
            ),
        )
        assert clone["status"] == "succeeded"
        cloned = await called(client, "list_voices", kind="cloned")
        assert [(one["voice_id"], one["name"]) for one in cloned["voices"]] == [
            (clone["voice_id"], "My Custom Voice")
        ]

        video = await called(
            client,
            "create_avatar_video",
            image="portrait.png",
            audio="speech.mp3",
            model="hedra:avatar",
            prompt="A person speaking to the camera",
            aspect_ratio="9:16",
            resolution="720p",
            duration_ms=600_000,
        )
        filmed = await finished(client, video)
        film = probed(filmed)
        assert (film.container, film.width, film.height) == ("mp4", 720, 1280)
        assert filmed["assets"][0]["mime_type"] == "video/mp4"

        own = await called(
            client,
            "create_avatar_video",
            image="portrait.png",
            text="Hi.",
            voice_id=clone["voice_id"],
            model=f"hedra:{AVATAR}",
        )
        assert (await finished(client, own))["status"] == "succeeded"

    speech_order, clone_order, video_order, own_order = ordered(hedra)
    assert speech_order == {
        "type": "text_to_speech",
        "voice_id": STOCK_VOICE,
        "text": "Hello, welcome to Hedra! This is an example of text-to-speech generation.",
        "stability": 0.5,
        "speed": 1.0,
        "language": "English",
    }
    sample, portrait, audio = [entry["created"]["id"] for entry in hedra.control.created("asset")]
    assert clone_order == {"type": "voice_clone", "audio_id": sample, "name": "My Custom Voice"}
    assert video_order == {
        "type": "video",
        "ai_model_id": AVATAR,
        "start_keyframe_id": portrait,
        "audio_id": audio,
        "generated_video_inputs": {
            "text_prompt": "A person speaking to the camera",
            "aspect_ratio": "9:16",
            "resolution": "720p",
            "duration_ms": 600000,
        },
    }
    assert own_order["audio_generation"]["voice_id"] == clone["voice_id"].removeprefix("hedra:")
    assert ordered(hedra, "/assets")[:2] == [
        {"name": "voice-sample.mp3", "type": "audio"},
        {"name": "portrait.png", "type": "image"},
    ]
    uploads = hedra.control.ledger("POST /assets/*/upload")
    assert {tuple(part["name"] for part in entry["parts"]) for entry in uploads} == {("file",)}


async def test_what_is_set_up_is_told_with_what_is_left_and_what_it_costs(tmp_path: Path, hedra: Emulator) -> None:
    async with serving(tmp_path, hedra) as client:
        report = await called(client, "list_providers")
    [told] = [one for one in report["providers"] if one["provider"] == "hedra"]
    assert told["left"] == "5,000 credits"
    assert told["prices"][0] == "hedra:avatar: 7 credits per second"
    assert told["models"] == ["hedra:avatar", "hedra:omnia", "hedra:character-3"]
    assert told["voices"] == 4


@pytest.mark.parametrize(
    "switches",
    [
        {"form": "2025-07", "urls": ["url"]},
        {"form": "2026-02", "urls": ["download_url"]},
        {"form": "2026-07", "urls": []},
        {"form": "2026-02", "eta": False, "early_404": 2},
        {
            "scripts": {
                "*": [
                    {"at": 0, "status": "pending", "progress": 0.0},
                    {"at": 1, "status": "complete", "progress": 1.0},
                ]
            }
        },
    ],
    ids=["2025-07", "download_url", "asset", "early_404", "pending"],
)
async def test_every_form_of_its_answers_is_understood(
    tmp_path: Path, hedra: Emulator, switches: dict[str, Any]
) -> None:
    hedra.control.switch(**switches)
    async with serving(tmp_path, hedra) as client:
        speech = await called(client, "synthesize_speech", voice_id=f"hedra:{STOCK_VOICE}", text="Hello.")
        assert (await finished(client, speech))["status"] == "succeeded"
