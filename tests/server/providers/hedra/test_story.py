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
from serving import serving

STOCK_VOICE = "f412c62f-e94f-41c0-bfc6-97f63289941c"
AVATAR = "26f0fc66-152b-40ab-abed-76c43df99bc8"
OMNIA = "ab372b84-432f-44f5-bacc-c2542465f712"
CHARACTER_3 = "d1dd37a3-e39a-4854-a298-6510289f9cf2"

SWIFT = [
    {"at": 0, "status": "processing", "progress": 0.42, "eta_sec": 95},
    {"at": 1, "status": "complete", "progress": 1.0},
]


@pytest.fixture
def hedra() -> Generator[Emulator]:
    with emulating("hedra", switches={"scripts": {"*": SWIFT}}) as emulator:
        yield emulator


def ordered(emulator: Emulator, path: str = "/generations") -> list[dict[str, Any]]:
    """The JSON bodies that were sent to `path`."""
    return [entry["json"] for entry in emulator.control.ledger(f"POST {path}")]


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


async def test_a_voice_and_a_face_of_hedra_are_one_request(tmp_path: Path, hedra: Emulator) -> None:
    async with serving(tmp_path, hedra) as client:
        video = await called(
            client,
            "create_avatar_video",
            image="portrait.png",
            text="Hello, this is a demo of inline audio generation for avatar videos.",
            voice_id=f"hedra:{STOCK_VOICE}",
            model="hedra:avatar",
            prompt="A person speaking to the camera",
            aspect_ratio="9:16",
            resolution="540p",
        )
        assert (await finished(client, video))["status"] == "succeeded"
    [order] = ordered(hedra)
    [portrait] = [entry["created"]["id"] for entry in hedra.control.created("asset")]
    assert order == {
        "type": "video",
        "ai_model_id": AVATAR,
        "start_keyframe_id": portrait,
        "audio_generation": {
            "type": "text_to_speech",
            "voice_id": STOCK_VOICE,
            "text": "Hello, this is a demo of inline audio generation for avatar videos.",
        },
        "generated_video_inputs": {
            "text_prompt": "A person speaking to the camera",
            "aspect_ratio": "9:16",
            "resolution": "540p",
        },
    }


async def test_an_account_that_refuses_inline_audio_is_spoken_for_first(tmp_path: Path, hedra: Emulator) -> None:
    hedra.control.switch(inline_audio="refused")
    async with serving(tmp_path, hedra) as client:
        video = await called(
            client,
            "create_avatar_video",
            image="portrait.png",
            text="Hello.",
            voice_id=f"hedra:{STOCK_VOICE}",
            model="hedra:avatar",
        )
        done = await finished(client, video)
    assert (done["status"], done["generation_id"]) == ("succeeded", video["generation_id"])
    assert [order["type"] for order in ordered(hedra)] == ["video", "text_to_speech", "video"]
    made = [entry["created"]["type"] for entry in hedra.control.created("generation")]
    assert made == ["text_to_speech", "video"]
    assert "audio_id" in ordered(hedra)[-1]


async def test_the_other_models_and_the_words_of_the_reference(tmp_path: Path, hedra: Emulator) -> None:
    async with serving(tmp_path, hedra) as client:
        for arguments in (
            {
                "model": "hedra:omnia",
                "prompt": "A person gesturing expressively while speaking",
                "duration_ms": 8000,
            },
            {
                "model": f"hedra:{CHARACTER_3}",
                "prompt": "<string>",
                "duration_ms": 123,
                "bounding_box_target": [0.5, 0.25],
            },
        ):
            video = await called(
                client,
                "create_avatar_video",
                image="portrait.png",
                audio="speech.mp3",
                aspect_ratio="9:16",
                **arguments,
            )
            assert (await finished(client, video))["status"] == "succeeded"
    omnia, character_3 = ordered(hedra)
    assert omnia["ai_model_id"] == OMNIA
    assert omnia["generated_video_inputs"] == {
        "text_prompt": "A person gesturing expressively while speaking",
        "aspect_ratio": "9:16",
        "resolution": "720p",
        "duration_ms": 8000,
    }
    assert character_3["ai_model_id"] == CHARACTER_3
    assert character_3["generated_video_inputs"] == {
        "text_prompt": "<string>",
        "aspect_ratio": "9:16",
        "resolution": "720p",
        "duration_ms": 123,
        "bounding_box_target": [0.5, 0.25],
    }


async def test_any_voice_may_drive_the_face(tmp_path: Path, hedra: Emulator) -> None:
    async with serving(tmp_path, hedra) as client:
        video = await called(
            client,
            "create_avatar_video",
            image="portrait.png",
            text="Hello there.",
            voice_id="local:hibari",
            model="hedra:avatar",
        )
        done = await finished(client, video)
    assert (done["status"], done["provider"]) == ("succeeded", "hedra")
    [order] = ordered(hedra)
    assert "audio_id" in order
    [upload] = [
        entry
        for entry in hedra.control.ledger("POST /assets/*/upload")
        if entry["parts"][0]["filename"] == "speech.mp3"
    ]
    assert upload["parts"][0]["content_type"] == "audio/mpeg"


async def test_sound_that_hedra_does_not_read_is_converted_on_the_way(tmp_path: Path, hedra: Emulator) -> None:
    async with serving(tmp_path, hedra) as client:
        (tmp_path / "workspace" / "note.flac").write_bytes(media.sound("flac", 3.0))
        video = await called(
            client, "create_avatar_video", image="portrait.png", audio="note.flac", model="hedra:avatar"
        )
        assert (await finished(client, video))["status"] == "succeeded"
    assert ordered(hedra, "/assets")[-1] == {"name": "speech.mp3", "type": "audio"}
    assert not list((tmp_path / "home" / "jobs").rglob("*.mp3"))


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
