"""Generations that a server cannot go on with: they wait for one that can, are carried over, or given up."""

from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp import Client

from connecting import Connect
from facts import called, finished
from named_tone import KnownTone
from soundstage.app import create_studio
from soundstage.providers.port import SpeechWork
from soundstage.settings import Settings
from soundstage_tools.errors import BadRequest, NotFound, StudioError
from tone import ToneProvider

SPEECH = {"text": "hi", "voice_id": "low"}


async def speak(client: Client, **more: object) -> dict[str, Any]:
    return await called(client, "synthesize_speech", **{**SPEECH, **more})


async def cancel(client: Client, generation: dict[str, Any]) -> dict[str, Any]:
    with anyio.fail_after(60):
        return await called(client, "cancel_generation", generation_id=generation["generation_id"])


async def status(client: Client, generation: dict[str, Any]) -> dict[str, Any]:
    return await called(client, "get_generation_status", generation_id=generation["generation_id"])


@pytest.fixture
def ours(tmp_path: Path) -> KnownTone:
    tone = KnownTone(tmp_path, "ours")
    tone.finish = anyio.Event()
    return tone


@pytest.fixture
def theirs(tmp_path: Path) -> KnownTone:
    return KnownTone(tmp_path, "theirs")


async def begun(connect: Connect, tone: ToneProvider, **more: object) -> dict[str, Any]:
    """A speech that was accepted, and whose server is gone."""
    async with connect([tone]) as client:
        told = await speak(client, **more)
        with anyio.fail_after(30):
            while (told := await status(client, told)).get("provider_status") != "beeping":
                pass
    return told


@pytest.mark.parametrize("key", [{}, {"idempotency_key": "k"}])
async def test_a_repeat_under_another_key_is_the_same_generation_and_orders_nothing(
    connect: Connect, ours: KnownTone, theirs: KnownTone, key: dict[str, str]
) -> None:
    first = await begun(connect, ours, **key)
    async with connect([theirs]) as client:
        told = await speak(client, **key)
    assert told["generation_id"] == first["generation_id"]
    assert (told["joined"], told["provider_status"], told["charged"]) == (True, "out_of_reach", "yes")
    assert "another account's key for Known began it" in told["next_step"]
    [job_id] = ours.jobs
    assert f"`soundstage attach {told['generation_id']} {job_id}`" in told["next_step"]
    assert f"cancel_generation gives {told['generation_id']} up" in told["next_step"]
    assert "which does not stop it at Known: it may be billed" in told["next_step"]
    assert theirs.submitted == []


async def test_what_was_made_with_the_former_key_is_had_with_the_same_call(
    connect: Connect, ours: KnownTone, theirs: KnownTone
) -> None:
    ours.finish.set()
    async with connect([ours]) as client:
        done = await finished(client, await speak(client, idempotency_key="k"))
    async with connect([theirs]) as client:
        again = await speak(client, idempotency_key="k")
    assert (again["generation_id"], again["status"]) == (done["generation_id"], "succeeded")
    assert again["assets"] == done["assets"]


async def test_what_runs_under_a_key_that_is_gone_is_given_up_and_told_to_be_billed(
    connect: Connect, ours: KnownTone, theirs: KnownTone
) -> None:
    first = await begun(connect, ours)
    async with connect([theirs]) as client:
        told = await cancel(client, first)
        assert (told["status"], told["charged"]) == ("canceled", "yes")
        assert told["next_step"] == (
            "It was stopped here. Known was asked already; it cannot be stopped there and may be billed."
        )
        again = await finished(client, await speak(client))
    assert again["generation_id"] != first["generation_id"]
    assert again["status"] == "succeeded"


