"""What a generation is told to have cost: charged, not charged, or unknown."""

from pathlib import Path

import anyio
import pytest

from connecting import Connect
from facts import called, finished, refusal
from following import running, speak, status
from soundstage.providers.port import Work
from soundstage_tools.errors import BadRequest, OutcomeUnknown, StudioError, Unavailable
from tone import ToneProvider


@pytest.fixture
def tone(tmp_path: Path) -> ToneProvider:
    return ToneProvider(tmp_path)


async def test_each_result_says_whether_it_is_charged(connect: Connect, tmp_path: Path) -> None:
    tone, free = ToneProvider(tmp_path, repeats=0), ToneProvider(tmp_path, name="free", charges=False)
    tone.finish.set()
    free.finish.set()
    async with connect([tone, free]) as client:
        done = await finished(client, await speak(client))
        refused = await finished(client, await speak(client, "refuse"))
        lost = await finished(client, await speak(client, "vague"))
        gift = await finished(client, await called(client, "synthesize_speech", text="hi", voice_id="free:low"))
    assert [one["charged"] for one in (done, refused, lost, gift)] == ["yes", "no", "unknown", "no"]


class ForgetfulTone(ToneProvider):
    """Loses its answer to the first submission, and refuses the second as it is told to."""

    def __init__(self, folder: Path, refusal: StudioError) -> None:
        super().__init__(folder, repeats=2, waits_seconds=600.0)
        self._refusal = refusal

    async def _submit(self, work: Work) -> str:
        self.submitted.append(work)
        if len(self.submitted) > 1:
            raise self._refusal
        raise OutcomeUnknown(code="outcome_unknown", message="Tone hung up.", next_step="Ask Tone.")


async def test_a_refusal_does_not_make_an_earlier_submission_free(connect: Connect, tmp_path: Path) -> None:
    tone = ForgetfulTone(tmp_path, BadRequest(code="limit", message="No more today.", next_step="Wait."))
    async with connect([tone]) as client:
        ended = await finished(client, await speak(client))
    assert len(tone.submitted) == 2
    assert (ended["status"], ended["charged"]) == ("failed", "unknown")


async def test_nor_does_a_provider_that_is_full_when_it_is_repeated(connect: Connect, tmp_path: Path) -> None:
    full = Unavailable(code="full", message="Full.", next_step="Wait.", retry_after_seconds=600.0)
    tone = ForgetfulTone(tmp_path, full)
    async with connect([tone]) as client:
        begun = await speak(client)
        with anyio.fail_after(20):
            while (await status(client, begun, wait_seconds=0.1)).get("provider_status") != "full":
                pass
        stopped = await called(client, "cancel_generation", generation_id=begun["generation_id"])
    assert (stopped["status"], stopped["charged"]) == ("canceled", "unknown")
    assert "may be billed" in stopped["next_step"]


@pytest.mark.parametrize(
    "arguments",
    [{"text": ""}, {"text": "hi", "voice_id": "tone:none"}, {"text": "hi", "voice_id": "nobody:low"}],
)
async def test_a_refusal_says_once_that_nothing_was_charged(
    connect: Connect, tone: ToneProvider, arguments: dict[str, str]
) -> None:
    async with connect([tone]) as client:
        said = await refusal(client, "synthesize_speech", **arguments)
    assert said.endswith(" Nothing was charged for this call.")
    assert said.count("Nothing was") == 1
    assert tone.submitted == []


async def test_a_cancel_says_what_may_still_be_billed(connect: Connect, tmp_path: Path) -> None:
    tone = ToneProvider(tmp_path, waits_seconds=600.0)
    async with connect([tone]) as client:
        asked = await running(client, tone)
        waiting = await speak(client, "refuse")
        stopped, unasked = [
            await called(client, "cancel_generation", generation_id=one["generation_id"])
            for one in (asked, waiting)
        ]
    assert (stopped["status"], stopped["charged"]) == ("canceled", "yes")
    assert "Tone was asked already; it cannot be stopped there and may be billed." in stopped["next_step"]
    assert (unasked["status"], unasked["charged"]) == ("canceled", "no")
    assert "nothing was charged" in unasked["next_step"]


async def test_the_speech_that_was_made_for_a_video_counts_in_its_price(
    connect: Connect, tone: ToneProvider
) -> None:
    async with connect([tone]) as client:
        video = await called(client, "create_avatar_video", text="hi", voice_id="low")
        with anyio.fail_after(10):
            while (await status(client, video, wait_seconds=0.1))["charged"] != "yes":
                pass
        stopped = await called(client, "cancel_generation", generation_id=video["generation_id"])
    assert stopped["charged"] == "yes"
    assert "may be billed" in stopped["next_step"]


async def test_a_speech_that_was_there_before_is_no_part_of_a_videos_price(
    connect: Connect, tone: ToneProvider
) -> None:
    async with connect([tone]) as client:
        speech = await running(client, tone)
        video = await called(client, "create_avatar_video", audio=speech["generation_id"])
        told = await status(client, speech, video)
    assert (told["charged"], told["others"][0]["charged"]) == ("yes", "no")
