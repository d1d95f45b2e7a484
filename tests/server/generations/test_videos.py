"""Avatar videos and the speech that they say, with a provider that waits for the test."""

from pathlib import Path
from typing import Any

import pytest
from mcp import Client

from connecting import Connect
from facts import called, finished, refusal
from soundstage.providers.port import AvatarWork, SpeechWork
from tone import ToneProvider


@pytest.fixture
def tone(tmp_path: Path) -> ToneProvider:
    return ToneProvider(tmp_path)


async def speak(client: Client, text: str = "hello", **more: object) -> dict[str, object]:
    return await called(client, "synthesize_speech", text=text, voice_id="tone:low", **more)


async def test_a_video_of_a_text_is_one_generation_with_one_progress(connect: Connect, tone: ToneProvider) -> None:
    async with connect([tone]) as client:
        video = await called(client, "create_avatar_video", text="hi", voice_id="low")
        waiting = await called(
            client, "get_generation_status", generation_id=video["generation_id"], wait_seconds=3
        )
        assert waiting["status"] == "processing"
        assert 0 < waiting["progress"] < 0.15
        tone.finish.set()
        done = await finished(client, video)
    assert done["status"] == "succeeded"
    assert [asset["role"] for asset in done["assets"]] == ["video"]
    assert done["warnings"] == ["It is only a beep."]
    speech, avatar = tone.submitted
    assert isinstance(speech, SpeechWork)
    assert isinstance(avatar, AvatarWork)
    assert avatar.audio is not None
    assert avatar.audio.suffix == ".wav"


async def test_a_video_may_be_asked_for_while_its_speech_is_being_made(
    connect: Connect, tone: ToneProvider
) -> None:
    async with connect([tone]) as client:
        speech = await speak(client)
        video = await called(client, "create_avatar_video", audio=speech["generation_id"])
        assert len(tone.submitted) <= 1
        tone.finish.set()
        done = await finished(client, video)
        spoken = await finished(client, speech)
        asset = spoken["assets"][0]
        for same in (asset["asset_id"], asset["url"], asset["url"].removeprefix("file://")):
            assert (await called(client, "create_avatar_video", audio=same))["joined"] is True
    assert done["status"] == "succeeded"


async def test_a_video_whose_speech_fails_says_why(connect: Connect, tone: ToneProvider) -> None:
    async with connect([tone]) as client:
        done = await finished(client, await called(client, "create_avatar_video", text="fail", voice_id="low"))
    assert done["status"] == "failed"
    assert done["error"]["code"] == "tone_broke"


async def test_cancelling_a_video_stops_the_speech_that_was_made_for_it(
    connect: Connect, tone: ToneProvider
) -> None:
    async with connect([tone]) as client:
        video = await called(client, "create_avatar_video", text="hi", voice_id="low")
        await tone.submitting.wait()
        stopped = await called(client, "cancel_generation", generation_id=video["generation_id"])
        assert stopped["status"] == "canceled"
        again = await speak(client, "hi")
    assert again["joined"] is False


@pytest.mark.parametrize("arguments", [{}, {"text": "hi", "audio": "speech.wav"}])
async def test_a_video_needs_audio_or_text_and_not_both(
    connect: Connect, tone: ToneProvider, arguments: dict[str, str]
) -> None:
    async with connect([tone]) as client:
        assert (await refusal(client, "create_avatar_video", **arguments)).startswith("audio_or_text:")
    assert tone.submitted == []


@pytest.mark.parametrize("other", ["speech", "video"])
async def test_the_speech_of_a_cancelled_video_goes_on_for_whoever_else_wants_it(
    connect: Connect, tone: ToneProvider, other: str
) -> None:
    async with connect([tone]) as client:
        video = await called(client, "create_avatar_video", text="hi", voice_id="low")
        if other == "speech":
            wanted = await speak(client, "hi")
            assert wanted["joined"] is True
        else:
            wanted = await called(client, "create_avatar_video", text="hi", voice_id="low", aspect_ratio="4:3")
        stopped = await called(client, "cancel_generation", generation_id=video["generation_id"])
        assert stopped["status"] == "canceled"
        tone.finish.set()
        assert (await finished(client, wanted))["status"] == "succeeded"


async def test_a_video_that_is_refused_or_joined_has_no_speech_recorded(
    connect: Connect, tone: ToneProvider
) -> None:
    async with connect([tone]) as client:
        first = await called(client, "create_avatar_video", text="hi", voice_id="low", idempotency_key="k")
        again = await called(client, "create_avatar_video", text="hi", voice_id="low", idempotency_key="k")
        said = await refusal(client, "create_avatar_video", text="else", voice_id="low", idempotency_key="k")
        tone.finish.set()
        await finished(client, first)
    assert (again["joined"], again["generation_id"]) == (True, first["generation_id"])
    assert said.startswith("idempotency_key_reused:")
    assert [work.fields.get("text") for work in tone.submitted] == ["hi", None]


@pytest.mark.parametrize("inline", ["accepted", "refused"])
async def test_a_provider_speaks_what_its_own_face_says_or_speaks_it_first(
    connect: Connect, tmp_path: Path, inline: Any
) -> None:
    tone = ToneProvider(tmp_path, inline=inline)
    tone.finish.set()
    async with connect([tone]) as client:
        video = await called(client, "create_avatar_video", text="hi", voice_id="low")
        done = await finished(client, video)
        again = await called(client, "create_avatar_video", text="hi", voice_id="low")
    assert done["status"] == "succeeded"
    assert again["generation_id"] == video["generation_id"]
    works = [type(work) for work in tone.submitted]
    assert works == ([AvatarWork] if inline == "accepted" else [AvatarWork, SpeechWork, AvatarWork])
    last = tone.submitted[-1]
    assert isinstance(last, AvatarWork)
    assert (last.says is None) is (inline == "refused")
    assert (last.audio is None) is (inline == "accepted")


async def test_a_speech_that_failed_is_no_audio(connect: Connect, tone: ToneProvider) -> None:
    async with connect([tone]) as client:
        failed = await finished(client, await speak(client, "fail"))
        said = await refusal(client, "create_avatar_video", audio=failed["generation_id"])
    assert said.startswith("speech_not_made:")


async def test_a_voice_beside_audio_is_refused(connect: Connect, tone: ToneProvider) -> None:
    async with connect([tone]) as client:
        speech = await speak(client)
        said = await refusal(client, "create_avatar_video", audio=speech["generation_id"], voice_id="tone:low")
    assert said.startswith("voice_without_text:")
