"""What becomes of a generation whose provider is busy, silent, confused or never done."""

from pathlib import Path

import anyio
import anyio.lowlevel
import pytest
from mcp import Client

from conftest import Connect
from facts import called, finished
from tone import ToneProvider


@pytest.fixture
def tone(tmp_path: Path) -> ToneProvider:
    return ToneProvider(tmp_path)


async def speak(client: Client, text: str = "hello") -> dict[str, object]:
    return await called(client, "synthesize_speech", text=text, voice_id="tone:low")


async def test_an_answer_that_was_lost_needs_attention_and_is_not_repeated(
    connect: Connect, tmp_path: Path
) -> None:
    tone = ToneProvider(tmp_path, repeats=0)
    async with connect([tone]) as client:
        done = await finished(client, await speak(client, "vague"))
    assert (done["status"], done["error"]["code"]) == ("needs_attention", "outcome_unknown")
    assert len(tone.submitted) == 1


async def test_what_may_be_repeated_is_repeated_so_often_and_no_more(connect: Connect, tmp_path: Path) -> None:
    tone = ToneProvider(tmp_path, repeats=2)
    async with connect([tone]) as client:
        done = await finished(client, await speak(client, "vague"))
    assert done["status"] == "needs_attention"
    assert len(tone.submitted) == 3


async def test_the_job_of_another_generation_is_not_taken_for_ones_own(
    connect: Connect, tone: ToneProvider
) -> None:
    async with connect([tone]) as client:
        one = await speak(client, "first")
        await tone.submitting.wait()
        other = await finished(client, await speak(client, "twin"))
        tone.finish.set()
        assert (await finished(client, one))["status"] == "succeeded"
    assert (other["status"], other["error"]["code"]) == ("needs_attention", "job_id_taken")


async def test_what_is_not_accepted_now_is_offered_again(connect: Connect, tmp_path: Path) -> None:
    tone = ToneProvider(tmp_path, waits_seconds=600.0)
    async with connect([tone]) as client:
        begun = await speak(client, "refuse")
        waiting = await called(
            client, "get_generation_status", generation_id=begun["generation_id"], wait_seconds=1
        )
        stopped = await called(client, "cancel_generation", generation_id=begun["generation_id"])
    assert waiting["status"] == "queued"
    assert waiting["provider_status"] == "tone_full"
    assert waiting["warnings"] == ["Tone takes no more. Try later."]
    assert stopped["status"] == "canceled"


async def test_a_job_that_never_ends_is_given_up(connect: Connect, tmp_path: Path) -> None:
    tone = ToneProvider(tmp_path, deadline_seconds=0.2)
    async with connect([tone]) as client:
        done = await finished(client, await speak(client))
    assert (done["status"], done["error"]["code"]) == ("needs_attention", "never_finished")
    assert '"beeping"' in done["error"]["message"]


async def test_no_more_is_in_flight_than_the_provider_takes(connect: Connect, tmp_path: Path) -> None:
    one, two = [ToneProvider(tmp_path, max_in_flight=2) for _ in range(2)]
    async with connect([one]) as first, connect([two]) as second:
        begun = [await speak([first, second][n % 2], f"text {n}") for n in range(6)]
        with anyio.fail_after(20):
            while len(one.submitted) + len(two.submitted) < 2:
                await anyio.lowlevel.checkpoint()
        states = [await called(first, "get_generation_status", generation_id=g["generation_id"]) for g in begun]
        assert sum(state["status"] == "processing" for state in states) <= 2
        one.finish.set()
        two.finish.set()
        for generation in begun:
            assert (await finished(first, generation))["status"] == "succeeded"
    assert len(one.submitted) + len(two.submitted) == 6
