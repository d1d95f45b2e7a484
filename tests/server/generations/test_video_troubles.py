"""What a video that came to nothing tells of its speech, and that what it tells to do can be done."""

from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp import Client

from connecting import Connect
from facts import called, finished, refusal
from following import running, speak, status
from soundstage.providers.port import AvatarWork, Work
from soundstage_tools.errors import BadRequest, OutcomeUnknown, StudioError
from tone import ToneProvider

ASK = {"text": "hi", "voice_id": "tone:low", "model": "tone:square"}


class FaceblindTone(ToneProvider):
    """Speaks, and does not get a video through while there is a `trouble`."""

    trouble: StudioError | None = None

    async def _submit(self, work: Work) -> str:
        if self.trouble and isinstance(work, AvatarWork):
            raise self.trouble
        return await super()._submit(work)


@pytest.fixture
def tone(tmp_path: Path) -> FaceblindTone:
    tone = FaceblindTone(tmp_path, repeats=0)
    tone.finish.set()
    return tone


async def film(client: Client, **more: object) -> dict[str, Any]:
    return await called(client, "create_avatar_video", **{**ASK, **more})


async def filmed(client: Client, **more: object) -> dict[str, Any]:
    return await finished(client, await film(client, **more))


async def speech_of(client: Client) -> str:
    [speech] = (await called(client, "list_generations", kind="speech"))["generations"]
    return str(speech["generation_id"])


def with_speech(speech: str) -> dict[str, str]:
    return {"text": "", "voice_id": "", "audio": speech}


async def test_a_lost_video_is_looked_for_and_made_anew_with_the_speech_that_is_there(
    connect: Connect, tone: FaceblindTone
) -> None:
    tone.trouble = OutcomeUnknown(code="outcome_unknown", message="Tone hung up.")
    async with connect([tone]) as client:
        lost = await filmed(client)
        speech = await speech_of(client)
        assert (lost["status"], lost["charged"]) == ("needs_attention", "yes")
        assert lost["next_step"] == (
            "It may have been made and charged: ask the user to look at the account at Tone. Only if it is not to"
            f' be had there, ask again with force_new=true and a new idempotency_key, and audio="{speech}" so that'
            " its speech is not made again."
        )
        tone.trouble = None
        anew = await filmed(client, **with_speech(speech), force_new=True, idempotency_key="anew")
    assert anew["status"] == "succeeded"
    assert [type(work).__name__ for work in tone.submitted] == ["SpeechWork", "AvatarWork"]


async def test_a_speech_whose_file_is_gone_is_not_said_to_be_of_use(connect: Connect, tone: FaceblindTone) -> None:
    tone.trouble = BadRequest(code="bad_face", message="No face.", next_step="Send a face.")
    async with connect([tone]) as client:
        failed = await filmed(client)
        name = await speech_of(client)
        assert failed["next_step"] == (
            f'Send a face. Its speech is made: send audio="{name}" in place of text, so that it is not paid for'
            " again."
        )
        speech = await called(client, "get_generation_status", generation_id=name)
        Path(speech["assets"][0]["url"].removeprefix("file://")).unlink()
        told = await status(client, failed)
    assert told["next_step"] == f"Send a face. Its speech {name} was made, but its file is no longer kept."


@pytest.mark.parametrize("key", ["mine", ""])
async def test_a_video_whose_speech_was_canceled_can_be_asked_for_again(
    connect: Connect, tone: FaceblindTone, key: str
) -> None:
    tone.finish = anyio.Event()
    async with connect([tone]) as client:
        speech = await running(client, tone, "hi")
        video = await film(client, **with_speech(speech["generation_id"]), idempotency_key=key)
        await called(client, "cancel_generation", generation_id=speech["generation_id"])
        failed = await finished(client, video)
        assert (failed["status"], failed["error"]["code"]) == ("failed", "speech_canceled")
        assert failed["next_step"].startswith(
            "Ask for the video again with its text, or with another speech as audio."
        )
        assert ("with a new idempotency_key" in failed["next_step"]) is bool(key)
        said = await refusal(client, "create_avatar_video", audio=speech["generation_id"], model="tone:square")
        assert said.startswith("speech_not_made: ")
        if key:
            again = await film(client, **with_speech(speech["generation_id"]), idempotency_key=key)
            assert again == {**failed, "joined": True}
        tone.finish.set()
        assert (await filmed(client))["status"] == "succeeded"


async def test_what_is_canceled_under_a_key_is_asked_for_again_with_another(
    connect: Connect, tone: FaceblindTone
) -> None:
    tone.finish = anyio.Event()
    async with connect([tone]) as client:
        begun = await speak(client, idempotency_key="mine")
        stopped = await called(client, "cancel_generation", generation_id=begun["generation_id"])
        again = await speak(client, idempotency_key="mine")
        keyless = await called(
            client, "cancel_generation", generation_id=(await speak(client, "other"))["generation_id"]
        )
    assert (again["generation_id"], again["joined"]) == (begun["generation_id"], True)
    assert stopped["next_step"] == again["next_step"]
    assert again["next_step"].endswith(" When you ask again, do so with a new idempotency_key.")
    assert "idempotency_key" not in keyless["next_step"]


@pytest.mark.parametrize("face", ["free", "tone"])
async def test_nothing_is_called_free_beside_what_may_have_been_charged(
    connect: Connect, tmp_path: Path, tone: FaceblindTone, face: str
) -> None:
    free = ToneProvider(tmp_path, name="free", charges=False, repeats=0)
    async with connect([tone, free]) as client:
        unpaid = await finished(client, await speak(client, "vague", voice_id="free:low"))
        video = await filmed(client, text="vague", model=f"{face}:square")
        joined = await filmed(client, text="vague", model=f"{face}:square")
    assert (unpaid["status"], unpaid["charged"]) == ("needs_attention", "no")
    assert "Nothing was charged." in unpaid["next_step"]
    for one in (video, joined):
        assert (one["status"], one["charged"]) == ("failed", "unknown")
        assert "It may have been made and charged" in one["next_step"]
    assert len(tone.submitted) == 1
