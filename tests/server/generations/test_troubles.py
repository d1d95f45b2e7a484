"""What becomes of a generation whose provider is busy, silent, confused or never done."""

from pathlib import Path

import anyio
import anyio.lowlevel
import pytest
from mcp import Client

from connecting import Connect
from facts import called, finished, refusal
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


async def test_only_a_server_with_the_same_key_goes_on_with_a_generation(connect: Connect, tmp_path: Path) -> None:
    mine, other = ToneProvider(tmp_path, account="mine"), ToneProvider(tmp_path, account="other")
    other.finish.set()
    async with connect([mine]) as client:
        begun = await speak(client)
        await mine.submitting.wait()
    async with connect([other]) as client:
        assert (await finished(client, await speak(client, text="else")))["status"] == "succeeded"
        waiting = await called(client, "get_generation_status", generation_id=begun["generation_id"])
        assert waiting["status"] == "processing"
    mine.finish.set()
    async with connect([mine]) as client:
        assert (await finished(client, begun))["status"] == "succeeded"


async def test_a_provider_that_asks_for_peace_gets_it_from_every_process(connect: Connect, tmp_path: Path) -> None:
    one, two = [ToneProvider(tmp_path, waits_seconds=600.0) for _ in range(2)]
    one.asks_seconds = two.asks_seconds = 30.0
    async with connect([one]) as first, connect([two]) as second:
        begun_first = await speak(first, "refuse")
        await one.submitting.wait()
        refused = await called(
            first, "get_generation_status", generation_id=begun_first["generation_id"], wait_seconds=1
        )
        assert refused["provider_status"] == "tone_full"
        begun = await speak(second, "other")
        state = await called(second, "get_generation_status", generation_id=begun["generation_id"], wait_seconds=2)
    assert state["status"] == "queued"
    assert two.submitted == []


async def test_an_equal_request_joins_what_needs_attention_unless_it_is_forced(
    connect: Connect, tmp_path: Path
) -> None:
    tone = ToneProvider(tmp_path, repeats=0)
    async with connect([tone]) as client:
        lost = await finished(client, await speak(client, "vague"))
        joined = await speak(client, "vague")
        keyless = await refusal(client, "synthesize_speech", text="vague", voice_id="tone:low", force_new=True)
        anew = {"text": "vague", "voice_id": "tone:low", "force_new": True, "idempotency_key": "anew"}
        forced, repeated = [await called(client, "synthesize_speech", **anew) for _ in range(2)]
        await finished(client, forced)
    assert keyless.startswith("key_required: ")
    assert (repeated["generation_id"], repeated["joined"]) == (forced["generation_id"], True)
    assert (joined["generation_id"], joined["joined"]) == (lost["generation_id"], True)
    assert forced["generation_id"] != lost["generation_id"]
    assert len(tone.submitted) == 2


async def test_a_result_that_cannot_be_fetched_now_is_said_to_be_made_and_fetched_later(
    connect: Connect, tmp_path: Path
) -> None:
    tone = ToneProvider(tmp_path, keeps_seconds=600.0)
    tone.unfetchable = True
    tone.finish.set()
    async with connect([tone]) as client:
        begun = await speak(client)
        waiting = await called(
            client, "get_generation_status", generation_id=begun["generation_id"], wait_seconds=1
        )
        assert waiting["status"] == "processing"
        assert waiting["warnings"] == ["It is made, and cannot be fetched yet. The link has expired. Look again."]
        tone.unfetchable = False
        done = await finished(client, waiting)
    assert (done["status"], done["warnings"]) == ("succeeded", [])
    assert len(tone.submitted) == 1


async def test_a_server_that_ends_waits_for_the_answer_to_what_may_be_paid(
    connect: Connect, tmp_path: Path
) -> None:
    first = ToneProvider(tmp_path, repeats=0)
    first.accept = anyio.Event()
    leaving = anyio.Event()
    begun: dict[str, object] = {}

    async def answer() -> None:
        await leaving.wait()
        for _ in range(100):
            await anyio.lowlevel.checkpoint()
        first.accept.set()

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(answer)
        async with connect([first]) as client:
            begun = await speak(client)
            await first.submitting.wait()
            leaving.set()
    second = ToneProvider(tmp_path, repeats=0)
    async with connect([second]) as client:
        state = await called(client, "get_generation_status", generation_id=begun["generation_id"])
    assert state["status"] == "processing"
    assert second.submitted == []
