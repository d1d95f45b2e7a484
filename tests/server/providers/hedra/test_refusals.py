"""What Hedra would refuse, refused before it hears of it."""

from pathlib import Path
from typing import Any

import pytest

from connecting import Connected
from emulators import media
from emulators.server import Emulator
from facts import called, refusal

VOICE = "hedra:f412c62f-e94f-41c0-bfc6-97f63289941c"
SPEECH = {"text": "Hi.", "voice_id": VOICE}
VIDEO = {"image": "portrait.png", "audio": "speech.mp3", "model": "hedra:avatar"}
CLONE = {"audio": "voice-sample.mp3", "name": "Me", "consent": True}


@pytest.mark.parametrize(
    ("tool", "arguments", "said"),
    [
        ("synthesize_speech", {**SPEECH, "language": "Klingon"}, "`language` is not a language of Hedra."),
        ("synthesize_speech", {**SPEECH, "language": "Engl"}, "Did you mean English?"),
        ("synthesize_speech", {**SPEECH, "pitch": 1.0}, "`pitch` is not an argument of synthesize_speech."),
        ("synthesize_speech", {**SPEECH, "text": ""}, "`text` must be text of 1 to 20,000 characters"),
        ("synthesize_speech", {**SPEECH, "text": "a" * 20_001}, "1 to 20,000 characters; it has 20,001."),
        ("clone_voice", {**CLONE, "name": ""}, "`name` must be text of 1 to 255 characters"),
        ("clone_voice", {**CLONE, "name": "n" * 256}, "1 to 255 characters; it has 256."),
        ("clone_voice", {**CLONE, "description": "warm"}, "`description` is not an argument"),
        ("create_avatar_video", {**VIDEO, "image": ""}, "image_required:"),
        ("create_avatar_video", {**VIDEO, "model": "hedra:veo"}, "hedra:avatar, hedra:omnia, hedra:character-3"),
        ("create_avatar_video", {**VIDEO, "aspect_ratio": "4:3"}, "one of 16:9, 9:16, 1:1"),
        ("create_avatar_video", {**VIDEO, "resolution": "4k"}, "one of 540p, 720p, 1080p"),
        ("create_avatar_video", {**VIDEO, "bounding_box_target": [0.5, 0.5]}, "hedra:character-3 alone"),
        ("create_avatar_video", {**VIDEO, "bounding_box_target": [0.5]}, "2 numbers, each 0 to 1"),
        ("create_avatar_video", {**VIDEO, "bounding_box_target": [0.5, 1.5]}, "2 numbers, each 0 to 1"),
        ("create_avatar_video", {**VIDEO, "prompt": "  "}, "`prompt` is blank"),
        ("clone_voice", {**CLONE, "name": " "}, "`name` is blank"),
        ("create_avatar_video", {**VIDEO, "duration_ms": 1.5}, "must be a whole number"),
        ("delete_voice", {"voice_id": VOICE}, "Leave it, and tell the user that they can remove it in Hedra's"),
    ],
)
async def test_what_hedra_does_not_take_never_reaches_it(
    client: Connected, hedra: Emulator, tool: str, arguments: dict[str, Any], said: str
) -> None:
    async with client() as agent:
        assert said in await refusal(agent, tool, **arguments)
    assert hedra.control.ledger() == []


async def test_a_duration_is_held_against_the_model(client: Connected, hedra: Emulator) -> None:
    async with client() as agent:
        omnia = {**VIDEO, "model": "hedra:omnia"}
        said = await refusal(agent, "create_avatar_video", **omnia, duration_ms=8001)
        assert "`duration_ms` must be a whole number from 0 to 8,000 with hedra:omnia." in said
        assert hedra.control.ledger() == []
        await called(agent, "create_avatar_video", **omnia, duration_ms=8000)


@pytest.mark.parametrize(
    ("model", "seconds", "said"),
    [
        ("hedra:omnia", 8.2, "longer than the 8 seconds"),
        ("hedra:avatar", 600.5, "longer than the 600 seconds"),
        ("hedra:omnia", 7.9, ""),
    ],
)
async def test_audio_that_a_model_cannot_take_is_measured_and_refused(
    client: Connected, hedra: Emulator, tmp_path: Path, model: str, seconds: float, said: str
) -> None:
    (tmp_path / "workspace" / "talk.wav").write_bytes(media.wav(seconds))
    async with client() as agent:
        arguments = {**VIDEO, "model": model, "audio": "talk.wav"}
        if said:
            assert said in await refusal(agent, "create_avatar_video", **arguments)
            assert hedra.control.ledger() == []
        else:
            await called(agent, "create_avatar_video", **arguments)


async def test_a_voice_that_is_not_there_is_refused_and_nothing_is_paid(
    client: Connected, hedra: Emulator
) -> None:
    async with client() as agent:
        for voice in (VOICE[:-1] + "d", "hedra:Alastair"):
            said = await refusal(agent, "synthesize_speech", text="Hi.", voice_id=voice)
            assert said.startswith("unknown_voice:")
    assert {entry["method"] for entry in hedra.control.ledger()} == {"GET"}


async def test_a_picture_that_hedra_cannot_read_is_refused(
    client: Connected, hedra: Emulator, tmp_path: Path
) -> None:
    (tmp_path / "workspace" / "big.png").write_bytes(
        media.png(8, 8)[:-12] + b"\0" * 11 * 2**20 + media.png(8, 8)[-12:]
    )
    async with client() as agent:
        said = await refusal(agent, "create_avatar_video", **{**VIDEO, "image": "big.png"})
    assert "at most 10 MB" in said
    assert hedra.control.ledger() == []
