"""Hedra's videos over stdio: each voice and sound that may drive a face, and each model."""

import hashlib
from collections.abc import Generator
from pathlib import Path

import pytest
from PIL import Image

from emulators import media
from emulators.server import Emulator, emulating
from facts import called, finished
from hedra_calls import AVATAR, CHARACTER_3, OMNIA, STOCK_VOICE, SWIFT, ordered
from serving import serving


@pytest.fixture
def hedra() -> Generator[Emulator]:
    with emulating("hedra", switches={"scripts": {"*": SWIFT}}) as emulator:
        yield emulator


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


async def test_a_photo_does_not_tell_where_it_was_taken(tmp_path: Path, hedra: Emulator) -> None:
    face = Image.new("RGB", (256, 256), "pink")
    (exif := Image.Exif())[0x010E] = "51.4779 N"
    async with serving(tmp_path, hedra) as client:
        face.save(tmp_path / "plain.jpg")
        face.save(tmp_path / "workspace" / "photo.jpg", exif=exif, comment=b"at home")
        arguments = {"image": "photo.jpg", "audio": "speech.mp3", "model": "hedra:avatar"}
        video = await called(client, "create_avatar_video", **arguments)
        assert (await finished(client, video))["status"] == "succeeded"
    [sent, _] = [entry["parts"][0] for entry in hedra.control.ledger("POST /assets/*/upload")]
    assert sent["sha256"] == hashlib.sha256((tmp_path / "plain.jpg").read_bytes()).hexdigest()


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
