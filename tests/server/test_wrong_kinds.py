"""Handles in the place of another kind's: each refusal says what was sent, and what to send."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass

import anyio
import pytest
from mcp import Client

from connecting import Connect
from facts import called, finished, refusal
from soundstage.providers.profile import Model
from soundstage.settings import Settings
from tone import ToneProvider

LOW = "tone:low"
pytestmark = pytest.mark.usefixtures("recording")


@dataclass(frozen=True, slots=True)
class Made:
    client: Client
    speech: str
    clone: str
    voice: str
    video: str
    audio: str
    film: str


@pytest.fixture
async def made(connect: Connect, tone: ToneProvider) -> AsyncGenerator[Made]:
    """One generation of each kind."""
    async with connect([tone]) as client:
        speech = await finished(client, await called(client, "synthesize_speech", text="Hi.", voice_id=LOW))
        clone = await finished(
            client, await called(client, "clone_voice", audio="me.wav", name="Me", consent=True)
        )
        video = await finished(client, await called(client, "create_avatar_video", audio="me.wav"))
        yield Made(
            client,
            speech["generation_id"],
            clone["generation_id"],
            clone["voice_id"],
            video["generation_id"],
            speech["assets"][0]["asset_id"],
            video["assets"][0]["asset_id"],
        )


async def test_what_holds_no_voice_is_no_audio(made: Made) -> None:
    for sent, what in (
        (made.clone, "the generation of a voice clone"),
        (made.video, "the generation of a video"),
        (made.film, "a generation's video"),
    ):
        for tool, others in (("create_avatar_video", {}), ("clone_voice", {"name": "Me", "consent": True})):
            said = await refusal(made.client, tool, audio=sent, **others)
            assert said.startswith(f"wrong_kind: `audio` names {what}, which is no recording of a voice. ")
            assert "picture" not in said


async def test_what_is_no_picture_says_what_it_is(made: Made) -> None:
    for sent, what in (
        (made.speech, "a speech generation"),
        (made.video, "the generation of a video"),
        (made.audio, "a generation's audio"),
        (f"soundstage://assets/{made.film}", "a generation's video"),
    ):
        said = await refusal(made.client, "create_avatar_video", image=sent, audio="me.wav")
        assert said.startswith(f"wrong_kind: `image` names {what}, which is no picture. Send a portrait picture")


async def test_the_generation_of_a_clone_in_place_of_its_voice_is_answered_with_the_voice(made: Made) -> None:
    for tool, others in (("synthesize_speech", {}), ("create_avatar_video", {"model": "tone:square"})):
        said = await refusal(made.client, tool, text="Hi.", voice_id=made.clone, **others)
        assert said.startswith("wrong_kind: `voice_id` names the generation of a voice clone")
        assert f"Send the voice that it made: {made.voice}." in said
    said = await refusal(made.client, "synthesize_speech", text="Hi.", voice_id=made.speech)
    assert "names a speech generation, which is no voice. Take a voice_id from list_voices." in said
    assert (await refusal(made.client, "synthesize_speech", text="Hi.", voice_id="gen_x")).startswith("unknown_")


async def test_a_clone_that_is_still_being_made_is_to_be_followed(connect: Connect, tone: ToneProvider) -> None:
    tone.finish = anyio.Event()
    async with connect([tone]) as client:
        begun = await called(client, "clone_voice", audio="me.wav", name="Me", consent=True)
        said = await refusal(client, "synthesize_speech", text="Hi.", voice_id=begun["generation_id"])
    assert "Follow it with get_generation_status, and send its voice_id when it has succeeded." in said


async def test_the_uri_of_an_asset_is_the_asset(made: Made) -> None:
    video = await called(made.client, "create_avatar_video", audio=f"soundstage://assets/{made.audio}")
    again = await called(made.client, "create_avatar_video", audio=made.audio)
    assert again["generation_id"] == video["generation_id"]
    for argument in ("audio", "image"):
        sent = {"audio": "me.wav", argument: "soundstage://assets/me.wav"}
        assert (await refusal(made.client, "create_avatar_video", **sent)).startswith("unknown_asset: ")


@pytest.mark.parametrize(("characters", "taken"), [(200, True), (201, False)])
async def test_a_text_that_no_voice_says_in_the_time_of_a_model_is_not_spoken(
    connect: Connect, tone: ToneProvider, settings: Settings, characters: int, *, taken: bool
) -> None:
    brief = ToneProvider(settings.home.parent, name="brief", models=(Model("omnia", longest_seconds=8.0),))
    brief.finish.set()
    arguments = {"text": "a" * characters, "voice_id": LOW, "model": "brief:omnia"}
    async with connect([tone, brief]) as client:
        if taken:
            await finished(client, await called(client, "create_avatar_video", **arguments))
        else:
            said = await refusal(client, "create_avatar_video", **arguments)
            assert said.startswith("text_too_long: `text` has 201 characters: ")
    assert len(tone.submitted) == int(taken)
