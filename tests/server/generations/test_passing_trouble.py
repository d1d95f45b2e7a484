"""What was paid for waits for a network, a provider or a disk that is not there, and is fetched once it is."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import anyio
import anyio.lowlevel
import pytest
from mcp import Client

from connecting import Connect
from facts import called, finished, text_of
from following import running, speak, status
from soundstage.app import create_studio
from soundstage.providers.port import Made, Standing
from soundstage.settings import Settings
from soundstage_tools.errors import BadRequest, Unavailable, Unusable
from tone import ToneProvider

DOWN = Unavailable(code="tone_down", message="Tone cannot be reached.", next_step="Check the network.")


class MoodyTone(ToneProvider):
    """Answers as a test has it: with a trouble, or with a denial of all jobs. `looks` counts the questions."""

    looks = 0
    trouble: Exception | None = None
    denies = 0
    unfetched: Exception | None = None

    async def poll(self, job_id: str) -> Standing:
        self.looks += 1
        if self.trouble:
            raise self.trouble
        if self.denies:
            self.denies -= 1
            return Standing("lost")
        return await super().poll(job_id)

    async def fetch(self, job_id: str) -> Made:
        if self.unfetched:
            raise self.unfetched
        return await super().fetch(job_id)


async def until(client: Client, begun: dict[str, Any], met: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """The generation once it is as a test wants it; it must not end before."""
    with anyio.fail_after(40):
        while not met(now := await status(client, begun, wait_seconds=1)):
            assert now["status"] == "processing", now
    return now


async def looked(tone: MoodyTone, times: int) -> None:
    """Return once the provider was asked so many times more."""
    enough = tone.looks + times
    with anyio.fail_after(40):
        while tone.looks < enough:
            await anyio.lowlevel.checkpoint()


async def test_time_in_which_a_provider_cannot_be_asked_is_none_of_a_jobs_deadline(
    connect: Connect, tmp_path: Path
) -> None:
    tone = MoodyTone(tmp_path, deadline_seconds=1.0, poll_seconds=0.25, slowest_poll_seconds=0.25)
    async with connect([tone]) as client:
        begun = await running(client, tone)
        tone.trouble = DOWN
        # Two looks are two seconds apart, which is more than the deadline.
        await looked(tone, 2)
        held_up = await status(client, begun)
        tone.trouble = None
        tone.finish.set()
        done = await finished(client, held_up)
    assert (held_up["status"], held_up["provider_status"]) == ("processing", "tone_down")
    assert held_up["warnings"] == ["Tone cannot be reached. Check the network."]
    assert "it is held up for now" in held_up["next_step"]
    assert "do not ask for it anew" in held_up["next_step"]
    assert (done["status"], done["charged"], done["warnings"]) == ("succeeded", "yes", [])
    assert len(tone.submitted) == 1


async def test_the_deadline_counts_on_in_the_next_process(
    connect: Connect, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("soundstage.generations.outcomes.NOTED_SECONDS", 0.0)
    tone = MoodyTone(tmp_path, deadline_seconds=0.5)
    async with connect([tone]) as client:
        now = await running(client, tone)
    # Each of them alone looks for too short a time.
    for _ in range(40):
        enough = tone.looks + 3
        async with connect([tone]) as client:
            while now["status"] == "processing" and tone.looks < enough:
                now = await status(client, now)
        if now["status"] != "processing":
            break
    assert (now["status"], now["error"]["code"]) == ("needs_attention", "never_finished")


@pytest.mark.parametrize("charges", [True, False])
async def test_a_result_is_fetched_however_long_the_way_to_it_is_closed(
    connect: Connect, tmp_path: Path, *, charges: bool
) -> None:
    tone = MoodyTone(tmp_path, keeps_seconds=0.0, charges=charges)
    tone.finish.set()
    tone.unfetched = DOWN
    async with connect([tone]) as client:
        begun = await speak(client)
        held_up = await until(client, begun, lambda now: bool(now["warnings"]))
        await looked(tone, 1)
        tone.unfetched = None
        done = await finished(client, held_up)
    assert held_up["warnings"][0].startswith("It is made, and cannot be fetched yet. Tone cannot be reached.")
    assert done["status"] == "succeeded"
    assert len(tone.submitted) == 1


@pytest.mark.parametrize(
    "final",
    [
        Unusable(code="asset_damaged", message="It is cut off.", next_step="Look."),
        BadRequest(code="result_refused", message="It is refused.", next_step="Look."),
    ],
    ids=lambda error: error.code,
)
async def test_what_a_provider_does_not_deliver_is_given_up_in_the_end(
    connect: Connect, tmp_path: Path, final: Exception
) -> None:
    tone = MoodyTone(tmp_path, keeps_seconds=1.0)
    tone.finish.set()
    tone.unfetched = final
    async with connect([tone]) as client:
        ended = await finished(client, await speak(client))
    assert (ended["status"], ended["charged"]) == ("needs_attention", "unknown")
    assert ended["error"]["message"] in {"It is cut off.", "It is refused."}
    assert tone.released == []


async def test_a_job_that_is_denied_for_a_moment_goes_on(connect: Connect, tmp_path: Path) -> None:
    tone = MoodyTone(tmp_path, settling_seconds=60.0, repeats=0)
    async with connect([tone]) as client:
        begun = await running(client, tone)
        tone.denies = 5
        await looked(tone, 6)
        tone.finish.set()
        assert (await finished(client, begun))["status"] == "succeeded"
    assert len(tone.submitted) == 1


async def test_a_job_that_stays_denied_needs_attention_and_can_be_looked_for_once_more(
    connect: Connect, settings: Settings, tmp_path: Path
) -> None:
    tone = MoodyTone(tmp_path, settling_seconds=0.5, repeats=0)
    async with connect([tone]) as client:
        begun = await running(client, tone)
        tone.denies = 1_000_000
        ended = await finished(client, begun)
        assert (ended["status"], ended["error"]["code"]) == ("needs_attention", "job_vanished")
        assert f"`soundstage attach {begun['generation_id']}`" in ended["next_step"]
        tone.denies = 0
        tone.finish.set()
        studio = create_studio(settings, [tone], adopts=False)
        async with studio.running():
            await studio.attach(begun["generation_id"])
        done = await finished(client, {**ended, "status": "processing"})
    assert (done["status"], done["charged"]) == ("succeeded", "yes")
    assert len(tone.submitted) == 1


async def test_what_has_no_job_to_go_on_from_is_told_so(
    connect: Connect, settings: Settings, tmp_path: Path
) -> None:
    tone = ToneProvider(tmp_path, repeats=0)
    async with connect([tone]) as client:
        lost = await finished(client, await speak(client, "vague"))
    studio = create_studio(settings, [tone], adopts=False)
    async with studio.running():
        with pytest.raises(BadRequest, match="job_unknown"):
            await studio.attach(lost["generation_id"])


@pytest.mark.parametrize("by", ["status", "equal call"])
async def test_what_is_held_up_is_tried_again_soon_when_somebody_waits_for_it(
    connect: Connect, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, by: str
) -> None:
    monkeypatch.setattr("soundstage.generations.outcomes.RETRY_SECONDS", 3600.0)
    monkeypatch.setattr("soundstage.generations.scheduler.AWAITED_SECONDS", 0.2)
    tone = MoodyTone(tmp_path)
    async with connect([tone]) as client:
        begun = await running(client, tone)
        tone.trouble = DOWN
        await looked(tone, 1)
        tone.trouble = None
        tone.finish.set()
        asked: Sequence[tuple[str, dict[str, object]]] = [
            ("get_generation_status", {"generation_id": begun["generation_id"], "wait_seconds": 20}),
            ("synthesize_speech", {"text": "hello", "voice_id": "tone:low", "wait_seconds": 20}),
        ]
        tool, arguments = asked[by == "equal call"]
        result = await client.call_tool(tool, arguments)
        assert not result.is_error, text_of(result)
        done = await called(client, "get_generation_status", generation_id=begun["generation_id"])
    assert done["status"] == "succeeded"
    assert len(tone.submitted) == 1