async def test_what_waits_for_a_key_that_is_gone_is_given_up_for_nothing(
    connect: Connect, ours: KnownTone, theirs: KnownTone
) -> None:
    async with connect([ours]) as client:
        told = await speak(client, text="refuse")
        with anyio.fail_after(30):
            await ours.submitting.wait()
    async with connect([theirs]) as client:
        told = await status(client, told)
        assert f"cancel_generation gives {told['generation_id']} up. Then" in told["next_step"]
        told = await cancel(client, told)
    assert (told["status"], told["charged"]) == ("canceled", "no")
    assert "nothing was charged" in told["next_step"]


async def test_what_another_process_has_in_hand_is_stopped_by_that_one(
    connect: Connect, ours: KnownTone, theirs: KnownTone
) -> None:
    async with connect([ours]) as one, connect([theirs]) as other:
        told = await speak(one)
        with anyio.fail_after(30):
            await ours.submitting.wait()
        assert (await cancel(other, told))["status"] == "canceled"
    assert ours.released


async def test_a_video_and_its_speech_are_given_up_together(
    connect: Connect, ours: KnownTone, theirs: KnownTone
) -> None:
    async with connect([ours]) as client:
        video = await called(client, "create_avatar_video", text="hi", voice_id="low")
        with anyio.fail_after(30):
            await ours.submitting.wait()
    async with connect([theirs]) as client:
        told = await cancel(client, video)
        listed = (await called(client, "list_generations"))["generations"]
    assert told["status"] == "canceled"
    assert {one["status"] for one in listed} == {"canceled"}
    assert len(listed) == 2


async def test_a_paid_job_is_carried_over_to_the_key_that_is_set_now(
    connect: Connect, settings: Settings, ours: KnownTone, theirs: KnownTone
) -> None:
    first = await begun(connect, ours)
    [job_id] = ours.jobs
    studio = create_studio(settings, [theirs], adopts=False)
    async with studio.running():
        with pytest.raises(NotFound, match="unknown_job"):
            await studio.attach(first["generation_id"], job_id)
        assert (await studio.generations([first["generation_id"]]))[0].provider_status == "out_of_reach"
        theirs.adopt(job_id, SpeechWork("", "low", {"text": "hi"}))
        await studio.attach(first["generation_id"], job_id)
    async with connect([theirs]) as client:
        done = await finished(client, first)
    assert (done["status"], done["charged"]) == ("succeeded", "yes")
    assert (len(ours.submitted), theirs.submitted) == (1, [])


async def refusal_of_attach(settings: Settings, tone: ToneProvider, generation: dict[str, Any]) -> StudioError:
    tone.adopt("found", SpeechWork("", "low", {"text": "hi"}))
    studio = create_studio(settings, [tone], adopts=False)
    async with studio.running():
        with pytest.raises(BadRequest) as refused:
            await studio.attach(generation["generation_id"], "found")
    return refused.value


async def test_no_job_is_taken_from_the_process_that_has_it_or_given_to_what_was_never_sent(
    connect: Connect, settings: Settings, ours: KnownTone, theirs: KnownTone
) -> None:
    async with connect([ours]) as client:
        held = await speak(client)
        with anyio.fail_after(30):
            while (held := await status(client, held)).get("provider_status") != "beeping":
                pass
        assert (await refusal_of_attach(settings, theirs, held)).code == "needs_no_attention"
        assert (await refusal_of_attach(settings, ours, held)).code == "needs_no_attention"
        waits = await called(client, "create_avatar_video", audio=held["generation_id"])
    assert (await refusal_of_attach(settings, ours, waits)).code == "needs_no_attention"
    refused = await refusal_of_attach(settings, theirs, waits)
    assert (refused.code, "cancel_generation" in refused.next_step) == ("no_job", True)


async def test_an_account_by_a_former_name_is_the_same_account(
    connect: Connect, ours: KnownTone, tmp_path: Path
) -> None:
    first = await begun(connect, ours)
    [job_id] = ours.jobs
    renamed = KnownTone(tmp_path, "new", former_accounts=frozenset({"ours"}))
    renamed.adopt(job_id, SpeechWork("", "low", {"text": "hi"}))
    async with connect([renamed]) as client:
        assert (await finished(client, first))["status"] == "succeeded"
